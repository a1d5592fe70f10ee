"""Advances of a meter point in pages: the difference of two readings, or the quantity of a NEM13.

A NEM13 states the quantity between two reads; then the difference of the reads is not listed, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Final, NamedTuple

from django.db.models import Q

from readings.formats.mdff.catalogue.codes import MADE_BY_A_METHOD
from readings.formats.mdff.catalogue.labels import may_be_added_up
from readings.models import Accumulation, MeterPoint, Reading, Register
from readings.models.advances import Advance, advances
from readings.queries.lists import Rows
from readings.queries.meter_point import dial_reading

#: Number of readings in memory at a time.
_AT_ONCE: Final = 1_000


class AdvanceKey(NamedTuple):
    """Place of an advance in the list: time and primary key of the statement at its end."""

    until: datetime
    pk: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The advances of a meter point that end in a time span, oldest first or newest first."""

    meter_point: MeterPoint
    #: First moment, and the moment after the last; None for no limit.
    since: datetime | None = None
    until: datetime | None = None
    newest_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The reading at one end of an advance, with its file and line."""

    read_at: datetime
    #: Decimal as sent.
    value: str
    reading_type: str = ""
    quality_method: str = ""
    flow_file: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAdvance:
    """How far a register moved between two readings."""

    key: AdvanceKey
    register: int
    #: Direction as a NEM13 states it, else empty.
    direction: str = ""
    previous: End
    current: End
    value: Decimal
    unit: str
    #: Whether the advance ends at an estimate.
    is_estimated: bool
    #: Whether the file states the value; else it is the difference of the readings.
    is_stated: bool
    #: Whether sums of consumption include the advance: the next actual reading repeats an advance to an estimate.
    counts: bool
    #: Explanation of a difference that is negative or was corrected; else empty.
    note: str = ""


def registers_without_advances(registers: Iterable[Register], with_resets: Collection[int]) -> frozenset[int]:
    """Return the registers without advances: they were reset, have an id in MD…, or measure no energy."""
    return frozenset(
        each.pk
        for each in registers
        if each.pk in with_resets
        or each.register_id.upper().startswith("MD")
        or (each.unit and not may_be_added_up(each.unit))
    )


def advances_after(
    selected: Selected, registers: dict[int, Register], after: AdvanceKey | None, most: int
) -> list[ListedAdvance]:
    """Return the advances after a key, by their ends, at most as many as given."""
    return list(islice(listed_advances(selected, registers, after, at_once=most), most))


def listed_advances(
    selected: Selected, registers: dict[int, Register], after: AdvanceKey | None = None, at_once: int = _AT_ONCE
) -> Iterator[ListedAdvance]:
    """Yield the advances of a meter point by their ends, in parts of about `at_once` statements."""
    if selected.meter_point.is_nmi:
        yield from _stated(selected, after, at_once)
    else:
        yield from _differences(selected, registers, after, at_once)


def _differences(
    selected: Selected, registers: dict[int, Register], after: AdvanceKey | None, at_once: int
) -> Iterator[ListedAdvance]:
    resets = Reading.objects.filter(meter_point=selected.meter_point, md_resets__isnull=False).current()
    without = registers_without_advances(
        registers.values(), set(resets.order_by().values_list("register__pk", flat=True).distinct())
    )
    for part in _parts(selected, without, after, at_once):
        first = min(reading.read_at for reading in part)
        before = Reading.objects.filter(meter_point=selected.meter_point, read_at__lt=first)
        before = before.filter(register__in={reading.register_id for reading in part})
        by_pk = {row.pk: row for row in (*before.actual().latest_of_each_register().with_standing(), *part)}
        found = advances(map(dial_reading, by_pk.values()))
        for reading in part:
            key = AdvanceKey(reading.read_at, reading.pk)
            if reading.pk in found and _is_after(key, after, newest_first=selected.newest_first):
                advance = found[reading.pk]
                yield _difference(key, registers[reading.register_id], by_pk[advance.begin], reading, advance)


def _parts(
    selected: Selected, without: Collection[int], after: AdvanceKey | None, at_once: int
) -> Iterator[list[Reading]]:
    """Yield the countable readings in parts that split no instant: its readings decide together what begins there.

    Readings of registers without advances are left out: between those of others, thousands may lie.
    """
    readings = Reading.objects.filter(meter_point=selected.meter_point).countable().exclude(register__in=without)
    rows = _in_order(readings, selected, "read_at", after).with_standing()
    beyond = "lt" if selected.newest_first else "gt"
    while part := list(rows[:at_once]):
        last = part[-1]
        is_last = len(part) < at_once
        if not is_last:
            part += rows.filter(**{"read_at": last.read_at, f"pk__{beyond}": last.pk})
        yield part
        if is_last:
            return
        rows = rows.filter(**{f"read_at__{beyond}": last.read_at})


def _difference(
    key: AdvanceKey, register: Register, previous: Reading, current: Reading, advance: Advance
) -> ListedAdvance:
    return ListedAdvance(
        key=key,
        register=register.pk,
        previous=_end(previous),
        current=_end(current),
        value=advance.amount,
        unit=register.unit,
        is_estimated=advance.is_estimated,
        is_stated=False,
        counts=not advance.is_estimated,
        note=advance.note,
    )


def _end(reading: Reading) -> End:
    flow_file, line = reading.last_source
    return End(
        read_at=reading.read_at,
        value=f"{reading.value:f}",
        reading_type=reading.reading_type,
        flow_file=flow_file,
        line=line,
    )


def _stated(selected: Selected, after: AdvanceKey | None, at_once: int) -> Iterator[ListedAdvance]:
    rows = Accumulation.objects.filter(meter_point=selected.meter_point).countable()
    for row in _in_order(rows, selected, "current_read_at", after).iterator(at_once):
        key = AdvanceKey(row.current_read_at, row.pk)
        if _is_after(key, after, newest_first=selected.newest_first):
            yield _quantity(key, row)


def _quantity(key: AdvanceKey, row: Accumulation) -> ListedAdvance:
    flow_file, line = row.last_source

    def end(of: str) -> End:
        return End(
            read_at=getattr(row, f"{of}_read_at"),
            value=getattr(row, f"{of}_read"),
            quality_method=getattr(row, f"{of}_quality_method"),
            flow_file=flow_file,
            line=line,
        )

    return ListedAdvance(
        key=key,
        register=row.register_id,
        direction=row.direction,
        previous=end("previous"),
        current=end("current"),
        value=row.quantity,
        unit=row.unit,
        is_estimated=row.current_quality_method[:1] in MADE_BY_A_METHOD,
        is_stated=True,
        counts=may_be_added_up(row.unit),
    )


def _in_order(rows: Rows, selected: Selected, column: str, after: AdvanceKey | None) -> Rows:
    """Return the rows in the order of their times, from the instant of a key on."""
    since, until, newest_first = selected.since, selected.until, selected.newest_first
    conditions = Q()
    if since:
        conditions &= Q(**{f"{column}__gte": since})
    if until:
        conditions &= Q(**{f"{column}__lt": until})
    if after:
        conditions &= Q(**{f"{column}__{'lte' if newest_first else 'gte'}": after.until})
    sign = "-" if newest_first else ""
    return rows.filter(conditions).order_by(f"{sign}{column}", f"{sign}pk")


def _is_after(key: AdvanceKey, after: AdvanceKey | None, *, newest_first: bool) -> bool:
    return after is None or (key < after if newest_first else key > after)
