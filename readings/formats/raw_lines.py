"""Lines of a content as they were sent, and the field of one that a problem is about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import BinaryIO, Final, NamedTuple

from readings.formats.content import CHUNK
from readings.formats.text import shown

#: So far a content is read for its lines: a second's work, about.
READ_AT_MOST: Final = 512 * 1024 * 1024
#: So much of a line is kept: more than the longest record of any format.
LONGEST_SHOWN: Final = 8 * 1024


class Marked(NamedTuple):
    """A line as shown, in three parts: the middle one is the field that a problem is about."""

    before: str
    #: None where no single field can be told.
    field: str | None = None
    after: str = ""


def lines_at(stream: BinaryIO, numbers: Collection[int], *, most: int = READ_AT_MOST) -> dict[int, bytes]:
    """Return the lines of these numbers, from 1, without their ends; what stands behind `most` bytes is left out.

    Of no line more than LONGEST_SHOWN is kept, so memory stays flat whatever the content.
    """
    wanted = set(numbers)
    last = max(wanted, default=0)
    found: dict[int, bytes] = {}
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
                    found[each] = (found.get(each, b"") + piece)[:LONGEST_SHOWN]
        number += newlines
    else:
        found.pop(number, None)  # reading may have stopped within it
    return {each: line.removesuffix(b"\r") for each, line in found.items()}


def mark(line: bytes, *, names: Sequence[str], record: str, field: str, value: str) -> Marked:
    """Tell which field of a line a problem is about: by its name, or else by its value where only one has that.

    `names` are those of the fields of the record, in order, behind the code that it begins with.
    """
    text = shown(line)
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
