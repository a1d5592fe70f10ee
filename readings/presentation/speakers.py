"""Who stated a value and when, and why it counts or not, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.formats.dtc.catalogue import labels
from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.formats.text import NO_VALUE, digits
from readings.imports.law import standing
from readings.models import FlowFile, Reading, Statement
from readings.presentation import badges, cells, links

#: Standing of a reading in words: British, and Australian.
_STANDINGS: Final = (
    {standing.VALIDATED: "validated", standing.NOT_VALIDATED: "not validated", standing.FAILED: "failed or suspect"},
    {2: "actual or substituted", 1: "an estimate", 0: "null data"},
)
#: Reason for which a statement does not count although that of another sender is neither better nor later.
_CHANGED_ITS_MIND: Final = "its own sender stated another value since"
_NEVER: Final = datetime.min.replace(tzinfo=timezone.utc)


def speaker(row: FlowFile) -> str:
    """Return the sender of a file with its role in words."""
    return labels.speaker(row.sender, row.sender_role)


def names_of(speakers: Iterable[tuple[str, str]]) -> list[str]:
    """Return senders with their roles in words; nothing if no file states one."""
    names = sorted(labels.speaker(*each) for each in speakers)
    return [name or "files without a sender" for name in names] if any(names) else []


def source(row: Statement, *, is_named: bool) -> SafeString:
    """Return file, line and time of a statement and of its last repeat, with its speaker if `is_named`."""
    words = f"line {row.line:,}"
    if row.stated_at:
        words += f", stated {_instant(row, row.stated_at)}"
    name = (speaker(row.flow_file) or "No sender stated") if is_named else ""
    return cells.lines(name, links.flow_file(row.flow_file), badges.small(words), *_repeat(row))


def _repeat(row: Statement) -> Iterator[SafeString]:
    if row.restated_in is None:
        return
    at = f" {_instant(row, row.restated_at)}," if row.restated_at else ""
    place = format_html("line {} of {}", f"{row.restated_line or 0:,}", links.flow_file(row.restated_in))
    if row.restated_in_id == row.flow_file_id and row.restated_line == row.line:
        place = SafeString("when the file arrived again")
    yield format_html('<span class="quiet small">Stated again{} {}</span>', at, place)


def verdict(row: Reading, beside: Sequence[Reading]) -> list[SafeString]:
    """Return why a reading does not count and what took its place, or what others state instead.

    Of a withdrawal, return what it takes back. `beside` are all readings of the same register and time.
    """
    by_key = {each.pk: each for each in beside}
    if row.is_overtaken:
        return [SafeString("The end of a forward estimate that a later read overtook.")]
    if row.reading_type == WITHDRAWN:
        return _taken_back(row, beside)
    if winner := by_key.get(row.superseded_by_id or 0):
        words = "Superseded by <strong>{}</strong>{}: {}."
        return [format_html(words, _digits(winner), _of(winner, row), _reason(row, winner)), _place(winner)]
    if withdrawal := by_key.get(row.withdrawn_by_id or 0):
        return [format_html("Withdrawn by {}.", speaker(withdrawal.flow_file)), _place(withdrawal)]
    return [_instead(each, row) for each in rivals(row, beside)] if row.is_current else []


def rivals(row: Reading, beside: Sequence[Reading]) -> list[Reading]:
    """Return the last statement of each other speaker whose place a reading took."""
    superseded = (each for each in beside if each.superseded_by_id == row.pk and each.speaker != row.speaker)
    last = {each.speaker: each for each in sorted(superseded, key=_time_of)}
    return list(last.values())


def _instead(rival: Reading, row: Reading) -> SafeString:
    value = "the same value" if rival.value == row.value else _digits(rival)
    level = _standing(rival)
    note = f" ({_STANDINGS[row.meter_point.is_nmi][level]})" if level != _standing(row) else ""
    return format_html("{} states {}{}.", speaker(rival.flow_file) or "A file without a sender", value, note)


def _reason(row: Reading, winner: Reading) -> str:
    """Return the reason for which another statement counts."""
    who = "the same sender"
    if row.speaker != winner.speaker:
        who = "another sender"
        own, better = _standing(row), _standing(winner)
        if better > own:
            words = _STANDINGS[row.meter_point.is_nmi]
            return f"it is {words[better]}, this one is {words[own]}"
        if better < own:
            return _CHANGED_ITS_MIND
    if not (row.last_stated_at and winner.last_stated_at):
        return "it states a time, this one does not" if winner.last_stated_at else "it arrived later"
    if winner.last_stated_at > row.last_stated_at:
        return f"a later statement of {who}"
    if winner.last_stated_at < row.last_stated_at:
        return _CHANGED_ITS_MIND
    if winner.last_source[0] == row.last_source[0]:
        return "a later line of the same file"
    return "both files have the same time, and its file has the greater hash"


def _taken_back(withdrawal: Reading, beside: Sequence[Reading]) -> list[SafeString]:
    same = [each for each in beside if each.reading_type != WITHDRAWN and each.value == withdrawal.value]
    taken = [each for each in same if _takes_back(withdrawal, each)]
    if taken:
        return [part for each in taken for part in (_takes(each, withdrawal), _place(each))]
    if not same:
        return [SafeString("Takes back nothing: no reading of this value is stored for this register and time.")]
    role = withdrawal.speaker[1]
    later = next((each for each in same if each.speaker[1] == role), None)
    if later:
        when = _instant(later, later.last_stated_at)
        return [format_html("Takes back nothing: {} was stated later, {}.", _digits(later), when)]
    words = "Takes back nothing: {} of {} has a sender in another role."
    return [format_html(words, _digits(same[0]), speaker(same[0].flow_file))]


def _takes(reading: Reading, withdrawal: Reading) -> SafeString:
    return format_html("Takes back {}{}.", _digits(reading), _of(reading, withdrawal))


def _of(row: Reading, other: Reading) -> str:
    """Return the speaker of a statement, unless another statement has the same."""
    return f" of {speaker(row.flow_file)}" if row.speaker != other.speaker and any(row.speaker) else ""


def _takes_back(withdrawal: Reading, reading: Reading) -> bool:
    """Return whether a withdrawal took back a reading, which may be marked with a later withdrawal."""
    if reading.withdrawn_by_id is None or reading.withdrawn_by_id == withdrawal.pk:
        return reading.withdrawn_by_id is not None
    return reading.speaker[1] == withdrawal.speaker[1] and _time_of(reading) <= _time_of(withdrawal)


def _standing(row: Reading) -> int:
    if row.meter_point.is_nmi:
        return standing.of_quality(row.flag)
    return standing.of_validation(row.validation_status, row.flag, row.reading_status)


def _place(row: Reading) -> SafeString:
    """Return time, file and line of the last occasion of a statement."""
    at = f"Stated {_instant(row, row.last_stated_at)}, line" if row.last_stated_at else "Line"
    file = row.restated_in or row.flow_file
    words = '<span class="quiet">{} {} of {}</span>'
    return format_html(words, at, f"{row.last_source[1]:,}", links.flow_file(file))


def _instant(row: Statement, moment: datetime | None) -> str:
    words = cells.market_instant(moment, is_nmi=row.meter_point.is_nmi) if moment else NO_VALUE
    return words.replace(":00 ", " ")  # Few files state seconds.


def _time_of(row: Reading) -> datetime:
    return row.last_stated_at or _NEVER


def _digits(row: Reading) -> str:
    return row.register_read or digits(row.value)
