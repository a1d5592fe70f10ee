"""Raw lines of a content, and the field that a problem concerns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import BinaryIO, Final, NamedTuple

from readings.formats.content import CHUNK
from readings.formats.text import printable

#: Bytes of a content that are searched for lines: about one second of work.
READ_AT_MOST: Final = 512 * 1024 * 1024
#: Bytes kept of a line: more than the longest record of any format.
DISPLAYED_BYTES: Final = 8 * 1024


class Marked(NamedTuple):
    """An escaped line in three parts; the middle one is the field that a problem concerns."""

    before: str
    #: Field that the problem concerns; None if it cannot be determined.
    field: str | None = None
    after: str = ""


def lines_at(stream: BinaryIO, numbers: Collection[int], *, most: int = READ_AT_MOST) -> dict[int, bytes]:
    """Return the lines with these numbers, from 1, without line ends; lines beyond `most` bytes are omitted.

    At most DISPLAYED_BYTES bytes of a line are kept, so memory stays flat for any content.
    """
    wanted = set(numbers)
    last = max(wanted, default=0)
    lines: dict[int, bytes] = {}
    number, read = 1, 0
    while number <= last and read < most:
        chunk = stream.read(CHUNK)
        if not chunk:
            break
        read += len(chunk)
        newlines = chunk.count(b"\n")
        if not wanted.isdisjoint(range(number, number + newlines + 1)):
            for each, piece in enumerate(chunk.split(b"\n"), start=number):
                if each in wanted:
                    lines[each] = (lines.get(each, b"") + piece)[:DISPLAYED_BYTES]
        number += newlines
    else:
        lines.pop(number, None)  # Reading may have stopped inside this line.
    return {each: line.removesuffix(b"\r") for each, line in lines.items()}


def mark(line: bytes, *, names: Sequence[str], record: str, field: str, value: str) -> Marked:
    """Return a line with the field that a problem concerns: by its name, else by its value if that is unique.

    `names` are the field names of the record, in order, without its code.
    """
    text = printable(line)
    separator = "|" if "|" in text[:4] else ","
    parts = text.split(separator)
    if field in names and parts[0] == record:
        places = [names.index(field) + 1]
    else:
        places = [place for place, part in enumerate(parts) if value and part.strip() == value.strip()]
    if len(places) != 1 or places[0] >= len(parts):
        return Marked(text)
    before, after = parts[: places[0]], parts[places[0] + 1 :]
    return Marked(
        before="".join(part + separator for part in before),
        field=parts[places[0]],
        after="".join(separator + part for part in after),
    )
