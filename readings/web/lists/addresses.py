"""The addresses of all lists."""

from __future__ import annotations

from typing import Any, Final

from readings.web.lists import readings
from readings.web.lists.described import ListPage
from readings.web.lists.page import addresses_of

LISTS: Final[tuple[ListPage[Any], ...]] = (readings.LIST,)

urlpatterns = [address for listed in LISTS for address in addresses_of(listed)]
