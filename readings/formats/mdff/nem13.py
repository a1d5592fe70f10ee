"""NEM13 «Accumulation meter data»: register reads by NMI, and what was used between two of them.

Document    AEMO, Meter Data File Format Specification NEM12 & NEM13, version 2.5 (1 May 2022).
Records     100 Header, 250 Accumulation Meter Data (550 B2B Details), 900 End. Each 250 gives two readings of its
            register, the previous and the current, and the amount between them.
Time zone   None is stated: NEM time by custom, UTC+10 all year; the setting NEM_UTC_OFFSET says otherwise.
Units       The unit of each 250 is that of its amount. A read is what the dial shows, without its multiplier.
Not read    Whether the amount equals the difference of the reads: rollovers, multipliers and demand registers differ.
Severities  What makes a record unusable is an error and rejects the file; what is odd but certain in meaning is a
            warning. Files of every age arrive: a code that is not known is kept as sent. A file without its last
            900 is taken for cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from readings.formats.contract import NMI, WARNING, Accumulation, Batch, Circumstances, RegisterReading
from readings.formats.fields import Memo
from readings.formats.mdff.catalogue import fields as kinds
from readings.formats.mdff.catalogue import nmi
from readings.formats.mdff.catalogue.quality import Quality, quality
from readings.formats.mdff.dates import Stamps
from readings.formats.mdff.envelope import is_complete, recognizer
from readings.formats.mdff.file import MeterDataFile
from readings.formats.mdff.items import ACCUMULATION_TRANSACTION_FIELDS, accumulation_fields
from readings.formats.mdff.records import STRICT as STRICT_OF_BOTH
from readings.formats.mdff.records import Records

__all__ = ["ENCODINGS", "NAME", "STRICT", "SUBJECT", "is_complete", "parse", "recognizes"]

NAME = "NEM13"
ENCODINGS = ("utf-8", "cp1252")
STRICT: frozenset[str] = STRICT_OF_BOTH | {"reads-out-of-order", "estimated-previous-read"}
SUBJECT = None

recognizes = recognizer(NAME, "250")

#: Flags of a read: not V, which is of days.
FLAGS = "AEFNS"


def parse(stream: BinaryIO, circumstances: Circumstances) -> Iterator[Batch]:
    """Read a NEM13 from the start of the stream."""
    stamps = Stamps(circumstances.nem_time)
    return MeterDataFile(NAME, AccumulationData(stamps), stamps).batches(stream, circumstances)


class AccumulationData(Records):
    """The records of a NEM13. A 250 is open until the next, for the 550s that belong to it."""

    def __init__(self, stamps: Stamps) -> None:
        super().__init__()
        self.readers = {"250": self.read_accumulation, "550": self.read_transaction}
        self.fields = accumulation_fields(stamps)
        self.instant = stamps.instant
        #: What the fields say that many 250s have in common, None where any of it is odd.
        self.commons = Memo(self._plain_commons)
        self.previous_qualities = Memo(quality(FLAGS, "Previous"))
        self.current_qualities = Memo(quality(FLAGS, "Current"))
        #: What the two qualities of a 250 say, None where any of it is odd.
        self.both_qualities = Memo(self._plain_qualities)
        #: Line of the open 250, 0 where none is; and what it says, None where it cannot be used.
        self.open_line = 0
        self.open: Accumulation | None = None
        self.previous: RegisterReading | None = None
        self.current: RegisterReading | None = None
        self.transactions: list[tuple[str, ...]] = []

    def close(self) -> None:
        """Hand over the open 250."""
        if self.open and self.previous and self.current:
            if self.transactions:
                self.open = self.open._replace(transactions=tuple(self.transactions))
            self.batch.accumulations.append(self.open)
            self.batch.readings += (self.previous, self.current)
        self.open, self.open_line, self.transactions = None, 0, []

    def read_accumulation(self, number: int, texts: list[str]) -> None:
        """Read a 250."""
        if self.open_line:
            self.close()
        self.open_line = number
        self.opened += 1
        if len(texts) != 23 or not self._open_plain(number, texts):
            self._open_odd(number, texts)

    def _open_plain(self, line: int, texts: list[str]) -> bool:
        """Open a 250 in which all is as usual; tell whether it is, or has to be read field by field."""
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
        unit, next_date = common
        if previous_at > current_at or not 0 < len(texts[6]) <= 12 or kinds.number(texts[18], unit)[1]:
            return False
        self._open(
            line,
            texts,
            previous,
            previous_at,
            current,
            current_at,
            *qualities,
            unit,
            next_date,
            updated_at,
            loaded_at,
        )
        return True

    def _plain_commons(self, text: str) -> tuple[str, str | None] | None:
        places = (1, 2, 3, 4, 6, 18, 19)
        sent = text.split(",")
        found = [self.fields[place].read(one) for place, one in zip(places, sent, strict=True)]
        if any(faults for _, faults in found) or not kinds.holds(sent[0], sent[2]):
            return None
        return found[5][0], found[6][0]

    def _plain_qualities(self, text: str) -> tuple[Quality, Quality] | None:
        sent = text.split(",")
        before, now = self.previous_qualities[",".join(sent[:3])], self.current_qualities[",".join(sent[3:])]
        return None if before.faults or now.faults or before.flag == "E" else (before, now)

    def _open_odd(self, number: int, texts: list[str]) -> None:
        read = self.read(number, texts, self.fields, 22)
        if read is None:
            return
        values, usable = read
        before, now = self.previous_qualities[",".join(values[9:12])], self.current_qualities[",".join(values[14:17])]
        faults = before.faults + now.faults
        faults += tuple(("Quantity", values[17], fault) for fault in kinds.number(values[17], values[18])[1])
        if not self.report_all("250", number, faults) and usable:
            self._doubt(number, values, before)
            (previous, _), previous_at, (current, _), current_at = values[7], values[8], values[12], values[13]
            sent = [texts[0], values[0], *texts[2:23]]
            self._open(number, sent, previous, previous_at, current, current_at, before, now, *values[18:])

    def _open(
        self,
        line: int,
        texts: list[str],
        previous: str,
        previous_at: datetime,
        current: str,
        current_at: datetime,
        before: Quality,
        now: Quality,
        unit: str,
        next_date: str | None,
        updated_at: datetime | None,
        loaded_at: datetime | None,
    ) -> None:
        register = (NMI, texts[1], texts[6], texts[3], texts[4])
        self.open = Accumulation(
            line,
            register,
            texts[7],
            texts[8],
            previous_at,
            texts[10],
            texts[11],
            texts[12],
            texts[13],
            current_at,
            texts[15],
            texts[16],
            texts[17],
            texts[18],
            unit,
            texts[2],
            texts[5],
            next_date,
            updated_at,
            loaded_at,
        )
        stated = (texts[8], texts[12], updated_at)
        self.previous = (line, register, (previous_at, ""), previous, "", "", before.details, before.result, stated)
        stated = (texts[13], texts[17], updated_at)
        self.current = (line, register, (current_at, ""), current, "", "", now.details, now.result, stated)

    def _doubt(self, line: int, values: list[Any], before: Quality) -> None:
        """Note what is odd between fields that can each be used."""
        configuration, suffix, previous_at, current_at = values[1], values[3], values[8], values[13]
        if configuration and not kinds.holds(configuration, suffix):
            message = f"is not one of the suffixes in NMIConfiguration {configuration[:40]}"
            self.report(WARNING, "250", "suffix-not-in-configuration", line, message, "NMISuffix", suffix)
        if previous_at > current_at:
            message = "is later than the current read; kept as sent"
            field = "PreviousRegisterReadDateTime"
            self.report(WARNING, "250", "reads-out-of-order", line, message, field, f"{previous_at:%Y%m%d%H%M%S}")
        if before.flag == "E":
            message = "is an estimate, which the previous read may not be; kept as sent"
            self.report(WARNING, "250", "estimated-previous-read", line, message, "PreviousQualityMethod", values[9])

    def read_transaction(self, number: int, texts: list[str]) -> None:
        """Read a 550: why the reads of the open 250 were taken."""
        if not self.open_line:
            return self.orphan("550", number, "250")
        read = self.read(number, texts, ACCUMULATION_TRANSACTION_FIELDS, 4)
        if read:
            self.transactions.append(tuple(read[0]))
