"""Badges: words that mark statuses, and reasons not to trust a value."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.formats.dtc.catalogue import labels as dtc_labels
from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.formats.mdff.catalogue import labels as mdff_labels
from readings.formats.text import NO_VALUE
from readings.models import Outcome, Reading, Scheme, Severity, Status

#: Tones of badges; the style sheet has a color for each.
PLAIN, GOOD, CARE, BAD = "plain", "good", "care", "bad"
_TONES: dict[str, str] = {
    Status.IMPORTED: GOOD,
    Status.REJECTED: BAD,
    Status.RECEIVED: CARE,
    Outcome.DUPLICATE: PLAIN,
    Outcome.OTHER_FLOW: PLAIN,
    Severity.ERROR: BAD,
    Severity.WARNING: CARE,
}


def badge(words: str, tone: str = PLAIN) -> SafeString:
    """Return a badge; its word carries the meaning without the color."""
    return format_html('<span class="badge {}">{}</span>', tone, words)


def outcome(value: str, words: str) -> SafeString:
    """Return the badge of a status, an outcome or a severity."""
    return badge(words, _TONES.get(value, PLAIN))


def small(words: str) -> SafeString:
    """Return secondary text in small print."""
    return format_html('<span class="quiet small">{}</span>', words)


def test_data() -> SafeString:
    """Return the badge of test data."""
    return badge("Test data", CARE)


def quality_marks(quality_methods: Iterable[str]) -> list[SafeString]:
    """Return the badges of qualities, each once."""
    rules = (
        (mdff_labels.is_forward_estimate, "Estimate"),
        (mdff_labels.is_substituted, "Substituted"),
        (mdff_labels.is_no_reading, "No reading"),
    )
    methods = set(quality_methods)
    return [badge(words, CARE) for applies, words in rules if any(map(applies, methods))]


def marks(reading: Reading) -> list[SafeString]:
    """Return the badges of a reading."""
    rules = (
        (reading.superseded_by_id, "Superseded", BAD),
        (reading.withdrawn_by_id, "Withdrawn", BAD),
        (reading.reading_type == WITHDRAWN, "Withdrawal", BAD),
        (reading.validation_status == "F", "Failed validation", BAD),
        (dtc_labels.is_estimate(reading.reading_type), "Estimate", CARE),
        (reading.reading_type == "C", "Customer read", PLAIN),
    )
    badges = [badge(words, tone) for applies, words, tone in rules if applies]
    return badges + ([test_data()] if reading.meter_point.scheme == Scheme.TEST_MPAN else [])


def flag(reading: Reading) -> SafeString:
    """Return whether a reading is valid or suspect; Australian readings have a quality instead."""
    if reading.meter_point.is_nmi:
        return SafeString(NO_VALUE)
    words = dtc_labels.flag_in_words(reading.flag, reading.reading_status)
    if dtc_labels.is_suspect(reading.flag, reading.reading_status):
        return badge(words, BAD)
    return format_html("{}", words)
