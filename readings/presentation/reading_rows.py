"""Readings, site visits and files in words, for the templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils.safestring import SafeString

from readings.formats.dtc.catalogue import labels as dtc_labels
from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.formats.mdff.catalogue import labels as mdff_labels
from readings.formats.text import NO_VALUE, count
from readings.models import Reading, SiteVisit
from readings.models.advances import Advance
from readings.presentation import badges, cells, speakers
from readings.presentation.links import flow_file, origin, sender
from readings.queries.meter_point_files import FileLines
from readings.queries.meter_points.stretches import day_of

_NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRow:
    """A reading in words."""

    read_at: SafeString
    meter: SafeString
    register: SafeString
    register_name: str
    value: SafeString
    advance: SafeString
    per_day: SafeString
    kind: SafeString
    #: Reason for which the reading does not count, or the statements of others.
    verdict: list[SafeString]
    details: list[str]
    #: Explanation of the advance.
    note: str
    source: SafeString
    speaker: str
    counts: bool
    #: Whether the row before it on the page is of the same register and time.
    is_again: bool = False


def reading_row(
    row: Reading, advance: Advance | None = None, beside: Sequence[Reading] = (), *, is_named: bool = True
) -> ReadingRow:
    """Return a reading in words; `beside` are all readings of its register and time.

    `is_named` names the speaker.
    """
    marks = [badges.badge("Counts", badges.GOOD)] if row.is_current and speakers.rivals(row, beside) else []
    return ReadingRow(
        read_at=_read_at(row),
        meter=cells.meter(row.register.meter),
        register=cells.register(row.register),
        register_name=mdff_labels.register(row.register.register_id, row.register.suffix, row.register.unit),
        value=cells.value(row),
        advance=_advance(advance),
        per_day=_per_day(row, advance),
        kind=cells.together(cells.kind(row), *marks),
        verdict=speakers.verdict(row, beside),
        details=_details(row),
        note=advance.note if advance else "",
        source=speakers.source(row, is_named=is_named),
        speaker=speakers.speaker(row.flow_file) if is_named else "",
        counts=row.is_current and not row.is_overtaken and row.reading_type != WITHDRAWN,
    )


def together(rows: Sequence[Reading], words: Sequence[ReadingRow], registers: Sequence[int]) -> list[ReadingRow]:
    """Return readings in words, newest first, those of one register and time together: first the one that counts."""
    places = {register: place for place, register in enumerate(registers)}
    pairs = sorted(zip(rows, words, strict=True), key=lambda pair: (places[pair[0].register_id], not pair[1].counts))
    pairs.sort(key=lambda pair: pair[0].read_at, reverse=True)
    before = [None, *((row.register_id, row.read_at) for row, _ in pairs)]
    return [
        replace(each, is_again=(row.register_id, row.read_at) == previous)
        for (row, each), previous in zip(pairs, before, strict=False)
    ]


def _read_at(row: Reading) -> SafeString:
    """Return day and time, one below the other, with a note if they are ambiguous."""
    words = cells.time_of(row)
    note = f"sent as {row.read_at_as_sent}" if row.read_at_as_sent else ""
    if row.meter_point.is_nmi and mdff_labels.has_no_time_of_day(row.read_at, settings.NEM_UTC_OFFSET):
        note = "time of day unknown"
    day, time = (part.replace(" ", _NO_BREAK) for part in (words[:11], words[12:]))
    return cells.lines(day, badges.small(time), badges.small(note) if note else "")


def _details(row: Reading) -> list[str]:
    if row.meter_point.is_nmi:
        reason = mdff_labels.reason(row.reason_code, row.reason_description)
        return [reason] if reason != NO_VALUE else []
    if row.reading_type == WITHDRAWN:
        return []  # They are those of the reading that it withdraws.
    has_flag = row.flag or row.reading_status
    details = [dtc_labels.flag_in_words(row.flag, row.reading_status) if has_flag else "No flag"]
    if row.reason_code:
        details.append(f"Reason: {dtc_labels.reason(row.reason_code)}")
    details.append(f"BSC status: {dtc_labels.validation_status(row.validation_status)}")
    details.append(dtc_labels.reading_method(row.method) if row.method else "Method not stated")
    if row.md_reset_at:
        details.append(f"Maximum demand, reset {dtc_labels.british_time(row.md_reset_at)}; resets: {row.md_resets}")
    return details


def _advance(advance: Advance | None) -> SafeString:
    if advance is None:
        return SafeString(NO_VALUE)
    words = f"{advance.amount:f}"
    marks = [badges.badge("To an estimate", badges.CARE)] if advance.is_estimated else []
    return cells.lines(words, *marks)


def _per_day(row: Reading, advance: Advance | None) -> SafeString:
    """Return the mean per calendar day; nothing within a day, or if the register ran backwards."""
    if advance is None or advance.amount < 0:
        return SafeString(NO_VALUE)
    zone = settings.NEM_UTC_OFFSET if row.meter_point.is_nmi else BRITISH_CLOCK_TIME
    days = (day_of(advance.until, zone) - day_of(advance.since, zone)).days
    if not days:
        return SafeString(NO_VALUE)
    return cells.lines(f"{advance.amount / days:,.2f}", badges.small(f"over {count(days, 'day')}"))


def visit(row: SiteVisit) -> dict[str, str]:
    """Return a site visit for a template."""
    about = f"Meter {row.meter}" if row.meter else "The meter point"
    return {
        "check": dtc_labels.site_visit_check(row.check_code),
        "information": row.additional_information or NO_VALUE,
        "about": f"{about}, the reading in line {row.reading_line:,}" if row.reading_line else about,
        "origin": origin(row.flow_file, row.line),
    }


def file_lines(row: FileLines) -> dict[str, object]:
    """Return a file of a meter point for a template."""
    return {
        "name": flow_file(row.flow_file),
        "sender": sender(row.flow_file),
        "received": cells.instant(row.flow_file.received_at),
        "rows": row.rows,
        "repeats": _repeats(row),
    }


def _repeats(row: FileLines) -> str:
    if row.repeats == row.rows:
        return "only repeats"
    return count(row.repeats, "repeat") if row.repeats else ""
