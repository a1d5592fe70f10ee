"""User data: area and tariff of consumers.

Document    The description of the SMAP energy data challenge; there is no other.
Records     A line of column names `id,area,tariff`, then a row for each consumer.
Time zone   None: rows have no time.
Units       None.
Not read    Everything is read. There is no trailer, so a file cut between two rows looks like a shorter file; a last
            line without its line end means that the file was cut.
Severities  An unusable row is an error and rejects the file; a deviation whose meaning is certain is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final

from readings.formats.consumption.rows import Rows, has_names
from readings.formats.consumption.rows import is_complete as is_complete
from readings.formats.contract import Batch, ParseContext, without_counts, without_header
from readings.formats.statements import CONSUMER, Header, MeterPointDetails

NAME = "USER_DATA"
SCHEME = CONSUMER
ENCODINGS = ("utf-8", "cp1252")
STRICT: frozenset[str] = frozenset()
FIELDS: Mapping[str, tuple[str, ...]] = {}
SUBJECT = None
recounted = without_counts
header_in = without_header
NAMES: Final = "id,area,tariff"
_LONGEST: Final = 40
_IDENTIFIER: Final = re.compile(r"[0-9A-Za-z_-]{1,40}")


def recognizes(start: bytes) -> bool:
    """Return whether the first bytes look like user data."""
    return has_names(start, NAMES)


def meter_point_of(line: str, subject: str) -> str:
    """Return the consumer of a row; empty for the line of column names."""
    identifier = line.partition(",")[0].strip(' "')
    return "" if has_names(line.encode(), NAMES) else identifier


def parse(stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
    """Yield user data from the start of the stream."""
    users = _Users()
    header: Header | None = Header(flow=NAME, version="")
    for rows in users.rows.batches(stream, context.encoding):
        details = [user for number, row in rows if (user := users.read(number, row))]
        yield Batch(lines=users.rows.lines, header=header, meter_points=details, problems=users.rows.take())
        header = None
    if not users.earlier:
        users.rows.warn("no-rows", 1, "the file has no rows; check it with the sender")
    yield Batch(lines=users.rows.lines, problems=users.rows.take())


class _Users:
    def __init__(self) -> None:
        self.rows = Rows(NAMES)
        #: Area and tariff of the consumers read so far.
        self.earlier: dict[str, tuple[str, str]] = {}

    def read(self, number: int, row: list[str]) -> MeterPointDetails | None:
        identifier, area, tariff = row
        if not _IDENTIFIER.fullmatch(identifier):
            expected = "expected at most 40 letters, digits, _ and -"
            self.rows.error("not-an-id", number, expected, field="id", value=identifier)
            return None
        for name, value in (("area", area), ("tariff", tariff)):
            if not value:
                message = "is empty; ask the sender for the value"
                self.rows.error("missing-value", number, message, field=name, consumer=identifier)
            elif len(value) > _LONGEST:
                message = f"has {len(value)} characters, expected at most {_LONGEST}"
                self.rows.error("wrong-length", number, message, field=name, value=value, consumer=identifier)
        if (earlier := self.earlier.setdefault(identifier, (area, tariff))) != (area, tariff):
            message = f"has area {earlier[0]} and tariff {earlier[1]} in an earlier row; remove one of the rows"
            self.rows.error("second-row", number, message, field="id", value=identifier, consumer=identifier)
        return MeterPointDetails(line=number, scheme=CONSUMER, identifier=identifier, area=area, tariff=tariff)
