"""Half-hourly consumption of one consumer, whose id is the name of the file.

Document    The description of the SMAP energy data challenge; there is no other.
Records     A line of column names `datetime,consumption`, then a row for each half hour.
Time zone   Not stated: local clock time as sent, read as the start of a half hour. When clocks go back, an hour
            occurs twice. Every row is stored; repeated ones have an occurrence number. More than one hour that
            occurs twice, with the same values, is a doubled export: its rows count once.
Units       Wh per half hour.
Not read    Everything is read. There is no trailer, so a file cut between two rows looks like a shorter file; a last
            line without its line end means that the file was cut.
Severities  An unusable row is an error and rejects the file; a deviation whose meaning is certain is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import BinaryIO, Final, TypeAlias

from readings.formats.consumption.rows import Rows, has_names
from readings.formats.consumption.rows import is_complete as is_complete
from readings.formats.contract import Batch, ParseContext, without_counts, without_header
from readings.formats.fields import Memo
from readings.formats.packed_day import runs_of, total_of
from readings.formats.statements import CONSUMER, Header, IntervalDay, RegisterKey

NAME = "CONSUMPTION"
SCHEME = CONSUMER
ENCODINGS = ("utf-8", "cp1252")
STRICT: frozenset[str] = frozenset()
FIELDS: Mapping[str, tuple[str, ...]] = {}
#: Pattern of file names: the consumer's id and .csv, then the suffix that the archive may add.
SUBJECT = re.compile(r"(?ai)(?P<subject>[0-9A-Z_-]{1,40})\.csv(?:\.[0-9a-f]{12}(?:\.[0-9]+)?)?")
recounted = without_counts
header_in = without_header
NAMES: Final = "datetime,consumption"
UNIT: Final = "Wh"
INTERVAL_LENGTH: Final = 30
#: Highest occurrence number of a half hour.
MOST_REPEATS: Final = 3
#: Number of half hours that a clock shows twice on one day, at most.
_REPEATED_BY_CLOCK: Final = 2
_HALF_HOURS: Final = 24 * 60 // INTERVAL_LENGTH
_PLACES: Final = {f"{number // 2:02}:{number % 2 * 30:02}:00": number for number in range(_HALF_HOURS)}
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_VALUE: Final = re.compile(r"[0-9]{1,12}\.?[0-9]{0,6}")


def recognizes(start: bytes) -> bool:
    """Return whether the first bytes look like half-hourly consumption."""
    return has_names(start, NAMES)


def meter_point_of(line: str, subject: str) -> str:
    """Return the consumer of every row, whom the file name states; empty for the line of column names."""
    return "" if has_names(line.encode(), NAMES) else subject


def parse(stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
    """Yield the consumption of one consumer from the start of the stream."""
    days = _Days(context.subject)
    header: Header | None = Header(flow=NAME, version="")
    for rows in days.rows.batches(stream, context.encoding):
        for number, row in rows:
            days.read(number, *row)
        yield days.batch(header)
        header = None
    days.close()
    days.summarize()
    yield days.batch(None)


#: Line and value of a half hour.
_Row: TypeAlias = tuple[int, str]
_NO_ROW: Final[_Row] = (0, "")


class _Days:
    """Days of one consumer, in order. The next row may belong to the open day."""

    def __init__(self, subject: str) -> None:
        self.rows = Rows(NAMES, subject)
        self.register: RegisterKey = (CONSUMER, subject, "", "", "")
        self.days: list[IntervalDay] = []
        self.is_day = Memo(_is_day)
        self.last_day = ""
        #: Rows of the open day: for each half hour, its lines and values in file order.
        self.open: list[list[_Row]] = [[] for _ in range(_HALF_HOURS)]
        #: Rows that repeat a half hour, and rows of a doubled export: first line, number.
        self.repeats = self.doubled = (0, 0)
        if not subject:
            message = "the file name is not a consumer id and .csv: rename the file, for example to 3000.csv"
            self.rows.error("no-consumer", 0, message)

    def read(self, number: int, moment: str, value: str) -> None:
        """Read a row."""
        day, _, time = moment.partition(" ")
        place = _PLACES.get(time)
        if place is None or not self.is_day[day]:
            expected = "expected yyyy-mm-dd hh:mm:ss, on the hour or half hour"
            self.rows.error("not-a-half-hour", number, expected, field="datetime", value=moment)
        elif not _VALUE.fullmatch(value):
            expected = "expected digits with at most one decimal point, without sign"
            self.rows.error("not-a-number", number, expected, field="consumption", value=value)
        elif day < self.last_day:
            message = f"is earlier than {self.last_day} in a previous row; sort the rows by time"
            self.rows.error("out-of-order", number, message, field="datetime", value=moment)
        else:
            if day != self.last_day:
                self.close()
                self.last_day = day
            self._add(number, place, value)

    def _add(self, number: int, place: int, value: str) -> None:
        if len(self.open[place]) > MOST_REPEATS:
            message = f"repeats a half hour more than {MOST_REPEATS} times; remove the surplus rows"
            self.rows.error("repeated-too-often", number, message, field="datetime", value=self.last_day)
        else:
            self.open[place].append((number, value))

    def close(self) -> None:
        """Finish the open day."""
        self._drop_doubled_rows()
        repeats = [row[0] for rows in self.open for row in rows[1:]]
        self.repeats = _counted(self.repeats, repeats)
        for occurrence in range(max(map(len, self.open))):
            rows = [rows[occurrence] if len(rows) > occurrence else _NO_ROW for rows in self.open]
            self.days.append(self._day(occurrence, rows))
        self.open = [[] for _ in range(_HALF_HOURS)]

    def _drop_doubled_rows(self) -> None:
        """Keep one of each two rows of a doubled export: a clock shows one hour twice, not more."""
        repeated = {place: _halved(rows) for place, rows in enumerate(self.open) if len(rows) > 1}
        if len(repeated) <= _REPEATED_BY_CLOCK or not all(repeated.values()):
            return
        for place, rows in repeated.items():
            surplus = [row[0] for row in self.open[place] if row not in rows]
            self.doubled = _counted(self.doubled, surplus)
            self.open[place] = rows

    def _day(self, occurrence: int, rows: list[_Row]) -> IntervalDay:
        lines, texts = zip(*rows, strict=True)
        values = ",".join(texts)
        return IntervalDay(
            line=min(filter(None, lines)),
            register=self.register,
            day=self.last_day,
            interval_length=INTERVAL_LENGTH,
            values=values,
            total=total_of(values),
            unit=UNIT,
            quality_method="",
            reason_code="",
            reason_description="",
            updated_at=None,
            msats_load_at=None,
            nmi_configuration="",
            mdm_data_stream="",
            next_scheduled_read_date=None,
            occurrence=occurrence,
            lines=runs_of(lines),
        )

    def summarize(self) -> None:
        """Report what concerns the whole file."""
        if not self.last_day:
            self.rows.warn("no-rows", 1, "the file has no rows; check it with the sender")
        if self.doubled[1]:
            message = f"{self.doubled[1]:,} rows repeat others word for word, first here; each half hour counts once"
            self.rows.warn("doubled-export", self.doubled[0], message)
        if self.repeats[1]:
            message = f"{self.repeats[1]} half hours are repeated, first here; every row is stored"
            self.rows.warn("repeated-half-hour", self.repeats[0], message)

    def batch(self, header: Header | None) -> Batch:
        """Return the finished days since the last call."""
        days, self.days = self.days, []
        return Batch(lines=self.rows.lines, header=header, interval_days=days, problems=self.rows.take())


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _halved(rows: list[_Row]) -> list[_Row]:
    """Return one of each two rows with the same value, neighbors or in two series; empty without such pairs."""
    half, rest = divmod(len(rows), 2)
    for kept, doubled in ((rows[::2], rows[1::2]), (rows[:half], rows[half:])):
        if not rest and [value for _, value in kept] == [value for _, value in doubled]:
            return kept
    return []


def _counted(before: tuple[int, int], lines: list[int]) -> tuple[int, int]:
    """Return first line and number of rows after more of them."""
    first, number = before
    return (first or min(lines), number + len(lines)) if lines else before
