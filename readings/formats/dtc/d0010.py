"""D0010 «Meter Readings», version 002: register readings by MPAN core.

Document    Data Transfer Catalogue 15.4 (28 April 2026): Data Flow Catalogue, Data Item Catalogue, Domains.
Records     ZHV header, 026 MPAN Cores (027 Site Visit, 028 Meter/Reading Types (029 Site Visit, 030 Register
            Readings (032 Validation Result, 033 Site Visit))), ZPT trailer. A line belongs to the nearest earlier
            line of its parent group.
Time zone   British clock time. A midnight may be sent as 235959 of the day before, and is stored as sent.
Units       Not stated: a register reading is the number on the dial, without its multiplier.
Not read    The checksum of ZPT is not verified: no rule for it is published for this physical format. Fixed-length
            (ZHF) and pool (ZHD) files and XML are rejected by name; files of other flows are set aside (see `other`).
Severities  An error makes the file, a block or a reading unusable and rejects the file; a deviation whose meaning is
            certain is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from readings.formats.contract import Batch, ParseContext
from readings.formats.dtc.envelope import Flow, blocks_of, recognizer
from readings.formats.dtc.envelope import is_complete as is_complete
from readings.formats.dtc.envelope import recounted as recounted
from readings.formats.dtc.groups import ReadingGroups
from readings.formats.dtc.headers import header_in as header_in
from readings.formats.dtc.register_readings import MeterReadings
from readings.formats.dtc.user_file import UserFile
from readings.formats.statements import MPAN

NAME = "D0010"
SCHEME = MPAN
ENCODINGS = ("utf-8", "cp1252")
#: Empty: the catalogue defines no severities; see «Severities» above.
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
FLOW: Final = Flow(
    name=NAME,
    version="002",
    top_group=GROUPS.meter_point.code,
    #: Routes in the Data Flow Catalogue, D0010.
    routes={
        "C": frozenset("RCX"),
        "D": frozenset("RDX"),
        "M": frozenset("RCMDX"),
        "R": frozenset("D"),
        "X": frozenset("RDX"),
    },
)

recognizes = recognizer(NAME)
meter_point_of = blocks_of(GROUPS.meter_point)


def parse(stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
    """Yield a D0010 from the start of the stream."""
    return UserFile(FLOW, MeterReadings(GROUPS)).batches(stream, context.encoding)
