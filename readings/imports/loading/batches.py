"""Loading of the batches of a flow file into rows."""

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
from readings.formats.statements import RegisterKey, RegisterStatement
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
    """The file withdraws a reading, which requires that no other import runs."""


class BatchLoader:
    """Loader of the batches of one file, in order, inside one transaction.

    The last rows of a batch are still being inserted when `load` returns, so that the next batch can be parsed
    meanwhile. Use the loader as a context manager, and call `finish` at the end.
    """

    def __init__(self, flow_file_id: int, *, alone: bool) -> None:
        self.flow_file_id = flow_file_id
        self.alone = alone
        self.file_created_at = ""
        self.counts = Counts()
        #: Tables on the slow path: the last batch had rows with stored keys, so compare before inserting.
        self._slow_path: set[str] = set()
        self._pending: tuple[StatementTable, Insertion, list[Row]] | None = None
        self._problems: list[Problem] = []
        #: Cache of instants as text: few instants occur often.
        self._texts: dict[datetime, str] = {}
        wait_for_other_imports(alone=alone)
        prepare()
        self._withdrawals_are_stored = Reading.objects.filter(reading_type=WITHDRAWN).exists()

    def __enter__(self) -> BatchLoader:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if self._pending and error:
            self._pending[1].give_up(error)

    def load(self, batch: Batch) -> list[Problem]:
        """Store a batch; return the warnings about stored rows with the same keys."""
        self._finish()
        if batch.header and batch.header.created_at:
            self.file_created_at = utc_text(batch.header.created_at) or ""
        if keys := keys_of(batch):
            ids = dict(zip(keys, resolve(keys, measures_of(batch)), strict=True))
            self._count(ids.values())
            self._load_site_visits(batch, ids)
            self._describe_consumers(batch, ids)
            self._load(ACCUMULATIONS, batch.accumulations, ids)
            self._load(INTERVAL_DAYS, batch.interval_days, ids)
            self._load(READINGS, batch.readings, ids)
        return self._warnings()

    def finish(self) -> list[Problem]:
        """Wait for the pending rows; return their warnings."""
        self._finish()
        return self._warnings()

    def _finish(self) -> None:
        if not self._pending:
            return
        (table, insertion, rows), self._pending = self._pending, None
        try:
            insertion.finish()
        except IntegrityError:
            # A key is stored already, or occurs twice among these rows.
            self._load_slowly(table, rows)
        else:
            self._add(table, rows)

    def _warnings(self) -> list[Problem]:
        problems, self._problems = self._problems, []
        return problems

    def _count(self, ids: Iterable[Ids]) -> None:
        meter_points, meters, registers = zip(*ids, strict=True)
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

    def _rows(
        self, table: StatementTable, statements: Sequence[RegisterStatement], ids: dict[RegisterKey, Ids]
    ) -> list[Row]:
        times, lists, texts = table.times, table.lists, self._texts
        rows: list[Row] = []
        for each in statements:
            meter_point_id, _, register_id = ids[each[1]]
            columns: list[Any] = [self.flow_file_id, each[0], meter_point_id, register_id, *each[2:]]
            for place in times:
                if instant := columns[place]:
                    columns[place] = texts.get(instant) or self._time(instant)
            for place in lists:
                columns[place] = json.dumps(columns[place], ensure_ascii=False) if columns[place] else ""
            rows.append(tuple(columns))
        return rows

    def _load(
        self, table: StatementTable, statements: Sequence[RegisterStatement], ids: dict[RegisterKey, Ids]
    ) -> None:
        if not statements:
            return
        rows = self._rows(table, statements, ids)
        self._finish()
        if table.name in self._slow_path or (table is READINGS and self._touches_withdrawals(rows)):
            self._load_slowly(table, rows)
            return
        try:
            first = (table.first(row) for row in rows)
            self._pending = table, Insertion(table.name, table.all_columns, first), rows
        except IntegrityError:
            self._load_slowly(table, rows)

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

    def _load_slowly(self, table: StatementTable, rows: list[Row]) -> None:
        """Compare rows with the stored ones, and insert only new versions."""
        outcome = self._insert_versions(table, rows)
        versions.link(outcome, self.flow_file_id)
        self._add(table, [entry.row for entry in outcome.new])
        self.counts.repeats += outcome.repeats
        self.counts.superseded += outcome.superseded
        self.counts.withdrawn += outcome.withdrawn
        if outcome.repeats + outcome.superseded:
            self._slow_path.add(table.name)
        else:
            self._slow_path.discard(table.name)
        self._problems += outcome.problems

    def _insert_versions(self, table: StatementTable, rows: list[Row]) -> versions.Comparison:
        outcome = versions.compare_with_stored(table, rows, self.file_created_at)
        while True:
            try:
                insert(table.name, table.all_columns, outcome.rows)
            except IntegrityError:
                # Another importer has stored one of them meanwhile. If not, a constraint fails, and fails again.
                before, outcome = outcome, versions.compare_with_stored(table, rows, self.file_created_at)
                if outcome.rows == before.rows:
                    raise
            else:
                return outcome

    def _describe_consumers(self, batch: Batch, ids: dict[RegisterKey, Ids]) -> None:
        rows = [(each.area, each.tariff, ids[without_register(each)][0]) for each in batch.meter_points]
        described = [row for row in rows if any(row[:2])]
        if described:
            describe_meter_points(described)

    def _load_site_visits(self, batch: Batch, ids: dict[RegisterKey, Ids]) -> None:
        visits = []
        for visit in batch.site_visits:
            meter_point, meter, _ = ids[without_register(visit)]
            fields = (visit.reading_line, visit.check_code, visit.additional_information)
            visits.append((self.flow_file_id, visit.line, meter_point, meter, *fields))
        if visits:
            insert("readings_sitevisit", SITE_VISIT_COLUMNS, visits)
