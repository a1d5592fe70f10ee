"""Which statements the filters of their lists select, and by which index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Final, Generic, NamedTuple

from readings.models import Accumulation, FlowFile, IntervalDay, MeterPoint, Reading
from readings.models.metered_amounts import AccumulationQuerySet
from readings.models.register_readings import ReadingQuerySet
from readings.models.statements import StatementQuerySet
from readings.queries.listing.called import files_called, points_called
from readings.queries.listing.orders import BY_LINE, STORED, Order, moment, name, number
from readings.queries.listing.pages import STRETCH, Selected
from readings.queries.lists import Rows, first_arrival, name_of
from readings.queries.selection import by_clock

#: Files of one sender that an index may find one by one, at most, and their rows if other filters search among them.
_FEW_FILES: Final = 1_000
_FEW_ROWS: Final = 10_000

_BY_FILE: Final = Order(
    name="file",
    columns=("flow_file_id", "line", "pk"),
    kinds=(number, number, number),
    words="file, oldest first",
    words_descending="file, newest first",
)


def _by_time(column: str, kind: Any = moment) -> Order:
    return Order(
        name="time",
        columns=(column, "pk"),
        kinds=(kind, number),
        words="time, oldest first",
        words_descending="time, newest first",
    )


def _by_meter_point(*columns: str, kinds: tuple[Any, ...]) -> Order:
    return Order(
        name="meter-point",
        columns=("meter_point_id", "register_id", *columns),
        kinds=(number, number, *kinds),
        words="meter point, first stored first",
        words_descending="meter point, last stored first",
    )


class _Table(NamedTuple):
    """The orders of a table that its indexes serve, and the column of a flow file that counts its rows."""

    by_time: Order
    by_meter_point: Order
    counted: str


_READINGS: Final = _Table(
    _by_time("read_at"),
    _by_meter_point("read_at", "reading_type", "version", kinds=(moment, name, number)),
    "readings",
)
_ACCUMULATIONS: Final = _Table(
    _by_time("current_read_at"),
    _by_meter_point(
        *("current_read_at", "previous_read_at", "direction", "version"), kinds=(moment, moment, name, number)
    ),
    "accumulations",
)
_DAYS: Final = _Table(
    _by_time("day", date.fromisoformat),
    _by_meter_point("day", "occurrence", "version", kinds=(date.fromisoformat, number, number)),
    "interval_days",
)


@dataclass(slots=True, kw_only=True)
class _Scope(Generic[Rows]):
    """The rows that an index finds: all, or those of a file, a meter point, or a sender of few files."""

    rows: Rows
    orders: tuple[Order, ...]
    default: str
    words: dict[str, str] = field(default_factory=dict)
    meter_points: list[MeterPoint] = field(default_factory=list)
    #: Whether there may be too many rows to examine all.
    is_long: bool = False
    is_of_sender: bool = False

    def selected(self, rows: Rows, filters: Mapping[str, Any]) -> Selected[Any]:
        """Return the selection of some of the rows, by scheme and sender too."""
        if filters["scheme"]:
            rows = rows.filter(meter_point__scheme=filters["scheme"])
        if filters["sender"] and not self.is_of_sender:
            rows = rows.filter(flow_file__sender=filters["sender"])
        is_searched = self.is_long and rows is not self.rows
        return Selected(
            rows=rows,
            orders=self.orders[:1] if is_searched else self.orders,
            default=self.default,
            scope=self.rows if is_searched else None,
            words=self.words,
            meter_points=self.meter_points,
        )


def readings() -> ReadingQuerySet:
    """Return readings with the related rows that a line needs."""
    return _with_related_rows(Reading.objects.all())


def accumulations() -> AccumulationQuerySet:
    """Return accumulations with the related rows that a line needs."""
    return _with_related_rows(Accumulation.objects.all())


def interval_days() -> StatementQuerySet[IntervalDay]:
    """Return interval days with the related rows that a line needs."""
    return _with_related_rows(IntervalDay.objects.all())


def _with_related_rows(rows: Rows) -> Rows:
    rows = rows.select_related("meter_point", "register__meter", "flow_file")
    return rows.prefetch_related(first_arrival("flow_file__"))


def select_readings(filters: Mapping[str, Any], *, nem_time: timezone) -> Selected[Reading]:
    """Return the readings that the filters of an address select; raise WrongSelection."""
    scope = _scope(Reading.objects.all(), filters, _READINGS)
    rows = scope.rows
    if filters["kind"]:
        rows = rows.of_kind(filters["kind"])
    if filters["flag"]:
        rows = rows.with_flag(filters["flag"])
    if filters["from"]:
        rows = rows.filter(by_clock("gte", filters["from"], nem_time))
    if filters["to"]:
        rows = rows.filter(by_clock("lt", filters["to"] + timedelta(1), nem_time))
    return scope.selected(rows, filters)


def select_accumulations(filters: Mapping[str, Any], *, nem_time: timezone) -> Selected[Accumulation]:
    """Return the accumulations that the filters of an address select; raise WrongSelection."""
    scope = _scope(Accumulation.objects.all(), filters, _ACCUMULATIONS)
    rows = scope.rows
    if filters["from"]:
        rows = rows.filter(current_read_at__gte=datetime.combine(filters["from"], time(), nem_time))
    if filters["to"]:
        rows = rows.filter(current_read_at__lt=datetime.combine(filters["to"] + timedelta(1), time(), nem_time))
    return scope.selected(rows, filters)


def select_interval_days(filters: Mapping[str, Any]) -> Selected[IntervalDay]:
    """Return the interval days that the filters of an address select; raise WrongSelection."""
    scope = _scope(IntervalDay.objects.all(), filters, _DAYS)
    rows = scope.rows
    if filters["from"]:
        rows = rows.filter(day__gte=filters["from"])
    if filters["to"]:
        rows = rows.filter(day__lte=filters["to"])
    return scope.selected(rows, filters)


def _scope(every: Rows, filters: Mapping[str, Any], table: _Table) -> _Scope[Rows]:
    files = files_called(filters["flow_file"]) if filters["flow_file"] else []
    words = {"flow_file": name_of(files[0])} if files else {}
    if filters["meter_point"]:
        points = points_called(filters["meter_point"], filters["scheme"])
        rows = every.filter(meter_point__in=points)
        if files:
            rows = rows.filter(flow_file__in=files)
        return _Scope(rows=rows, orders=(table.by_time,), default="-time", words=words, meter_points=points)
    if files:
        rows = every.filter(flow_file__in=files)
        return _Scope(rows=rows, orders=(BY_LINE,), default="line", words=words, is_long=True)
    if filters["sender"] and (few := _few_files_of(filters, table)) is not None:
        rows = every.filter(flow_file__in=few)
        return _Scope(rows=rows, orders=(_BY_FILE,), default="-file", is_of_sender=True)
    return _Scope(rows=every, orders=(STORED, table.by_meter_point), default="-stored", is_long=True)


def _few_files_of(filters: Mapping[str, Any], table: _Table) -> list[int] | None:
    """Return the files of a sender, if they have no more rows than a page may examine; else None."""
    rows = FlowFile.objects.filter(sender=filters["sender"]).values_list("pk", table.counted)
    files = list(rows[: _FEW_FILES + 1])
    is_searched = any(value for name, value in filters.items() if name != "sender")
    most = _FEW_ROWS if is_searched else STRETCH
    if len(files) > _FEW_FILES or sum(number for _, number in files) > most:
        return None
    return [pk for pk, number in files if number]
