"""Runs of plain readings: most lines of a file need no closer look."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from readings.formats.dtc.catalogue import items
from readings.formats.dtc.catalogue.mpan import is_plain_mpan_core
from readings.formats.dtc.group_reader import GroupReader
from readings.formats.dtc.groups import ReadingGroups, Tail
from readings.formats.fields import Memo
from readings.formats.statements import MPAN, Moment, RegisterReading

#: Constructor of a reading that skips the `__new__` of named tuples: takes half the time, for each reading.
new_reading: Final = partial(tuple.__new__, RegisterReading)
_read_value: Final = items.REGISTER_READING.kind

#: A reading, with the new meter and the new meter point before it, if there are any. The ends of the lines are often
#: repeated, so they are looked up as a whole.
_PLAIN: Final = (
    r"(?:(?:{meter_point}\|([0-9]{{13}})\|([^\n]*)\n)?"
    r"{meter}\|([^|\n ](?:[^|\n]{{0,8}}[^|\n ])?)\|([^\n]*)\n)?"
    r"{reading}\|([^|\n]*)\|([0-9]{{14}})\|([0-9]{{1,8}}(?:\.[0-9])?)\|([^\n]*)\n"
)


class PlainReadings(GroupReader):
    """Reader of readings that follow one another without a fault, and without other groups between them.

    The subclass reads all other lines, one by one. Both leave the same state behind.
    """

    def __init__(self, groups: ReadingGroups) -> None:
        super().__init__()
        self.groups = groups
        codes = {name: getattr(groups, name).code for name in ("meter_point", "meter", "reading")}
        self.plain = re.compile(_PLAIN.format(**codes))
        self.scheme = MPAN
        #: Day on which the file was created, if the header states it.
        self.created_on = "99999999"
        #: Whether a half-hourly data collector is the sender; or a meter operator, to supplier or distributor.
        self.is_of_hhdc = self.is_of_mop = False
        #: Values of plain texts; nothing for a text that needs a closer look.
        self.statuses = Memo(self._status)
        self.reading_types = Memo(self._reading_type)
        self.register_ids = Memo(_register_id)
        self.moments = Memo(self._moment)
        self.tails = Memo(self._tail)
        #: Lines of the open block, meter and reading (0 if none is open), and their values.
        self.block_line = self.meter_line = self.reading_line = self.suspect_line = 0
        self.status = self.serial_number = self.reading_type = ""
        self.meter_has_reading = self.is_validated = self.is_visited = False

    def read_plain(self, text: str, position: int, number: int) -> tuple[int, int]:
        """Read the readings from a position on that need no closer look."""
        if not (self.block_line and self.meter_line and self.meter_has_reading) or self.suspect_line:
            return position, number
        match, tails, moments, register_ids = self.plain.match, self.tails, self.moments, self.register_ids
        scheme, add = self.scheme, self.batch.readings.append
        while found := match(text, position):
            identifier, block_end, serial_number, meter_end, register_id, time, sent, end = found.groups()
            moment, register_id, tail = moments[time], register_ids[register_id], tails[end]
            if not (moment and register_id and tail):
                break
            if serial_number:
                if not self._opens(identifier, block_end, meter_end):
                    break
                number += 2 if identifier else 1
                self.block_line, self.meter_line = number - 1 if identifier else self.block_line, number
                self.serial_number = serial_number
            number += 1
            read_at, as_sent = moment
            value = sent if sent[0] != "0" else _read_value(sent)[0]
            register = scheme, self.identifier, self.serial_number, register_id, ""
            key = number, register, read_at, as_sent, value, self.reading_type, self.status
            reading = new_reading(key + tail)
            add(reading if value == sent else reading._replace(register_read=sent))
            position, self.reading_line, self.is_validated, self.is_visited = found.end(), number, False, False
        return position, number

    def _opens(self, identifier: str | None, block_end: str, meter_end: str) -> bool:
        """Open a meter, at a new meter point if there is an identifier; return False if it needs a closer look."""
        reading_type = self.reading_types[meter_end]
        if identifier is None:
            self.reading_type = reading_type or self.reading_type
            return bool(reading_type)
        status = self.statuses[block_end]
        if not (reading_type and status and is_plain_mpan_core(identifier)):
            return False
        self.identifier, self.status, self.reading_type = identifier, status, reading_type
        self.flow_count += 1
        return True

    def _status(self, end: str) -> str:
        values = self.groups.meter_point.read_faultless_end(1, end)
        return values[0] if values else ""

    def _reading_type(self, end: str) -> str:
        """Return the reading type at the end of a line; empty if its sender does not send it on this route."""
        values = self.groups.meter.read_faultless_end(1, end)
        return values[0] if values and not (self.is_of_mop and values[0] not in ("F", "I")) else ""

    def _moment(self, time: str) -> Moment | None:
        """Return a moment that a sender of this kind may state in a file of this day."""
        moment, faults = items.READING_DATE_TIME.read(time)
        is_odd = bool(faults) or time[:8] > self.created_on or (self.is_of_hhdc and time.endswith("000000"))
        return None if is_odd else moment

    def _tail(self, end: str) -> Tail | None:
        """Return the fields after the value, unless the reading is suspect: the next line has the reason."""
        tail = self.groups.read_faultless_tail(end)
        return tail if tail and tail[2] != "F" else None


def _register_id(text: str) -> str:
    register_id, faults = items.REGISTER_ID.read(text)
    return "" if faults else register_id
