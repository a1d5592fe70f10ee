"""Data items of the Data Transfer Catalogue that occur in a D0010.

Source: Data Transfer Catalogue 15.4 (28 April 2026), Data Item Catalogue and Domains.
"""

from __future__ import annotations

from typing import Any

from readings.formats.contract import ERROR, WARNING
from readings.formats.dtc.catalogue import codes
from readings.formats.dtc.catalogue.clock import british_moment
from readings.formats.dtc.catalogue.mpan import mpan_core
from readings.formats.fields import Field, ValueAndFaults, characters, code, decimal_number, whole_number
from readings.formats.statements import Moment


def _letters_and_digits(longest: int, *, shortest: int = 1) -> Any:
    return characters(longest, shortest=shortest, pattern="[A-Za-z0-9]*")


def _timestamp(text: str) -> ValueAndFaults[Any]:
    """Read a time of the envelope, without the warnings about clock changes: it is informational only."""
    moment, faults = british_moment(text)
    return (moment and moment[0]), tuple(fault for fault in faults if fault[0] == ERROR)


def _optional(name: str, item: str, longest: int) -> Field[str]:
    return Field(name=name, item=item, kind=characters(longest, pattern="[ -~]*"), empty="", optional=True)


FILE_IDENTIFIER = Field(name="File Identifier", item="J1064", kind=_letters_and_digits(10), empty="")
FLOW_AND_VERSION = Field(
    name="Data Flow and Version", item="J1080", kind=_letters_and_digits(8, shortest=8), empty=""
)
FROM_ROLE = Field(name="From Role Code", item="J0934", kind=_letters_and_digits(2), empty="")
FROM_PARTICIPANT = Field(name="From Participant", item="J0938", kind=_letters_and_digits(4), empty="")
TO_ROLE = Field(name="To Role Code", item="J0935", kind=_letters_and_digits(2), empty="")
TO_PARTICIPANT = Field(name="To Participant", item="J0939", kind=_letters_and_digits(4), empty="")
CREATED_AT = Field(name="File Creation Timestamp", item="J0280", kind=_timestamp, empty=None)
SENDING_APPLICATION = _optional("Sending Application", "J1060", 5)
RECEIVING_APPLICATION = _optional("Receiving Application", "J1061", 5)
BROADCAST = _optional("Broadcast", "J1062", 1)
TEST_DATA_FLAG = _optional("Test Data Flag", "J1063", 4)

TOTAL_GROUP_COUNT = Field(name="Total Group Count", item="J1067", kind=whole_number(10), empty=None)
CHECKSUM = Field(name="Checksum", item="J1078", kind=whole_number(10), empty=None, optional=True)
FLOW_COUNT = Field(name="Flow Count", item="J1066", kind=whole_number(8), empty=None)
COMPLETED_AT = Field(name="File Completion Timestamp", item="J1065", kind=_timestamp, empty=None)

MPAN_CORE = Field(name="MPAN Core", item="J0003", kind=mpan_core, empty="")
VALIDATION_STATUS = Field(name="BSC Validation Status", item="J0022", kind=code(codes.VALIDATION_STATUSES), empty="")
METER_ID = Field(name="Meter Id (Serial Number)", item="J0004", kind=characters(10), empty="")
READING_TYPE = Field(
    name="Reading Type", item="J0171", kind=code(codes.READING_TYPES_OF_D0010, unknown=WARNING), empty=""
)
REGISTER_ID = Field(name="Meter Register Id", item="J0010", kind=characters(2, pattern="[A-Za-z0-9]*"), empty="")
READING_DATE_TIME: Field[Moment | None] = Field(
    name="Reading Date & Time", item="J0016", kind=british_moment, empty=None
)
REGISTER_READING = Field(name="Register Reading", item="J0040", kind=decimal_number(9, 1), empty="")
MD_RESET_DATE_TIME: Field[Moment | None] = Field(
    name="MD Reset Date & Time", item="J0044", kind=british_moment, empty=None, optional=True
)
MD_RESETS = Field(name="Number of MD Resets", item="J1013", kind=whole_number(3), empty=None, optional=True)
READING_FLAG = Field(name="Meter Reading Flag", item="J0045", kind=code(codes.READING_FLAGS), empty="", optional=True)
READING_METHOD = Field(
    name="Reading Method", item="J1888", kind=code(codes.READING_METHODS, unknown=WARNING), empty="", optional=True
)
REASON_CODE = Field(
    name="Meter Reading Reason Code",
    item="J0332",
    kind=code(codes.REASON_CODES, length=2, unknown=WARNING),
    empty="",
)
READING_STATUS = Field(name="Meter Reading Status", item="J0047", kind=code(codes.READING_FLAGS), empty="")
CHECK_CODE = Field(
    name="Site Visit Check Code",
    item="J0024",
    kind=code(codes.SITE_VISIT_CHECK_CODES, length=2, unknown=WARNING),
    empty="",
)
ADDITIONAL_INFORMATION = Field(
    name="Additional Information", item="J0012", kind=characters(200), empty="", optional=True
)
