"""The answer to a search: the matches of each word, best first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import prefetch_related_objects
from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.models import FlowFile, Meter, MeterPoint
from readings.presentation import links, spellings
from readings.presentation.unknown import why_no_part
from readings.queries import meter_point as queries
from readings.queries.parts.finding import Found, find_each, is_cut
from readings.queries.parts.supply import Some
from readings.web.search.lines import Line
from readings.web.search.words import without_upper_lines, words_of

#: Number of identifiers looked up at once, at most.
MOST: Final = 500
#: Number of matches of one word in full that are listed, at most; of a part, of a single word and of each of several.
MOST_PER_WORD: Final = 10
MOST_PER_PART: Final = (10, 3)


@dataclass(slots=True, kw_only=True)
class Answer:
    """The result of a search."""

    words: list[str]
    lines: list[Line] = field(default_factory=list)
    #: Number of words not looked up.
    left: int = 0
    #: Whether a serial number has so many matches that matches of others may be missing.
    is_cut: bool = False
    #: Notes about matches that are probably one meter.
    notes: list[SafeString] = field(default_factory=list)

    @property
    def missing(self) -> list[Line]:
        """Return the words without a match."""
        return [line for line in self.lines if line.why]

    @property
    def meter_points(self) -> list[MeterPoint]:
        """Return the meter points whose latest reading or interval day is among the matches."""
        points = {line.meter_point.pk: line.meter_point for line in self.lines if line.meter_point and line.has_data}
        return list(points.values())

    @property
    def is_single(self) -> bool:
        """Return whether one word was looked up."""
        return len(self.words) == 1

    @property
    def in_words(self) -> str:
        """Return how many words were found, and how many of them only in part."""
        full = {line.searched for line in self.lines if not (line.why or line.how)}
        partly = len(self.words) - self.left - len(full) - len(self.missing)
        if self.is_single and partly:
            return f"Nothing has the name “{self.words[0]}” in full. These have it in part:"
        if self.is_single and not full:
            return f"Nothing is found for “{self.words[0]}”."
        return f"{len(full)} of {len(self.words)} found{f', and {partly} in part' if partly else ''}."


@dataclass(frozen=True, slots=True)
class LookUp:
    """The words of a text, and the matches of those that are looked up."""

    words: list[str]
    found: dict[str, Found]

    @property
    def only_match(self) -> MeterPoint | FlowFile | None:
        """Return the one match in full of a single word; None if there is none or are several."""
        rows = [row for each in self.found.values() for row in each.rows]
        if len(self.words) != 1 or len(rows) != 1:
            return None
        return rows[0].meter_point if isinstance(rows[0], Meter) else rows[0]


def look_up(text: str) -> LookUp:
    """Return the matches of each word of a text, in a fixed number of queries."""
    words = words_of(text)
    found = find_each(words[:MOST])
    looked_up = without_upper_lines(words[:MOST], {word for word, each in found.items() if each.rows})
    return LookUp([*looked_up, *words[MOST:]], {word: found[word] for word in looked_up})


def answer_to(look_up: LookUp) -> Answer:
    """Return the lines of an answer, with the latest data of meter points, in a fixed number of queries."""
    answer = Answer(words=look_up.words, left=len(look_up.words) - len(look_up.found))
    answer.is_cut = is_cut(look_up.found.values())
    for found in look_up.found.values():
        answer.lines += _lines(found, MOST_PER_PART[len(look_up.found) > 1])
        answer.notes += _alike(found.full.meters)
    _add_what_is_known(answer.lines)
    return answer


def _add_what_is_known(lines: Sequence[Line]) -> None:
    """Add the latest data and the registers of the meter points."""
    readings, days = queries.latest_of_each([line.meter_point for line in lines if line.meter_point])
    for line in lines:
        if line.meter_point:
            line.latest, line.last_day = readings.get(line.meter_point.pk), days.get(line.meter_point.pk)
    prefetch_related_objects([line.meter for line in lines if line.meter], "registers")
    without_meter = [line.meter_point for line in lines if line.meter_point and not line.meter]
    prefetch_related_objects(without_meter, "meters__registers")


def _lines(found: Found, most: int) -> Iterator[Line]:
    """Yield the matches in full, then the beginnings, the ends, and the parts of file names."""
    word, parts = found.word, found.parts
    yield from _listed([_line(word, row) for row in found.rows], MOST_PER_WORD)
    seen: set[Any] = set(found.rows)
    ways: tuple[tuple[str, Some[Any]], ...] = (
        (f"number begins with {word}", parts.meter_points),
        (f"serial number begins with {word}", parts.beginning),
        (f"serial number ends with {word}", parts.ending),
        (f"file name contains {word}", parts.flow_files),
    )
    for how, some in ways:
        rows = [row for row in some.rows if _row(row) not in seen]
        seen.update(map(_row, rows))
        yield from _listed([_line(word, row, how) for row in rows], most, is_cut=some.is_cut)
    if not seen:
        yield Line(searched=word, why=why_no_part(word))


def _row(match: Any) -> Any:
    return match[0] if isinstance(match, tuple) else match


def _line(word: str, match: Any, how: str = "") -> Line:
    if isinstance(match, MeterPoint):
        return Line(searched=word, how=how, meter_point=match)
    if isinstance(match, Meter):
        return Line(searched=word, how=how, meter_point=match.meter_point, meter=match)
    name = match[1] if isinstance(match, tuple) else ""
    return Line(searched=word, how=how, flow_file=_row(match), name=name)


def _listed(lines: list[Line], most: int, *, is_cut: bool = False) -> list[Line]:
    """Return the first lines, the last with a note about the others."""
    listed, more = lines[:most], len(lines) - most
    if listed and (is_cut or more > 0):
        number = "" if is_cut else f"{more:,} "
        how = f"whose {listed[-1].how}" if listed[-1].how else "with this name"
        listed[-1].more = f"and {number}more {how}{': type more characters to find them' if is_cut else ''}"
    return listed


def _alike(meters: Iterable[Meter]) -> Iterator[SafeString]:
    """Yield a note about the meters of one meter point that match by different spellings."""
    meters_at: dict[int, list[Meter]] = {}
    for meter in list(meters)[:MOST_PER_WORD]:
        meters_at.setdefault(meter.meter_point_id, []).append(meter)
    for some in meters_at.values():
        for note in spellings.notes(some):
            yield format_html("{}: {}", links.meter_point(some[0].meter_point), note)
