"""Display texts of codes and instants. Stored values stay as sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from readings.formats.dtc.catalogue import codes
from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.formats.dtc.catalogue.codes import LIVE
from readings.formats.text import NO_VALUE


def kind_of_reading(reading_type: str) -> str:
    """Return the name of a reading type, with its code."""
    if reading_type == codes.WITHDRAWN:
        return f"Withdraws an earlier reading ({reading_type})"
    return _name(codes.READING_TYPES, reading_type)


def is_estimate(reading_type: str) -> bool:
    """Return whether values of this reading type were not read from the register."""
    return reading_type in codes.ESTIMATES


def is_suspect(flag: str, reading_status: str) -> bool:
    """Return whether a reading is suspect: the status after validation overrides the first flag."""
    return (reading_status or flag) == "F"


def flag_in_words(flag: str, reading_status: str) -> str:
    """Return the name of the first flag, and that of the status after validation if it differs."""
    first = codes.READING_FLAGS.get(flag, flag)
    last = codes.READING_FLAGS.get(reading_status, reading_status)
    if first and last and first != last:
        return f"{first}, later {last.lower()}"
    return last or first or "None"


def validation_status(code: str) -> str:
    """Return the name of the validation status of a meter point's readings."""
    return _name(codes.VALIDATION_STATUSES, code)


def reading_method(code: str) -> str:
    """Return the name of a reading method."""
    return _name(codes.READING_METHODS, code)


def reason(code: str) -> str:
    """Return the name of the reason code of a validation result."""
    return _name(codes.REASON_CODES, code)


def site_visit_check(code: str) -> str:
    """Return the name of a site visit check code."""
    return _name(codes.SITE_VISIT_CHECK_CODES, code)


def participant(identifier: str, role: str) -> str:
    """Return a sender or recipient, with its role."""
    if not (identifier or role):
        return NO_VALUE
    return f"{identifier} ({codes.ROLES.get(role, f'role {role}')})" if role else identifier


def speaker(identifier: str, role: str) -> str:
    """Return the role of a sender in full, and its participant id; empty if the file states neither."""
    name = codes.ROLES_IN_FULL.get(role, f"Role {role}") if role else ""
    return f"{name} {identifier}".strip()


def is_test(test_flag: str) -> bool:
    """Return whether the test data flag of a header marks test data."""
    return test_flag not in ("", LIVE)


def british_time(instant: datetime) -> str:
    """Return an instant in British clock time, with its zone: GMT or BST."""
    local = instant.astimezone(BRITISH_CLOCK_TIME)
    return f"{local:%d %b} {local.year:04} {local:%H:%M:%S %Z}"


def _name(names: Mapping[str, str], code: str) -> str:
    if not code:
        return NO_VALUE
    return f"{names[code]} ({code})" if code in names else f"Unknown code ({code})"
