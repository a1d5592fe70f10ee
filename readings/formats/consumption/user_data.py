"""User data: area and tariff of consumers.

Document    The description of the SMAP energy data challenge; there is no other.
Records     A line of names `id,area,tariff`, then a row for each consumer.
Time zone   None: no row has a time.
Units       None.
Not read    Nothing is left out. No record ends the file, so a file that was cut between two rows cannot be told from
            a shorter one; a last line without its line end is taken for a cut.
Severities  A row that cannot be used is an error and rejects the file; what is odd but certain is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final

from readings.formats.consumption.rows import Rows, has_names, is_complete
from readings.formats.contract import About, Batch, ParseContext
from readings.formats.statements import CONSUMER, Header, MeterPointDetails

__all__ = ["ENCODINGS", "FIELDS", "NAME", "RECORDS", "STRICT", "SUBJECT", "is_complete", "parse", "recognizes"]

NAME = "USER_DATA"
ENCODINGS = ("utf-8", "cp1252")
STRICT: frozenset[str] = frozenset()
FIELDS: Mapping[str, tuple[str, ...]] = {}
RECORDS: Mapping[str, About] = {}
SUBJECT = None
NAMES: Final = "id,area,tariff"
_LONGEST: Final = 40
_IDENTIFIER: Final = re.compile(r"[0-9A-Za-z_-]{1,40}")


def recognizes(start: bytes) -> bool:
    """Tell from the first bytes whether the content is meant to be user data."""
    return has_names(start, NAMES)


def parse(stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
    """Read user data from the start of the stream."""
    users = _Users()
    header: Header | None = Header(flow=NAME, version="")
    for rows in users.rows.batches(stream, context.encoding):
        details = [found for number, row in rows if (found := users.read(number, row))]
        yield Batch(lines=users.rows.lines, header=header, meter_points=details, problems=users.rows.take())
        header = None
    if not users.said:
        users.rows.warn("no-rows", 1, "no row stands under the names")
    yield Batch(lines=users.rows.lines, problems=users.rows.take())


class _Users:
    def __init__(self) -> None:
        self.rows = Rows(NAMES)
        #: What was said of each consumer.
        self.said: dict[str, tuple[str, str]] = {}

    def read(self, number: int, row: list[str]) -> MeterPointDetails | None:
        identifier, area, tariff = row
        if not _IDENTIFIER.fullmatch(identifier):
            expected = "expected at most 40 letters, digits, _ and -"
            self.rows.error("not-an-id", number, expected, field="id", value=identifier)
            return None
        for name, value in (("area", area), ("tariff", tariff)):
            if not value:
                self.rows.error("missing-value", number, "is empty; ask the sender for it", field=name)
            elif len(value) > _LONGEST:
                message = f"has {len(value)} characters, expected at most {_LONGEST}"
                self.rows.error("wrong-length", number, message, field=name, value=value)
        if (before := self.said.setdefault(identifier, (area, tariff))) != (area, tariff):
            message = f"was given {' and '.join(before)} in an earlier row; one of them must go"
            self.rows.error("second-row", number, message, field="id", value=identifier)
        return MeterPointDetails(line=number, scheme=CONSUMER, identifier=identifier, area=area, tariff=tariff)
