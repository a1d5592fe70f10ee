"""Typed readers of single fields: text in, value and faults out.

A reader never raises for what it reads. It is pure, so that a format may remember its answers (`Memo`): in a flow
file most texts come again and again.
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
#: The value, or the field's empty value where there is none, and what is wrong with the text.
Found: TypeAlias = tuple[T, tuple[Fault, ...]]

#: Distinct texts that one field may remember, so that memory stays flat.
REMEMBERED: Final = 20_000
#: No text of a good file is longer; a longer one is read again each time.
LONGEST_REMEMBERED: Final = 80


class Memo(dict[str, T]):
    """Remember what a pure function made of a text."""

    def __init__(self, read: Callable[[str], T]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, text: str) -> T:
        if len(text) > LONGEST_REMEMBERED:
            return self.read(text)
        if len(self) >= REMEMBERED:
            self.clear()
        found = self[text] = self.read(text)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Generic[T]):
    """A field of a record: its name in the specification, and how its text is read."""

    name: str
    item: str
    kind: Callable[[str], Found[T]]
    #: What stands for a field without text.
    empty: T
    optional: bool = False

    def read(self, text: str) -> Found[T]:
        """Read the text as sent; outer blanks are left out, with a warning."""
        if text and text[0] != " " != text[-1]:
            return self.kind(text)
        stripped = text.strip(" ")
        if not stripped:
            return self._read_empty(text)
        value, faults = self.kind(stripped)
        return value, (*faults, (WARNING, "padded-field", "has outer blanks; they were left out"))

    def _read_empty(self, text: str) -> Found[T]:
        if not self.optional:
            return self.empty, ((ERROR, "missing-value", "is mandatory, but empty; ask the sender for it"),)
        if text:
            return self.empty, ((WARNING, "padded-field", "holds only blanks; it was taken as empty"),)
        return self.empty, ()


def characters(longest: int, *, shortest: int = 1, pattern: str = "") -> Callable[[str], Found[str]]:
    """Read text of a bounded length, kept as sent; `pattern` narrows its characters."""
    shape = re.compile(pattern, re.ASCII) if pattern else None
    length = f"exactly {longest}" if shortest == longest else f"at most {longest}"

    def read(text: str) -> Found[str]:
        if not shortest <= len(text) <= longest:
            return "", ((ERROR, "wrong-length", f"has {len(text)} characters, expected {length}"),)
        if shape and not shape.fullmatch(text):
            return "", ((ERROR, "wrong-characters", f"expected {length} of letters and digits"),)
        return text, ()

    return read


def code(valid: Mapping[str, str], *, length: int = 1, unknown: str = ERROR) -> Callable[[str], Found[str]]:
    """Read a code of a valid set. An open set has `unknown=WARNING`: other codes are kept as sent."""
    expected = "expected one of " + " ".join(sorted(valid))

    def read(text: str) -> Found[str]:
        if text in valid:
            return text, ()
        if len(text) != length:
            return "", ((ERROR, "wrong-length", f"has {len(text)} characters, {expected}"),)
        if text != text.upper():
            return "", ((ERROR, "lower-case-code", f"codes are upper case: {expected}"),)
        if unknown == WARNING and text.isascii() and text.isalnum():
            return text, ((WARNING, "unknown-code", f"is not in the valid set; kept as sent; {expected}"),)
        return "", ((ERROR, "invalid-code", expected),)

    return read


def whole_number(longest: int) -> Callable[[str], Found[int | None]]:
    """Read a whole number, zero or above, of at most `longest` digits."""
    shape = re.compile(rf"[0-9]{{1,{longest}}}")

    def read(text: str) -> Found[int | None]:
        if not shape.fullmatch(text):
            expected = f"expected a whole number of at most {longest} digits"
            return None, ((ERROR, "not-a-number", expected),)
        return int(text), ()

    return read


def decimal_number(digits: int, places: int) -> Callable[[str], Found[str]]:
    """Read an unsigned decimal of at most `digits` digits, `places` of them after the point, as its exact digits.

    The text comes back as sent, but for leading zeros and a bare point, which no number needs.
    """
    # One pattern for the many that are plain; the rest is looked at closely.
    plain = re.compile(rf"[1-9][0-9]{{0,{digits - places - 1}}}(?:\.[0-9]{{1,{places}}})?")
    shape = re.compile(r"([0-9]*)(\.?)([0-9]*)")
    expected = f"expected zero or more, at most {digits} digits, at most {places} after the point"

    def read(text: str) -> Found[str]:
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
