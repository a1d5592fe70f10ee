"""Standing of statements: how good a statement is, whoever makes it. A greater number is better."""

from __future__ import annotations

import json
from typing import Final

from readings.formats.mdff.catalogue.codes import VARIES

VALIDATED: Final = 2
NOT_VALIDATED: Final = 1
FAILED: Final = 0
#: Standing by the flag of a quality method (MDFF); every other flag stands like an actual reading.
_BY_QUALITY: Final = {"E": 1, "N": 0}
_ACTUAL: Final = 2


def of_validation(validation_status: str, flag: str, reading_status: str) -> int:
    """Return the standing of a British reading.

    The reading status, set by validation, overrides the flag of the first check.
    """
    is_suspect = flag == "F" and reading_status != "T"
    if validation_status == "F" or is_suspect or reading_status == "F":
        return FAILED
    is_validated = validation_status == "V" or (flag == "F" and reading_status == "T")
    return VALIDATED if is_validated else NOT_VALIDATED


def of_quality(*quality_methods: str) -> int:
    """Return the standing of Australian data: that of the worst of its qualities."""
    return min(_BY_QUALITY.get(quality[:1], _ACTUAL) for quality in quality_methods)


def of_day(quality_method: str, events: str) -> int:
    """Return the standing of an interval day, whose events override its quality."""
    if not events:
        return of_quality(quality_method)
    qualities = [event[2] for event in json.loads(events)]
    return of_quality(*qualities, *([] if quality_method == VARIES else [quality_method]))
