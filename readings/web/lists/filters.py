"""The filters of a list, read from its address, and the address of the same list with other filters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Generic
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.urls import reverse

from readings.presentation import cells
from readings.presentation.unknown import likely_reason
from readings.queries.listing.pages import Ordering, Selected
from readings.queries.lists import Row
from readings.queries.selection import NothingThere, WrongSelection
from readings.web.lists.described import ListPage
from readings.web.lists.fields import Choice, check_days

#: Parameters of a page: its order, and the key after or before which it begins.
SORT: Final = "sort"
AFTER: Final = "after"
BEFORE: Final = "before"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter that is set, in words, and the address of the list without it."""

    label: str
    words: str
    address_without: str


class Filters(forms.Form, Generic[Row]):
    """Form of the filters of a list; when it is valid, it has `selected` and `ordering`."""

    selected: Selected[Row]
    ordering: Ordering
    #: Whether the address names an order that no index serves with these filters, so that its key means nothing.
    has_other_order: bool = False

    def __init__(self, listed: ListPage[Row], params: QueryDict) -> None:
        super().__init__(params, auto_id="filter-%s", label_suffix="")
        self.listed = listed
        for name, make in listed.filters.items():
            self.fields[name] = make()
        self.params = {name: text for name in listed.filters if (text := params.get(name, "").strip())}
        #: Name of the chosen order; empty for the default.
        self.sort = params.get(SORT, "").strip()

    def clean(self) -> dict[str, Any]:
        """Select the rows; reject unknown parameters, days out of order, and values that nothing has."""
        for name, texts in self.data.lists():  # type: ignore[attr-defined]
            if name not in (*self.fields, SORT, AFTER, BEFORE):
                self.add_error(None, f"Unknown filter “{name}”.")
            elif len(texts) > 1:
                self.add_error(None, f"{name} has {len(texts)} values, expected one.")
        check_days(self)
        self.params |= {name: f"{value}" for name, value in self.cleaned_data.items() if value}
        if not self.errors:
            self._select()
        return self.cleaned_data

    def _select(self) -> None:
        try:
            self.selected = self.listed.select(self.cleaned_data)
        except WrongSelection as wrong:
            reason = f"{wrong}"
            if isinstance(wrong, NothingThere) and (why := likely_reason(self.params.get(wrong.field, ""))):
                reason = f"{why[0].upper()}{why[1:]}."
            self.add_error(wrong.field or None, reason)
            return
        self.ordering = self.selected.ordering(self.sort)
        self.has_other_order = self.sort not in ("", self.ordering.name)

    @property
    def orders(self) -> Iterator[tuple[str, str, bool]]:
        """Yield name, words and whether it is the present one of each order."""
        for order in self.selected.orders:
            for name, words in ((order.name, order.words), (f"-{order.name}", order.words_descending)):
                yield "" if name == self.selected.default else name, words, name == self.ordering.name

    def address(self, *, without: str = "", **others: str) -> str:
        """Return the address of the list, in one spelling for each state, with other parameters.

        Without one of its filters it has the default order, which all selections have.
        """
        params = {name: self.params.get(name, "") for name in self.fields}
        if not without:
            params[SORT] = "" if self.ordering.name == self.selected.default else self.ordering.name
        query = urlencode({name: text for name, text in {**params, **others, without: ""}.items() if text})
        return f"{reverse(self.listed.name)}?{query}".removesuffix("?")

    @property
    def chosen(self) -> list[Chosen]:
        """Return the filters that are set."""
        return [
            Chosen(str(self.fields[name].label), self._words(name), self.address(without=name))
            for name in self.fields
            if self.params.get(name)
        ]

    @property
    def in_words(self) -> str:
        """Return the filters that are set, for a title."""
        return ", ".join(f"{each.label.lower()} {each.words}" for each in self.chosen)

    @property
    def for_the_trail(self) -> str:
        """Return the parameters that select, without the identifier of a meter point."""
        names = (name for name in self.fields if self.params.get(name))
        return " ".join(f"{name}={1 if name == 'meter_point' else self.params[name]}" for name in names)

    def _words(self, name: str) -> str:
        value, field = self.cleaned_data[name], self.fields[name]
        if isinstance(value, date):
            return cells.day(value)
        if isinstance(field, Choice):
            return field.words[value]
        return self.selected.words.get(name, str(value))
