"""Dates and times of AEMO's meter data file format."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import TypeAlias

from readings.formats.contract import ERROR, WARNING
from readings.formats.fields import Memo, ValueAndFaults
from readings.formats.mdff.catalogue.fields import missing

#: Date, as an instant at midnight and as `yyyy-mm-dd`.
Day: TypeAlias = tuple[datetime, str]


class Stamps:
    """Readers of dates and times of the market, without daylight saving; years 1950 to 2199."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        #: Days by text; None if the text is not a calendar date.
        self.days: Memo[Day | None] = Memo(self._day)
        self.minutes: Memo[timedelta | None] = Memo(_minute_of_day)
        self.seconds: Memo[timedelta | None] = Memo(_second_of_minute)

    def _day(self, text: str) -> Day | None:
        if len(text) != 8 or not (text.isascii() and text.isdigit()) or not 1950 <= int(text[:4]) <= 2199:
            return None
        try:
            midnight = datetime(int(text[:4]), int(text[4:6]), int(text[6:]), tzinfo=self.zone)
        except ValueError:
            return None
        return midnight, f"{midnight:%Y-%m-%d}"

    def instant(self, text: str) -> datetime | None:
        """Return the instant in `ccyymmddhhmmss`, or None."""
        day, minute, second = self.days[text[:8]], self.minutes[text[8:12]], self.seconds[text[12:]]
        return None if day is None or minute is None or second is None else day[0] + minute + second

    def date(self, severity: str, *, empty: str) -> Callable[[str], ValueAndFaults[str | None]]:
        """Return a reader of a date, with `yyyy-mm-dd` as its value."""

        def read(text: str) -> ValueAndFaults[str | None]:
            day = self.days[text]
            if day:
                return day[1], ()
            if not text:
                return None, missing(empty)
            return None, ((severity, "not-a-date", _expected("a date ccyymmdd", severity)),)

        return read

    def date_time(
        self, severity: str, *, empty: str, length: int = 14
    ) -> Callable[[str], ValueAndFaults[datetime | None]]:
        """Return a reader of a date and time, to the second, or with length 12 to the minute."""
        shape = f"a date and time {'ccyymmddhhmmss'[:length]}"
        seconds = "00" if length == 12 else ""

        def read(text: str) -> ValueAndFaults[datetime | None]:
            instant = self.instant(text + seconds) if len(text) == length else None
            if instant:
                return instant, ()
            if not text:
                return None, missing(empty)
            return None, ((severity, "not-a-date-time", _expected(shape, severity)),)

        return read

    def checked_date_time(self, text: str) -> ValueAndFaults[str]:
        """Read an optional date and time, kept as sent."""
        _, faults = self.date_time(WARNING, empty="")(text)
        return text[:40], faults


def _expected(shape: str, severity: str) -> str:
    expected = f"expected {shape}, from 1950 to 2199"
    return expected if severity == ERROR else f"{expected}; ignored"


def _minute_of_day(text: str) -> timedelta | None:
    if len(text) != 4 or not (text.isascii() and text.isdigit()) or text[:2] > "23" or text[2:] > "59":
        return None
    return timedelta(hours=int(text[:2]), minutes=int(text[2:]))


def _second_of_minute(text: str) -> timedelta | None:
    if len(text) != 2 or not (text.isascii() and text.isdigit()) or text > "59":
        return None
    return timedelta(seconds=int(text))
