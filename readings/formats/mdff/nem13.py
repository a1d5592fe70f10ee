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

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final

from readings.formats.contract import WARNING, Batch, ParseContext, without_counts
from readings.formats.mdff.accumulations import CommonFields, End, Rest, as_reading, match_plain
from readings.formats.mdff.catalogue import fields as kinds
from readings.formats.mdff.catalogue.codes import DECIMALS
from readings.formats.mdff.catalogue.quality import Quality
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

#: Constructor of a named tuple that skips its own `__new__`: takes half the time, for each record.
_new: Final = tuple.__new__


def parse(stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
    """Yield a NEM13 from the start of the stream."""
    stamps = Stamps(context.nem_time)
    return MeterDataFile(NAME, AccumulationData(stamps), stamps).batches(stream, context)


class AccumulationData(Records):
    """Reader of the records of a NEM13. A 250 is open for its 550s until the next 250."""

    def __init__(self, stamps: Stamps) -> None:
        super().__init__()
        self.readers = {"250": self.read_accumulation, "550": self.read_transaction}
        self.fields = accumulation_fields(stamps)
        self.common = CommonFields(self.fields, stamps)
        #: Line of the open 250, 0 if none is open, and its statements, None if it is unusable.
        self.open_line = 0
        self.open: Accumulation | None = None
        self.reads: tuple[RegisterReading, ...] = ()
        self.transactions: list[tuple[str, ...]] = []

    def close(self) -> None:
        """Add the open 250 to the batch."""
        if self.open:
            if self.transactions:
                self.open = self.open._replace(transactions=tuple(self.transactions))
            self.batch.accumulations.append(self.open)
            self.batch.readings += self.reads
        self.open, self.open_line, self.transactions, self.opening = None, 0, [], ()

    def read_accumulation(self, number: int, texts: list[str]) -> None:
        """Read a 250."""
        if not self.read_plain(number, ",".join(texts)):  # Without outer blanks and quotes now.
            self._begin(number, texts)
            self._open_slowly(number, texts)

    def _begin(self, number: int, opening: Sequence[str]) -> None:
        if self.open_line:
            self.close()
        self.open_line, self.opening = number, opening
        self.opened += 1

    def read_plain(self, number: int, line: str) -> bool:
        """Read a 250 without faults (fast path); return False if it must be read field by field."""
        match = match_plain(line)
        if not match:
            return False
        groups = match.groups()
        nmi, of_stream, serial_number, direction = groups[:4]
        previous_read, previous_value, previous_time, previous_quality = groups[4:8]
        current_read, current_value, current_time, current_quality = groups[8:12]
        quantity, decimals, of_rest = groups[12:]
        common = self.common
        stream, rest = common.streams[of_stream], common.rests[of_rest]
        before, now = common.previous_endings[previous_quality], common.current_endings[current_quality]
        previous_at, current_at = common.instants[previous_time], common.instants[current_time]
        if not (stream and rest and before and now and previous_at and current_at and previous_at <= current_at):
            return False
        if decimals and len(decimals) > DECIMALS[rest[0]]:
            return False
        self._begin(number, ("250", nmi))
        configuration, register_id, suffix, data_stream = stream
        register = NMI, nmi, serial_number, register_id, suffix
        previous = previous_read, previous_value, previous_at, *before
        current = current_read, current_value, current_at, *now
        self._open(number, register, direction, previous, current, quantity, configuration, data_stream, rest)
        return True

    def _open_slowly(self, number: int, texts: list[str]) -> None:
        read = self.read(number, texts, self.fields, 22)
        if read is None:
            return
        values, usable = read
        of_previous, of_current = values[9:12], values[14:17]
        before = self.common.previous_qualities[",".join(of_previous)]
        now = self.common.current_qualities[",".join(of_current)]
        faults = before.faults + now.faults
        faults += tuple(("Quantity", values[17], fault) for fault in kinds.number(values[17], values[18])[1])
        if not self.report_all("250", number, faults) and usable:
            self._warn(number, values, before)
            register = NMI, values[0], texts[6], texts[3], texts[4]
            previous = texts[8], values[7][0], values[8], (texts[10], texts[11], texts[12]), before[:3]
            current = texts[13], values[12][0], values[13], (texts[15], texts[16], texts[17]), now[:3]
            rest = Rest(*values[18:])
            self._open(number, register, texts[7], previous, current, texts[18], texts[2], texts[5], rest)

    def _open(
        self,
        line: int,
        register: RegisterKey,
        direction: str,
        previous: End,
        current: End,
        quantity: str,
        configuration: str,
        stream: str,
        rest: Rest,
    ) -> None:
        previous_read, _, previous_at, previous_quality, _ = previous
        current_read, _, current_at, current_quality, _ = current
        unit, *rest_of_line = rest
        updated_at = rest.updated_at
        before = line, register, direction, previous_read, previous_at, *previous_quality
        between = current_read, current_at, *current_quality, quantity, unit, configuration, stream
        self.open = _new(Accumulation, (*before, *between, *rest_of_line, ()))
        self.reads = as_reading(line, register, previous, updated_at), as_reading(line, register, current, updated_at)

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
