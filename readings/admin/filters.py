"""Filters, displayed as a row of links above a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from readings.models import Scheme, Status


class LinkFilter(SimpleListFilter):
    """A choice of a few options; the first is the default."""

    template = "admin/readings/filter.html"
    options: ClassVar[tuple[tuple[str, str], ...]]

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> tuple[tuple[str, str], ...]:
        """Return the options."""
        return self.options

    def chosen(self) -> str:
        """Return the chosen option."""
        value = self.value()
        return value if value in dict(self.options) else self.options[0][0]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield the links."""
        for number, (option, words) in enumerate(self.options):
            name = str(self.parameter_name)
            params = {name: option} if number else {}
            yield {
                "selected": option == self.chosen(),
                "query_string": changelist.get_query_string(params, [name]),
                "display": words,
            }


class LiveOrTest(LinkFilter):
    """Filter that separates test data from live data."""

    title = "Data"
    parameter_name = "data"
    options = (("live", "Live data"), ("test", "Test data"))
    scheme = "meter_point__scheme"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of live meter points, or those of test data."""
        test_data = {self.scheme: Scheme.TEST_MPAN}
        return queryset.filter(**test_data) if self.chosen() == "test" else queryset.exclude(**test_data)


class LiveOrTestMeterPoint(LiveOrTest):
    """Filter that separates test meter points from live ones."""

    scheme = "scheme"


class ByOutcome(LinkFilter):
    """Filter of flow files by outcome."""

    title = "Outcome"
    parameter_name = "outcome"
    options = (("", "All"), *Status.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the flow files with the chosen outcome."""
        return queryset.filter(status=self.chosen()) if self.chosen() else queryset
