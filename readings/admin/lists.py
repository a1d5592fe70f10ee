"""A list with one search box: its pages, and its notes about a search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from readings.admin.filters import LiveOrTest
from readings.formats.dtc.catalogue import labels
from readings.formats.text import count
from readings.models import FlowFile, Meter, MeterPoint, Scheme, Status
from readings.presentation import cells, links
from readings.presentation.unknown import why_unknown
from readings.queries import lists
from readings.queries.search import Term, look_up

if TYPE_CHECKING:
    from readings.admin.read_only import ReadOnlyAdmin

#: Number of matches with the same name in the notes, at most.
_MOST_PER_TERM = 5
#: Lists of statements from Australian files.
_LISTS = {"reading": "readings", "accumulation": "accumulations", "intervalday": "interval days"}
#: Format of a zip.
ZIP = "ZIP"


def notes(listed: SearchedList) -> Iterator[SafeString]:
    """Yield the matches of each term; for an empty list, the reason and the next step."""
    search = listed.search
    if listed.paginator.has_more:
        words = "The list shows the first {} {}: search to find others."
        yield format_html(words, f"{lists.CAP:,}", listed.opts.verbose_name_plural)
    for term in search.terms:
        yield from _matches(term)
    yield from _elsewhere(listed)
    if listed.result_count or search.is_blank:
        return
    for word in search.unknown:
        yield format_html("“{}”: {}. {}", word, why_unknown(word), links.search(word, "Search for a part of a name"))
    if not search.unknown:
        words = "No row in this list matches {}."
        yield format_html(words, "all terms of this search" if len(search.terms) > 1 else "this search")
    if any(map(_names_test_data, search.terms)) and _has_test_data(listed):
        url = listed.get_query_string({"data": "test"})
        yield format_html('Test data has a list of its own: <a href="{}">search test data</a>.', url)


def _elsewhere(listed: SearchedList) -> Iterator[SafeString]:
    """Yield links to the same search in the other lists of Australian files."""
    name = str(listed.opts.model_name)
    if name in _LISTS and any(map(_names_nem, listed.search.terms)):
        others = [(other, words) for other, words in _LISTS.items() if other != name]
        links = ((cells.search_link(other, words, q=listed.query),) for other, words in others)
        yield format_html("The same search in other lists: {}", format_html_join(" · ", "{}", links))


def _names_nem(term: Term) -> bool:
    points = [*term.meter_points, *(meter.meter_point for meter in term.meters)]
    return any(point.is_nmi for point in points) or any(
        each.is_of_nmis or each.format == ZIP for each in term.flow_files
    )


def _matches(term: Term) -> Iterator[SafeString]:
    for meter_point in term.meter_points:
        yield format_html("{} {}", cells.scheme(meter_point), links.meter_point(meter_point))
    yield from map(_meter, term.meters[:_MOST_PER_TERM])
    yield from map(_flow_file, term.flow_files[:_MOST_PER_TERM])
    if (more := len(term.meters) + len(term.flow_files) - 2 * _MOST_PER_TERM) > 0:
        yield format_html("and {} more with the name {}", more, term.text)


def _meter(meter: Meter) -> SafeString:
    point = meter.meter_point
    return format_html("Meter {} at {} {}", cells.meter(meter), cells.scheme(point), links.meter_point(point))


def _flow_file(flow_file: FlowFile) -> SafeString:
    link = links.flow_file(flow_file)
    if flow_file.status == Status.REJECTED:
        stored = "its valid members were stored" if flow_file.format == ZIP else "nothing was stored"
        return format_html("File {} was rejected: {}.", link, stored)
    if flow_file.status == Status.OTHER_FLOW:
        return format_html("File {} is of a flow that is not read here: nothing was stored.", link)
    if flow_file.status == Status.RECEIVED:
        return format_html("File {} has arrived and is not imported yet.", link)
    if flow_file.repeats and not (flow_file.readings or flow_file.accumulations or flow_file.interval_days):
        repeats = count(flow_file.repeats, "reading")
        words = "File {} contains only repeats: earlier files contain the same {}."
        return format_html(words, link, repeats)
    return format_html("File {}", link)


def _has_test_data(listed: SearchedList) -> bool:
    return "data" not in listed.params and any(isinstance(each, LiveOrTest) for each in listed.filter_specs)


def _names_test_data(term: Term) -> bool:
    points = [*term.meter_points, *(meter.meter_point for meter in term.meters)]
    return any(point.scheme == Scheme.TEST_MPAN for point in points) or any(
        labels.is_test(flow_file.test_flag) for flow_file in term.flow_files
    )


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Paginator of the first rows only, so that it never counts all rows."""

    object_list: QuerySet[Any]

    @cached_property
    def _counted(self) -> int:
        return lists.count_up_to_cap(self.object_list)

    @cached_property
    def count(self) -> int:
        """Return the number of rows on all pages."""
        return min(self._counted, lists.CAP)

    @property
    def has_more(self) -> bool:
        """Return whether there are more rows."""
        return self._counted > lists.CAP


class SearchedList(ChangeList):
    """A list that one search box narrows."""

    model_admin: ReadOnlyAdmin[Any]
    paginator: CappedPaginator

    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str | None] | None = None) -> QuerySet[Any]:
        """Return the rows that match the filters and the search."""
        rows = super().get_queryset(request, exclude_parameters)
        self.search = look_up(self.query)
        return self.model_admin.narrow(rows, self.search)

    @property
    def searched_rows(self) -> list[Model]:
        """Return the meter points and meters that the search names, if rows of the list belong to them."""
        if self.model is not MeterPoint and not hasattr(self.model, "meter_point"):
            return []
        return [row for term in self.search.terms for row in (*term.meter_points, *term.meters)]

    @property
    def count_in_words(self) -> str:
        """Return the number of rows in words."""
        opts, more = self.opts, "+" if self.paginator.has_more else ""
        number = count(self.result_count, str(opts.verbose_name), str(opts.verbose_name_plural))
        return number.replace(" ", f"{more} ", 1)

    @property
    def without_search(self) -> str:
        """Return the address of the whole list."""
        return self.get_query_string(remove=["q"])

    @property
    def notes(self) -> Iterator[SafeString]:
        """Return the notes about the search."""
        return notes(self)
