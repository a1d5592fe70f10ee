"""Half-hourly consumption of one consumer, whose id is the name of the file.

Document    The description of the SMAP energy data challenge; there is no other.
Records     A line of names `datetime,consumption`, then a row for each half hour.
Time zone   None is stated: local clock time as given, taken as the start of a half hour. Where the clock goes back,
            an hour comes twice, and every row of it is kept: those that come again have an occurrence number.
Units       Wh in a half hour.
Not read    Nothing is left out. No record ends the file, so a file that was cut between two rows cannot be told from
            a shorter one; a last line without its line end is taken for a cut.
Severities  A row that cannot be used is an error and rejects the file; what is odd but certain is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import BinaryIO, Final

from readings.formats.consumption.rows import Rows, has_names, is_complete
from readings.formats.contract import About, Batch, ParseContext
from readings.formats.fields import Memo
from readings.formats.statements import CONSUMER, Header, IntervalDay, RegisterKey

__all__ = ["ENCODINGS", "FIELDS", "NAME", "RECORDS", "STRICT", "SUBJECT", "is_complete", "parse", "recognizes"]

NAME = "CONSUMPTION"
ENCODINGS = ("utf-8", "cp1252")
STRICT: frozenset[str] = frozenset()
FIELDS: Mapping[str, tuple[str, ...]] = {}
RECORDS: Mapping[str, About] = {"": About.INTERVAL_DAY}
#: The consumer's id; what the archive adds to a name is left out.
SUBJECT = re.compile(r"(?ai)(?P<subject>[0-9A-Z_-]{1,40})\.csv(?:\.[0-9a-f]{12}(?:\.[0-9]+)?)?")
NAMES: Final = "datetime,consumption"
UNIT: Final = "Wh"
INTERVAL_LENGTH: Final = 30
#: So often a half hour may stand again.
OFTEN: Final = 3
_HALF_HOURS: Final = 24 * 60 // INTERVAL_LENGTH
_PLACES: Final = {f"{number // 2:02}:{number % 2 * 30:02}:00": number for number in range(_HALF_HOURS)}
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_VALUE: Final = re.compile(r"[0-9]{1,12}\.?[0-9]{0,6}")


def recognizes(start: bytes) -> bool:
    """Tell from the first bytes whether the content is meant to be half-hourly consumption."""
    return has_names(start, NAMES)


def parse(stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
    """Read the consumption of one consumer from the start of the stream."""
    days = _Days(context.subject)
    header: Header | None = Header(flow=NAME, version="")
    for rows in days.rows.batches(stream, context.encoding):
        for number, row in rows:
            days.read(number, *row)
        yield days.batch(header)
        header = None
    days.close()
    if not days.last_day:
        days.rows.warn("no-rows", 1, "no row stands under the names")
    elif days.repeats:
        message = f"{days.repeats} half hours stand again, the first in this line; every row is kept"
        days.rows.warn("repeated-half-hour", days.first_repeat, message)
    yield days.batch(None)


class _Days:
    """The days of one consumer, in order; the open day is what the next row may belong to."""

    def __init__(self, subject: str) -> None:
        self.rows = Rows(NAMES)
        self.register: RegisterKey = (CONSUMER, subject, "", "", "")
        self.days: list[IntervalDay] = []
        self.is_day = Memo(_is_day)
        self.last_day = ""
        #: Values of the open day: a list for each time that a half hour comes, with the line of its first row.
        self.open: list[tuple[int, list[str]]] = []
        self.repeats = self.first_repeat = 0
        if not subject:
            message = (
                "the name of the file must be the consumer's id and .csv, as 3000.csv; rename it and send it again"
            )
            self.rows.error("no-consumer", 0, message)

    def read(self, number: int, moment: str, value: str) -> None:
        """Read a row."""
        day, _, time = moment.partition(" ")
        place = _PLACES.get(time)
        if place is None or not self.is_day[day]:
            expected = "expected yyyy-mm-dd hh:mm:ss, on the half hour"
            self.rows.error("not-a-half-hour", number, expected, field="datetime", value=moment)
        elif not _VALUE.fullmatch(value):
            expected = "expected zero or more, in digits and at most one point"
            self.rows.error("not-a-number", number, expected, field="consumption", value=value)
        elif day < self.last_day:
            message = f"is of a day before {self.last_day}, which stands above; sort the rows by time"
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
            if len(self.open) > OFTEN:
                message = f"stands more than {OFTEN} times; a clock shows an hour twice"
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
        """Hand over the days that are finished."""
        days, self.days = self.days, []
        return Batch(lines=self.rows.lines, header=header, interval_days=days, problems=self.rows.take())


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False
