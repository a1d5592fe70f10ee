"""Register readings of a meter point, line by line. Group numbers in comments are those of the D0010."""

from __future__ import annotations

from readings.formats.contract import ERROR, WARNING
from readings.formats.dtc.catalogue import items
from readings.formats.dtc.catalogue.clock import NO_MOMENT, british_day
from readings.formats.dtc.catalogue.codes import DISTRIBUTORS
from readings.formats.dtc.groups import NOT_VALIDATED, ReadingGroups, Tail
from readings.formats.dtc.plain_readings import PlainReadings, new_reading
from readings.formats.dtc.records import Record
from readings.formats.statements import MPAN, TEST_MPAN, Header, MeterPointDetails, Moment, SiteVisit


class MeterReadings(PlainReadings):
    """Reader of the groups of a D0010. The next line may belong to the open block, meter or reading."""

    def __init__(self, groups: ReadingGroups) -> None:
        super().__init__(groups)
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
        values = self.read(self.groups.meter, number, line)
        self.serial_number, self.reading_type = values or ("", "")
        if self.is_of_mop and self.reading_type not in ("", "F", "I"):
            message = "a meter operator sends initial and final readings on this route; kept as sent"
            self.warn(self.groups.meter, "unusual-route", number, message, items.READING_TYPE, self.reading_type)

    def read_reading(self, number: int, line: str) -> None:
        """Read a 030, a register reading of the open meter."""
        if self.suspect_line:
            self._close_reading()
        if not self.meter_line:
            self.orphan(self.groups.reading, number, self.groups.meter)
        self.reading_line = number
        self.meter_has_reading, self.is_validated, self.is_visited = True, False, False
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
        reading = new_reading(key + tail)
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
