"""Rows of a batch, column by column: statements, and the primary keys of what they concern."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, TypeAlias

from readings.formats.statements import RegisterKey, RegisterStatement, SiteVisit
from readings.imports.loading.insertion import utc_text
from readings.imports.loading.parents.keys import Ids, without_register
from readings.imports.loading.tables import LISTS, Row, StatementTable

Column: TypeAlias = Sequence[Any]
_METER_POINT: Final = itemgetter(0)
_REGISTER: Final = itemgetter(2)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows to be inserted, without version: one sequence for each column that a file fills, in order."""

    columns: Sequence[Column]

    def __len__(self) -> int:
        return len(self.columns[0])

    @cached_property
    def rows(self) -> list[Row]:
        """Return the rows one by one, for comparisons."""
        return list(zip(*self.columns, strict=True))

    @property
    def first_versions(self) -> list[Column]:
        """Return the columns of rows that are the first version of their statement."""
        return [*self.columns, [1] * len(self)]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Rows without the primary keys of what they concern."""

    table: StatementTable
    lines: Sequence[int]
    registers: Sequence[RegisterKey]
    #: The other columns, in order.
    stated: Sequence[Column]

    def rows(self, ids: Mapping[RegisterKey, Ids], flow_file_id: int) -> Rows:
        """Return the rows of a flow file; `ids` has the keys of all of them."""
        parents = list(map(ids.__getitem__, self.registers))
        about = list(map(_METER_POINT, parents)), list(map(_REGISTER, parents))
        return Rows(columns=[[flow_file_id] * len(parents), self.lines, *about, *self.stated])


def draft_of(table: StatementTable, statements: Sequence[RegisterStatement]) -> Draft:
    """Return the rows of statements, at least one, as far as they can be made without a query."""
    lines, registers, *stated = zip(*statements, strict=True)
    columns: dict[str, Column] = dict(zip(table.columns, stated, strict=True))
    for name, column in columns.items():
        if name.endswith("_at"):
            columns[name] = _texts_of_times(column)
        elif name in LISTS:
            columns[name] = [json.dumps(each, ensure_ascii=False) if each else "" for each in column]
    return Draft(table=table, lines=lines, registers=registers, stated=list(columns.values()))


def _texts_of_times(column: Column) -> Column:
    """Return instants as texts: few instants occur often."""
    texts = {instant: utc_text(instant) for instant in set(column)}
    return list(map(texts.__getitem__, column))


def rows_of_site_visits(visits: Sequence[SiteVisit], ids: Mapping[RegisterKey, Ids], flow_file_id: int) -> list[Row]:
    """Return the rows of site visits."""
    rows: list[Row] = []
    for each in visits:
        meter_point_id, meter_id, _ = ids[without_register(each)]
        fields = (each.reading_line, each.check_code, each.additional_information)
        rows.append((flow_file_id, each.line, meter_point_id, meter_id, *fields))
    return rows
