"""Codes and instants in the words that people read. What is stored stays as sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from readings.formats.dtc.catalogue import codes
from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.formats.dtc.catalogue.codes import LIVE
from readings.formats.text import NOT_SAID


def kind_of_reading(reading_type: str) -> str:
    """Name a reading type, with its code."""
    if reading_type == codes.WITHDRAWN:
        return f"Takes back an earlier reading ({reading_type})"
    return _named(codes.READING_TYPES, reading_type)


def is_estimate(reading_type: str) -> bool:
    """Tell whether nobody saw the register show such a value."""
    return reading_type in codes.ESTIMATES


def is_suspect(flag: str, reading_status: str) -> bool:
    """Tell whether a reading is in doubt: what validation found counts more than the first check."""
    return (reading_status or flag) == "F"


def flag_in_words(flag: str, reading_status: str) -> str:
    """Say what the first check found, and what validation made of it where that differs."""
    first = codes.READING_FLAGS.get(flag, flag)
    last = codes.READING_FLAGS.get(reading_status, reading_status)
    if first and last and first != last:
        return f"{first}, later found {last.lower()}"
    return last or first or "None"


def validation_status(code: str) -> str:
    """Name the validation status of a meter point's readings."""
    return _named(codes.VALIDATION_STATUSES, code)


def reading_method(code: str) -> str:
    """Name how a reading was taken."""
    return _named(codes.READING_METHODS, code)


def reason(code: str) -> str:
    """Name the reason that validation gave."""
    return _named(codes.REASON_CODES, code)


def site_visit_check(code: str) -> str:
    """Name what an agent found on site."""
    return _named(codes.SITE_VISIT_CHECK_CODES, code)


def participant(identifier: str, role: str) -> str:
    """Name a sender or recipient, with its role."""
    if not (identifier or role):
        return NOT_SAID
    return f"{identifier} ({codes.ROLES.get(role, f'role {role}')})" if role else identifier


def is_test(test_flag: str) -> bool:
    """Tell whether a header says that its file is no live data."""
    return test_flag not in ("", LIVE)


def british_time(instant: datetime) -> str:
    """Write an instant by the British clock, with its zone: GMT or BST."""
    local = instant.astimezone(BRITISH_CLOCK_TIME)
    return f"{local:%d %b} {local.year:04} {local:%H:%M:%S %Z}"


def _named(words: Mapping[str, str], code: str) -> str:
    if not code:
        return NOT_SAID
    return f"{words[code]} ({code})" if code in words else f"Unknown code ({code})"
