"""Derivation of what counts from the stored statements, for stores of earlier versions and for audits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef

from readings.imports.law.entries import Entry
from readings.imports.loading.insertion import prepare
from readings.imports.loading.locks import wait_for_other_imports
from readings.imports.loading.marks import store_changes
from readings.imports.loading.stored import stored_of
from readings.imports.loading.streams import Streams
from readings.imports.loading.tables import ACCUMULATIONS, INTERVAL_DAYS, READINGS, StatementTable
from readings.imports.loading.versions import Group, fill
from readings.imports.summing.stale import note_all_days
from readings.models import IntervalDay, MeterPoint

#: Number of meter points that are derived in one transaction.
STEP: Final = 200
_NAMES: Final = {READINGS: "reading", ACCUMULATIONS: "accumulation", INTERVAL_DAYS: "interval day"}


class Derived(NamedTuple):
    """A stored statement whose marks differ from the law."""

    #: Name of the statement, and its primary key.
    name: str
    id: int
    line: int
    counted: bool
    counts: bool


class Step(NamedTuple):
    """The result of one step."""

    #: Number of meter points that are derived, and of all.
    done: int
    of: int
    derived: list[Derived]


def rederive(*, store: bool) -> Iterator[Step]:
    """Judge all stored statements, step by step; `store` the marks that differ.

    Each step is a transaction, in which no other import runs if it stores. A second run finds no difference.
    """
    done, number = 0, MeterPoint.objects.count()
    keys = MeterPoint.objects.order_by("pk").values_list("pk", flat=True)
    step = list(keys[:STEP])
    while step:
        with transaction.atomic():
            if store:
                wait_for_other_imports(alone=True)
            prepare()
            pieces = [(table, some) for table in _NAMES for some in _pieces(table, step)]
            derived = [each for table, some in pieces for each in _derive(table, some, store=store)]
        done += len(step)
        yield Step(done, max(done, number), derived)
        step = list(keys.filter(pk__gt=step[-1])[:STEP])


def _pieces(table: StatementTable, meter_points: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield meter points whose statements fit into memory: of one, there may be 10,000 interval days."""
    if table is not INTERVAL_DAYS:
        yield meter_points
        return
    with_days = Exists(IntervalDay.objects.filter(meter_point=OuterRef("pk")))
    rows = MeterPoint.objects.filter(with_days, pk__range=(meter_points[0], meter_points[-1]))
    yield from ([key] for key in rows.order_by("pk").values_list("pk", flat=True))


def _derive(table: StatementTable, meter_points: Sequence[int], *, store: bool) -> list[Derived]:
    streams = Streams(meter_points) if table is INTERVAL_DAYS else Streams()
    groups: dict[tuple[Any, ...], Group] = {}
    fill(groups, table, stored_of(table, meter_points[0], meter_points[-1]), streams)
    entries = [entry for group in groups.values() for entry in group.entries]
    counted = {entry.id for entry in entries if entry.stored_links == (None, None)}
    for group in groups.values():
        group.judge(table)
    changed = [entry for entry in entries if entry.is_changed]
    if store and changed:
        store_changes(table, changed, _id)
        if table is INTERVAL_DAYS:
            note_all_days(meter_points)
    return [Derived(_NAMES[table], _id(each) or 0, each.line, each.id in counted, each.counts) for each in changed]


def _id(entry: Entry | None) -> int | None:
    return entry.id if entry else None
