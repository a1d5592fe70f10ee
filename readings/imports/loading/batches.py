"""Loading of the batches of a flow file into rows."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from django.db import IntegrityError

from readings.formats.contract import Batch, Problem
from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.formats.mdff.catalogue.codes import ESTIMATE
from readings.formats.packed_day import number_of_values
from readings.formats.statements import Header, RegisterKey
from readings.imports.erasure.setting_aside import SettingAside
from readings.imports.loading.counts import Counts
from readings.imports.loading.findings import FindingsOfDays, findings, with_names
from readings.imports.loading.insertion import Insertion, insert, prepare, utc_text, without_collector
from readings.imports.loading.locks import lock_meter_points, wait_for_other_imports
from readings.imports.loading.marks import link
from readings.imports.loading.parents.consumers import Clock, describe_consumers, warnings_about
from readings.imports.loading.parents.keys import Ids, keys_of, measures_of, without_register
from readings.imports.loading.parents.lookup import resolve
from readings.imports.loading.repeats import Line, Source, note_repeats
from readings.imports.loading.rows import Rows, draft_of, rows_of_site_visits
from readings.imports.loading.stored import has_estimates, has_withdrawals
from readings.imports.loading.streams import Streams
from readings.imports.loading.tables import (
    ACCUMULATIONS,
    CURRENT_QUALITY,
    DAY,
    INTERVAL_DAYS,
    METER_POINT,
    READINGS,
    REGISTER,
    SITE_VISIT_COLUMNS,
    TABLES,
    VALUES,
    StatementTable,
)
from readings.imports.loading.versions import Comparison, compare_with_stored
from readings.imports.planner.under_way import OwnRows
from readings.imports.summing.stale import note_days
from readings.models import FlowFile, Reading


class Withdraws(Exception):
    """The file withdraws a reading, which requires that no other import runs."""


class BatchLoader:
    """Loader of the batches of one file, in order, inside one transaction.

    The last rows of a batch are still being inserted when `load` returns, so that the next batch can be parsed
    meanwhile. Use the loader as a context manager, and call `finish` at the end.
    """

    def __init__(self, flow_file: FlowFile, clock: Clock, *, alone: bool, is_again: bool = False) -> None:
        self._clock = clock
        self.alone = alone
        #: Whether the content was imported before, and its statements are only renewed.
        self.is_again = is_again
        self.source = Source(flow_file_id=flow_file.pk, sha256=flow_file.sha256)
        self.counts = Counts()
        self._own_rows = OwnRows()
        #: Tables on the slow path: the last batch had rows with stored keys, so compare before inserting.
        self._slow_path = {table.name for table in TABLES} if is_again else set()
        self._pending: tuple[StatementTable, Insertion, Rows] | None = None
        self._problems: list[Problem] = []
        self._days = FindingsOfDays()
        self._header: Header | None = None
        wait_for_other_imports(alone=alone)
        prepare()
        #: Statements about erased meter points, which are set aside.
        self.aside = SettingAside()
        self._withdrawals_are_stored = has_withdrawals()
        self._resources = ExitStack()

    def __enter__(self) -> BatchLoader:
        self._resources.enter_context(without_collector())
        return self

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        self._resources.close()
        if self._pending and error:
            self._pending[1].give_up()

    def load(self, batch: Batch) -> list[Problem]:
        """Store a batch; return the warnings about stored rows with the same keys."""
        if batch.header:
            self._begin(batch.header)
        if self.aside:
            batch = self.aside.without_erased(batch)
        keys = keys_of(batch)
        statements = (
            (ACCUMULATIONS, batch.accumulations),
            (INTERVAL_DAYS, batch.interval_days),
            (READINGS, batch.readings),
        )
        drafts = [draft_of(table, rows) for table, rows in statements if rows]
        self._finish()
        self._own_rows.see(self.counts)
        if keys:
            ids = resolve(keys, measures_of(batch))
            self._count(ids.values())
            if visits := rows_of_site_visits(batch.site_visits, ids, self.source.flow_file_id):
                insert("readings_sitevisit", SITE_VISIT_COLUMNS, visits)
            self._describe_consumers(batch, ids)
            for draft in drafts:
                self._load(draft.table, draft.rows(ids, self.source.flow_file_id))
        return self._warnings()

    def finish(self) -> list[Problem]:
        """Wait for the pending rows; return their warnings."""
        self._finish()
        self._problems += [*with_names(self._days.summaries()), *self.aside.warnings()]
        return self._warnings()

    def _begin(self, header: Header) -> None:
        created_at = utc_text(header.created_at) or ""
        speaker = header.sender, header.sender_role
        self.source = replace(self.source, speaker=speaker, created_at=created_at)
        self._header = header

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
            self._add(table, len(rows), rows.columns[VALUES] if table is INTERVAL_DAYS else ())

    def _warnings(self) -> list[Problem]:
        problems, self._problems = self._problems, []
        return problems

    def _count(self, ids: Iterable[Ids]) -> None:
        meter_points, meters, registers = zip(*ids, strict=True)
        self.counts.meter_points.add(meter_points)
        self.counts.meters.add(filter(None, meters))
        self.counts.registers.add(filter(None, registers))

    def _add(self, table: StatementTable, number: int, values: Iterable[str]) -> None:
        """Count new rows; `values` are those of interval days."""
        if table is READINGS:
            self.counts.readings += number
        elif table is ACCUMULATIONS:
            self.counts.accumulations += number
        else:
            self.counts.interval_days += number
            self.counts.intervals += sum(map(number_of_values, values))

    def _load(self, table: StatementTable, rows: Rows) -> None:
        self._finish()
        if table is INTERVAL_DAYS:
            note_days(zip(rows.columns[METER_POINT], rows.columns[DAY], strict=True))
        if self._must_compare(table, rows):
            self._load_slowly(table, rows)
            return
        try:
            self._pending = table, Insertion(table.name, table.all_columns, rows.first_versions), rows
        except IntegrityError:
            self._load_slowly(table, rows)

    def _must_compare(self, table: StatementTable, rows: Rows) -> bool:
        """Return whether stored rows with other keys may matter, which the unique index does not find."""
        if table is READINGS:
            return self._touches_withdrawals(rows) or table.name in self._slow_path
        meter_points = set(rows.columns[METER_POINT])
        lock_meter_points(meter_points)
        if table.name in self._slow_path:
            return True
        if table is INTERVAL_DAYS:
            streams = Streams(meter_points)
            return any(map(streams.is_split, set(rows.columns[REGISTER])))
        qualities = set(rows.columns[CURRENT_QUALITY])
        return any(quality[:1] == ESTIMATE for quality in qualities) or has_estimates(meter_points)

    def _touches_withdrawals(self, rows: Rows) -> bool:
        if WITHDRAWN in rows.columns[READINGS.kind_at]:
            if not self.alone:
                raise Withdraws
            self._withdrawals_are_stored = True
            return True
        if not self._withdrawals_are_stored:
            return False
        meter_points = set(rows.columns[METER_POINT])
        return Reading.objects.filter(reading_type=WITHDRAWN, meter_point_id__in=meter_points).exists()

    def _load_slowly(self, table: StatementTable, rows: Rows) -> None:
        """Compare rows with the stored ones, insert only new versions, and store what counts now."""
        self._describe_source()
        if table is READINGS:  # Of the other tables they are locked already.
            lock_meter_points(set(rows.columns[METER_POINT]))
        comparison = self._insert_versions(table, rows)
        link(comparison)
        repeats = comparison.repeats
        if not self.is_again:
            note_repeats(self.source.flow_file_id, repeats)
        new = comparison.new_rows
        self._add(table, len(new), (row[VALUES] for row in new))
        self.counts.repeats += len(repeats)
        self.counts.superseded += comparison.superseded
        self.counts.withdrawn += comparison.withdrawn
        self.counts.completed += comparison.completed
        if repeats or comparison.superseded or self.is_again:
            self._slow_path.add(table.name)
        else:
            self._slow_path.discard(table.name)
        self._problems += with_names(self._days.without_days(findings(comparison), comparison.table))

    def _describe_source(self) -> None:
        """Store sender and time of the file, by which its rows are compared from now on."""
        header, self._header = self._header, None
        if header:
            fields = {name: getattr(header, name) for name in ("sender", "sender_role", "created_at")}
            FlowFile.objects.filter(pk=self.source.flow_file_id).update(**fields)

    def _insert_versions(self, table: StatementTable, rows: Rows) -> Comparison:
        streams = Streams(rows.columns[METER_POINT]) if table is INTERVAL_DAYS else Streams()
        comparison = compare_with_stored(table, rows.rows, self.source, streams)
        while True:
            try:
                insert(table.name, comparison.columns, comparison.rows)
            except IntegrityError:
                # Another importer has stored one of them meanwhile. If not, a constraint fails, and fails again.
                before, comparison = comparison, compare_with_stored(table, rows.rows, self.source, streams)
                if comparison.rows == before.rows:
                    raise
            else:
                return comparison

    def _describe_consumers(self, batch: Batch, ids: dict[RegisterKey, Ids]) -> None:
        rows = [(ids[without_register(each)][0], each) for each in batch.meter_points if each.area or each.tariff]
        if not rows:
            return
        changes, repeats = describe_consumers(rows, self.source.flow_file_id, self._clock)
        self._problems += warnings_about(changes)
        if self.is_again:
            self.counts.superseded += len(changes)
        else:
            self.counts.repeats += len(repeats)
            note_repeats(self.source.flow_file_id, (Line(*each) for each in repeats))
