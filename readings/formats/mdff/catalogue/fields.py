"""Typed readers of the fields of AEMO's meter data file format: text in, value and faults out.

As in `fields`, a reader never raises for bad text. Quotes and outer blanks are removed before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from readings.formats.contract import ERROR, WARNING
from readings.formats.fields import Fault, ValueAndFaults
from readings.formats.mdff.catalogue.codes import DECIMALS, UNITS

#: Most digits before the point of a number; the specification writes 15.4 and the like.
LONGEST_NUMBER: Final = 15
_NUMBER: Final = re.compile(rf"-?(?:[0-9]{{1,{LONGEST_NUMBER}}}(?:\.[0-9]{{0,15}})?|\.[0-9]{{1,15}})")
_REGISTER_READ: Final = re.compile(rf"0*([0-9]{{1,{LONGEST_NUMBER}}}(?:\.[0-9]{{1,15}})?)")


#: Start of messages about codes that are read in capitals.
NOT_UPPER_CASE: Final = "is not upper case"


class Field(NamedTuple):
    """Field of a record: its name in the specification, and the reader of its text."""

    name: str
    read: Callable[[str], ValueAndFaults[Any]]


def missing(severity: str) -> tuple[Fault, ...]:
    """Return the fault of an empty mandatory field; no fault if the severity is empty."""
    message = "is mandatory but empty; ask the sender for the value"
    return ((severity, "missing-value", message),) if severity else ()


def text(longest: int, *, limit: int, empty: str = "") -> Callable[[str], ValueAndFaults[str]]:
    """Return a reader of a text, kept as sent, with a warning above `longest` and an error above `limit` characters.

    `empty` is the severity of an empty field.
    """

    def read(text: str) -> ValueAndFaults[str]:
        if 0 < len(text) <= longest:
            return text, ()
        if not text:
            return "", missing(empty)
        if len(text) > limit:
            message = f"has {len(text)} characters, expected at most {longest}"
            return "", ((ERROR, "wrong-length", message),)
        message = f"has {len(text)} characters, expected at most {longest}; kept as sent"
        return text, ((WARNING, "too-long", message),)

    return read


def code(valid: Mapping[str, str], *, empty: str = "") -> Callable[[str], ValueAndFaults[str]]:
    """Return a reader of a code from a list that may grow; other codes are kept as sent."""
    expected = f"is not in the code list, expected one of {' '.join(sorted(valid))}; kept as sent"
    other = text(1, limit=10, empty=empty)

    def read(code: str) -> ValueAndFaults[str]:
        if code in valid:
            return code, ()
        value, faults = other(code)
        return value, faults or (((WARNING, "unknown-code", expected),) if code else ())

    return read


def suffix(kinds: Mapping[str, str]) -> Callable[[str], ValueAndFaults[str]]:
    """Return a reader of a NMI suffix: a character of a list, and the number of the meter; in capitals."""
    shape = re.compile(f"[{''.join(kinds)}][1-9A-HJ-NP-Z]")
    other = text(2, limit=10, empty=ERROR)

    def read(suffix: str) -> ValueAndFaults[str]:
        if shape.fullmatch(suffix):
            return suffix, ()
        capitals = suffix.upper() if suffix.isascii() else suffix
        if capitals != suffix and shape.fullmatch(capitals):
            return capitals, ((WARNING, "unusual-suffix", f"{NOT_UPPER_CASE}; read as {capitals}"),)
        value, faults = other(capitals)
        return value, faults or ((WARNING, "unusual-suffix", "is not a suffix of this format; kept as sent"),)

    return read


def holds(configuration: str, suffix: str) -> bool:
    """Return whether a NMI configuration, a sequence of suffixes, contains a suffix."""
    configuration = configuration.upper()
    return any(configuration[place : place + 2] == suffix for place in range(0, len(configuration), 2))


def unit(text: str) -> ValueAndFaults[str]:
    """Read a unit in any case, as spelled in the specification."""
    spelled = UNITS.get(text.lower())
    if spelled:
        return spelled, ()
    if not text:
        return "", missing(ERROR)
    return "", ((ERROR, "unknown-unit", "expected one of " + " ".join(UNITS.values())),)


def interval_length(text: str) -> ValueAndFaults[int]:
    """Read an interval length in minutes, any divisor of a day; 0 if it is unusable."""
    if text in ("5", "05", "15", "30"):
        return int(text), ()
    if not text:
        return 0, missing(ERROR)
    if not re.fullmatch("[0-9]{1,4}", text) or not int(text) or 1440 % int(text):
        return 0, ((ERROR, "wrong-interval-length", "expected 5, 15 or 30 minutes"),)
    return int(text), ((WARNING, "unusual-interval-length", "expected 5, 15 or 30 minutes; kept as sent"),)


def interval(text: str) -> ValueAndFaults[int]:
    """Read the number of an interval of a day, from 1; 0 if it is unusable."""
    if re.fullmatch("[0-9]{1,4}", text):
        return int(text), ()
    return 0, ((ERROR, "not-a-number", "expected an interval number, from 1"),) if text else missing(ERROR)


def register_read(text: str) -> ValueAndFaults[tuple[str, str]]:
    """Read a register read: as a decimal without leading zeros, and as sent, with the zeros of the dial."""
    match = _REGISTER_READ.fullmatch(text)
    if not match or len(text) > 40:
        expected = "expected the digits of the dial, without sign or exponent"
        return ("", ""), ((ERROR, "not-a-number", expected),) if text else missing(ERROR)
    if len(text) > LONGEST_NUMBER:
        message = f"has {len(text)} characters, expected at most {LONGEST_NUMBER}; kept as sent"
        return (match[1], text), ((WARNING, "too-long", message),)
    return (match[1], text), ()


def as_sent(text: str) -> ValueAndFaults[str]:
    """Return any text unchanged, to be read together with other fields."""
    return text, ()


def number(text: str, unit: str) -> ValueAndFaults[str]:
    """Read a quantity in a unit, as sent."""
    if not _NUMBER.fullmatch(text):
        expected = "expected a number without exponent, at most 15 digits before and after the point"
        return "", ((ERROR, "not-a-number", expected),) if text else missing(ERROR)
    faults: tuple[Fault, ...] = ()
    if text[0] == "-":
        faults += ((WARNING, "negative-value", "is negative; kept as sent"),)
    most = DECIMALS.get(unit, LONGEST_NUMBER)
    if len(text.partition(".")[2].rstrip("0")) > most:  # Trailing zeros are no precision.
        message = f"has more than {most} digits after the point, the limit for {unit}; kept as sent"
        faults += ((WARNING, "too-many-decimals", message),)
    return text, faults


def is_number(text: str) -> bool:
    """Return whether a text is a number."""
    return _NUMBER.fullmatch(text) is not None
