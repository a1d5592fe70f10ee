"""Register readings of a meter point, line by line. Group numbers in comments are those of the D0010."""

from __future__ import annotations

from functools import partial
from typing import Final

from readings.formats.contract import ERROR, WARNING
from readings.formats.dtc.catalogue import items
from readings.formats.dtc.catalogue.clock import NO_MOMENT, british_day
from readings.formats.dtc.catalogue.codes import DISTRIBUTORS
from readings.formats.dtc.catalogue.mpan import is_plain_mpan_core
from readings.formats.dtc.group_reader import GroupReader
from readings.formats.dtc.groups import NOT_VALIDATED, ReadingGroups, Tail
from readings.formats.dtc.records import Record
from readings.formats.fields import Memo
from readings.formats.statements import MPAN, TEST_MPAN, Header, MeterPointDetails, Moment, RegisterReading, SiteVisit

read_value = items.REGISTER_READING.kind

#: Constructor of a named tuple that skips its own `__new__`: takes half the time, for each reading.
_new: Final = tuple.__new__


class MeterReadings(GroupReader):
    """Reader of the groups of a D0010. The next line may belong to the open block, meter or reading."""

    def __init__(self, groups: ReadingGroups) -> None:
        super().__init__()
        self.groups = groups
        readers = (
            (groups.meter_point, self.read_meter_point),
            (groups.visit_of_meter_point, self.read_visit_of_meter_point),
            (groups.meter, self.read_meter),
            (groups.visit_of_meter, self.read_visit_of_meter),
            (groups.reading, self.read_reading),
            (groups.validation_result, self.read_validation_result),
            (groups.visit_of_reading, self.read_visit_of_reading),
        )
        self.readers = {f"{record.code}|": reader for record, reader in readers}
        self.scheme = MPAN
        #: Day on which the file was created, if the header states it.
        self.created_on = "99999999"
        #: Whether a half-hourly data collector is the sender; or a meter operator, to supplier or distributor.
        self.is_of_hhdc = self.is_of_mop = False
        #: Values of the ends of lines, by text; None if any field has a fault.
        self.block_tails = Memo(partial(groups.meter_point.read_faultless_end, 1))
        self.meter_tails = Memo(partial(groups.meter.read_faultless_end, 1))
        self.reading_tails = Memo(groups.read_faultless_tail)
        self.register_ids = Memo(items.REGISTER_ID.read)
        self.moments = Memo(items.READING_DATE_TIME.read)
        #: Lines of the open block, meter and reading (0 if none is open), and their values.
        self.block_line = self.meter_line = self.reading_line = self.suspect_line = 0
        self.status = self.serial_number = self.reading_type = ""
        self.meter_has_reading = self.is_validated = self.is_visited = False

    def begin(self, header: Header) -> None:
        """Prepare to read the groups after this header."""
        self.scheme = TEST_MPAN if header.is_test else MPAN
        if header.created_at:
            self.created_on = british_day(header.created_at)
        self.is_of_hhdc = header.sender_role == "C"
        self.is_of_mop = header.sender_role == "M" and header.recipient_role in ("R", "X")

    def close(self) -> None:
        """Finish the last block."""
        self._close_meter()
        if self.block_line and not self.meter_line:
            self.report(
                ERROR,
                self.groups.meter_point,
                "no-meter",
                self.block_line,
                f"has no {self.groups.meter.code} record; ask the sender to send the file again",
            )

    def read_meter_point(self, number: int, line: str) -> None:
        """Read a 026, which starts a new block."""
        if self.suspect_line or not self.meter_has_reading:
            self.close()
        self.flow_count += 1
        self.block_line = number
        self.meter_line = self.reading_line = 0
        self.meter_has_reading = False
        # Split in three: the text after the identifier is often repeated, and is looked up as a whole.
        parts = line.split("|", 2)
        tail = self.block_tails[parts[-1]]
        if tail and len(parts) == 3 and is_plain_mpan_core(parts[1]):
            self.identifier, self.status = parts[1], tail[0]
        else:
            self._read_slowly_meter_point(number, line)

    def _read_slowly_meter_point(self, number: int, line: str) -> None:
        values = self.groups.meter_point.read(line, number, self.faults)
        self.identifier, self.status = values or ("", "")
        self.report_faults()
        if self.identifier and self.identifier[:2] not in DISTRIBUTORS:
            message = "begins with an unknown distributor id; kept as sent"
            self.warn(self.groups.meter_point, "unknown-distributor", number, message, items.MPAN_CORE, line[4:17])

    def read_meter(self, number: int, line: str) -> None:
        """Read a 028, a meter of the open block."""
        if self.meter_line or not self.block_line:
            self._close_meter()
            if not self.block_line:
                self.orphan(self.groups.meter, number, self.groups.meter_point)
        self.meter_line, self.reading_line = number, 0
        self.meter_has_reading = False
        parts = line.split("|", 2)
        tail = self.meter_tails[parts[-1]]
        if tail and len(parts) == 3 and items.is_plain_meter_id(parts[1]):
            self.serial_number, self.reading_type = parts[1], tail[0]
        else:
            self._read_slowly_meter(number, line)
        if self.is_of_mop and self.reading_type not in ("", "F", "I"):
            message = "a meter operator sends initial and final readings on this route; kept as sent"
            self.warn(self.groups.meter, "unusual-route", number, message, items.READING_TYPE, self.reading_type)

    def _read_slowly_meter(self, number: int, line: str) -> None:
        values = self.read(self.groups.meter, number, line)
        self.serial_number, self.reading_type = values or ("", "")

    def read_reading(self, number: int, line: str) -> None:
        """Read a 030, a register reading of the open meter."""
        if self.suspect_line:
            self._close_reading()
        if not self.meter_line:
            self.orphan(self.groups.reading, number, self.groups.meter)
        self.reading_line = number
        self.meter_has_reading, self.is_validated, self.is_visited = True, False, False
        parts = line.split("|", 4)
        tail = self.reading_tails[parts[-1]]
        if tail and len(parts) == 5 and parts[2][:8] <= self.created_on and not self.is_of_hhdc:
            register_id, faults = self.register_ids[parts[1]]
            moment, more = self.moments[parts[2]]
            value, most = read_value(parts[3])
            if moment and not (faults or more or most):
                self._add(register_id, moment, value, parts[3], tail)
                return
        self._read_slowly_reading(number, line)

    def _read_slowly_reading(self, number: int, line: str) -> None:
        values = self.read(self.groups.reading, number, line)
        if values is None:
            return
        register_id, moment, value, reset_moment, resets, flag, method = values
        if moment and (day := british_day(moment[0])) > self.created_on:
            message = "is later than the creation date of the file"
            self.warn(self.groups.reading, "future-reading", number, message, items.READING_DATE_TIME, day)
        _, _, time_text, sent, reset_text, resets_text, _, method_text, *_ = line.split("|")
        if not method_text.strip(" "):
            message = "is empty, as before version 002; the reading is kept without it"
            self.warn(self.groups.reading, "no-reading-method", number, message, items.READING_METHOD, "")
        if self.is_of_hhdc and time_text.endswith("000000"):
            message = "is midnight; a half-hourly data collector writes 235959 of the day before; kept as sent"
            self.warn(self.groups.reading, "hhdc-midnight", number, message, items.READING_DATE_TIME, time_text)
        if bool(reset_text.strip(" ")) != bool(resets_text.strip(" ")):
            message = "has only one of MD reset date & time and number of MD resets; kept as sent"
            self.report(WARNING, self.groups.reading, "incomplete-md-reset", number, message)
        reset_at = reset_moment and reset_moment[0]
        tail = (reset_at, resets, flag, method, *NOT_VALIDATED)
        self._add(register_id, moment or NO_MOMENT, value, sent.strip(" "), tail)

    def _add(self, register_id: str, moment: Moment, value: str, sent: str, tail: Tail) -> None:
        if tail[2] == "F":
            self.suspect_line = self.reading_line
        register = (self.scheme, self.identifier, self.serial_number, register_id, "")
        read_at, as_sent = moment
        key = (self.reading_line, register, read_at, as_sent, value, self.reading_type, self.status)
        reading = _new(RegisterReading, key + tail)
        if sent != value and sent[:1] == "0":  # Leading zeros tell how many digits the dial has.
            reading = reading._replace(register_read=sent)
        self.batch.readings.append(reading)

    def read_validation_result(self, number: int, line: str) -> None:
        """Read a 032, the outcome of validation of the open reading."""
        values = self.read(self.groups.validation_result, number, line)
        if not self.reading_line:
            return self.orphan(self.groups.validation_result, number, self.groups.reading)
        if self.is_validated:
            code = self.groups.validation_result.code
            message = f"is a second {code} record for the reading in line {self.reading_line}; only one is allowed"
            self.report(ERROR, self.groups.validation_result, "second-validation-result", number, message)
        if self.is_visited:
            self.out_of_order(self.groups.validation_result, number, self.groups.visit_of_reading)
        is_suspect, self.suspect_line, self.is_validated = bool(self.suspect_line), 0, True
        readings = self.batch.readings
        if values and readings and readings[-1].line == self.reading_line:
            reason, status = values
            readings[-1] = readings[-1]._replace(reason_code=reason, reading_status=status)
            if is_suspect and status == "F" and self.status == "V":
                message = "the reading is suspect in a block whose validation status is V (validated)"
                self.report(WARNING, self.groups.validation_result, "suspect-in-validated", number, message)

    def read_visit_of_meter_point(self, number: int, line: str) -> None:
        """Read a 027, a site visit at the open meter point."""
        if self.meter_line:
            self.out_of_order(self.groups.visit_of_meter_point, number, self.groups.meter)
        self._read_visit(self.groups.visit_of_meter_point, number, line, self.block_line, self.groups.meter_point)

    def read_visit_of_meter(self, number: int, line: str) -> None:
        """Read a 029, a site visit at the open meter."""
        if self.reading_line:
            self.out_of_order(self.groups.visit_of_meter, number, self.groups.reading)
        self._read_visit(self.groups.visit_of_meter, number, line, self.meter_line, self.groups.meter)

    def read_visit_of_reading(self, number: int, line: str) -> None:
        """Read a 033, a site visit for the open reading."""
        self.is_visited = True
        self._read_visit(self.groups.visit_of_reading, number, line, self.reading_line, self.groups.reading)

    def _read_visit(self, record: Record, number: int, line: str, parent_line: int, parent: Record) -> None:
        values = self.read(record, number, line)
        if not parent_line:
            return self.orphan(record, number, parent)
        if values:
            visit = SiteVisit(
                line=number,
                scheme=self.scheme,
                identifier=self.identifier,
                serial_number=None if parent is self.groups.meter_point else self.serial_number,
                reading_line=parent_line if parent is self.groups.reading else None,
                check_code=values[0],
                additional_information=values[1],
            )
            self.batch.site_visits.append(visit)

    def _close_meter(self) -> None:
        if self.suspect_line:
            self._close_reading()
        if self.meter_line and not self.meter_has_reading:
            meter = MeterPointDetails(
                line=self.meter_line,
                scheme=self.scheme,
                identifier=self.identifier,
                serial_number=self.serial_number,
            )
            self.batch.meter_points.append(meter)

    def _close_reading(self) -> None:
        message = f"marks a suspect reading, but no {self.groups.validation_result.code} record gives the reason"
        line, self.suspect_line = self.suspect_line, 0
        self.warn(self.groups.reading, "suspect-without-reason", line, message, items.READING_FLAG, "F")
