"""Cells of lists and tables."""

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
from readings.formats.text import NO_VALUE, digits
from readings.models import Accumulation, IntervalDay, Meter, MeterPoint, Reading, Register, Scheme
from readings.presentation.badges import BAD, badge, marks, quality_marks, small

#: Statement of a line about a register.
AnyStatement: TypeAlias = Reading | Accumulation | IntervalDay


def page_of(row: Model, text: str) -> SafeString:
    """Return a link to the admin page of a row."""
    url = reverse(f"admin:readings_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', url, text)


def search_link(listed: str, text: str, *, is_test: bool = False, **query: str) -> SafeString:
    """Return a link to a list, narrowed by a search."""
    params = urlencode({**query, "data": "test"} if is_test else query)
    return format_html('<a href="{}?{}">{}</a>', reverse(f"admin:readings_{listed}_changelist"), params, text)


def meter(row: Meter) -> SafeString:
    """Return a serial number, or a note that there is none: a NEM12 file need not state it."""
    if not row.serial_number:
        return SafeString('<span class="quiet">not stated</span>')
    return format_html('<span class="serial">{}</span>', row.serial_number)


def register(row: Register) -> SafeString:
    """Return the name of a register: its register id, in Australia with suffix and unit."""
    if not row.suffix:
        return format_html("{}", row.register_id or NO_VALUE)
    return lines(row.register_id or NO_VALUE, small(mdff_labels.register("", row.suffix, row.unit)))


def lines(*parts: str) -> SafeString:
    """Return the lines of a cell, one below the other."""
    return format_html_join("", '<span class="line">{}</span>', ((part,) for part in parts if part))


def as_sent(text: str) -> SafeString:
    """Return a text with all of its spaces, which a browser would otherwise collapse."""
    return format_html('<span class="as-sent">{}</span>', text or NO_VALUE)


def line(number: int) -> str:
    """Return the number of a line; 0 is the whole file."""
    return f"{number:,}" if number else "whole file"


def instant(moment: datetime | None, otherwise: str = NO_VALUE) -> str:
    """Return an instant in British clock time."""
    return dtc_labels.british_time(moment) if moment else otherwise


def in_two_lines(instant: str) -> SafeString:
    """Return an instant in words as a day, and the time below it."""
    if instant.count(" ") < 4:
        return format_html("{}", instant)
    day, time, zone = instant.rsplit(" ", 2)
    return lines(day, f"{time} {zone}")


def nem_instant(moment: datetime | None) -> str:
    """Return an instant in NEM time."""
    return mdff_labels.market_time(moment, settings.NEM_UTC_OFFSET) if moment else NO_VALUE


def market_instant(moment: datetime | None, *, is_nmi: bool) -> str:
    """Return an instant in the clock time of its market."""
    return nem_instant(moment) if is_nmi else instant(moment)


def nem_read_at(moment: datetime) -> SafeString:
    """Return the time of a read in NEM time, with a note if only the day is known."""
    is_day = mdff_labels.has_no_time_of_day(moment, settings.NEM_UTC_OFFSET)
    note = small("time of day unknown") if is_day else ""
    return lines(nem_instant(moment), note) if note else format_html("{}", nem_instant(moment))


def day(moment: date) -> str:
    """Return a day in words."""
    return f"{moment:%d %b} {moment.year:04}"


def heading(row: AnyStatement, *rest: str) -> str:
    """Return the heading of a statement: meter point, serial number, and the rest."""
    return " · ".join(filter(None, (f"{row.meter_point}", row.register.meter.serial_number, *rest)))


def scheme(row: MeterPoint) -> str:
    """Return the name of a meter point's scheme; test data has its own badge."""
    return str(Scheme.MPAN.label if row.scheme == Scheme.TEST_MPAN else row.get_scheme_display())


def time_of(reading: Reading) -> str:
    """Return the time of a reading in the clock time of its market."""
    return market_instant(reading.read_at, is_nmi=reading.meter_point.is_nmi)


def read_at(reading: Reading, *, linked: bool = True) -> SafeString:
    """Return the time of a reading, with the digits as sent if a clock change makes it ambiguous."""
    words = time_of(reading)
    cell = page_of(reading, words) if linked else format_html("{}", words)
    if reading.read_at_as_sent:
        return format_html("{}<br>{}", cell, small(f"sent as {reading.read_at_as_sent}"))
    if reading.meter_point.is_nmi and mdff_labels.has_no_time_of_day(reading.read_at, settings.NEM_UTC_OFFSET):
        return format_html("{}<br>{}", cell, small("time of day unknown"))
    return cell


def value(reading: Reading) -> SafeString:
    """Return the digits on the dial, or as stored; struck through if superseded or withdrawn."""
    dial = reading.register_read or digits(reading.value)
    if not reading.is_current:
        return format_html("<s>{}</s>", dial)
    if reading.reading_type == WITHDRAWN:
        return format_html('<span class="quiet">{}</span>', dial)
    return format_html("{}", dial)


def kind(reading: Reading) -> SafeString:
    """Return the kind of reading in words, with a badge for each reason not to trust it."""
    if reading.meter_point.is_nmi:
        return quality([reading.flag + reading.method], reading)
    return together(dtc_labels.kind_of_reading(reading.reading_type), *marks(reading))


def quality(quality_methods: Collection[str], row: AnyStatement | None = None) -> SafeString:
    """Return the quality of values in words, with a badge for each reason not to trust them.

    One reason is that `row`, which states them, is superseded.
    """
    words = ", ".join(map(mdff_labels.quality, dict.fromkeys(quality_methods)))
    superseded = [badge("Superseded", BAD)] if row and not row.is_current else []
    return together(words, *superseded, *quality_marks(quality_methods))


def amount(words: str, row: AnyStatement) -> SafeString:
    """Return an amount, struck through if superseded or withdrawn."""
    return format_html("{}" if row.is_current else "<s>{}</s>", words)


def together(*parts: str) -> SafeString:
    """Return the parts in one line."""
    return format_html("{}" + " {}" * (len(parts) - 1), *parts)
