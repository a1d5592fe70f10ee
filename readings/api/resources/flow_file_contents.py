"""What one flow file contains: its problems, its readings, and its bytes as sent."""

from __future__ import annotations

from typing import Any, Final, Literal

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from ninja import Query, Router
from pydantic import Field
from typing_extensions import TypedDict

from readings.api.authentication import READING, require
from readings.api.openapi import list_responses, responses
from readings.api.pages import MAY_EXPORT, ListOf, by, keep_privately, key_after, list_answer, part_of
from readings.api.parameters import AtMeterPoints, OfReadingType, Page, StatementFilters, selection_of
from readings.api.resources.flow_files import Sha256, Subject, chosen
from readings.api.resources.readings import ReadingItem, readings_answer
from readings.imports.kept_files import NotThere, open_content
from readings.models import Problem
from readings.models.trail import Action, note
from readings.queries import details, lists

router = Router(tags=["Flow files"])

_BYTES: Final = "application/octet-stream"


class ProblemItem(TypedDict):
    """One problem of a flow file. Line 0 is the whole file."""

    severity: Literal["ERROR", "WARNING"]
    line: int
    record: str
    field: str
    code: str
    value: str
    message: str
    scheme: str
    meter_point: str


class ProblemFilters(Page, Subject):
    """Which problems."""

    severity: Literal["ERROR", "WARNING"] | None = Field(None, description="Only errors or only warnings.")


class ReadingsOfFile(StatementFilters, AtMeterPoints, OfReadingType):
    """Which readings of a flow file."""


PROBLEMS: Final = ListOf(ProblemItem)


@router.get(
    "/flow-files/{sha256}/problems",
    auth=READING,
    response=list_responses(ProblemItem, 404),
    summary="List the problems of a flow file",
)
def list_problems(request: HttpRequest, sha256: Sha256, filters: Query[ProblemFilters]) -> HttpResponse:
    """List the errors and warnings by line."""
    rows = Problem.objects.filter(flow_file=chosen(request, sha256, filters.subject)).order_by("line", "pk")
    if filters.severity:
        rows = rows.filter(severity=filters.severity)
    if key := key_after(request, filters.cursor, (int, int)):
        rows = rows.filter(lists.after(("line", "pk"), key))
    part = part_of(list(rows[: filters.limit + 1]), filters.limit, lambda row: (row.line, row.pk))
    return list_answer(request, PROBLEMS, part, lambda few: [_problem(row) for row in few])


@router.get(
    "/flow-files/{sha256}/readings",
    auth=READING,
    response=list_responses(ReadingItem, 404),
    summary="List the readings of a flow file",
)
def list_readings_of_flow_file(request: HttpRequest, sha256: Sha256, filters: Query[ReadingsOfFile]) -> HttpResponse:
    """List the readings that the lines of a file state first, by line."""
    row = chosen(request, sha256, None, is_any_enough=True)
    return readings_answer(request, filters, selection_of(filters, file=row.sha256))


@router.get(
    "/flow-files/{sha256}/content",
    auth=READING,
    response=responses(None, 404),
    openapi_extra={"responses": {200: {"content": {_BYTES: {"schema": {"type": "string", "format": "binary"}}}}}},
    summary="Get the bytes of a flow file",
)
def get_content(request: HttpRequest, sha256: Sha256, choice: Query[Subject]) -> HttpResponseBase:
    """Return the bytes as sent, from the archive or the rejected files."""
    require(request, MAY_EXPORT)
    row = chosen(request, sha256, choice.subject)
    if unchanged := get_conditional_response(request, etag=f'"{row.sha256}"'):
        keep_privately(unchanged)
        return unchanged
    try:
        stream = open_content(row, details.arrivals_of(row), (settings.ARCHIVE_DIR, settings.REJECTED_DIR))
    except NotThere as not_there:
        raise Http404(f"The bytes are not there: {not_there}.") from None
    name = lists.name_of(row)
    note(Action.EXPORT, sha256=row.sha256, subject=name, may_wait=True, **by(request))
    response = FileResponse(stream, as_attachment=True, filename=name, content_type=_BYTES)
    response.headers["ETag"] = f'"{row.sha256}"'
    keep_privately(response)
    return response


def _problem(row: Problem) -> dict[str, Any]:
    names = ("severity", "line", "record", "field", "code", "value", "message", "scheme")
    return {**{name: getattr(row, name) for name in names}, "meter_point": row.identifier}
