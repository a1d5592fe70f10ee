"""What stands in the cells of lists and tables."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from readings import names, queries
from readings.codes import WITHDRAWN
from readings.models import FlowFile, Meter, MeterPoint, Outcome, Reading, Scheme, Severity, Status

#: How serious what a badge says is; the style sheet has a color for each.
PLAIN, GOOD, CARE, BAD = "plain", "good", "care", "bad"

_TONES: dict[str, str] = {
    Status.IMPORTED: GOOD,
    Status.REJECTED: BAD,
    Status.RECEIVED: CARE,
    Outcome.DUPLICATE: PLAIN,
    Severity.ERROR: BAD,
    Severity.WARNING: CARE,
}


def badge(words: str, tone: str = PLAIN) -> SafeString:
    """Mark something by a word, so that no color has to be told from another."""
    return format_html('<span class="badge {}">{}</span>', tone, words)


def outcome(value: str, words: str) -> SafeString:
    """Mark a status, an outcome or a severity."""
    return badge(words, _TONES.get(value, PLAIN))


def page_of(row: Model, text: str) -> SafeString:
    """Link to the page of one thing."""
    url = reverse(f"admin:readings_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', url, text)


def found_in(listed: str, text: str, *, is_test: bool = False, **query: str) -> SafeString:
    """Link to a list, narrowed by a search."""
    asked = urlencode({**query, "data": "test"} if is_test else query)
    return format_html('<a href="{}?{}">{}</a>', reverse(f"admin:readings_{listed}_changelist"), asked, text)


def flow_file(row: FlowFile) -> SafeString:
    """Link to a flow file, by the name under which it came first."""
    return page_of(row, queries.name_of(row))


def meter_point(row: MeterPoint) -> SafeString:
    """Link to a meter point."""
    link = page_of(row, row.identifier)
    return _together(link, test_data()) if row.scheme == Scheme.TEST_MPAN else link


def meter(row: Meter) -> SafeString:
    """Write a serial number."""
    return format_html('<span class="serial">{}</span>', row.serial_number)


def as_sent(text: str) -> SafeString:
    """Write a text with all its blanks, which a browser would otherwise fold."""
    return format_html('<span class="as-sent">{}</span>', text or names.NOT_SAID)


def line(number: int) -> str:
    """Write the number of a line; 0 is the whole file."""
    return f"{number:,}" if number else "whole file"


def test_data() -> SafeString:
    """Mark test data."""
    return badge("Test data", CARE)


def instant(moment: datetime | None, otherwise: str = names.NOT_SAID) -> str:
    """Write an instant by the British clock."""
    return names.british_time(moment) if moment else otherwise


def read_at(reading: Reading, *, linked: bool = True) -> SafeString:
    """Say when a reading was taken, and the digits as sent where a clock change leaves that in doubt."""
    words = names.british_time(reading.read_at)
    cell = page_of(reading, words) if linked else format_html("{}", words)
    if reading.read_at_as_sent:
        sent = format_html('<span class="quiet small">sent as {}</span>', reading.read_at_as_sent)
        return format_html("{}<br>{}", cell, sent)
    return cell


def value(reading: Reading) -> SafeString:
    """Write the digits as stored, struck through where they count no more."""
    digits = names.digits(reading.value)
    if reading.superseded_by_id or reading.withdrawn_by_id:
        return format_html("<s>{}</s>", digits)
    if reading.reading_type == WITHDRAWN:
        return format_html('<span class="quiet">{}</span>', digits)
    return format_html("{}", digits)


def kind(reading: Reading) -> SafeString:
    """Say in words what kind of reading it is, with a badge for each reason not to take it as it is."""
    return _together(names.kind_of_reading(reading.reading_type), *marks(reading))


def marks(reading: Reading) -> list[SafeString]:
    """Give the badges of a reading."""
    marked = (
        (reading.superseded_by_id, "Superseded", BAD),
        (reading.withdrawn_by_id, "Withdrawn", BAD),
        (reading.reading_type == WITHDRAWN, "Withdrawal", BAD),
        (reading.validation_status == "F", "Failed validation", BAD),
        (names.is_estimate(reading.reading_type), "Estimate", CARE),
        (reading.reading_type == "C", "Customer read", PLAIN),
    )
    badges = [badge(words, tone) for holds, words, tone in marked if holds]
    return badges + ([test_data()] if reading.meter_point.scheme == Scheme.TEST_MPAN else [])


def flag(reading: Reading) -> SafeString:
    """Say whether a reading is valid or suspect."""
    words = names.flag_in_words(reading.flag, reading.reading_status)
    if names.is_suspect(reading.flag, reading.reading_status):
        return badge(words, BAD)
    return format_html("{}", words)


def _together(*parts: str) -> SafeString:
    return format_html("{}" + " {}" * (len(parts) - 1), *parts)
