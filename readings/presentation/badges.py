"""Badges: a word for each reason not to take a value as it is."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.formats.dtc.catalogue import labels as dtc_labels
from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.formats.mdff.catalogue import labels as mdff_labels
from readings.formats.text import NOT_SAID
from readings.models import Outcome, Reading, Scheme, Severity, Status

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


def small(words: str) -> SafeString:
    """Write what matters less."""
    return format_html('<span class="quiet small">{}</span>', words)


def test_data() -> SafeString:
    """Mark test data."""
    return badge("Test data", CARE)


def quality_marks(quality_methods: Iterable[str]) -> list[SafeString]:
    """Give the badges of qualities, each once."""
    marked = (
        (mdff_labels.is_forward_estimate, "Estimate"),
        (mdff_labels.is_substituted, "Substituted"),
        (mdff_labels.is_no_reading, "No reading"),
    )
    methods = set(quality_methods)
    return [badge(words, CARE) for holds, words in marked if any(map(holds, methods))]


def marks(reading: Reading) -> list[SafeString]:
    """Give the badges of a reading."""
    marked = (
        (reading.superseded_by_id, "Superseded", BAD),
        (reading.withdrawn_by_id, "Withdrawn", BAD),
        (reading.reading_type == WITHDRAWN, "Withdrawal", BAD),
        (reading.validation_status == "F", "Failed validation", BAD),
        (dtc_labels.is_estimate(reading.reading_type), "Estimate", CARE),
        (reading.reading_type == "C", "Customer read", PLAIN),
    )
    badges = [badge(words, tone) for holds, words, tone in marked if holds]
    return badges + ([test_data()] if reading.meter_point.scheme == Scheme.TEST_MPAN else [])


def flag(reading: Reading) -> SafeString:
    """Say whether a reading is valid or suspect; in Australia its quality says that."""
    if reading.meter_point.is_nmi:
        return SafeString(NOT_SAID)
    words = dtc_labels.flag_in_words(reading.flag, reading.reading_status)
    if dtc_labels.is_suspect(reading.flag, reading.reading_status):
        return badge(words, BAD)
    return format_html("{}", words)
