"""Downloads of the exports that the commands write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponseBadRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from readings.presentation import exports
from readings.queries.selection import Selection, WrongSelection, meter_points_in, parsed_day
from readings.web.trail.notes import note_export

MAY_EXPORT: Final = "readings.export_readings"
CSV: Final = "text/csv; charset=utf-8; header=present"
#: Parameters of the address, named like the options of the commands.
_DAYS: Final = {"from": "first_day", "to": "last_day"}
_NAMES: Final = ("scheme", "area", "tariff", "file", *_DAYS)


@require_GET
@never_cache
@permission_required(("readings.view_reading", MAY_EXPORT), raise_exception=True)
def readings(request: HttpRequest) -> HttpResponseBase:
    """Return readings as CSV."""
    return _download(request, exports.readings, "readings.csv")


@require_GET
@never_cache
@permission_required(("readings.view_intervalday", MAY_EXPORT), raise_exception=True)
def intervals(request: HttpRequest) -> HttpResponseBase:
    """Return intervals as CSV."""
    return _download(request, exports.intervals, "intervals.csv")


def _download(request: HttpRequest, export: Callable[..., Iterator[str]], name: str) -> HttpResponseBase:
    try:
        selection = _selection(request)
        blocks = export(selection, nem_time=settings.NEM_UTC_OFFSET)
        meter_points = meter_points_in(selection)
    except WrongSelection as error:
        return HttpResponseBadRequest(f"{error}\n", content_type="text/plain; charset=utf-8")
    disposition = f'attachment; filename="{name}"'
    blocks = note_export(request, blocks, name, meter_points=meter_points, of=selection.in_words)
    return StreamingHttpResponse(blocks, content_type=CSV, headers={"Content-Disposition": disposition})


def _selection(request: HttpRequest) -> Selection:
    """Return the selection of a request; raise WrongSelection for an unknown parameter, which may be a typo."""
    selection: dict[str, Any] = {}
    for name, texts in request.GET.lists():
        values = [text.strip() for text in texts if text.strip()]
        if name == "meter-point":
            selection["meter_points"] = tuple(values)
        elif name not in _NAMES:
            raise WrongSelection(f"unknown parameter {name!r}, expected meter-point, {', '.join(_NAMES)}")
        elif len(values) > 1:
            raise WrongSelection(f"{name} has {len(values)} values, expected one")
        elif values:
            selection[_DAYS.get(name, name)] = parsed_day(values[0]) if name in _DAYS else values[0]
    return Selection(**selection)
