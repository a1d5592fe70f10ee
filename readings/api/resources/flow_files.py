"""Flow files: what arrived, with problems, readings and the bytes as sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Path, Query, Router, Schema
from pydantic import Field, StringConstraints, TypeAdapter
from typing_extensions import TypedDict

from readings.api import patterns
from readings.api.authentication import READING, require
from readings.api.errors import WrongParameters
from readings.api.openapi import list_responses, responses
from readings.api.pages import ListOf, answer, key_after, list_answer, part_of
from readings.api.parameters import Page, Text
from readings.imports.reports import COUNTED
from readings.models import Arrival, FlowFile, Outcome, Status
from readings.queries import details, lists

router = Router(tags=["Flow files"])

MAY_VIEW: Final = ("readings.view_flowfile",)
_HEADER: Final = (
    *("sha256", "subject", "size", "format", "version", "file_identifier"),
    *("sender_role", "sender", "recipient_role", "recipient", "test_flag"),
)


class FlowFileItem(TypedDict):
    """One content, with what its header states and what its import stored."""

    name: str
    sha256: str
    subject: str
    size: int
    format: str
    version: str
    file_identifier: str
    sender_role: str
    sender: str
    recipient_role: str
    recipient: str
    test_flag: str
    status: Literal["received", "imported", "rejected", "other-flow"]
    created_at: str | None
    received_at: str
    imported_at: str | None
    meter_points: int
    meters: int
    registers: int
    readings: int
    accumulations: int
    interval_days: int
    intervals: int
    repeats: int
    superseded: int
    withdrawn: int
    completed: int
    errors: int
    warnings: int


class ArrivalItem(TypedDict):
    """One file or upload that brought the content."""

    name: str
    channel: Literal["inbox", "command", "upload", "api"]
    by_whom: str
    received_at: str
    outcome: str
    settled_at: str | None


class UnlistedItem(TypedDict):
    """Problems that were counted and not stored."""

    severity: str
    code: str
    number: int


class FlowFileResource(FlowFileItem):
    """One content, with its arrivals."""

    arrivals: list[ArrivalItem]
    unlisted: list[UnlistedItem]


class FlowFileFilters(Page):
    """Which flow files."""

    status: Literal["received", "imported", "rejected", "other-flow"] | None = Field(
        None, description="Outcome of the content; `other-flow`: its flow is not read here."
    )
    format: Text | None = Field(None, description="Flow or format, such as D0010 or NEM12.")
    sender: Text | None = Field(None, description="Sender, as the header states it.")
    name: Text | None = Field(None, description="Name with which the file arrived.")


class Subject(Schema):
    """Which of the flow files with the same bytes."""

    subject: Text | None = Field(
        None, description="Subject from the name, for formats that keep it there; missing if the name has none."
    )


Sha256 = Annotated[
    str, StringConstraints(pattern=patterns.SHA256), Path(description="SHA-256, at least its first 12 digits.")
]
FLOW_FILES: Final = ListOf(FlowFileItem)
_FLOW_FILE: Final = TypeAdapter(FlowFileResource)


@router.get("/flow-files", include_in_schema=False, auth=READING, url_name="flow-files-without-slash")
@router.get("/flow-files/", auth=READING, response=list_responses(FlowFileItem), summary="List flow files")
def list_flow_files(request: HttpRequest, filters: Query[FlowFileFilters]) -> HttpResponse:
    """List the contents, newest first."""
    require(request, *MAY_VIEW)
    rows = lists.flow_files()
    status = next((each for each in Status if each.word == filters.status), None)
    stored = {"status": status, "format": filters.format, "sender": filters.sender}
    rows = rows.filter(**{name: value for name, value in stored.items() if value})
    if filters.name:
        rows = rows.filter(pk__in=Arrival.objects.filter(name=filters.name).values("flow_file"))
    if key := key_after(request, filters.cursor, (int,)):
        rows = rows.filter(pk__lt=key[0])
    part = part_of(list(rows[: filters.limit + 1]), filters.limit, lambda row: (row.pk,))
    return list_answer(request, FLOW_FILES, part, lambda few: [_item(row) for row in few])


@router.get(
    "/flow-files/{sha256}", auth=READING, response=responses(FlowFileResource, 404), summary="Get a flow file"
)
def get_flow_file(request: HttpRequest, sha256: Sha256, choice: Query[Subject]) -> HttpResponse:
    """Return one content with its arrivals; `received` means that the watcher has not imported it yet."""
    row = chosen(request, sha256, choice.subject)
    arrivals = [_arrival(arrival) for arrival in details.arrivals_of(row)]
    unlisted = [{"severity": each.severity, "code": each.code, "number": each.number} for each in _surpluses(row)]
    return answer(request, _FLOW_FILE, {**_item(row), "arrivals": arrivals, "unlisted": unlisted})


def chosen(request: HttpRequest, sha256: str, subject: str | None, *, is_any_enough: bool = False) -> FlowFile:
    """Return the flow file with a hash; raise Http404, or WrongParameters if the subject has to choose."""
    require(request, *MAY_VIEW)
    candidates = [each for each in details.flow_files_of(sha256) if subject in (None, each.subject)]
    without = [each for each in candidates if not each.subject]
    if subject is None and len(without) == 1:
        candidates = without  # Its address has no subject.
    if not candidates:
        raise Http404(f"No flow file has the SHA-256 {sha256}.")
    if len(candidates) > 1 and not is_any_enough:
        names = ", ".join(repr(each.subject or each.sha256) for each in candidates)
        raise WrongParameters(("subject", f"{len(candidates)} flow files begin with {sha256}: choose one of {names}"))
    return candidates[0]


def _surpluses(row: FlowFile) -> Sequence[Any]:
    return list(details.surpluses_of(row))


def _item(row: FlowFile) -> dict[str, Any]:
    return {
        "name": lists.name_of(row),
        **{name: getattr(row, name) for name in (*_HEADER, *COUNTED)},
        "status": Status(row.status).word,
        "created_at": _moment(row.created_at),
        "received_at": row.received_at.isoformat(),
        "imported_at": _moment(row.imported_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _arrival(row: Arrival) -> dict[str, Any]:
    return {
        "name": row.name,
        "channel": row.channel.lower(),
        "by_whom": row.by_whom,
        "received_at": row.received_at.isoformat(),
        "outcome": Outcome(row.outcome).word,
        "settled_at": _moment(row.settled_at),
    }
