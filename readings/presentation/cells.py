"""What stands in the cells of lists and tables."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import TypeAlias

from django.conf import settings
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from readings.formats.dtc.catalogue import labels as dtc_labels
from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.formats.mdff.catalogue import labels as mdff_labels
from readings.formats.text import NOT_SAID, digits
from readings.models import Accumulation, IntervalDay, Meter, MeterPoint, Reading, Register, Scheme
from readings.presentation.badges import BAD, badge, marks, quality_marks, small

#: What lines state of registers.
Stated: TypeAlias = Reading | Accumulation | IntervalDay


def page_of(row: Model, text: str) -> SafeString:
    """Link to the page of one thing."""
    url = reverse(f"admin:readings_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', url, text)


def found_in(listed: str, text: str, *, is_test: bool = False, **query: str) -> SafeString:
    """Link to a list, narrowed by a search."""
    asked = urlencode({**query, "data": "test"} if is_test else query)
    return format_html('<a href="{}?{}">{}</a>', reverse(f"admin:readings_{listed}_changelist"), asked, text)


def meter(row: Meter) -> SafeString:
    """Write a serial number, or say that there is none: a file of intervals need not name the meter."""
    if not row.serial_number:
        return SafeString('<span class="quiet">not named</span>')
    return format_html('<span class="serial">{}</span>', row.serial_number)


def register(row: Register) -> SafeString:
    """Name a register: by its register id, and in Australia by its suffix and unit too."""
    if not row.suffix:
        return format_html("{}", row.register_id or NOT_SAID)
    return lines(row.register_id or NOT_SAID, small(mdff_labels.register("", row.suffix, row.unit)))


def lines(*parts: str) -> SafeString:
    """Write the lines of a cell one under the other."""
    return format_html_join("", '<span class="line">{}</span>', ((part,) for part in parts if part))


def as_sent(text: str) -> SafeString:
    """Write a text with all its blanks, which a browser would otherwise fold."""
    return format_html('<span class="as-sent">{}</span>', text or NOT_SAID)


def line(number: int) -> str:
    """Write the number of a line; 0 is the whole file."""
    return f"{number:,}" if number else "whole file"


def instant(moment: datetime | None, otherwise: str = NOT_SAID) -> str:
    """Write an instant by the British clock."""
    return dtc_labels.british_time(moment) if moment else otherwise


def nem_instant(moment: datetime | None) -> str:
    """Write an instant by the clock of the Australian market."""
    return mdff_labels.market_time(moment, settings.NEM_UTC_OFFSET) if moment else NOT_SAID


def nem_read_at(moment: datetime) -> SafeString:
    """Say when a register in Australia was read, and where only the day of that is known."""
    is_day = mdff_labels.has_no_time_of_day(moment, settings.NEM_UTC_OFFSET)
    note = small("time of day not known") if is_day else ""
    return lines(nem_instant(moment), note) if note else format_html("{}", nem_instant(moment))


def day(moment: date) -> str:
    """Write a day."""
    return f"{moment:%d %b} {moment.year:04}"


def heading(row: Stated, *rest: str) -> str:
    """Name what a line states of a register, by the place of that and by what follows."""
    return " · ".join(filter(None, (f"{row.meter_point}", row.register.meter.serial_number, *rest)))


def scheme(row: MeterPoint) -> str:
    """Name what identifies a meter point; test data is marked elsewhere."""
    return str(Scheme.MPAN.label if row.scheme == Scheme.TEST_MPAN else row.get_scheme_display())


def time_of(reading: Reading) -> str:
    """Say when a reading was taken, by the clock of its market."""
    return nem_instant(reading.read_at) if reading.meter_point.is_nmi else dtc_labels.british_time(reading.read_at)


def read_at(reading: Reading, *, linked: bool = True) -> SafeString:
    """Say when a reading was taken, and the digits as sent where a clock change leaves that in doubt."""
    words = time_of(reading)
    cell = page_of(reading, words) if linked else format_html("{}", words)
    if reading.read_at_as_sent:
        return format_html("{}<br>{}", cell, small(f"sent as {reading.read_at_as_sent}"))
    if reading.meter_point.is_nmi and mdff_labels.has_no_time_of_day(reading.read_at, settings.NEM_UTC_OFFSET):
        return format_html("{}<br>{}", cell, small("time of day not known"))
    return cell


def value(reading: Reading) -> SafeString:
    """Write the digits as stored, or as on the dial; struck through where they count no more."""
    dial = reading.register_read or digits(reading.value)
    if not reading.is_current:
        return format_html("<s>{}</s>", dial)
    if reading.reading_type == WITHDRAWN:
        return format_html('<span class="quiet">{}</span>', dial)
    return format_html("{}", dial)


def kind(reading: Reading) -> SafeString:
    """Say in words what kind of reading it is, with a badge for each reason not to take it as it is."""
    if reading.meter_point.is_nmi:
        return quality([reading.flag + reading.method], reading)
    return together(dtc_labels.kind_of_reading(reading.reading_type), *marks(reading))


def quality(quality_methods: Collection[str], row: Stated | None = None) -> SafeString:
    """Say in words of what quality values are, with a badge for each reason not to take them as they are.

    One of them is that something supersedes the row that states them.
    """
    words = ", ".join(map(mdff_labels.quality, dict.fromkeys(quality_methods)))
    superseded = [badge("Superseded", BAD)] if row and not row.is_current else []
    return together(words, *superseded, *quality_marks(quality_methods))


def amount(words: str, row: Stated) -> SafeString:
    """Write an amount, struck through where it counts no more."""
    return format_html("{}" if row.is_current else "<s>{}</s>", words)


def together(*parts: str) -> SafeString:
    """Write parts one behind the other."""
    return format_html("{}" + " {}" * (len(parts) - 1), *parts)
