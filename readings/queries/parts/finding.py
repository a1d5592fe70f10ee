"""All matches of the words of a list: in full, and in part."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from readings.formats.dtc.catalogue import labels
from readings.models import FlowFile, Meter, MeterPoint, Scheme
from readings.queries.parts import names, supply
from readings.queries.parts.supply import Some
from readings.queries.search import MOST, Term, look_up_each

#: Number of partial matches of a word that are compared, at most: of one word, and of each of several.
MOST_PARTIAL: Final = 50
MOST_OF_EACH: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The partial matches of a word, with those in full among them."""

    meter_points: Some[MeterPoint] = field(default_factory=Some)
    #: Meters whose serial numbers begin, and end, with the word.
    beginning: Some[Meter] = field(default_factory=Some)
    ending: Some[Meter] = field(default_factory=Some)
    #: Flow files, each with its matching name.
    flow_files: Some[tuple[FlowFile, str]] = field(default_factory=Some)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A word, and its matches."""

    word: str
    #: Matches in full, also by the identifiers of files.
    full: Term
    parts: Parts = field(default_factory=Parts)

    @property
    def rows(self) -> list[MeterPoint | Meter | FlowFile]:
        """Return the matches in full."""
        return [*self.full.meter_points, *self.full.meters, *self.full.flow_files]


def find_each(words: Sequence[str]) -> dict[str, Found]:
    """Return the matches of each word, live data first, in a fixed number of queries.

    Words without a match in full are searched for in parts, and so is a single word, unless it has one match in full.
    """
    found = _in_full(words)
    partly = [word for word in words if supply.is_long_enough(word)]
    partly = [word for word in partly if not found[word].rows or (len(words) == 1 and len(found[word].rows) > 1)]
    for word, parts in _parts(partly, MOST_PARTIAL if len(words) == 1 else MOST_OF_EACH).items():
        found[word] = replace(found[word], parts=parts)
    return found


def _in_full(words: Sequence[str]) -> dict[str, Found]:
    """Return the matches in full of each word, in a fixed number of queries."""
    terms, identified = look_up_each(words), names.files_identified(words)
    return {word: Found(word=word, full=_full(word, terms.get(word), identified[word])) for word in words}


def is_cut(found: Collection[Found]) -> bool:
    """Return whether one serial number has so many matches in full that those of others may be missing."""
    return sum(len(each.full.meters) for each in found) >= MOST


def _full(word: str, term: Term | None, identified: Sequence[FlowFile]) -> Term:
    term = term or Term(text=word)
    files = {file.pk: file for file in (*term.flow_files, *identified)}
    return Term(
        text=word,
        meter_points=tuple(sorted(term.meter_points, key=lambda each: each.scheme == Scheme.TEST_MPAN)),
        meters=tuple(sorted(term.meters, key=lambda each: each.meter_point.scheme == Scheme.TEST_MPAN)),
        flow_files=tuple(sorted(files.values(), key=lambda each: labels.is_test(each.test_flag))),
    )


def _parts(words: Sequence[str], most: int) -> dict[str, Parts]:
    if not words:
        return {}
    meter_points = supply.meter_points_beginning_with(words, most)
    beginning, ending = supply.meters_beginning_with(words, most), supply.meters_ending_with(words, most)
    flow_files = names.files_with_parts(words, most)
    return {
        word: Parts(
            meter_points=meter_points[word],
            beginning=beginning[word],
            ending=ending[word],
            flow_files=flow_files[word],
        )
        for word in words
    }
