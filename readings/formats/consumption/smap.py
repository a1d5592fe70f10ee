"""Half-hourly consumption of one consumer, whose id is the name of the file.

Document    The description of the SMAP energy data challenge; there is no other.
Records     A line of column names `datetime,consumption`, then a row for each half hour.
Time zone   Not stated: local clock time as sent, read as the start of a half hour. When clocks go back, an hour
            occurs twice. Every row is stored; repeated ones have an occurrence number.
Units       Wh per half hour.
Not read    Everything is read. There is no trailer, so a file cut between two rows looks like a shorter file; a last
            line without its line end means that the file was cut.
Severities  An unusable row is an error and rejects the file; a deviation whose meaning is certain is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import BinaryIO, Final

from readings.formats.consumption.rows import Rows, has_names
from readings.formats.consumption.rows import is_complete as is_complete
from readings.formats.contract import About, Batch, ParseContext
from readings.formats.fields import Memo
from readings.formats.statements import CONSUMER, Header, IntervalDay, RegisterKey

NAME = "CONSUMPTION"
SCHEME = CONSUMER
ENCODINGS = ("utf-8", "cp1252")
STRICT: frozenset[str] = frozenset()
FIELDS: Mapping[str, tuple[str, ...]] = {}
RECORDS: Mapping[str, About] = {"": About.INTERVAL_DAY}
#: Pattern of file names: the consumer's id and .csv, then the suffix that the archive may add.
SUBJECT = re.compile(r"(?ai)(?P<subject>[0-9A-Z_-]{1,40})\.csv(?:\.[0-9a-f]{12}(?:\.[0-9]+)?)?")
NAMES: Final = "datetime,consumption"
UNIT: Final = "Wh"
INTERVAL_LENGTH: Final = 30
#: Highest occurrence number of a half hour.
MOST_REPEATS: Final = 3
_HALF_HOURS: Final = 24 * 60 // INTERVAL_LENGTH
_PLACES: Final = {f"{number // 2:02}:{number % 2 * 30:02}:00": number for number in range(_HALF_HOURS)}
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_VALUE: Final = re.compile(r"[0-9]{1,12}\.?[0-9]{0,6}")


def recognizes(start: bytes) -> bool:
    """Return whether the first bytes look like half-hourly consumption."""
    return has_names(start, NAMES)


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
    if not days.last_day:
        days.rows.warn("no-rows", 1, "the file has no rows; check it with the sender")
    elif days.repeats:
        message = f"{days.repeats} half hours are repeated, first here; every row is stored"
        days.rows.warn("repeated-half-hour", days.first_repeat, message)
    yield days.batch(None)


class _Days:
    """Days of one consumer, in order. The next row may belong to the open day."""

    def __init__(self, subject: str) -> None:
        self.rows = Rows(NAMES)
        self.register: RegisterKey = (CONSUMER, subject, "", "", "")
        self.days: list[IntervalDay] = []
        self.is_day = Memo(_is_day)
        self.last_day = ""
        #: Values of the open day: a list for each occurrence of its half hours, with the line of its first row.
        self.open: list[tuple[int, list[str]]] = []
        self.repeats = self.first_repeat = 0
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
        for _, values in self.open:
            if not values[place]:
                values[place] = value
                break
        else:
            if len(self.open) > MOST_REPEATS:
                message = f"repeats a half hour more than {MOST_REPEATS} times; remove the surplus rows"
                self.rows.error("repeated-too-often", number, message, field="datetime", value=self.last_day)
                return
            values = [""] * _HALF_HOURS
            values[place] = value
            self.open.append((number, values))
        if values is not self.open[0][1]:
            self.repeats += 1
            self.first_repeat = self.first_repeat or number

    def close(self) -> None:
        """Finish the open day."""
        for occurrence, (line, values) in enumerate(self.open):
            self.days.append(
                IntervalDay(
                    line=line,
                    register=self.register,
                    day=self.last_day,
                    interval_length=INTERVAL_LENGTH,
                    values=",".join(values),
                    total=str(sum(map(Decimal, filter(None, values)))),
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
                )
            )
        self.open = []

    def batch(self, header: Header | None) -> Batch:
        """Return the finished days since the last call."""
        days, self.days = self.days, []
        return Batch(lines=self.rows.lines, header=header, interval_days=days, problems=self.rows.take())


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False
