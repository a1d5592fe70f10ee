"""Downloads of the values of a chart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, StreamingHttpResponse

from readings.models import MeterPoint
from readings.presentation.charts.figure import Figure, figure_csv
from readings.web.exports import CSV, MAY_EXPORT
from readings.web.trail.notes import note_export


def csv_of_figure(
    request: HttpRequest, figures: Iterable[Figure], *, meter_points: Sequence[MeterPoint] = (), of: str = ""
) -> StreamingHttpResponse | None:
    """Return the values of the figure that the parameter `csv` names; None without the parameter.

    Raise PermissionDenied if the user may not export, and Http404 if no figure has the name. `of` and `meter_points`
    are for the trail.
    """
    if "csv" not in request.GET:
        return None
    if not request.user.has_perm(MAY_EXPORT):
        raise PermissionDenied
    figure = next((each for each in figures if each.key == request.GET["csv"]), None)
    if figure is None:
        raise Http404("There is no such chart.")
    name = f"{figure.key}.csv"
    blocks = note_export(request, figure_csv(figure), name, meter_points=meter_points, of=of)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(blocks, content_type=CSV, headers=headers)
