"""The page of the trail, and its entries as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from readings.formats.text import NO_VALUE
from readings.models import Outcome, Trail
from readings.presentation import badges, cells, exports, links
from readings.queries import trail as queries
from readings.queries.lists import MomentKey
from readings.web.exports import CSV
from readings.web.trail.filters import Filters
from readings.web.trail.notes import note_export

MAY_READ: Final = "readings.read_trail"


@require_safe
@never_cache
@permission_required(MAY_READ, raise_exception=True)
def trail(request: HttpRequest) -> HttpResponse:
    """Show the entries that the filters select, newest first."""
    filters = Filters(request.GET)
    if not filters.is_valid():
        return render(request, "readings/trail.html", {"filters": filters, "is_wrong": True}, status=400)
    before = _key(request.GET.get("before"))
    entries, following = queries.page_of(filters.entries, before)
    params = {name: value for name, value in request.GET.items() if name in filters.fields and value}
    context = {
        "filters": filters,
        "entries": list(_rows(entries)),
        "newest": f"?{urlencode(params)}" if before else "",
        "older": f"?{urlencode({**params, 'before': following.text})}" if following else "",
        "export": f"{reverse('export-trail')}?{urlencode(params)}",
        "is_filtered": bool(params),
    }
    return render(request, "readings/trail.html", context)


@require_GET
@never_cache
@permission_required(MAY_READ, raise_exception=True)
def export_trail(request: HttpRequest) -> HttpResponseBase:
    """Return the entries that the filters select as CSV, newest first."""
    filters = Filters(request.GET)
    problems = [f"{name}: {' '.join(map(str, texts))}\n" for name, texts in filters.errors.items()]
    # A misspelt filter would otherwise export everything.
    problems += [f"unknown parameter {name!r}\n" for name in request.GET if name not in filters.fields]
    if problems:
        return HttpResponseBadRequest("".join(problems), content_type="text/plain; charset=utf-8")
    selected = filters.entries
    blocks = note_export(request, exports.trail(queries.entries_in(selected)), "trail.csv", of=selected.in_words)
    headers = {"Content-Disposition": 'attachment; filename="trail.csv"'}
    return StreamingHttpResponse(blocks, content_type=CSV, headers=headers)


def _rows(entries: list[Trail]) -> Iterator[dict[str, Any]]:
    points, files = queries.meter_points_of(entries), queries.flow_files_of(entries)
    for entry in entries:
        point, file = points.get((entry.scheme, entry.identifier)), files.get(entry.sha256)
        yield {
            "at": cells.in_two_lines(cells.instant(entry.at)),
            "action": entry.get_action_display(),
            "door": entry.get_door_display(),
            "who": entry.by_whom or NO_VALUE,
            "meter_point": links.meter_point(point) if point else _identifier(entry.identifier),
            "subject": links.flow_file(file, entry.subject) if file else entry.subject,
            "outcome": _outcome(entry.outcome),
            "rows": "" if entry.rows is None else f"{entry.rows:,}",
        }


def _identifier(text: str) -> SafeString:
    """Return the identifier of a meter point without a page, or the digest of an erased one."""
    return format_html('<span class="id">{}</span>', text) if text else SafeString("")


def _outcome(value: str) -> SafeString:
    words = dict(Outcome.choices).get(value, value)
    return badges.outcome(value, words) if value else SafeString("")


def _key(text: str | None) -> MomentKey | None:
    if text is None:
        return None
    try:
        return MomentKey.parsed(text)
    except (ValueError, OverflowError):
        raise Http404("There is no such page of the trail.") from None
