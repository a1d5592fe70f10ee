"""A list with one search box: its pages, and what it says about a search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from readings.admin.filters import LiveOrTest
from readings.formats.dtc.catalogue import labels
from readings.formats.text import count
from readings.models import FlowFile, Meter, Scheme, Status
from readings.presentation import cells, links
from readings.presentation.unknown import why_unknown
from readings.queries import lists
from readings.queries.search import Term, look_up

if TYPE_CHECKING:
    from readings.admin.read_only import ReadOnlyAdmin

#: So many things of the same name are listed by name.
_NAMED = 5
#: The lists of what Australian files state.
_STATED = {"reading": "readings", "accumulation": "accumulations", "intervalday": "interval days"}
#: What doors call a zip.
ZIP = "ZIP"
_NEM_FORMATS = ("NEM12", "NEM13", ZIP)


def notes(listed: SearchedList) -> Iterator[SafeString]:
    """Say what each term names; where nothing is found, say why, and what can be searched for."""
    search = listed.search
    if listed.paginator.has_more:
        words = "There are more than {} {}: search to see the ones you need."
        yield format_html(words, f"{lists.CAP:,}", listed.opts.verbose_name_plural)
    for term in search.terms:
        yield from _named_by(term)
    yield from _elsewhere(listed)
    if listed.result_count or search.is_blank:
        return
    for word in search.unknown:
        yield format_html("“{}”: {}.", word, why_unknown(word))
    if not search.unknown:
        many = "together match" if len(search.terms) > 1 else "matches"
        yield format_html("Nothing in this list {} this search.", many)
    if any(map(_names_test_data, search.terms)) and _has_test_data(listed):
        url = listed.get_query_string({"data": "test"})
        yield format_html('Test data is kept apart: <a href="{}">look there</a>.', url)


def _elsewhere(listed: SearchedList) -> Iterator[SafeString]:
    """Lead from each list of what Australian files state to the others, for the same search."""
    name = str(listed.opts.model_name)
    if name in _STATED and any(map(_names_nem, listed.search.terms)):
        others = [(other, words) for other, words in _STATED.items() if other != name]
        links = ((cells.found_in(other, words, q=listed.query),) for other, words in others)
        yield format_html("The same search in other lists: {}", format_html_join(" · ", "{}", links))


def _names_nem(term: Term) -> bool:
    points = [*term.meter_points, *(meter.meter_point for meter in term.meters)]
    return any(point.is_nmi for point in points) or any(each.format in _NEM_FORMATS for each in term.flow_files)


def _named_by(term: Term) -> Iterator[SafeString]:
    for meter_point in term.meter_points:
        yield format_html("{} {}", cells.scheme(meter_point), links.meter_point(meter_point))
    yield from map(_meter, term.meters[:_NAMED])
    yield from map(_flow_file, term.flow_files[:_NAMED])
    if (more := len(term.meters) + len(term.flow_files) - 2 * _NAMED) > 0:
        yield format_html("and {} more of the name {}", more, term.text)


def _meter(meter: Meter) -> SafeString:
    point = meter.meter_point
    return format_html("Meter {} at {} {}", cells.meter(meter), cells.scheme(point), links.meter_point(point))


def _flow_file(flow_file: FlowFile) -> SafeString:
    link = links.flow_file(flow_file)
    if flow_file.status == Status.REJECTED:
        stored = "what was good in it was stored" if flow_file.format == ZIP else "nothing of it was stored"
        return format_html("File {} was rejected: {}.", link, stored)
    if flow_file.status == Status.RECEIVED:
        return format_html("File {} has come, and is not imported yet.", link)
    if flow_file.repeats and not (flow_file.readings or flow_file.accumulations or flow_file.interval_days):
        repeats = count(flow_file.repeats, "reading")
        words = "File {} brought only repeats: {} that earlier files had brought already."
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
    """Pages through the first rows only, so that it never counts them all."""

    object_list: QuerySet[Any]

    @cached_property
    def _counted(self) -> int:
        return lists.count_up_to_cap(self.object_list)

    @cached_property
    def count(self) -> int:
        """Return the number of rows that can be paged through."""
        return min(self._counted, lists.CAP)

    @property
    def has_more(self) -> bool:
        """Tell whether there are more rows than that."""
        return self._counted > lists.CAP


class SearchedList(ChangeList):
    """A list that one search box narrows."""

    model_admin: ReadOnlyAdmin[Any]
    paginator: CappedPaginator

    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str | None] | None = None) -> QuerySet[Any]:
        """Return the rows that the filters and the search leave."""
        rows = super().get_queryset(request, exclude_parameters)
        self.search = look_up(self.query)
        return self.model_admin.narrow(rows, self.search)

    @property
    def count_in_words(self) -> str:
        """Say how many rows there are."""
        opts, more = self.opts, "+" if self.paginator.has_more else ""
        number = count(self.result_count, str(opts.verbose_name), str(opts.verbose_name_plural))
        return number.replace(" ", f"{more} ", 1)

    @property
    def without_search(self) -> str:
        """Return the address of the whole list."""
        return self.get_query_string(remove=["q"])

    @property
    def notes(self) -> Iterator[SafeString]:
        """Say what the search names, and what to do where it finds nothing."""
        return notes(self)
