"""Quality methods of AEMO's meter data file format, with their reasons."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from readings.formats.contract import ERROR, WARNING
from readings.formats.fields import Fault
from readings.formats.mdff.catalogue.codes import MADE_BY_A_METHOD, MADE_FOR_A_REASON, METHODS, VARIES
from readings.formats.mdff.catalogue.fields import text
from readings.formats.mdff.catalogue.reasons import FREE_TEXT, is_defined_reason, plain_number
from readings.formats.packed_day import NULL_DATA

QUALITY_METHOD: Final = re.compile("([AEFNSV])([0-9]{2})?")


def place_of_quality(texts: Sequence[str]) -> int:
    """Return the index of the first quality method among the fields of a 300; 0 if there is none."""
    return next((place for place, text in enumerate(texts) if QUALITY_METHOD.fullmatch(text)), 0)


class Quality(NamedTuple):
    """Quality method and reason code in the parts that a reading stores, and their faults."""

    flag: str
    method: str
    reason_code: str
    #: Name of the field, its text, the fault.
    faults: tuple[tuple[str, str, Fault], ...]


def quality(allowed: str, before: str = "") -> Callable[[str], Quality]:
    """Return a reader of quality method, reason code and reason description, separated by commas.

    `before` is the prefix of the field names.
    """
    with_method = " ".join(flag for flag in sorted(MADE_BY_A_METHOD) if flag in allowed)
    expected = f"expected one of {' '.join(allowed)}, followed by two digits after {with_method}"
    description_of = text(240, limit=1000)

    def read(texts: str) -> Quality:
        quality_method, reason, description = texts.split(",")
        match = QUALITY_METHOD.fullmatch(quality_method)
        if not match or match[1] not in allowed or (match[1] == VARIES and match[2]):
            fault = (ERROR, "invalid-quality-method", expected)
            return Quality("", "", "", ((f"{before}QualityMethod", quality_method, fault),))
        flag, method = match[1], match[2] or ""
        faults = [(f"{before}QualityMethod", quality_method, fault) for fault in _method_faults(flag, method)]
        faults += [(f"{before}ReasonCode", reason, fault) for fault in _reason_faults(flag, reason)]
        _, description_faults = description_of(description)
        if plain_number(reason) == FREE_TEXT and not description:
            message = "is mandatory with reason code 0 but empty"
            description_faults += ((WARNING, "missing-reason-description", message),)
        faults += [(f"{before}ReasonDescription", description, fault) for fault in description_faults]
        return Quality(flag, method, reason, tuple(faults))

    return read


def _method_faults(flag: str, method: str) -> tuple[Fault, ...]:
    if flag == NULL_DATA:
        return ((WARNING, "null-data", "marks null data (removed in 2021); kept as sent, excluded from totals"),)
    if flag in MADE_BY_A_METHOD and not method:
        return ((WARNING, "missing-method", f"has no method, expected two digits after {flag}; kept as sent"),)
    if method and flag not in MADE_BY_A_METHOD:
        return ((WARNING, "needless-method", f"has a method, which {flag} does not use; kept as sent"),)
    if method and method not in METHODS:
        return ((WARNING, "unknown-code", "has a method that is not in the code list; kept as sent"),)
    return ()


def _reason_faults(flag: str, reason: str) -> tuple[Fault, ...]:
    if not reason:
        is_mandatory = flag in MADE_FOR_A_REASON
        return ((WARNING, "missing-reason", f"is mandatory with {flag} but empty"),) if is_mandatory else ()
    if len(reason) > 10:
        return ((ERROR, "wrong-length", f"has {len(reason)} characters, expected at most 3 digits"),)
    if flag == VARIES:
        return ((WARNING, "needless-reason", "is not used with V, the 400 records have the reasons; kept as sent"),)
    if not is_defined_reason(reason):
        return ((WARNING, "unknown-code", "is not in the list of reason codes; kept as sent"),)
    return ()
