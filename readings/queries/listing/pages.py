"""Pages of long lists: the rows after a key or before it, in an order that an index serves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Final, Generic

from django.db.models import Q, QuerySet

from readings.models import MeterPoint
from readings.queries.listing.bytewise import by_bytes
from readings.queries.listing.orders import GREATEST, Key, Order
from readings.queries.lists import Row, count_up_to_cap

#: Number of rows on a page, and of rows that an export fetches at once.
PAGE: Final = 50
_ROWS_AT_ONCE: Final = 1_000
#: Rows that a page examines, at most, if no index finds those that the filters select.
STRETCH: Final = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected(Generic[Row]):
    """The rows that filters select."""

    rows: QuerySet[Row]
    #: Orders that an index serves with these filters.
    orders: tuple[Order, ...]
    #: Name of the order without a choice.
    default: str
    #: Rows among which the filters select one by one, so that a page examines only a stretch of them; None if an
    #: index finds the selected rows.
    scope: QuerySet[Row] | None = None
    #: Values of filters in words, where they are not as in the address.
    words: Mapping[str, str] = field(default_factory=dict)
    #: The meter points that the filters name.
    meter_points: Sequence[MeterPoint] = ()

    def ordering(self, name: str) -> Ordering:
        """Return the order that an address names, or the default if no index serves that one."""
        for choice in (name, self.default):
            for order in self.orders:
                if order.name == choice.removeprefix("-"):
                    return Ordering(order, choice.startswith("-"))
        raise ValueError(self.default)

    @property
    def number(self) -> int | None:
        """Return the number of the rows, CAP + 1 if there are more than CAP; None if counting would take long."""
        return count_up_to_cap(self.rows) if self.scope is None else None


@dataclass(frozen=True, slots=True)
class Ordering:
    """An order in one of its directions."""

    order: Order
    is_descending: bool

    @property
    def name(self) -> str:
        """Return the name in the address."""
        return f"-{self.order.name}" if self.is_descending else self.order.name

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of the order and the primary key."""
        columns = self.order.columns
        return columns if "pk" in columns else (*columns, "pk")

    def sorted(self, rows: QuerySet[Row]) -> QuerySet[Row, Key]:
        """Return the keys of rows in this order, each with the primary key."""
        first, *rest = self.order.columns
        by = [f"-{column}" if self.is_descending else column for column in (first, *rest)]
        if self.order.is_of_bytes:
            return rows.order_by(by_bytes(first, is_descending=self.is_descending), *by[1:]).values_list(
                *self.columns
            )
        return rows.order_by(*by).values_list(*self.columns)

    def beyond(self, key: Key) -> Iterator[Q]:
        """Yield the predicates of the rows that follow a key, in this order.

        First those with its first value: an index begins at the second one, however many rows share the first.
        """
        columns, comparison = self.order.columns, "lt" if self.is_descending else "gt"
        if rest := columns[1:]:
            parts = [
                Q(**dict(zip(rest[:place], key[1:], strict=False)), **{f"{column}__{comparison}": key[1 + place]})
                for place, column in enumerate(rest)
            ]
            # The middle condition follows from the last ones; an index can begin with it.
            yield Q((columns[0], key[0])) & Q((f"{rest[0]}__{comparison}e", key[1])) & reduce(or_, parts)
        first = f"bytes_{comparison}" if self.order.is_of_bytes else comparison
        yield Q((f"{columns[0]}__{first}", key[0]))

    def end_of_stretch(self, scope: QuerySet[Row], key: Key | None) -> int | None:
        """Return the value of the first column with which a stretch ends; None if it has the last row."""
        column = self.order.columns[0]
        down, up = (f"-{column}", column) if self.is_descending else (column, f"-{column}")
        start = key[0] if key else scope.order_by(down).values_list(column, flat=True).first()
        last = scope.order_by(up).values_list(column, flat=True).first()
        if start is None or last is None:
            return None
        end = int(start) + (-STRETCH if self.is_descending else STRETCH)
        return None if (end <= last if self.is_descending else end >= last) else end

    def within(self, end: int) -> Q:
        """Return the predicate of rows up to the end of a stretch."""
        return Q((f"{self.order.columns[0]}__{'gte' if self.is_descending else 'lte'}", end))

    def key_after(self, end: int) -> Key:
        """Return the key after which the next stretch begins."""
        rest = 0 if self.is_descending else GREATEST
        return (end, *(rest for _ in self.order.columns[1:]))

    def turned(self) -> Ordering:
        """Return the opposite order."""
        return Ordering(self.order, not self.is_descending)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The primary keys of a page of rows, and the keys at which its neighbours begin; None at the ends."""

    pks: list[int]
    previous: Key | None
    following: Key | None
    #: Whether the page ends because it examined as many rows as it may.
    is_cut: bool = False


def page_of(
    selected: Selected[Row], ordering: Ordering, key: Key | None, *, is_back: bool = False, most: int = 0
) -> Part:
    """Return the page after a key, or with `is_back` the one before it, of PAGE rows unless `most` is given."""
    most = most or PAGE
    walk = ordering.turned() if is_back else ordering
    rows = selected.rows
    scope = selected.scope if ordering.order.has_stretches else None
    end = None if scope is None else walk.end_of_stretch(scope, key)
    if end is not None:
        rows = rows.filter(walk.within(end))
    found = _keys_after(rows, walk, key, most + 1)
    is_full = len(found) > most
    found = found[:most]
    size = len(ordering.order.columns)
    beyond = found[-1][:size] if is_full else walk.key_after(end) if end is not None else None
    before = found[0][:size] if key and found else None
    place = walk.columns.index("pk")
    pks = [row[place] for row in found]
    is_cut = end is not None and not is_full
    if is_back:
        return Part(pks=pks[::-1], previous=beyond, following=before, is_cut=is_cut)
    return Part(pks=pks, previous=before, following=beyond, is_cut=is_cut)


def _keys_after(rows: QuerySet[Row], walk: Ordering, key: Key | None, most: int) -> list[Key]:
    """Return the keys of the first rows, or of those after a key."""
    found: list[Key] = []
    for predicate in walk.beyond(key) if key else (Q(),):
        found += walk.sorted(rows.filter(predicate))[: most - len(found)]
        if len(found) == most:
            break
    return found


def in_order(rows: QuerySet[Row], pks: Sequence[int]) -> list[Row]:
    """Return rows by their primary keys, in the order of these."""
    found = {row.pk: row for row in rows.filter(pk__in=pks)} if pks else {}
    return [found[pk] for pk in pks if pk in found]


def every(selected: Selected[Row], ordering: Ordering, rows: QuerySet[Row]) -> Iterator[list[Row]]:
    """Yield all selected rows in order, some at a time, so that memory stays flat and the first ones come at once.

    Each time shows the store at its own time: a cursor over millions of rows would sort them first.
    """
    part = page_of(selected, ordering, None, most=_ROWS_AT_ONCE)
    while part.following:
        yield in_order(rows, part.pks)
        part = page_of(selected, ordering, part.following, most=_ROWS_AT_ONCE)
    yield in_order(rows, part.pks)
