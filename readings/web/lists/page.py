"""The page of a list, and its rows as CSV: the same rows and columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from readings.presentation.csv_rows import row as csv_row
from readings.queries.listing import pages
from readings.queries.listing.orders import Key
from readings.queries.lists import CAP, Row
from readings.web.exports import CSV, MAY_EXPORT
from readings.web.lists.described import Column, ListPage
from readings.web.lists.filters import AFTER, BEFORE, SORT, Filters
from readings.web.trail.notes import note_export, note_look

View = Callable[[HttpRequest], HttpResponseBase]


def addresses_of(listed: ListPage[Any], family: Sequence[ListPage[Any]]) -> list[URLPattern]:
    """Return the addresses of a list and of its CSV; its page leads to the lists of its family."""
    return [
        path(f"{listed.name}/", page_view(listed, family), name=listed.name),
        path(f"{listed.name}.csv", csv_view(listed), name=f"{listed.name}-csv"),
    ]


def page_view(listed: ListPage[Any], family: Sequence[ListPage[Any]]) -> View:
    """Return the view of a list's page."""

    @require_safe
    @never_cache
    @permission_required(listed.permissions, raise_exception=True)
    def view(request: HttpRequest) -> HttpResponse:
        return _Page(listed, family, request).response()

    return view


def csv_view(listed: ListPage[Any]) -> View:
    """Return the view of a list's CSV."""

    @require_GET
    @never_cache
    @permission_required((*listed.permissions, MAY_EXPORT), raise_exception=True)
    def view(request: HttpRequest) -> HttpResponseBase:
        filters = Filters(listed, request.GET)
        if not filters.is_valid():
            texts = [f"{name}: {text}\n" for name, some in filters.errors.items() for text in some]
            return HttpResponseBadRequest("".join(texts), content_type="text/plain; charset=utf-8")
        name, points = f"{listed.name}.csv", filters.selected.meter_points
        blocks = note_export(request, _csv(listed, filters), name, meter_points=points, of=filters.for_the_trail)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(blocks, content_type=CSV, headers=headers)

    return view


def _csv(listed: ListPage[Row], filters: Filters[Row]) -> Iterator[str]:
    yield csv_row(column.heading for column in listed.columns)
    for rows in pages.every(filters.selected, filters.ordering, listed.rows()):
        listed.prepare(rows)
        yield "".join(csv_row(column.text(row) for column in listed.columns) for row in rows)


class _Page:
    """The page of a list."""

    def __init__(self, listed: ListPage[Any], family: Sequence[ListPage[Any]], request: HttpRequest) -> None:
        self.listed, self.family, self.request = listed, family, request
        self.filters: Filters[Any] = Filters(listed, request.GET)
        self.is_back = False

    def response(self) -> HttpResponse:
        """Return the page; redirect an address with empty parameters to the one without them."""
        context = {
            "listed": self.listed,
            "filters": self.filters,
            "family": self._family(),
        }
        if not self.filters.is_valid():
            return render(self.request, "readings/list.html", {**context, "is_wrong": True}, status=400)
        keys = {} if self.filters.has_other_order else self.request.GET
        after, before = keys.get(AFTER, ""), keys.get(BEFORE, "")
        address = self.filters.address(**{AFTER: after, BEFORE: "" if after else before})
        if address.partition("?")[2] != self.request.GET.urlencode():
            return redirect(address)
        part = self._part(after, before)
        if before and part.previous is None and not part.is_cut:
            return redirect(self.filters.address())  # The first page, which may have more rows.
        response = render(self.request, "readings/list.html", {**context, **self._context(part, after or before)})
        if part.pks:
            note_look(self.request, self.filters.selected.meter_points, f"list of {self.listed.noun}")
        return response

    def _family(self) -> list[ListPage[Any]]:
        """Return the lists of the family that the user may open; nothing if there is only this one."""
        user = self.request.user
        some = [each for each in self.family if user.has_perms(each.permissions)]
        return some if len(some) > 1 else []

    def _part(self, after: str, before: str) -> pages.Part:
        selected, ordering = self.filters.selected, self.filters.ordering
        text = after or before
        self.is_back = not after and bool(before)
        try:
            key = ordering.order.parsed(text) if text else None
        except (ValueError, OverflowError):
            raise Http404("There is no such page of the list.") from None
        return pages.page_of(selected, ordering, key, is_back=self.is_back)

    def _context(self, part: pages.Part, key: str) -> dict[str, Any]:
        filters, columns = self.filters, self.listed.columns
        rows = pages.in_order(self.listed.rows(), part.pks)
        self.listed.prepare(rows)
        number = filters.selected.number
        return {
            "rows": [[(column, column.cell(row)) for column in columns] for row in rows],
            "headings": [(column, *self._sorting(column)) for column in columns],
            "number": number if number is None or number <= CAP else None,
            "has_more_than_cap": number is not None and number > CAP,
            "cap": CAP,
            "stretch": pages.STRETCH if filters.selected.scope is not None else 0,
            "is_cut": part.is_cut and not self.is_back,
            "is_cut_before": part.is_cut and self.is_back,
            "is_first": not key,
            "first": filters.address() if key else "",
            "previous": self._address(BEFORE, part.previous) if key else "",
            "following": self._address(AFTER, part.following),
            "export": filters.address().replace(reverse(self.listed.name), reverse(f"{self.listed.name}-csv"), 1),
            "admin": reverse(self.listed.admin) if self.listed.admin else "",
        }

    def _address(self, side: str, key: Key | None) -> str:
        return self.filters.address(**{side: self.filters.ordering.order.text(key)}) if key else ""

    def _sorting(self, column: Column[Any]) -> tuple[str, str]:
        """Return the address that sorts by a column, and how it sorts now; empty where nothing does."""
        ordering = self.filters.ordering
        if not column.order or column.order not in (each.name for each in self.filters.selected.orders):
            return "", ""
        is_here = ordering.order.name == column.order
        name = column.order if not is_here or ordering.is_descending else f"-{column.order}"
        direction = ("descending" if ordering.is_descending else "ascending") if is_here else ""
        return self.filters.address(**{SORT: "" if name == self.filters.selected.default else name}), direction
