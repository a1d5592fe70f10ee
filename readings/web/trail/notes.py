"""Entries of pages: looks at meter points, and exports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from readings.models import MeterPoint
from readings.models.trail import Action, Door, flush, note, note_views
from readings.presentation.csv_rows import counted


class Flush:
    """Middleware that stores the entries of earlier requests that had to wait for a lock."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        response = self.get_response(request)
        flush()
        return response


def note_look(request: HttpRequest, meter_points: Iterable[MeterPoint], page: str) -> None:
    """Note that a page shows statements of meter points to the user of a request."""
    if settings.TRAIL_VIEWS:
        by_whom = request.user.get_username()
        note_views(meter_points, at=timezone.now(), door=Door.PAGE, by_whom=by_whom, subject=page)


def note_export(
    request: HttpRequest, blocks: Iterable[str], name: str, *, meter_points: Sequence[MeterPoint] = (), of: str = ""
) -> Iterator[str]:
    """Yield the blocks of an export; note it when it ends or is cut, and a look at each meter point that it names."""
    by_whom = request.user.get_username()
    note_look(request, meter_points, name)

    def note_rows(rows: int) -> None:
        note(
            Action.EXPORT,
            at=timezone.now(),
            door=Door.PAGE,
            by_whom=by_whom,
            meter_point=meter_points[0] if len(meter_points) == 1 else None,
            subject=f"{name} {of}".strip(),
            rows=rows,
            may_wait=True,
        )

    return counted(blocks, note_rows)
