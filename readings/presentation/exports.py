"""Current readings and intervals as CSV (RFC 4180, UTF-8), one row for each.

The text comes in blocks, so that memory stays flat. It shows the store at the time of the first block.
docs/operations.md describes the columns.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import timezone
from itertools import islice
from operator import itemgetter
from typing import Any, Final

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from readings.formats.fields import REMEMBERED
from readings.models import Trail
from readings.presentation.csv_rows import IntervalRows, ReadingRows, cell, row
from readings.queries.lists import flow_files, name_of
from readings.queries.selection import Selection, interval_days_in, readings_in

READING_COLUMNS: Final = (
    *("scheme", "meter_point", "meter", "register", "suffix"),
    *("read_at", "zone", "value", "unit", "reading_type", "flag", "method", "reason_code", "reason_description"),
    *("validation_status", "reading_status", "md_reset_at", "md_resets", "read_at_as_sent"),
    *("file", "sha12", "line"),
)
INTERVAL_COLUMNS: Final = (
    *("scheme", "meter_point", "meter", "register", "suffix", "area", "tariff"),
    *("starts_at", "ends_at", "zone", "occurrence", "value", "unit"),
    *("quality_method", "reason_code", "reason_description"),
    *("file", "sha12", "line"),
)

TRAIL_COLUMNS: Final = (
    *("at", "action", "door", "by_whom", "scheme", "meter_point"),
    *("sha256", "subject", "outcome", "rows"),
)
_TRAIL_FIELDS: Final = tuple({"meter_point": "identifier"}.get(column, column) for column in TRAIL_COLUMNS)

#: File and line of the last statement of a row.
_SOURCE: Final = (Coalesce("restated_in_id", "flow_file_id"), Coalesce("restated_line", "line"))
#: Fields at the start of every row.
_FIELDS: Final = (
    *(*_SOURCE, "meter_point__scheme", "meter_point__identifier"),
    *("register__meter__serial_number", "register__register_id", "register__suffix"),
)
_READING_FIELDS: Final = (
    *(*_FIELDS, "read_at", "value", "register__unit"),
    *("reading_type", "flag", "method", "reason_code", "reason_description"),
    *("validation_status", "reading_status", "md_reset_at", "md_resets", "read_at_as_sent"),
)
_INTERVAL_FIELDS: Final = (
    *(*_FIELDS, "meter_point__area", "meter_point__tariff"),
    *("day", "occurrence", "interval_length", "unit"),
    *("values", "quality_method", "reason_code", "reason_description", "events", "lines", "origins"),
)
_ROWS_AT_ONCE: Final = 1_000
_BLOCK: Final = 64 * 1024


def readings(selection: Selection, *, nem_time: timezone) -> Generator[str, None, None]:
    """Return the current readings in blocks; raise WrongSelection at once, not at the first block."""
    rows = readings_in(selection, nem_time=nem_time)
    fields = rows.order_by("meter_point_id", "register_id", "read_at", "reading_type").values_list(*_READING_FIELDS)
    return _blocks(READING_COLUMNS, fields, ReadingRows(nem_time).text)


def intervals(selection: Selection, *, nem_time: timezone) -> Generator[str, None, None]:
    """Return the intervals of current days in blocks; raise WrongSelection at once, not at the first block."""
    rows, files = interval_days_in(selection)
    fields = rows.order_by("meter_point_id", "register_id", "day", "occurrence").values_list(*_INTERVAL_FIELDS)
    return _blocks(INTERVAL_COLUMNS, fields, IntervalRows(nem_time, files).text, itemgetter(-1))


def trail(entries: QuerySet[Trail]) -> Generator[str, None, None]:
    """Yield entries of the trail in blocks, with times in UTC."""
    yield row(TRAIL_COLUMNS)
    source = entries.values_list(*_TRAIL_FIELDS).iterator(chunk_size=_ROWS_AT_ONCE)
    while rows := list(islice(source, _ROWS_AT_ONCE)):
        yield "".join(
            row((at.astimezone(timezone.utc).isoformat(), *texts, "" if number is None else f"{number}"))
            for at, *texts, number in rows
        )


def _blocks(
    columns: Sequence[str],
    fields: QuerySet[Any, tuple[Any, ...]],
    text: Callable[[Mapping[int, str], Sequence[Any]], str],
    origins: Callable[[Sequence[Any]], str] = lambda fields: "",
) -> Generator[str, None, None]:
    """Yield rows in blocks, fetched from the database as the caller takes them.

    `origins` returns the origins of intervals as stored: the other files of a row.
    """
    texts, size = [row(columns)], 0
    files = _Files()
    source = fields.iterator(chunk_size=_ROWS_AT_ONCE)
    while rows := list(islice(source, _ROWS_AT_ONCE)):
        others = {file for each in rows if (text_of := origins(each)) for _, _, file, *_ in json.loads(text_of)}
        files.fetch({flow_file for flow_file, *_ in rows} | others)
        for each in rows:
            texts.append(text(files, each))
            size += len(texts[-1])
            if size >= _BLOCK:
                yield "".join(texts)
                texts, size = [], 0
    if texts:
        yield "".join(texts)


class _Files(dict[int, str]):
    """Cache of the names and hash starts of flow files, bounded so that memory stays flat."""

    def fetch(self, keys: set[int]) -> None:
        """Fetch the missing ones of these flow files."""
        if len(self) > REMEMBERED:
            self.clear()
        if missing := keys - self.keys():
            for flow_file in flow_files().filter(pk__in=missing):
                self[flow_file.pk] = f"{cell(name_of(flow_file))},{flow_file.sha256[:12]}"
