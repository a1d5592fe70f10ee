"""NEM13 «Accumulation meter data»: register reads by NMI, and the quantity between each two of them.

Document    AEMO, Meter Data File Format Specification NEM12 & NEM13, version 2.5 (1 May 2022).
Records     100 Header, 250 Accumulation Meter Data (550 B2B Details), 900 End. Each 250 gives two readings of its
            register, the previous and the current one, and the quantity between them.
Time zone   Not stated: NEM time, UTC+10 all year, unless the setting NEM_UTC_OFFSET overrides it.
Units       The unit of each 250 applies to its quantity. A read is the number on the dial, without its multiplier.
Not read    The quantity is not compared with the difference of the reads: rollovers, multipliers and demand registers
            make it differ.
Severities  An error makes a record unusable and rejects the file; a deviation whose meaning is certain is a warning.
            Files of any age arrive: an unknown code is kept as sent. A file without its last 900 is incomplete.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple

from readings.formats.contract import WARNING, Batch, ParseContext, without_counts
from readings.formats.fields import Memo
from readings.formats.mdff.catalogue import fields as kinds
from readings.formats.mdff.catalogue import nmi
from readings.formats.mdff.catalogue.quality import Quality, quality
from readings.formats.mdff.dates import Stamps
from readings.formats.mdff.envelope import is_complete as is_complete
from readings.formats.mdff.envelope import recognizer
from readings.formats.mdff.file import MeterDataFile
from readings.formats.mdff.headers import header_in as header_in
from readings.formats.mdff.items import ACCUMULATION_TRANSACTION_FIELDS, NEM13_FIELDS, accumulation_fields
from readings.formats.mdff.records import STRICT as STRICT_OF_BOTH
from readings.formats.mdff.records import Records, blocks_of
from readings.formats.statements import NMI, Accumulation, RegisterKey, RegisterReading

NAME = "NEM13"
SCHEME = NMI
ENCODINGS = ("utf-8", "cp1252")
STRICT: frozenset[str] = STRICT_OF_BOTH | {"reads-out-of-order", "estimated-previous-read"}
FIELDS = NEM13_FIELDS
SUBJECT = None

recognizes = recognizer(NAME, "250")
meter_point_of = blocks_of("250")
recounted = without_counts

#: Quality flags of a read; V applies to days only.
FLAGS = "AEFNS"


def parse(stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
    """Yield a NEM13 from the start of the stream."""
    stamps = Stamps(context.nem_time)
    return MeterDataFile(NAME, AccumulationData(stamps), stamps).batches(stream, context)


class Common(NamedTuple):
    """Fields that many 250s have in common."""

    unit: str
    #: Date `yyyy-mm-dd`, or None.
    next_scheduled_read_date: str | None


class End(NamedTuple):
    """One end of a 250: a register read, its time and its quality."""

    value: str
    read_at: datetime
    flag: str
    method: str
    reason_code: str
    faults: tuple[Any, ...] = ()

    def as_reading(
        self, line: int, register: RegisterKey, as_sent: str, description: str, updated_at: datetime | None
    ) -> RegisterReading:
        """Return this end as a reading."""
        quality = (None, None, self.flag, self.method, self.reason_code, "")
        return RegisterReading(
            line, register, self.read_at, "", self.value, "", "", *quality, as_sent, description, updated_at
        )


class AccumulationData(Records):
    """Reader of the records of a NEM13. A 250 is open for its 550s until the next 250."""

    def __init__(self, stamps: Stamps) -> None:
        super().__init__()
        self.readers = {"250": self.read_accumulation, "550": self.read_transaction}
        self.fields = accumulation_fields(stamps)
        self.instant = stamps.instant
        #: Values of the fields that many 250s have in common, by text; None if any of them has a fault.
        self.commons = Memo(self._plain_commons)
        self.previous_qualities = Memo(quality(FLAGS, "Previous"))
        self.current_qualities = Memo(quality(FLAGS, "Current"))
        #: Qualities of both ends of a 250, by text; None if any of them has a fault.
        self.both_qualities = Memo(self._plain_qualities)
        #: Line of the open 250, 0 if none is open, and its statements, None if it is unusable.
        self.open_line = 0
        self.open: Accumulation | None = None
        self.previous: RegisterReading | None = None
        self.current: RegisterReading | None = None
        self.transactions: list[tuple[str, ...]] = []

    def close(self) -> None:
        """Add the open 250 to the batch."""
        if self.open and self.previous and self.current:
            if self.transactions:
                self.open = self.open._replace(transactions=tuple(self.transactions))
            self.batch.accumulations.append(self.open)
            self.batch.readings += (self.previous, self.current)
        self.open, self.open_line, self.transactions, self.opening = None, 0, [], ()

    def read_accumulation(self, number: int, texts: list[str]) -> None:
        """Read a 250."""
        if self.open_line:
            self.close()
        self.open_line, self.opening = number, texts
        self.opened += 1
        if len(texts) != 23 or not self._open_plain(number, texts):
            self._open_slowly(number, texts)

    def _open_plain(self, line: int, texts: list[str]) -> bool:
        """Open a 250 without faults (fast path); return False if it must be read field by field."""
        instant = self.instant
        common = self.commons[",".join((*texts[2:6], texts[7], *texts[19:21]))]
        qualities = self.both_qualities[",".join((*texts[10:13], *texts[15:18]))]
        previous, current = kinds.plain_register_read(texts[8]), kinds.plain_register_read(texts[13])
        if not (common and qualities and previous and current and nmi.NMI.fullmatch(texts[1])):
            return False
        previous_at, current_at, updated_at = instant(texts[9]), instant(texts[14]), instant(texts[21])
        loaded_at = instant(texts[22]) if texts[22] else None
        if not (previous_at and current_at and updated_at and (loaded_at or not texts[22])):
            return False
        is_usual = (
            previous_at <= current_at and 0 < len(texts[6]) <= 12 and not kinds.number(texts[18], common.unit)[1]
        )
        if is_usual:
            before, now = End(previous, previous_at, *qualities[0]), End(current, current_at, *qualities[1])
            self._open(line, texts, before, now, common, updated_at, loaded_at)
        return is_usual

    def _plain_commons(self, text: str) -> Common | None:
        places = (1, 2, 3, 4, 6, 18, 19)
        configuration, _, suffix, *_ = sent = text.split(",")
        results = [self.fields[place].read(one) for place, one in zip(places, sent, strict=True)]
        if any(faults for _, faults in results) or not kinds.holds(configuration, suffix):
            return None
        (unit, _), (next_date, _) = results[-2:]
        return Common(unit, next_date)

    def _plain_qualities(self, text: str) -> tuple[Quality, Quality] | None:
        sent = text.split(",")
        before, now = self.previous_qualities[",".join(sent[:3])], self.current_qualities[",".join(sent[3:])]
        return None if before.faults or now.faults or before.flag == "E" else (before, now)

    def _open_slowly(self, number: int, texts: list[str]) -> None:
        read = self.read(number, texts, self.fields, 22)
        if read is None:
            return
        values, usable = read
        before, now = self.previous_qualities[",".join(values[9:12])], self.current_qualities[",".join(values[14:17])]
        faults = before.faults + now.faults
        faults += tuple(("Quantity", values[17], fault) for fault in kinds.number(values[17], values[18])[1])
        if not self.report_all("250", number, faults) and usable:
            self._warn(number, values, before)
            (previous, _), previous_at, (current, _), current_at = values[7], values[8], values[12], values[13]
            unit, next_date, updated_at, loaded_at = values[18:]
            self._open(
                number,
                [texts[0], values[0], *texts[2:23]],
                End(previous, previous_at, *before),
                End(current, current_at, *now),
                Common(unit, next_date),
                updated_at,
                loaded_at,
            )

    def _open(
        self,
        line: int,
        texts: list[str],
        previous: End,
        current: End,
        common: Common,
        updated_at: datetime | None,
        loaded_at: datetime | None,
    ) -> None:
        register = (NMI, texts[1], texts[6], texts[3], texts[4])
        self.open = Accumulation(
            line=line,
            register=register,
            direction=texts[7],
            previous_read=texts[8],
            previous_read_at=previous.read_at,
            previous_quality_method=texts[10],
            previous_reason_code=texts[11],
            previous_reason_description=texts[12],
            current_read=texts[13],
            current_read_at=current.read_at,
            current_quality_method=texts[15],
            current_reason_code=texts[16],
            current_reason_description=texts[17],
            quantity=texts[18],
            unit=common.unit,
            nmi_configuration=texts[2],
            mdm_data_stream=texts[5],
            next_scheduled_read_date=common.next_scheduled_read_date,
            updated_at=updated_at,
            msats_load_at=loaded_at,
        )
        self.previous = previous.as_reading(line, register, texts[8], texts[12], updated_at)
        self.current = current.as_reading(line, register, texts[13], texts[17], updated_at)

    def _warn(self, line: int, values: list[Any], before: Quality) -> None:
        """Record contradictions between fields that are each usable."""
        configuration, suffix, previous_at, current_at = values[1], values[3], values[8], values[13]
        if configuration and not kinds.holds(configuration, suffix):
            message = f"is not in NMIConfiguration {configuration[:40]}; kept as sent"
            self.report(WARNING, "250", "suffix-not-in-configuration", line, message, "NMISuffix", suffix)
        if previous_at > current_at:
            message = "is later than CurrentRegisterReadDateTime; kept as sent"
            field = "PreviousRegisterReadDateTime"
            self.report(WARNING, "250", "reads-out-of-order", line, message, field, f"{previous_at:%Y%m%d%H%M%S}")
        if before.flag == "E":
            message = "marks an estimate, which a previous read must not be; kept as sent"
            self.report(WARNING, "250", "estimated-previous-read", line, message, "PreviousQualityMethod", values[9])

    def read_transaction(self, number: int, texts: list[str]) -> None:
        """Read a 550, the B2B details of the open 250."""
        if not self.open_line:
            return self.orphan("550", number, "250")
        read = self.read(number, texts, ACCUMULATION_TRANSACTION_FIELDS, 4)
        if read:
            self.transactions.append(tuple(read[0]))
