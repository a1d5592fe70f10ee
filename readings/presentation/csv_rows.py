"""Rows of CSV (RFC 4180): cells that no spreadsheet takes for formulas, readings, and intervals."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from itertools import repeat
from typing import Any, Final

from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.formats.fields import Memo
from readings.formats.packed_day import NULL_DATA, clock_at, sources_of
from readings.models import IntervalDay, Scheme
from readings.queries.intervals import intervals_of

LINE_END: Final = "\r\n"
#: Value of the column `zone` for local clock time; the file states no zone.
CLOCK_TIME: Final = "clock time"

#: Start of a formula, also in spreadsheets that separate cells by semicolons or tabs.
_FORMULA: Final = re.compile(r"(^|[;\t\r\n])(?=\s*[-=+@\x00-\x1f\x7f－＝＋＠])")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_NEEDS_QUOTES: Final = re.compile(r'[",;\t\r\n]')


def cell(text: str) -> str:
    """Return a text as one cell; an apostrophe precedes anything that could be a formula."""
    if not _NUMBER.fullmatch(text):
        text = _FORMULA.sub(r"\1'", text)
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def row(texts: Iterable[str]) -> str:
    """Return a row of cells with its line end."""
    return ",".join(map(cell, texts)) + LINE_END


def counted(blocks: Iterable[str], note: Callable[[int], None]) -> Generator[str, None, None]:
    """Yield blocks of rows below a header; when they end or are cut, call `note` with the number of rows.

    No cell has a line end of its own: parsers and searches accept none.
    """
    rows = -1
    try:
        for block in blocks:
            rows += block.count(LINE_END)
            yield block
    finally:
        note(max(rows, 0))


class ReadingRows:
    """Writer of readings, each with its file and line."""

    def __init__(self, nem_time: timezone) -> None:
        self.nem_zone = nem_time, cell(str(nem_time))
        self.british_zone = BRITISH_CLOCK_TIME, cell(str(BRITISH_CLOCK_TIME))
        self.cells = Memo(cell)

    def text(self, files: Mapping[int, str], fields: Sequence[Any]) -> str:
        """Return the row of a reading; `files` gives the cells of its file."""
        flow_file, line, *register, read_at, value, unit = fields[:10]
        *codes, md_reset_at, md_resets, as_sent = fields[10:]
        zone, its_name = self.nem_zone if register[0] == Scheme.NMI else self.british_zone
        reset_at = _written(md_reset_at, zone) if md_reset_at else ""
        resets = "" if md_resets is None else md_resets
        return (
            f"{self._joined(register)},{_written(read_at, zone)},{its_name},{value:f},{self.cells[unit]},"
            f"{self._joined(codes)},{reset_at},{resets},{as_sent},{files[flow_file]},{line}{LINE_END}"
        )

    def _joined(self, texts: Iterable[str]) -> str:
        return ",".join([self.cells[text] for text in texts])


class IntervalRows:
    """Writer of the intervals of days, each with its file and line; of some `files` only, unless there are none."""

    def __init__(self, nem_time: timezone, files: Collection[int] = ()) -> None:
        self.only = files
        self.nem_zone = time(tzinfo=nem_time).isoformat().removeprefix("00:00:00"), cell(str(nem_time))
        self.cells = Memo(cell)

    def text(self, files: Mapping[int, str], fields: Sequence[Any]) -> str:
        """Return the rows of a day's intervals with values; null data leaves the cell of the value empty.

        `files` gives the cells of the files that state intervals of the day.
        """
        flow_file, line, *register, of_day, occurrence, length, unit = fields[:-7]
        values, quality_method, code, description, events, lines, origins = fields[-7:]
        offset, zone = ("", CLOCK_TIME) if register[0] == Scheme.CONSUMER else self.nem_zone
        cells = self.cells
        before = ",".join([cells[text] for text in register])
        spans = _spans(of_day, length, offset)
        sources = self._sources(files, flow_file, line, len(spans), lines, origins)
        middle, unit = f"{zone},{occurrence},", cells[unit]
        if events or quality_method.startswith(NULL_DATA):
            day = IntervalDay(values=values, interval_length=length, events=events)
            day.quality_method, day.reason_code, day.reason_description = quality_method, code, description
            return "".join(
                f"{before},{span},{middle}{each.value if each.counts else ''},{unit},{cells[each.quality_method]},"
                f"{cells[each.reason_code]},{cells[each.reason_description]},{source}"
                for span, source, each in zip(spans, sources, intervals_of(day), strict=False)
                if each.value and source
            )
        after = f"{unit},{cells[quality_method]},{cells[code]},{cells[description]},"
        rows = zip(spans, values.split(","), sources, strict=False)
        return "".join(
            [f"{before},{span},{middle}{value},{after}{source}" for span, value, source in rows if value and source]
        )

    def _sources(
        self, files: Mapping[int, str], flow_file: int, line: int, size: int, lines: str, origins: str
    ) -> Iterable[str]:
        """Return the last cells of each interval of a day: its file and line, and the line end; empty to omit it."""
        if not (lines or origins):
            return repeat(f"{files[flow_file]},{line}{LINE_END}", size)
        sources = sources_of(size, flow_file, line, json.loads(lines or "[]"), json.loads(origins or "[]"))
        only = self.only if origins else ()
        return [
            f"{files[file]},{its_line}{LINE_END}" if not only or file in only else "" for file, its_line in sources
        ]


def _written(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat()


@lru_cache(maxsize=500)
def _spans(of_day: date, length: int, offset: str) -> list[str]:
    """Return start and end of each interval of a day."""
    starts = [f"{of_day}T{clock_at(minutes)}:00{offset}" for minutes in range(0, 24 * 60, length)]
    ends = [*starts[1:], f"{of_day + timedelta(1)}T00:00:00{offset}"]
    return [f"{start},{end}" for start, end in zip(starts, ends, strict=True)]
