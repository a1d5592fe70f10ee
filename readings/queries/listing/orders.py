"""Orders of lists: columns that are unique together, and the keys by which the address of a page names its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final

#: Separator of the values in the text of a key; only the first value may contain it.
_SEPARATOR: Final = "~"
#: Greatest number that a column holds.
GREATEST: Final = 2**63 - 1

Key = tuple[Any, ...]


def moment(text: str) -> datetime:
    """Return the instant that a text states; raise ValueError."""
    return datetime.fromisoformat(text).astimezone(timezone.utc)


def number(text: str) -> int:
    """Return the number that a text states, if a column can hold it; raise ValueError."""
    result = int(text)
    if not 0 <= result <= GREATEST:
        raise ValueError(text)
    return result


def name(text: str) -> str:
    """Return a text that a column can hold; raise ValueError."""
    if "\0" in text:
        raise ValueError(text)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order by columns that are unique together and that an index serves."""

    #: Name in the address; a minus before it turns the order round.
    name: str
    columns: tuple[str, ...]
    kinds: tuple[Callable[[str], Any], ...]
    #: The order in words, and turned round.
    words: str
    words_descending: str
    #: Whether its first column is a text in an index of bytes.
    is_of_bytes: bool = False

    @property
    def has_stretches(self) -> bool:
        """Return whether its first column counts rows, so that a stretch of it has a bounded number."""
        return self.columns[0] in ("pk", "line")

    def text(self, key: Key) -> str:
        """Return a key as text, for an address."""
        return _SEPARATOR.join(each.isoformat() if isinstance(each, datetime) else str(each) for each in key)

    def parsed(self, text: str) -> Key:
        """Return the key that a text states; raise ValueError or OverflowError."""
        parts = text.rsplit(_SEPARATOR, len(self.columns) - 1)
        return tuple(kind(part) for kind, part in zip(self.kinds, parts, strict=True))


#: The order in which rows were stored.
STORED: Final = Order(
    name="stored", columns=("pk",), kinds=(number,), words="oldest first", words_descending="newest first"
)
BY_LINE: Final = Order(
    name="line",
    columns=("line", "pk"),
    kinds=(number, number),
    words="line, first to last",
    words_descending="line, last to first",
)
