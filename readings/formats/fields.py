"""Typed readers of single fields: text in, value and faults out.

A reader never raises for bad text. It is pure, so a format may cache its results (`Memo`): most texts of a flow file
are repeated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeAlias, TypeVar

from readings.formats.contract import ERROR, WARNING

T = TypeVar("T")

#: Severity, code, message.
Fault: TypeAlias = tuple[str, str, str]
#: Value, or the empty value of the field if the text has none, and the faults of the text.
ValueAndFaults: TypeAlias = tuple[T, tuple[Fault, ...]]

#: Distinct texts that one cache may hold, so that memory stays flat.
REMEMBERED: Final = 20_000
#: Length of the longest text that is cached; valid files have none longer.
LONGEST_REMEMBERED: Final = 80


class Memo(dict[str, T]):
    """Cache of the results of a pure function of a text."""

    def __init__(self, read: Callable[[str], T]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, text: str) -> T:
        if len(text) > LONGEST_REMEMBERED:
            return self.read(text)
        if len(self) >= REMEMBERED:
            self.clear()
        result = self[text] = self.read(text)
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Generic[T]):
    """Field of a record: its name in the specification, and the reader of its text."""

    name: str
    item: str
    kind: Callable[[str], ValueAndFaults[T]]
    #: Value of a field without text.
    empty: T
    optional: bool = False

    def read(self, text: str) -> ValueAndFaults[T]:
        """Read the text as sent; outer blanks are stripped, with a warning."""
        if text and text[0] != " " != text[-1]:
            return self.kind(text)
        stripped = text.strip(" ")
        if not stripped:
            return self._read_empty(text)
        value, faults = self.kind(stripped)
        return value, (*faults, (WARNING, "padded-field", "has outer blanks; they were removed"))

    def _read_empty(self, text: str) -> ValueAndFaults[T]:
        if not self.optional:
            return self.empty, ((ERROR, "missing-value", "is mandatory but empty; ask the sender for the value"),)
        if text:
            return self.empty, ((WARNING, "padded-field", "contains only blanks; treated as empty"),)
        return self.empty, ()


def characters(longest: int, *, shortest: int = 1, pattern: str = "") -> Callable[[str], ValueAndFaults[str]]:
    """Return a reader of text of a bounded length, kept as sent; `pattern` restricts its characters."""
    shape = re.compile(pattern, re.ASCII) if pattern else None
    length = f"exactly {longest}" if shortest == longest else f"at most {longest}"

    def read(text: str) -> ValueAndFaults[str]:
        if not shortest <= len(text) <= longest:
            return "", ((ERROR, "wrong-length", f"has {len(text)} characters, expected {length}"),)
        if shape and not shape.fullmatch(text):
            return "", ((ERROR, "wrong-characters", f"expected {length} letters and digits"),)
        return text, ()

    return read


def code(valid: Mapping[str, str], *, length: int = 1, unknown: str = ERROR) -> Callable[[str], ValueAndFaults[str]]:
    """Return a reader of a code from a valid set. With `unknown=WARNING`, other codes are kept as sent."""
    expected = "expected one of " + " ".join(sorted(valid))

    def read(text: str) -> ValueAndFaults[str]:
        if text in valid:
            return text, ()
        if len(text) != length:
            return "", ((ERROR, "wrong-length", f"has {len(text)} characters, {expected}"),)
        if text != text.upper():
            return "", ((ERROR, "lower-case-code", f"must be upper case: {expected}"),)
        if unknown == WARNING and text.isascii() and text.isalnum():
            return text, ((WARNING, "unknown-code", f"is not in the valid set, {expected}; kept as sent"),)
        return "", ((ERROR, "invalid-code", expected),)

    return read


def whole_number(longest: int) -> Callable[[str], ValueAndFaults[int | None]]:
    """Return a reader of a whole number, zero or above, of at most `longest` digits."""
    shape = re.compile(rf"[0-9]{{1,{longest}}}")

    def read(text: str) -> ValueAndFaults[int | None]:
        if not shape.fullmatch(text):
            expected = f"expected a whole number of at most {longest} digits"
            return None, ((ERROR, "not-a-number", expected),)
        return int(text), ()

    return read


def decimal_number(digits: int, places: int) -> Callable[[str], ValueAndFaults[str]]:
    """Return a reader of an unsigned decimal of at most `digits` digits, `places` of them after the point.

    The value is the text as sent, without leading zeros and a bare point.
    """
    # Fast path: one pattern matches nearly all values.
    plain = re.compile(rf"[1-9][0-9]{{0,{digits - places - 1}}}(?:\.[0-9]{{1,{places}}})?")
    shape = re.compile(r"([0-9]*)(\.?)([0-9]*)")
    expected = f"expected a number of at most {digits} digits, at most {places} after the point, without sign"

    def read(text: str) -> ValueAndFaults[str]:
        if plain.fullmatch(text):
            return text, ()
        match = shape.fullmatch(text)
        if not match or text in ("", "."):
            return "", ((ERROR, "not-a-number", expected),)
        before, point, after = match.groups()
        if len(before) + len(after) > digits or len(after) > places:
            return "", ((ERROR, "too-many-digits", expected),)
        exact = (before.lstrip("0") or "0") + (f".{after}" if after else "")
        if point and not (before and after):
            return exact, ((WARNING, "bare-point", f"has a bare point; read as {exact}"),)
        return exact, ()

    return read
