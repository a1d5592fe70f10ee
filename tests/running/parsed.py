from collections.abc import Iterator
from io import BytesIO, RawIOBase
from typing import Any

from readings.formats.content import survey
from readings.formats.contract import Batch, ParseContext
from readings.formats.recognition import SUPPORTED, recognize, refusals


def parsed(content: bytes) -> Batch:
    """Return all statements and problems of a content in one batch."""
    seen = survey(BytesIO(content))
    recognized = recognize(seen.start)
    if recognized is None:
        return Batch(problems=list(refusals(seen)))
    whole = Batch()
    context = ParseContext(encoding=seen.encoding(recognized.ENCODINGS), subject="3000", supported=SUPPORTED)
    for batch in recognized.parse(BytesIO(content), context):
        assert batch.lines >= whole.lines
        whole.lines = batch.lines
        whole.header = whole.header or batch.header
        whole.meter_points += batch.meter_points
        whole.readings += batch.readings
        whole.accumulations += batch.accumulations
        whole.interval_days += batch.interval_days
        whole.site_visits += batch.site_visits
        whole.problems += batch.problems
    return whole


class Arriving(RawIOBase):
    """A stream whose bytes are generated while it is read."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts = parts
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self.rest or next(self.parts, b"")
        size = min(len(buffer), len(part))
        buffer[:size], self.rest = part[:size], part[size:]
        return size
