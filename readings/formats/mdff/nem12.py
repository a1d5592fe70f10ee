"""NEM12 «Interval meter data»: interval values by NMI, channel and day.

Document    AEMO, Meter Data File Format Specification NEM12 & NEM13, version 2.5 (1 May 2022).
Records     100 Header, 200 NMI Data Details (300 Interval Data (400 Interval Event, 500 B2B Details)), 900 End. A
            300 is one day of one channel; its first value is that of the interval that begins at midnight.
Time zone   Not stated: NEM time, UTC+10 all year, unless the setting NEM_UTC_OFFSET overrides it.
Units       The unit of each 200 applies to the values after it.
Not read    Repeats of a day of a channel under another 200 are not detected here, but when the days are stored.
Severities  An error makes a day unusable and rejects the file; a deviation whose meaning is certain is a warning.
            Files of any age arrive: an unknown code is kept as sent. A file without a header is read if it begins
            with a 200; it then may lack the 900, too. A file with a 100 but without its last 900 is incomplete.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from readings.formats.contract import ERROR, WARNING, Batch, ParseContext, without_counts
from readings.formats.fields import Fault, Memo
from readings.formats.mdff.catalogue import fields as kinds
from readings.formats.mdff.catalogue.codes import ACTUAL, VARIES, WANTED_FOR_ACTUAL, measures
from readings.formats.mdff.catalogue.quality import quality
from readings.formats.mdff.dates import Stamps
from readings.formats.mdff.days import PlainDays
from readings.formats.mdff.envelope import is_complete as is_complete
from readings.formats.mdff.envelope import recognizer
from readings.formats.mdff.file import MeterDataFile
from readings.formats.mdff.headers import header_in as header_in
from readings.formats.mdff.intervals import Channel, day_fault, event_faults, missing_events, value_faults
from readings.formats.mdff.items import EVENT_FIELDS, NEM12_FIELDS, channel_fields, interval_transaction_fields
from readings.formats.mdff.records import STRICT as STRICT_OF_BOTH
from readings.formats.mdff.records import Records, blocks_of
from readings.formats.packed_day import NULL_DATA, Amounts, Event, without_null_data
from readings.formats.statements import NMI, IntervalDay

NAME = "NEM12"
SCHEME = NMI
ENCODINGS = ("utf-8", "cp1252")
_STRICT = ("unusual-interval-length", "date-not-increasing", "future-day", "unit-of-another-kind")
STRICT: frozenset[str] = STRICT_OF_BOTH | {*_STRICT}
FIELDS = NEM12_FIELDS
SUBJECT = None

recognizes = recognizer(NAME, "200")
meter_point_of = blocks_of("200")
recounted = without_counts

#: Values of an unreadable 200.
_EMPTY: tuple[Any, ...] = ("", "", "", "", "", "", "", 0, None)


def parse(stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
    """Yield a NEM12 from the start of the stream."""
    stamps = Stamps(context.nem_time)
    return MeterDataFile(NAME, IntervalData(stamps), stamps).batches(stream, context)


class IntervalData(Records):
    """Reader of the records of a NEM12. A 300 is open for its 400s and 500s until the next 300 or 200."""

    def __init__(self, stamps: Stamps) -> None:
        super().__init__()
        self.readers = {
            "200": self.read_channel,
            "300": self.read_day,
            "400": self.read_event,
            "500": self.read_transaction,
        }
        self.channel_fields = channel_fields(stamps)
        self.transaction_fields = interval_transaction_fields(stamps)
        self.amounts = Amounts()
        self.plain_days = PlainDays(stamps)
        self.qualities = self.plain_days.qualities
        self.event_qualities = Memo(quality("AEFNS"))
        self.date = stamps.date(ERROR, empty=ERROR)
        self.date_time = stamps.date_time(WARNING, empty="")
        #: Open channel, whether it has days, and the last of their dates.
        self.channel: Channel | None = None
        self.has_days = False
        self.last_date = ""
        #: Line of the open day, 0 if none is open, and the day itself, None if it is unusable.
        self.day_line = 0
        self.day: IntervalDay | None = None
        #: Whether the quality of the open day varies; None: unknown.
        self.varies: bool | None = None
        self.events: list[Event] = []
        self.last_interval = 0
        self.transactions: list[tuple[str, ...]] = []

    def close(self) -> None:
        """Finish the last day and its channel."""
        self._close_day()
        if self.channel and not self.has_days:
            message = "has no 300 record; ask the sender to send the file again"
            self.report(ERROR, "200", "no-interval-day", self.channel.line, message)
        self.channel, self.broken_line, self.opening = None, 0, ()

    def read_channel(self, number: int, texts: list[str]) -> None:
        """Read a 200, the channel of the days after it."""
        self.close()
        self.opened += 1
        self.opening = texts
        self.has_days, self.last_date = False, ""
        values, is_usable = self.read(number, texts, self.channel_fields, 9) or (list(_EMPTY), False)
        nmi, configuration, register_id, suffix, stream, serial_number, unit, length, next_read = values
        if configuration and suffix and not kinds.holds(configuration, suffix):
            message = f"is not in NMIConfiguration {configuration[:40]}; kept as sent"
            self.report(WARNING, "200", "suffix-not-in-configuration", number, message, "NMISuffix", suffix)
        if not measures(suffix, unit):
            message = f"does not fit a channel {suffix}; kept as sent"
            self.report(WARNING, "200", "unit-of-another-kind", number, message, "UOM", unit)
        register = (NMI, nmi, serial_number, register_id, suffix)
        count = 1440 // length if length else 0
        self.channel = Channel(number, is_usable, register, unit, length, count, configuration, stream, next_read)

    def read_plain(self, number: int, line: str) -> bool:
        """Read a 300 without faults (fast path); return False if it must be read field by field."""
        if not (self.channel and line.startswith("300,")):
            return False
        if not (plain := self.plain_days.read(number, line, self.channel, self.last_date)):
            return False
        self._begin_day(number)
        self.day, self.varies = plain
        self.last_date = self.day.day
        return True

    def _begin_day(self, number: int) -> None:
        if self.day_line:
            self._close_day()
        self.day_line, self.broken_line = number, 0
        self.has_days = True

    def read_day(self, number: int, texts: list[str]) -> None:
        """Read a 300, a day of the open channel."""
        self._begin_day(number)
        channel = self.channel
        if channel is None:
            self.opened += 1
            return self.orphan("300", number, "200")
        if channel.intervals and (fitting := self._fit_day(number, texts, channel)):
            self._open_day(number, fitting, channel)

    def _fit_day(self, number: int, texts: list[str], channel: Channel) -> list[str] | None:
        """Return the fields of a 300 whose quality method is where the interval length requires it, else None."""
        if fault := day_fault(texts, channel):
            self.report(ERROR, "300", fault[0], number, fault[1], value=",".join(texts))
            self.broken_line = number if fault[0] == "broken-record" else 0
            return None
        fields = channel.intervals + 7
        return texts if len(texts) == fields else self.fit(number, texts, fields, fields - 1)

    def _open_day(self, number: int, texts: list[str], channel: Channel) -> None:
        values, tail = texts[2 : channel.intervals + 2], texts[channel.intervals + 2 :]
        quality_method, reason, description, updated, loaded = tail
        joined = ",".join(values)
        quality_of_day = self.qualities[",".join(tail[:3])]
        date, date_faults = self.date(texts[1])
        updated_at, updated_faults = self.date_time(updated)
        loaded_at, loaded_faults = self.date_time(loaded)
        faults = [*value_faults(joined, values, channel.unit), *quality_of_day.faults]
        if date_faults or updated_faults or loaded_faults:
            faults += [("IntervalDate", texts[1], fault) for fault in date_faults]
            faults += [("UpdateDateTime", updated, fault) for fault in updated_faults]
            faults += [("MSATSLoadDateTime", loaded, fault) for fault in loaded_faults]
        has_error = bool(faults) and self.report_all("300", number, faults)
        self.varies = quality_of_day.flag == VARIES if quality_of_day.flag else None
        if date:
            self._compare_dates(number, date, texts[1])
            if updated_at and quality_of_day.flag == ACTUAL and texts[1] > updated[:8]:  # Both begin yyyymmdd.
                message = f"is later than UpdateDateTime {updated}, though the day is actual; kept as sent"
                self.report(WARNING, "300", "future-day", number, message, "IntervalDate", texts[1])
        if date and channel.is_usable and not has_error:
            self.day = IntervalDay(
                number,
                channel.register,
                date,
                channel.interval_length,
                joined,
                "0" if quality_of_day.flag == NULL_DATA else self.amounts.total(values),
                channel.unit,
                quality_method,
                reason,
                description,
                updated_at,
                loaded_at,
                *channel[6:],
            )

    def _compare_dates(self, number: int, date: str, sent: str) -> None:
        if date <= self.last_date:
            message = f"is not later than {self.last_date}, the previous day of the same 200; stored as sent"
            self.report(WARNING, "300", "date-not-increasing", number, message, "IntervalDate", sent)
        self.last_date = date

    def read_event(self, number: int, texts: list[str]) -> None:
        """Read a 400, the quality of some intervals of the open day."""
        if not self.day_line:
            return self.orphan("400", number, "300")
        if self.transactions:
            message = "follows a 500 record; ask the sender to put the 400 records of a day first"
            self.report(ERROR, "400", "out-of-order", number, message)
        if (read := self.read(number, texts, EVENT_FIELDS, 5)) is None:
            self.day = self.varies = None
            return
        (first, last, quality_method, reason, description), is_usable = read
        quality_of_event = self.event_qualities[f"{quality_method},{reason},{description}"]
        faults: list[tuple[str, Any, Fault]] = list(quality_of_event.faults)
        if is_usable and self.channel and self.channel.intervals:
            count = self.channel.intervals
            faults += event_faults(first, last, self.last_interval, count, varies=bool(self.varies))
            self.last_interval = max(self.last_interval, last)
        if self.varies is False and not (quality_method == "A" and reason in WANTED_FOR_ACTUAL):
            message = "belongs to a day whose quality method is not V; applied to the intervals of the event"
            self.report(WARNING, "400", "needless-event", number, message)
            self.varies = None  # Reported once.
        if not is_usable:
            self.varies = None  # Its intervals are unknown.
        if self.report_all("400", number, faults) or not is_usable:
            self.day = None
        elif self.day:
            self.events.append((first, last, quality_method, reason, description))

    def read_transaction(self, number: int, texts: list[str]) -> None:
        """Read a 500, the B2B details of the open day."""
        if not self.day_line:
            return self.orphan("500", number, "300")
        if read := self.read(number, texts, self.transaction_fields, 4):
            self.transactions.append(tuple(read[0]))

    def _close_day(self) -> None:
        if self.varies or self.last_interval or self.transactions:
            self._close_varying_day()
        if self.day:
            self.batch.interval_days.append(self.day)
        self.day, self.day_line, self.varies = None, 0, None

    def _close_varying_day(self) -> None:
        """Add its 400s and 500s to the open day."""
        if self.varies and self.channel and self.last_interval < self.channel.intervals:
            code, message = missing_events(self.last_interval, self.channel.intervals)
            self.report(ERROR, "300", code, self.day_line, message, "QualityMethod", VARIES)
            self.day = None
        elif self.day:
            values = self.day.values.split(",")
            counted = without_null_data(values, self.day.quality_method, self.events)
            total = self.day.total if not self.events else self.amounts.total(counted)
            events, transactions = tuple(self.events), tuple(self.transactions)
            self.day = self.day._replace(total=total, events=events, transactions=transactions)
        self.events, self.transactions, self.last_interval = [], [], 0
