"""British clock time: GMT in winter, BST in summer (DTC Annex C, Domains, DateTime)."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Final
from zoneinfo import ZoneInfo

from readings.formats.contract import ERROR, WARNING
from readings.formats.fields import ValueAndFaults
from readings.formats.statements import Moment

BRITISH_CLOCK_TIME: Final = ZoneInfo("Europe/London")
#: Placeholder for an unreadable time, in a file that is rejected for it.
NO_MOMENT: Final[Moment] = (datetime.min.replace(tzinfo=timezone.utc), "")


def british_moment(text: str) -> ValueAndFaults[Moment | None]:
    """Read `ccyymmddhhmmss` as British clock time (DTC 15.4, Domains, DateTime: local time, years 1950 to 2199).

    A time in the repeated hour in autumn is read as its first occurrence, one in the missing hour in spring as one
    hour later: both with a warning and the digits as sent. An HHDC's midnight `235959` is not changed.
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
        message = "is in the hour that the spring clock change skips; read as one hour later"
        return (instant, text), ((WARNING, "missing-hour", message),)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        message = "is in the hour that the autumn clock change repeats; read as the first occurrence, in summer time"
        return (instant, text), ((WARNING, "repeated-hour", message),)
    return (instant, ""), ()


def british_day(instant: datetime) -> str:
    """Return the day in British clock time as `ccyymmdd`."""
    return f"{instant.astimezone(BRITISH_CLOCK_TIME):%Y%m%d}"


def _parts(digits: str) -> tuple[str, ...]:
    return (digits[:4], digits[4:6], digits[6:8], digits[8:10], digits[10:12], digits[12:])
