"""NEM12 «Interval meter data»: the intervals of each day, by NMI and channel.

Document    AEMO, Meter Data File Format Specification NEM12 & NEM13, version 2.5 (1 May 2022).
Records     100 Header, 200 NMI Data Details (300 Interval Data (400 Interval Event, 500 B2B Details)), 900 End. A
            300 is one day of one channel: its first value is that of the interval that begins at midnight.
Time zone   None is stated: NEM time by custom, UTC+10 all year; the setting NEM_UTC_OFFSET says otherwise.
Units       The unit of each 200 is that of the values under it.
Not read    Whether the same day of a channel comes twice in the file, under two 200 records: that is seen when the
            days are stored.
Severities  What makes a day unusable is an error and rejects the file; what is odd but certain in meaning is a
            warning. Files of every age arrive: a code that is not known is kept as sent. A file without its header
            is read, where it begins with a 200; one without its last 900 is taken for cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from readings.formats.contract import ERROR, WARNING, About, Batch, ParseContext
from readings.formats.fields import Fault, Memo
from readings.formats.mdff.catalogue import fields as kinds
from readings.formats.mdff.catalogue.codes import VARIES
from readings.formats.mdff.catalogue.quality import QUALITY_METHOD, place_of_quality, quality
from readings.formats.mdff.dates import Stamps
from readings.formats.mdff.envelope import is_complete, recognizer
from readings.formats.mdff.file import MeterDataFile
from readings.formats.mdff.intervals import Channel, event_faults, value_faults
from readings.formats.mdff.items import EVENT_FIELDS, channel_fields, interval_transaction_fields
from readings.formats.mdff.items import NEM12_FIELDS as FIELDS
from readings.formats.mdff.records import STRICT as STRICT_OF_BOTH
from readings.formats.mdff.records import Records
from readings.formats.packed_day import NULL_DATA, Amounts, Event, without_null_data
from readings.formats.statements import NMI, IntervalDay

__all__ = ["ENCODINGS", "FIELDS", "NAME", "RECORDS", "STRICT", "SUBJECT", "is_complete", "parse", "recognizes"]

NAME = "NEM12"
ENCODINGS = ("utf-8", "cp1252")
STRICT: frozenset[str] = STRICT_OF_BOTH | {"unusual-interval-length", "date-not-increasing"}
SUBJECT = None
RECORDS = {
    "200": About.INTERVAL_DAY_BELOW,
    "300": About.INTERVAL_DAY,
    "400": About.INTERVAL_DAY,
    "500": About.INTERVAL_DAY,
}

recognizes = recognizer(NAME, "200")

#: The values of a 200 that cannot be read.
_NOTHING: tuple[Any, ...] = ("", "", "", "", "", "", "", 0, None)


def parse(stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
    """Read a NEM12 from the start of the stream."""
    stamps = Stamps(context.nem_time)
    return MeterDataFile(NAME, IntervalData(stamps), stamps).batches(stream, context)


class IntervalData(Records):
    """The records of a NEM12. A 300 is open until the next 300 or 200, for the 400s and 500s that belong to it."""

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
        self.qualities = Memo(quality("AEFNSV"))
        self.event_qualities = Memo(quality("AEFNS"))
        self.date = stamps.date(ERROR, empty=ERROR)
        self.date_time = stamps.date_time(WARNING, empty="")
        #: What is open: the channel, whether it has days, and the last of their dates.
        self.channel: Channel | None = None
        self.has_days = False
        self.last_date = ""
        #: The line of its last day, 0 where none is open, and that day, None where it cannot be used.
        self.day_line = 0
        self.day: IntervalDay | None = None
        #: Its quality varies. None: not known.
        self.varies: bool | None = None
        self.events: list[Event] = []
        self.last_interval = 0
        self.transactions: list[tuple[str, ...]] = []

    def close(self) -> None:
        """Finish the last day and its channel."""
        self._close_day()
        if self.channel and not self.has_days:
            message = "has no 300 under it: it says nothing of any day"
            self.report(ERROR, "200", "no-interval-day", self.channel.line, message)
        self.channel, self.broken_line = None, 0

    def read_channel(self, number: int, texts: list[str]) -> None:
        """Read a 200: the channel of the days that follow."""
        self.close()
        self.opened += 1
        self.has_days, self.last_date = False, ""
        values, is_usable = self.read(number, texts, self.channel_fields, 9) or (list(_NOTHING), False)
        nmi, configuration, register_id, suffix, stream, serial_number, unit, length, next_read = values
        if configuration and suffix and not kinds.holds(configuration, suffix):
            message = f"is not one of the suffixes in NMIConfiguration {configuration[:40]}"
            self.report(WARNING, "200", "suffix-not-in-configuration", number, message, "NMISuffix", suffix)
        register = (NMI, nmi, serial_number, register_id, suffix)
        count = 1440 // length if length else 0
        said = (configuration, stream, next_read)
        self.channel = Channel(number, is_usable, register, unit, length, count, *said)

    def read_day(self, number: int, texts: list[str]) -> None:
        """Read a 300: a day of the open channel."""
        if self.day_line:
            self._close_day()
        self.day_line, self.broken_line = number, 0
        self.has_days = True
        channel = self.channel
        if channel is None:
            self.opened += 1
            return self.orphan("300", number, "200")
        fitting = self._fit_day(number, texts, channel) if channel.intervals else None
        if fitting:
            self._open_day(number, fitting, channel)

    def _fit_day(self, number: int, texts: list[str], channel: Channel) -> list[str] | None:
        """Return the fields of a 300 whose quality stands where the interval length wants it."""
        place = channel.intervals + 2
        has_quality = len(texts) > place and QUALITY_METHOD.fullmatch(texts[place]) is not None
        found = 0 if has_quality else place_of_quality(texts)
        if found:
            message = f"has {found - 2} values before its quality method, expected {channel.intervals}"
            message += f" by the IntervalLength {channel.interval_length} of its 200"
            self.report(ERROR, "300", "wrong-interval-count", number, message, value=",".join(texts))
            return None
        if not has_quality and (len(texts) < place + 4 or not kinds.is_number(texts[place - 1])):
            message = f"has no quality method behind {channel.intervals} values: was it broken over several lines?"
            self.report(ERROR, "300", "broken-record", number, message, value=",".join(texts))
            self.broken_line = number
            return None
        return texts if len(texts) == place + 5 else self.fit(number, texts, place + 5, place + 4)

    def _open_day(self, number: int, texts: list[str], channel: Channel) -> None:
        values, tail = texts[2 : channel.intervals + 2], texts[channel.intervals + 2 :]
        quality_method, reason, description, updated, loaded = tail
        joined = ",".join(values)
        said = self.qualities[",".join(tail[:3])]
        date, date_faults = self.date(texts[1])
        updated_at, updated_faults = self.date_time(updated)
        loaded_at, loaded_faults = self.date_time(loaded)
        faults = [*value_faults(joined, values, channel.unit), *said.faults]
        if date_faults or updated_faults or loaded_faults:
            faults += [("IntervalDate", texts[1], fault) for fault in date_faults]
            faults += [("UpdateDateTime", updated, fault) for fault in updated_faults]
            faults += [("MSATSLoadDateTime", loaded, fault) for fault in loaded_faults]
        has_error = bool(faults) and self.report_all("300", number, faults)
        self.varies = said.flag == VARIES if said.flag else None
        if date:
            self._compare_dates(number, date, texts[1])
        if date and channel.is_usable and not has_error:
            self.day = IntervalDay(
                number,
                channel.register,
                date,
                channel.interval_length,
                joined,
                "0" if said.flag == NULL_DATA else self.amounts.total(values),
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
            message = f"is not later than {self.last_date}, the day before it under the same 200"
            self.report(WARNING, "300", "date-not-increasing", number, message, "IntervalDate", sent)
        self.last_date = date

    def read_event(self, number: int, texts: list[str]) -> None:
        """Read a 400: the quality of some intervals of the open day."""
        if not self.day_line:
            return self.orphan("400", number, "300")
        if self.transactions:
            message = "stands behind a 500; the events of a day come before its B2B details"
            self.report(ERROR, "400", "out-of-order", number, message)
        read = self.read(number, texts, EVENT_FIELDS, 5)
        if read is None:
            self.day = self.varies = None
            return
        (first, last, quality_method, reason, description), is_usable = read
        faults: list[tuple[str, Any, Fault]] = []
        faults += self.event_qualities[f"{quality_method},{reason},{description}"].faults
        if is_usable and self.channel and self.channel.intervals:
            count = self.channel.intervals
            faults += event_faults(first, last, self.last_interval, count, varies=bool(self.varies))
            self.last_interval = max(self.last_interval, last)
        if self.varies is False:
            message = "stands under a day whose quality is not V; it is taken for its intervals"
            self.report(WARNING, "400", "needless-event", number, message)
            self.varies = None  # Once is enough.
        if not is_usable:
            self.varies = None  # Nobody knows which intervals it is about.
        if self.report_all("400", number, faults) or not is_usable:
            self.day = None
        elif self.day:
            self.events.append((first, last, quality_method, reason, description))

    def read_transaction(self, number: int, texts: list[str]) -> None:
        """Read a 500: why the meter was read on the open day."""
        if not self.day_line:
            return self.orphan("500", number, "300")
        read = self.read(number, texts, self.transaction_fields, 4)
        if read:
            self.transactions.append(tuple(read[0]))

    def _close_day(self) -> None:
        if self.varies or self.last_interval or self.transactions:
            self._close_varying_day()
        if self.day:
            self.batch.interval_days.append(self.day)
        self.day, self.day_line, self.varies = None, 0, None

    def _close_varying_day(self) -> None:
        """Put the 400s and 500s of a day to it."""
        if self.varies and self.channel and self.last_interval < self.channel.intervals:
            what = "gap-in-events" if self.last_interval else "no-events"
            message = (
                f"is V, and no 400 says the quality of intervals {self.last_interval + 1} to {self.channel.intervals}"
            )
            self.report(ERROR, "300", what, self.day_line, message, "QualityMethod", VARIES)
            self.day = None
        elif self.day:
            values = self.day.values.split(",")
            kept = without_null_data(values, self.day.quality_method, self.events)
            total = self.day.total if not self.events else self.amounts.total(kept)
            events, transactions = tuple(self.events), tuple(self.transactions)
            self.day = self.day._replace(total=total, events=events, transactions=transactions)
        self.events, self.transactions, self.last_interval = [], [], 0
