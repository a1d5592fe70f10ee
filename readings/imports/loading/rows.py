"""Rows to be inserted, made of statements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from readings.formats.fields import REMEMBERED
from readings.formats.statements import RegisterKey, RegisterStatement
from readings.imports.loading.insertion import utc_text
from readings.imports.loading.parents import Ids
from readings.imports.loading.tables import Row, StatementTable


class RowBuilder:
    """Builder of the rows of one file."""

    def __init__(self, flow_file_id: int) -> None:
        self._flow_file_id = flow_file_id
        #: Cache of instants as text: few instants occur often.
        self._texts: dict[datetime, str] = {}

    def build(
        self, table: StatementTable, statements: Sequence[RegisterStatement], ids: dict[RegisterKey, Ids]
    ) -> list[Row]:
        """Return the rows of statements, without version."""
        times, lists, texts = table.times, table.lists, self._texts
        rows: list[Row] = []
        for each in statements:
            meter_point_id, _, register_id = ids[each[1]]
            columns: list[Any] = [self._flow_file_id, each[0], meter_point_id, register_id, *each[2:]]
            for place in times:
                if instant := columns[place]:
                    columns[place] = texts.get(instant) or self._time(instant)
            for place in lists:
                columns[place] = json.dumps(columns[place], ensure_ascii=False) if columns[place] else ""
            rows.append(tuple(columns))
        return rows

    def _time(self, instant: datetime) -> str:
        if len(self._texts) >= REMEMBERED:
            self._texts.clear()
        text = self._texts[instant] = utc_text(instant) or ""
        return text
