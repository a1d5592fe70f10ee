"""Search for meter points, meters and flow files by exact, indexed columns."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from pathlib import PureWindowsPath

from django.db.models import Q

from readings.formats.dtc.catalogue.supply_number import core_in
from readings.formats.mdff.catalogue.nmi import nmi_check_digit
from readings.models import Arrival, FlowFile, Meter, MeterPoint
from readings.queries.lists import first_arrival

#: Number of matches for one name, at most; the newest are taken.
MOST = 1_000
#: Number of words of a search, at most; more are pasted by accident.
WORDS = 12

#: Length of meter point identifiers and serial numbers, at most.
_LONGEST = 40
#: Pattern of an NMI with its check digit, which files never contain.
_NMI_AND_CHECK_DIGIT = re.compile(r"[A-HJ-NP-Z0-9]{10}[0-9]")
_HASH = re.compile(r"[0-9a-f]{12,64}")
_PUT_AWAY = re.compile(r"(.+)\.[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A part of a search, and its matches."""

    text: str
    meter_points: tuple[MeterPoint, ...] = ()
    meters: tuple[Meter, ...] = ()
    flow_files: tuple[FlowFile, ...] = ()

    @property
    def names_something(self) -> bool:
        """Return whether the term has a match."""
        return bool(self.meter_points or self.meters or self.flow_files)

    @property
    def names_files_only(self) -> bool:
        """Return whether only flow files match."""
        return not (self.meter_points or self.meters)


@dataclass(slots=True)
class Search:
    """A search: all terms must match, so an unknown word finds nothing."""

    terms: list[Term] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def is_blank(self) -> bool:
        """Return whether the search is empty."""
        return not (self.terms or self.unknown)


def look_up(text: str) -> Search:
    """Return the search for a text, with the matches of each term, in a fixed number of queries.

    An MPAN, a serial number and a file name may contain spaces, so a term is the longest run of words with a match.
    """
    words = [(match.start(), match.end()) for match in re.finditer(r"\S+", text)]
    search = Search(unknown=[text[start:end] for start, end in words[WORDS:]])
    del words[WORDS:]
    terms = _terms({text[first:last] for first, last in _runs(words)})
    at = 0
    while at < len(words):
        for end in range(len(words), at, -1):
            term = terms.get(text[words[at][0] : words[end - 1][1]])
            if term:
                search.terms.append(term)
                at = end
                break
        else:
            search.unknown.append(text[slice(*words[at])])
            at += 1
    return search


def look_up_each(phrases: Collection[str]) -> dict[str, Term]:
    """Return the terms of phrases with a match, in a fixed number of queries."""
    return _terms(phrases)


def _runs(words: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    for number, (start, _) in enumerate(words):
        for _, end in words[number:]:
            yield start, end


def _terms(phrases: Collection[str]) -> dict[str, Term]:
    if not phrases:
        return {}
    meter_points, meters = _meter_points(phrases), _meters(phrases)
    flow_files = _flow_files(phrases)
    terms = (
        Term(
            text=phrase,
            meter_points=tuple(meter_points.get(phrase, ())),
            meters=tuple(meters.get(compact(phrase), ())),
            flow_files=tuple(flow_files.get(phrase, ())),
        )
        for phrase in phrases
    )
    return {term.text: term for term in terms if term.names_something}


def compact(phrase: str) -> str:
    """Return the form in which serial numbers are searched: without blanks, in capitals."""
    return "".join(phrase.split()).upper()


def _meter_points(phrases: Collection[str]) -> dict[str, list[MeterPoint]]:
    phrases_of = defaultdict(set)
    for phrase in phrases:
        for identifier in _identifiers(phrase):
            phrases_of[identifier].add(phrase)
    matches = defaultdict(list)
    for meter_point in MeterPoint.objects.filter(identifier__in=phrases_of).order_by("pk"):
        for phrase in phrases_of[meter_point.identifier]:
            matches[phrase].append(meter_point)
    return matches


def _identifiers(phrase: str) -> set[str]:
    """Return the identifiers that a phrase may mean; unusual ones are stored as sent, bills have longer ones."""
    text = compact(phrase)
    if len(text) > _LONGEST:
        return set()
    identifiers = {text, "".join(phrase.split())}
    if _NMI_AND_CHECK_DIGIT.fullmatch(text) and text[10] == nmi_check_digit(text):
        identifiers.add(text[:10])
    if core := core_in(text):
        identifiers.add(core)
    return identifiers


def _meters(phrases: Collection[str]) -> dict[str, list[Meter]]:
    matches = defaultdict(list)
    serial_numbers = {text for text in map(compact, phrases) if len(text) <= _LONGEST}
    meters = Meter.objects.filter(searchable__in=serial_numbers).order_by("-pk")
    for meter in meters.select_related("meter_point").prefetch_related("registers")[:MOST]:
        matches[meter.searchable].append(meter)
    return matches


def _flow_files(phrases: Collection[str]) -> dict[str, list[FlowFile]]:
    phrases_of = defaultdict(set)
    for phrase in phrases:
        for name in _names(phrase):
            phrases_of[name].add(phrase)
    by_name = _by_name(phrases_of)
    hashes = {phrase for phrase in phrases if _HASH.fullmatch(phrase.lower())}
    # A range, because not every database uses an index for a prefix.
    by_hash = [Q(sha256__gte=prefix.lower(), sha256__lt=prefix.lower() + "g") for prefix in hashes]
    condition = reduce(or_, by_hash, Q(pk__in={key for _, key in by_name}))
    flow_files = FlowFile.objects.filter(condition).prefetch_related(first_arrival()).in_bulk()
    matches: dict[str, dict[int, FlowFile]] = defaultdict(dict)
    for name, key in by_name:
        for phrase in phrases_of[name]:
            matches[phrase][key] = flow_files[key]
    for prefix in hashes:
        for key, flow_file in flow_files.items():
            if flow_file.sha256.startswith(prefix.lower()):
                matches[prefix][key] = flow_file
    return {phrase: list(files.values()) for phrase, files in matches.items()}


def _by_name(names: Collection[str]) -> list[tuple[str, int]]:
    """Return name and flow file of the newest arrivals with these names, and of the members of zips with them."""
    arrivals = Arrival.objects.filter(name__in=names).values_list("pk", "name", "flow_file")
    members = Arrival.objects.filter(container__name__in=names).values_list("pk", "container__name", "flow_file")
    return [(name, key) for _, name, key in arrivals.union(members, all=True).order_by("-pk")[:MOST]]


def _names(phrase: str) -> set[str]:
    """Return the names that a phrase may mean: itself, the end of a path, the original name of an archived file."""
    last = PureWindowsPath(phrase).name  # splits at both kinds of slash
    put_away = _PUT_AWAY.fullmatch(last)
    return {phrase, last} | ({put_away[1]} if put_away else set())
