"""D0010 «Meter Readings», version 002: register readings by MPAN core.

Document    Data Transfer Catalogue 15.4 (28 April 2026): Data Flow Catalogue, Data Item Catalogue, Domains.
Records     ZHV header, 026 MPAN Cores (027 Site Visit, 028 Meter/Reading Types (029 Site Visit, 030 Register
            Readings (032 Validation Result, 033 Site Visit))), ZPT trailer. A line belongs to the nearest earlier
            line of its parent group.
Time zone   British clock time. A midnight may be written 235959 of the day before; it is kept so.
Units       None is stated: a register reading is what the dial shows, without its multiplier.
Not read    The checksum of ZPT is not verified: no rule for it is known in this physical format. Fixed-length
            (ZHF) and pool (ZHD) files and all other flows are refused by name.
Severities  What makes the file, a block or a reading unusable is an error and rejects the file; what is odd but
            certain in meaning is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from readings.formats.contract import Batch, ParseContext
from readings.formats.dtc.envelope import Flow, is_complete, recognizer
from readings.formats.dtc.groups import ReadingGroups
from readings.formats.dtc.register_readings import MeterReadings
from readings.formats.dtc.user_file import UserFile

__all__ = ["ENCODINGS", "FIELDS", "NAME", "RECORDS", "STRICT", "SUBJECT", "is_complete", "parse", "recognizes"]

NAME = "D0010"
ENCODINGS = ("utf-8", "cp1252")
#: The catalogue says what is right, and no more of how wrong the rest is: see «Severities».
STRICT: frozenset[str] = frozenset()
SUBJECT = None

GROUPS: Final = ReadingGroups(
    meter_point="026",
    visit_of_meter_point="027",
    meter="028",
    visit_of_meter="029",
    reading="030",
    validation_result="032",
    visit_of_reading="033",
)
FIELDS = GROUPS.fields()
RECORDS = GROUPS.concerns()
FLOW: Final = Flow(
    name=NAME,
    version="002",
    top_group=GROUPS.meter_point.code,
    #: Data Flow Catalogue, D0010.
    routes={
        "C": frozenset("RCX"),
        "D": frozenset("RDX"),
        "M": frozenset("RCMDX"),
        "R": frozenset("D"),
        "X": frozenset("RDX"),
    },
)

recognizes = recognizer(NAME)


def parse(stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
    """Read a D0010 from the start of the stream."""
    return UserFile(FLOW, MeterReadings(GROUPS)).batches(stream, context.encoding)
