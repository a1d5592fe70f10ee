"""What a search names: meter points, meters and flow files, found by exact, indexed columns."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from pathlib import PureWindowsPath

from django.db.models import Q

from readings.formats.mdff.catalogue.nmi import nmi_check_digit
from readings.models import Arrival, FlowFile, Meter, MeterPoint
from readings.queries.lists import first_arrival

#: Of things with the same name, so many are taken: the newest.
MOST = 1_000
#: A search has so many words at most; more is a slip of the clipboard.
WORDS = 12

#: No identifier of a meter point and no serial number is longer.
_LONGEST = 40
#: A NMI as people may type it: with its check digit, which no file has.
_NMI_AND_CHECK_DIGIT = re.compile(r"[A-HJ-NP-Z0-9]{10}[0-9]")
_HASH = re.compile(r"[0-9a-f]{12,64}")
_PUT_AWAY = re.compile(r"(.+)\.[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A part of a search, and all that is called so."""

    text: str
    meter_points: tuple[MeterPoint, ...] = ()
    meters: tuple[Meter, ...] = ()
    flow_files: tuple[FlowFile, ...] = ()

    @property
    def names_something(self) -> bool:
        """Tell whether anything is called so."""
        return bool(self.meter_points or self.meters or self.flow_files)

    @property
    def names_files_only(self) -> bool:
        """Tell whether only flow files are called so."""
        return not (self.meter_points or self.meters)


@dataclass(slots=True)
class Search:
    """A search: all its terms must match, so an unknown word finds nothing."""

    terms: list[Term] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing was asked for."""
        return not (self.terms or self.unknown)


def look_up(text: str) -> Search:
    """Find what each part of a text names, in a fixed number of queries.

    Blanks may stand inside an MPAN, a serial number and a file name, so the longest run of words
    that names something is a term.
    """
    words = [(match.start(), match.end()) for match in re.finditer(r"\S+", text)]
    search = Search(unknown=[text[start:end] for start, end in words[WORDS:]])
    del words[WORDS:]
    known = _known({text[first:last] for first, last in _runs(words)})
    at = 0
    while at < len(words):
        for end in range(len(words), at, -1):
            term = known.get(text[words[at][0] : words[end - 1][1]])
            if term:
                search.terms.append(term)
                at = end
                break
        else:
            search.unknown.append(text[slice(*words[at])])
            at += 1
    return search


def look_up_each(phrases: Collection[str]) -> dict[str, Term]:
    """Find what each of many phrases names, in as many queries as for one; what names nothing is left out."""
    return _known(phrases)


def _runs(words: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    for number, (start, _) in enumerate(words):
        for _, end in words[number:]:
            yield start, end


def _known(phrases: Collection[str]) -> dict[str, Term]:
    if not phrases:
        return {}
    meter_points, meters = _meter_points(phrases), _meters(phrases)
    flow_files = _flow_files(phrases)
    terms = (
        Term(
            text=phrase,
            meter_points=tuple(meter_points.get(phrase, ())),
            meters=tuple(meters.get(_compact(phrase), ())),
            flow_files=tuple(flow_files.get(phrase, ())),
        )
        for phrase in phrases
    )
    return {term.text: term for term in terms if term.names_something}


def _compact(phrase: str) -> str:
    return "".join(phrase.split()).upper()


def _meter_points(phrases: Collection[str]) -> dict[str, list[MeterPoint]]:
    phrases_of = defaultdict(set)
    for phrase in phrases:
        for identifier in _identifiers(phrase):
            phrases_of[identifier].add(phrase)
    found = defaultdict(list)
    for meter_point in MeterPoint.objects.filter(identifier__in=phrases_of).order_by("pk"):
        for phrase in phrases_of[meter_point.identifier]:
            found[phrase].append(meter_point)
    return found


def _identifiers(phrase: str) -> set[str]:
    """Give the meter points that a phrase may mean; one that is unusual is stored as it was sent."""
    compact = _compact(phrase)
    if len(compact) > _LONGEST:
        return set()
    named = {compact, "".join(phrase.split())}
    if _NMI_AND_CHECK_DIGIT.fullmatch(compact) and compact[10] == nmi_check_digit(compact):
        named.add(compact[:10])
    return named


def _meters(phrases: Collection[str]) -> dict[str, list[Meter]]:
    found = defaultdict(list)
    serial_numbers = {text for text in map(_compact, phrases) if len(text) <= _LONGEST}
    meters = Meter.objects.filter(searchable__in=serial_numbers).order_by("-pk")
    for meter in meters.select_related("meter_point").prefetch_related("registers")[:MOST]:
        found[meter.searchable].append(meter)
    return found


def _flow_files(phrases: Collection[str]) -> dict[str, list[FlowFile]]:
    phrases_of = defaultdict(set)
    for phrase in phrases:
        for name in _names(phrase):
            phrases_of[name].add(phrase)
    named = _named(phrases_of)
    hashes = {phrase for phrase in phrases if _HASH.fullmatch(phrase.lower())}
    # A range, because not every database finds a prefix by an index.
    asked_for = [Q(sha256__gte=prefix.lower(), sha256__lt=prefix.lower() + "g") for prefix in hashes]
    wanted = reduce(or_, asked_for, Q(pk__in={key for _, key in named}))
    flow_files = FlowFile.objects.filter(wanted).prefetch_related(first_arrival()).in_bulk()
    found: dict[str, dict[int, FlowFile]] = defaultdict(dict)
    for name, key in named:
        for phrase in phrases_of[name]:
            found[phrase][key] = flow_files[key]
    for prefix in hashes:
        for key, flow_file in flow_files.items():
            if flow_file.sha256.startswith(prefix.lower()):
                found[prefix][key] = flow_file
    return {phrase: list(files.values()) for phrase, files in found.items()}


def _named(names: Collection[str]) -> list[tuple[str, int]]:
    """Give name and flow file of the newest arrivals of these names, and of what came in a zip of such a name."""
    arrivals = Arrival.objects.filter(name__in=names).values_list("pk", "name", "flow_file")
    members = Arrival.objects.filter(container__name__in=names).values_list("pk", "container__name", "flow_file")
    return [(name, key) for _, name, key in arrivals.union(members, all=True).order_by("-pk")[:MOST]]


def _names(phrase: str) -> set[str]:
    """Give the names that a phrase may mean: itself, the end of a path, that of a file put away."""
    last = PureWindowsPath(phrase).name  # knows both kinds of slash
    put_away = _PUT_AWAY.fullmatch(last)
    return {phrase, last} | ({put_away[1]} if put_away else set())
