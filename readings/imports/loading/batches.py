"""How a batch of a flow file becomes rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError

from readings.formats.contract import Batch, Problem
from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.formats.fields import REMEMBERED
from readings.formats.packed_day import number_of_values
from readings.formats.statements import RegisterKey, Stated
from readings.imports.loading import versions
from readings.imports.loading.counts import Counts
from readings.imports.loading.insertion import Insertion, insert, prepare, utc_text
from readings.imports.loading.locks import wait_for_other_imports
from readings.imports.loading.parents import (
    Ids,
    describe_meter_points,
    keys_of,
    measures_of,
    resolve,
    without_register,
)
from readings.imports.loading.tables import (
    ACCUMULATIONS,
    INTERVAL_DAYS,
    METER_POINT,
    READINGS,
    VALUES,
    Row,
    StatementTable,
)
from readings.models import Reading

SITE_VISIT_COLUMNS: Final = (
    "flow_file_id",
    "line",
    "meter_point_id",
    "meter_id",
    "reading_line",
    "check_code",
    "additional_information",
)


class Withdraws(Exception):
    """The file takes a reading back, which it may only while no other import runs."""


class BatchLoader:
    """Load the batches of one file, in order, inside one transaction.

    The last rows of a batch are still on their way when `load` returns, so that the next batch can be parsed
    meanwhile: use it as a context manager, and `finish` at the end.
    """

    def __init__(self, flow_file_id: int, *, alone: bool) -> None:
        self.flow_file_id = flow_file_id
        self.alone = alone
        self.file_created_at = ""
        self.counts = Counts()
        #: Tables in which the file meets stored rows: look at them first, instead of finding out by the unique index.
        self._meets: set[str] = set()
        self._on_their_way: tuple[StatementTable, Insertion, list[Row]] | None = None
        self._problems: list[Problem] = []
        #: Instants as text: they come again and again.
        self._texts: dict[datetime, str] = {}
        wait_for_other_imports(alone=alone)
        prepare()
        self._withdrawals_are_stored = Reading.objects.filter(reading_type=WITHDRAWN).exists()

    def __enter__(self) -> BatchLoader:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if self._on_their_way and error:
            self._on_their_way[1].give_up(error)

    def load(self, batch: Batch) -> list[Problem]:
        """Store a batch; what comes back are warnings about what was already stored."""
        self._finish()
        if batch.header and batch.header.created_at:
            self.file_created_at = utc_text(batch.header.created_at) or ""
        if keys := keys_of(batch):
            found = dict(zip(keys, resolve(keys, measures_of(batch)), strict=True))
            self._count(found.values())
            self._load_site_visits(batch, found)
            self._describe_consumers(batch, found)
            self._load(ACCUMULATIONS, batch.accumulations, found)
            self._load(INTERVAL_DAYS, batch.interval_days, found)
            self._load(READINGS, batch.readings, found)
        return self._warnings()

    def finish(self) -> list[Problem]:
        """Wait for the rows that are still on their way."""
        self._finish()
        return self._warnings()

    def _finish(self) -> None:
        if not self._on_their_way:
            return
        (table, insertion, rows), self._on_their_way = self._on_their_way, None
        try:
            insertion.finish()
        except IntegrityError:
            # A key stands in the store, or twice among these rows.
            self._meet_stored(table, rows)
        else:
            self._add(table, rows)

    def _warnings(self) -> list[Problem]:
        problems, self._problems = self._problems, []
        return problems

    def _count(self, found: Iterable[Ids]) -> None:
        meter_points, meters, registers = zip(*found, strict=True)
        self.counts.meter_points.add(meter_points)
        self.counts.meters.add(filter(None, meters))
        self.counts.registers.add(filter(None, registers))

    def _add(self, table: StatementTable, rows: Sequence[Row]) -> None:
        if table is READINGS:
            self.counts.readings += len(rows)
        elif table is ACCUMULATIONS:
            self.counts.accumulations += len(rows)
        else:
            self.counts.interval_days += len(rows)
            self.counts.intervals += sum(number_of_values(row[VALUES]) for row in rows)

    def _time(self, instant: datetime) -> str:
        if len(self._texts) >= REMEMBERED:
            self._texts.clear()
        text = self._texts[instant] = utc_text(instant) or ""
        return text

    def _rows(self, table: StatementTable, stated: Sequence[Stated], found: dict[RegisterKey, Ids]) -> list[Row]:
        times, lists, texts = table.times, table.lists, self._texts
        rows: list[Row] = []
        for each in stated:
            meter_point_id, _, register_id = found[each[1]]
            columns: list[Any] = [self.flow_file_id, each[0], meter_point_id, register_id, *each[2:]]
            for place in times:
                if instant := columns[place]:
                    columns[place] = texts.get(instant) or self._time(instant)
            for place in lists:
                columns[place] = json.dumps(columns[place], ensure_ascii=False) if columns[place] else ""
            rows.append(tuple(columns))
        return rows

    def _load(self, table: StatementTable, stated: Sequence[Stated], found: dict[RegisterKey, Ids]) -> None:
        if not stated:
            return
        rows = self._rows(table, stated, found)
        self._finish()
        if table.name in self._meets or (table is READINGS and self._touches_withdrawals(rows)):
            self._meet_stored(table, rows)
            return
        try:
            first = (table.first(row) for row in rows)
            self._on_their_way = table, Insertion(table.name, table.all_columns, first), rows
        except IntegrityError:
            self._meet_stored(table, rows)

    def _touches_withdrawals(self, rows: list[Row]) -> bool:
        if any(row[READINGS.kind_at] == WITHDRAWN for row in rows):
            if not self.alone:
                raise Withdraws
            self._withdrawals_are_stored = True
            return True
        if not self._withdrawals_are_stored:
            return False
        meter_points = {row[METER_POINT] for row in rows}
        return Reading.objects.filter(reading_type=WITHDRAWN, meter_point_id__in=meter_points).exists()

    def _meet_stored(self, table: StatementTable, rows: list[Row]) -> None:
        outcome = self._insert_versions(table, rows)
        versions.link(outcome, self.flow_file_id)
        self._add(table, [entry.row for entry in outcome.new])
        self.counts.repeats += outcome.repeats
        self.counts.superseded += outcome.superseded
        self.counts.withdrawn += outcome.withdrawn
        if outcome.repeats + outcome.superseded:
            self._meets.add(table.name)
        else:
            self._meets.discard(table.name)
        self._problems += outcome.problems

    def _insert_versions(self, table: StatementTable, rows: list[Row]) -> versions.Comparison:
        outcome = versions.compare_with_stored(table, rows, self.file_created_at)
        while True:
            try:
                insert(table.name, table.all_columns, outcome.rows)
            except IntegrityError:
                # Another importer has stated one of them meanwhile. A rule of ours that is broken stays broken.
                before, outcome = outcome, versions.compare_with_stored(table, rows, self.file_created_at)
                if outcome.rows == before.rows:
                    raise
            else:
                return outcome

    def _describe_consumers(self, batch: Batch, found: dict[RegisterKey, Ids]) -> None:
        said = [(each.area, each.tariff, found[without_register(each)][0]) for each in batch.meter_points]
        described = [each for each in said if any(each[:2])]
        if described:
            describe_meter_points(described)

    def _load_site_visits(self, batch: Batch, found: dict[RegisterKey, Ids]) -> None:
        visits = []
        for visit in batch.site_visits:
            meter_point, meter, _ = found[without_register(visit)]
            said = (visit.reading_line, visit.check_code, visit.additional_information)
            visits.append((self.flow_file_id, visit.line, meter_point, meter, *said))
        if visits:
            insert("readings_sitevisit", SITE_VISIT_COLUMNS, visits)
