"""The frame of the consumption pages: links to each of them, and the filters that they share."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from time import monotonic
from typing import Any, Final

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.timezone import localdate

from readings.imports.summing.update import bring_up_to_date_briefly
from readings.presentation import cells
from readings.queries.consumption.scope import Scope, choices
from readings.queries.consumption.sums.spans import Known, known_days
from readings.web.consumption.filters import Choice, Filters, address

PERMISSIONS: Final = ("readings.view_meterpoint", "readings.view_intervalday")
#: Pages by the name of their address.
PAGES: Final = {
    "summary": "Overview",
    "consumption-compare": "Compare",
    "consumption-load": "Load",
    "consumption-completeness": "Completeness",
    "consumption-outliers": "Outliers",
}
#: Charts of amounts by key.
CHARTS: Final = {"month": "Month", "day": "Day", "half-hour": "Half hour"}
#: Number of days up to which a chart shows half hours or days if nothing else is chosen.
FEW_DAYS: Final = 14
MANY_DAYS: Final = 731


def frame_of(request: HttpRequest, page: str) -> tuple[Filters, dict[str, Any]]:
    """Return the filters of a page, and the context of its template, `readings/consumption_page.html`."""
    is_summed = bring_up_to_date_briefly(monotonic)
    offered = choices()
    filters = Filters(request.GET, offered)
    return filters, {
        "filters": filters,
        "is_wrong": not filters.is_valid(),
        "page": page,
        "tabs": list(tabs(page, request.GET)),
        "is_empty": not offered.measures,
        "is_summed": is_summed,
    }


def days_at_first(scope: Scope, params: QueryDict) -> tuple[Known | None, dict[str, Any]]:
    """Return the days of all data, and the context of the note about days in the future.

    Without a chosen period, one stray day in the future must not decide what a page shows.
    """
    known = known_days(scope, localdate())
    if known is None or known.later is None:
        return known, {}
    later = address_of("summary", params, **{"from": f"{known.later}", "to": ""})
    return known, {"later": later, "later_day": cells.day(known.later), "last_day": cells.day(known.span.last_day)}


def tabs(page: str, params: QueryDict) -> Iterator[Choice]:
    """Yield a link to each page, with the filters of this one."""
    for name, words in PAGES.items():
        yield Choice(address_of(name, params), words, name == page)


def address_of(page: str, params: QueryDict, **changes: str) -> str:
    """Return the address of another page with the filters of this one, some of them changed."""
    query = QueryDict(mutable=True)
    for name in ("measure", "scheme", "area", "tariff", "quality", "from", "to"):
        if value := changes.pop(name, params.get(name, "")):
            query[name] = value
    query.update(changes)
    return f"{reverse(page)}?{query.urlencode()}".removesuffix("?")


def link_to(page: str, params: QueryDict, **changes: str) -> str:
    """Return the address of another page with the filters of this one; empty if there is no such page."""
    return address_of(page, params, **changes) if page in PAGES else ""


def chart_of(params: QueryDict, days: int, charts: Collection[str] = CHARTS) -> str:
    """Return the key of the chart that is chosen, or else of one that suits the number of days."""
    chosen = params.get("chart", "")
    if chosen in charts:
        return chosen
    return "half-hour" if days <= FEW_DAYS else "day" if days <= MANY_DAYS else "month"


def choices_of(params: QueryDict, name: str, chosen: str, offered: Mapping[str, str]) -> list[Choice]:
    """Return a link for each value of a parameter."""
    return [Choice(address(params, **{name: key}), words, key == chosen) for key, words in offered.items()]
