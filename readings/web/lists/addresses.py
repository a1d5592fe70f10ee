"""The addresses of all lists."""

from __future__ import annotations

from typing import Any, Final

from readings.web.lists import arrivals, flow_files, meter_points, metered_amounts, problems, readings
from readings.web.lists.described import ListPage
from readings.web.lists.page import addresses_of

#: The lists that lead to one another.
FAMILIES: Final[tuple[tuple[ListPage[Any], ...], ...]] = (
    (
        *(readings.LIST, meter_points.METER_POINTS, meter_points.METERS),
        *(metered_amounts.ACCUMULATIONS, metered_amounts.INTERVAL_DAYS),
    ),
    (flow_files.LIST, arrivals.LIST, problems.LIST),
)
LISTS: Final = tuple(listed for family in FAMILIES for listed in family)

urlpatterns = [address for family in FAMILIES for listed in family for address in addresses_of(listed, family)]
