"""Typed readers of single fields: text in, value and faults out.

A reader never raises for what it reads. It is pure, so that a format may remember its answers (`Memo`): in a flow
file most texts come again and again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final, Generic, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from readings.codes import DISTRIBUTORS
from readings.formats.contract import ERROR, WARNING, Moment

BRITISH_CLOCK_TIME: Final = ZoneInfo("Europe/London")

#: Stands for a moment that could not be read, in a file that is rejected for it.
NO_MOMENT: Final[Moment] = (datetime.min.replace(tzinfo=timezone.utc), "")

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


def british_moment(text: str) -> Found[Moment | None]:
    """Read `ccyymmddhhmmss` as British clock time (DTC 15.4, Domains, DateTime: local time, years 1950 to 2199).

    The repeated hour in autumn is taken as its first pass, the missing hour in spring as the same length of time
    after midnight: both with a warning and the digits as sent. An HHDC's midnight `235959` stays what it is.
    """
    expected = "expected a date and time ccyymmddhhmmss, from 1950 to 2199"
    if len(text) != 14 or not (text.isascii() and text.isdigit()):
        return None, ((ERROR, "not-a-date-time", expected),)
    try:
        local = datetime(*(int(part) for part in _parts(text)), tzinfo=BRITISH_CLOCK_TIME)  # type: ignore[misc, arg-type]
    except ValueError:
        return None, ((ERROR, "not-a-date-time", f"is not in the calendar; {expected}"),)
    if not 1950 <= local.year <= 2199:
        return None, ((ERROR, "not-a-date-time", expected),)
    instant = local.astimezone(timezone.utc)
    if instant.astimezone(BRITISH_CLOCK_TIME).replace(tzinfo=None) != local.replace(tzinfo=None):
        message = "lies in the hour that the clocks leave out in spring; taken as one hour later"
        return (instant, text), ((WARNING, "missing-hour", message),)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        message = "lies in the hour that comes twice in autumn; taken as the first, in summer time"
        return (instant, text), ((WARNING, "repeated-hour", message),)
    return (instant, ""), ()


def british_day(instant: datetime) -> str:
    """Return the day in British clock time as `ccyymmdd`."""
    return f"{instant.astimezone(BRITISH_CLOCK_TIME):%Y%m%d}"


def _parts(digits: str) -> tuple[str, ...]:
    return (digits[:4], digits[4:6], digits[6:8], digits[8:10], digits[10:12], digits[12:])


_WEIGHTS: Final = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
#: Weighted sums of each three digits, by their place in the MPAN core.
_SUMS: Final = tuple(
    {
        f"{number:03}": sum(
            weight * int(digit) for weight, digit in zip(_WEIGHTS[place : place + 3], f"{number:03}", strict=True)
        )
        for number in range(1000)
    }
    for place in (0, 3, 6, 9)
)
_CHECK_DIGITS: Final = "01234567890"
_FIRST, _SECOND, _THIRD, _FOURTH = _SUMS


def mpan_check_digit(digits: str) -> str:
    """Return the check digit of the first 12 digits of an MPAN core; KeyError where they are not digits.

    Primes without 11 as weights, modulo 11, modulo 10: as the industry computes it, though no catalogue says so.
    """
    total = _FIRST[digits[:3]] + _SECOND[digits[3:6]] + _THIRD[digits[6:9]] + _FOURTH[digits[9:12]]
    return _CHECK_DIGITS[total % 11]


def is_plain_mpan_core(text: str) -> bool:
    """Tell whether a text is an MPAN core of a known distributor with the right check digit: the quick look."""
    if len(text) != 13 or text[:2] not in DISTRIBUTORS or text[:2] == "78":
        return False
    try:
        return mpan_check_digit(text) == text[12]
    except KeyError:
        return False


def mpan_core(text: str) -> Found[str]:
    """Read an MPAN core, or an AMSID in its place; prefix 78 has no check digit (DTC 15.4, J0003 and J2274)."""
    if len(text) != 13 or not (text.isascii() and text.isdigit()):
        return "", ((ERROR, "not-an-mpan-core", "expected 13 digits"),)
    if text[:2] != "78" and text[12] != (digit := mpan_check_digit(text)):
        return "", ((ERROR, "wrong-check-digit", f"the check digit of these 12 digits is {digit}"),)
    return text, ()
