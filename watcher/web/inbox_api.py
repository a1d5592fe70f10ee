"""The inbox in the API: the answer of `inbox_status --json`, as the account of the web pages sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from readings.api.authentication import READING, require
from readings.api.openapi import responses
from readings.api.pages import JSON, preferred
from watcher.operators.settings import status_in_settings
from watcher.operators.status_json import as_json

router = Router(tags=["Inbox"])

MAY_VIEW: Final = "watcher.view_inbox"


class Need(Schema):
    """A condition that needs an operator."""

    name: str
    why: str
    cure: str


class WaitingFile(Schema):
    """A file in the inbox."""

    name: str
    why: str = Field(description="Why it waits.")
    bytes: int
    seconds: float = Field(description="Seconds since its last change.")
    owner: str
    group: str
    mode: str


class ImportUnderWay(Schema):
    """A file that is being imported."""

    name: str
    bytes: int
    bytes_read: int = Field(description="Bytes of the file that are read.")
    percent: int = Field(description="Part of the file that is read.")
    readings: int = Field(description="Readings, accumulations and intervals loaded so far.")
    readings_per_second: int = Field(description="Mean since the import began.")
    seconds: float = Field(description="Seconds since the import began.")
    remaining_seconds: float | None = Field(description="Estimate; null if unknown.")


class RejectedFile(Schema):
    """A file that was rejected."""

    name: str
    sha256: str
    codes: list[str] = Field(description="Codes of its problems.")
    place: str


class OtherFlow(Schema):
    """Files of one flow that is not read here, of one sender."""

    flow: str
    sender: str = Field(description="Sender in the headers; empty if it could not be read.")
    files: int


class OtherFlows(Schema):
    """Files of flows that are not read here; they need nobody."""

    files: int
    by_flow: list[OtherFlow] = Field(description="The most frequent ones, at most 20.")


class OtherFlowsByDay(Schema):
    """Files that were set aside, by British clock day."""

    today: OtherFlows
    yesterday: OtherFlows


class FolderState(Schema):
    """One of the three folders."""

    setting: str
    path: str
    writable: bool
    same_file_system: bool
    free_bytes: int | None


class WatcherState(Schema):
    """The watcher; null if it is unknown from this host."""

    running: bool | None
    pids: list[int]


class DatabaseState(Schema):
    """The database."""

    ok: bool
    trouble: str


class LastOutcome(Schema):
    """An arrival through the inbox."""

    name: str
    outcome: Literal["imported", "duplicate", "rejected", "other-flow"]
    at: datetime


class InboxState(Schema):
    """What is in the inbox, and what needs an operator."""

    inbox: str
    verdict: Literal["ok", "attention", "broken"]
    backlog: int = Field(description="Number of files to import.")
    oldest_seconds: float | None
    attention: list[Need]
    waiting: list[WaitingFile] = Field(description="The files that have waited longest, at most 20.")
    importing: list[ImportUnderWay] = Field(description="Imports of more than a second that are under way.")
    left_alone: int
    rejected: int
    last_rejected: list[RejectedFile]
    other_flows: OtherFlowsByDay | None = Field(description="What was set aside; null without a database.")
    folders: list[FolderState]
    watcher: WatcherState
    database: DatabaseState
    last_outcomes: list[LastOutcome]


_RESPONSES: Final[dict[int, Any]] = {
    status: schema for status, schema in responses(InboxState).items() if status not in (304, 412)
}


@router.get("/inbox", auth=READING, response=_RESPONSES, summary="Show the inbox")
def show_inbox(request: HttpRequest) -> HttpResponse:
    """Show the waiting files and why they wait, the last outcomes, the folders and the watcher."""
    require(request, MAY_VIEW)
    preferred(request, JSON)
    status = status_in_settings(timezone.now(), thorough=False)
    return JsonResponse(as_json(status), headers={"Cache-Control": "no-store"})
