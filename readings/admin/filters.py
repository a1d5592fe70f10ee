"""Filters, shown as a row of links above a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from readings.models import Scheme, Status


class LinkFilter(SimpleListFilter):
    """A choice of a few, the first of which holds if none is asked for."""

    template = "admin/readings/filter.html"
    options: ClassVar[tuple[tuple[str, str], ...]]

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> tuple[tuple[str, str], ...]:
        """Return what may be chosen."""
        return self.options

    def chosen(self) -> str:
        """Return what is chosen."""
        asked = self.value()
        return asked if asked in dict(self.options) else self.options[0][0]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Return the links."""
        for number, (option, words) in enumerate(self.options):
            name = str(self.parameter_name)
            asked = {name: option} if number else {}
            yield {
                "selected": option == self.chosen(),
                "query_string": changelist.get_query_string(asked, [name]),
                "display": words,
            }


class LiveOrTest(LinkFilter):
    """Keeps test data apart from live data."""

    title = "Data"
    parameter_name = "data"
    options = (("live", "Live data"), ("test", "Test data"))
    scheme = "meter_point__scheme"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Leave the rows of live meter points, or of test data."""
        test_data = {self.scheme: Scheme.TEST_MPAN}
        return queryset.filter(**test_data) if self.chosen() == "test" else queryset.exclude(**test_data)


class LiveOrTestMeterPoint(LiveOrTest):
    """Keeps test data apart from live meter points."""

    scheme = "scheme"


class ByOutcome(LinkFilter):
    """Leaves the flow files with one outcome."""

    title = "Outcome"
    parameter_name = "outcome"
    options = (("", "All"), *Status.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Leave the flow files with the chosen outcome."""
        return queryset.filter(status=self.chosen()) if self.chosen() else queryset
