"""A 250 record of NEM13 that is read as a whole, and the fields that many of them have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias

from readings.formats.fields import Memo
from readings.formats.mdff.catalogue.codes import DIRECTIONS, ESTIMATE
from readings.formats.mdff.catalogue.fields import Field, holds
from readings.formats.mdff.catalogue.quality import Quality, quality
from readings.formats.mdff.dates import Stamps
from readings.formats.statements import RegisterKey, RegisterReading

#: Quality flags of a read; V applies to days only.
_FLAGS: Final = "AEFNS"

#: Indexes of fields, from 0, without the record indicator.
_CONFIGURATION: Final = 1
_UNIT: Final = 18
_READ: Final = r"((?=[0-9.]{1,15},)0*([0-9]{1,15}(?:\.[0-9]{1,15})?)),([0-9]{14}),([^,\"]*,[^,\"]*,[^,\"]*)"
#: Matcher of a 250 that is usual as a whole: NMI; configuration to data stream; serial number; direction; of each
#: read the text as sent, without leading zeros, its time, its quality; quantity and its decimals; the rest.
match_plain: Final = re.compile(
    r"250,([A-HJ-NP-Z0-9]{10}),([^,\"]*,[^,\"]*,[^,\"]*,[^,\"]*),((?! )[^,\"]{1,12}(?<! )),"
    rf"([{''.join(DIRECTIONS)}]),{_READ},{_READ},"
    r"([0-9]{1,15}(?:\.([0-9]{1,15}))?),([^,\"]*,[^,\"]*,[^,\"]*,[^,\"]*)"
).fullmatch
#: Constructor of a named tuple that skips its own `__new__`: takes half the time, for each reading.
_new: Final = tuple.__new__


class Rest(NamedTuple):
    """Fields after the quantity of a 250."""

    unit: str
    #: Date `yyyy-mm-dd`, or None.
    next_scheduled_read_date: str | None
    updated_at: datetime | None
    msats_load_at: datetime | None


class Ending(NamedTuple):
    """Quality of a register read in a 250."""

    #: Quality method, reason code and reason description.
    as_sent: tuple[str, str, str]
    #: Flag, method and reason code.
    parts: tuple[str, str, str]


#: One end of a 250: register read as sent and as a decimal, its time, and the fields of its `Ending`.
End: TypeAlias = tuple[str, str, datetime, tuple[str, str, str], tuple[str, str, str]]


class CommonFields:
    """Values of adjacent fields that many 250s have in common, by text; None if any of them has a fault."""

    def __init__(self, fields: Sequence[Field], stamps: Stamps) -> None:
        self._fields = fields
        self.instants = Memo(stamps.instant)
        self.previous_qualities = Memo(quality(_FLAGS, "Previous"))
        self.current_qualities = Memo(quality(_FLAGS, "Current"))
        self.previous_endings = Memo(self._previous_ending)
        self.current_endings = Memo(self._current_ending)
        #: NMI configuration, register, suffix and data stream.
        self.streams = Memo(self._stream)
        self.rests = Memo(self._rest)

    def _values(self, text: str, first: int) -> list[Any]:
        """Return the values of adjacent fields; an empty list if any of them has a fault or outer blanks."""
        texts = text.split(",")
        if not _are_bare(texts):
            return []
        results = [field.read(each) for field, each in zip(self._fields[first:], texts, strict=False)]
        return [] if any(faults for _, faults in results) else [value for value, _ in results]

    def _stream(self, text: str) -> tuple[str, str, str, str] | None:
        if not (values := self._values(text, _CONFIGURATION)):
            return None
        configuration, register_id, suffix, stream = values
        return (configuration, register_id, suffix, stream) if holds(configuration, suffix) else None

    def _rest(self, text: str) -> Rest | None:
        return Rest(*values) if (values := self._values(text, _UNIT)) else None

    def _previous_ending(self, text: str) -> Ending | None:
        ending = _ending(text, self.previous_qualities)
        return None if ending and ending.parts[0] == ESTIMATE else ending

    def _current_ending(self, text: str) -> Ending | None:
        return _ending(text, self.current_qualities)


def _are_bare(texts: Sequence[str]) -> bool:
    return all(text == text.strip(" ") for text in texts)


def _ending(text: str, qualities: Mapping[str, Quality]) -> Ending | None:
    method, reason, description = texts = text.split(",")
    read = qualities[text]
    return Ending((method, reason, description), read[:3]) if _are_bare(texts) and not read.faults else None


def as_reading(line: int, register: RegisterKey, end: End, updated_at: datetime | None) -> RegisterReading:
    """Return one end of a 250 as a reading."""
    as_sent, value, read_at, quality, parts = end
    before = line, register, read_at, "", value, "", "", None, None
    return _new(RegisterReading, (*before, *parts, "", as_sent, quality[2], updated_at))
