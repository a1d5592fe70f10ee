"""Flow files by a part of their names, and by their identifiers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from readings.formats.dtc.catalogue import labels
from readings.formats.spelling import LONGEST_PART, SHORTEST_PART, words_of
from readings.models import Arrival, FlowFile, NamePart
from readings.queries.lists import first_arrival
from readings.queries.parts.beginnings import keys_of_beginnings
from readings.queries.parts.supply import Some
from readings.queries.search import compact

#: Number of arrivals among which the newest with a frequent word are looked for.
_NEWEST: Final = 500


def files_identified(phrases: Collection[str]) -> Mapping[str, list[FlowFile]]:
    """Return the flow files whose headers state each phrase as their identifier, newest first."""
    forms = {phrase: {phrase, compact(phrase)} for phrase in phrases}
    wanted = {form for some in forms.values() for form in some if 0 < len(form) <= LONGEST_PART}
    rows = FlowFile.objects.filter(file_identifier__in=wanted).prefetch_related(first_arrival()).order_by("-pk")
    of_identifier: defaultdict[str, list[FlowFile]] = defaultdict(list)
    for row in rows[:_NEWEST]:
        of_identifier[row.file_identifier].append(row)
    return {phrase: [row for form in some for row in of_identifier[form]] for phrase, some in forms.items()}


def files_with_parts(phrases: Collection[str], most: int) -> Mapping[str, Some[tuple[FlowFile, str]]]:
    """Return the files, with the matching name of each, whose names have all words of each phrase, newest first.

    Each word of a phrase begins a word of the name, or letters or digits inside one.
    """
    words = {phrase: words_of(phrase) for phrase in phrases}
    found = _arrivals_by_part({part for each in words.values() for part in _parts(each)}, most)
    keys = {phrase: _candidates(each, found, most) for phrase, each in words.items()}
    is_frequent = {phrase for phrase, some in keys.items() if len(some) > most}
    names = dict(_names({key for some in keys.values() for key in some}))
    newest = list(_newest_names()) if is_frequent else []
    matches: dict[str, dict[int, str]] = {}
    for phrase, each in words.items():
        some = {key: names[key] for key in keys[phrase] if _has_words(names[key], each)}
        more = [(key, name) for key, name in newest if phrase in is_frequent and _has_words(name, each)]
        matches[phrase] = dict(sorted({**some, **dict(more)}.items(), reverse=True)[:most])
    files = _files(matches.values())
    return {phrase: Some(_live_first(some, files), phrase in is_frequent) for phrase, some in matches.items()}


def _parts(words: str) -> list[str]:
    """Return the texts by which arrivals are looked up: the whole phrase, then each of its longer words."""
    return [words[:LONGEST_PART], *(word[:LONGEST_PART] for word in words.split() if len(word) >= SHORTEST_PART)]


def _arrivals_by_part(parts: Collection[str], most: int) -> dict[str, list[int]]:
    texts = [part for part in parts if len(part) >= SHORTEST_PART]
    return keys_of_beginnings(texts, NamePart, "part", most + 1, key="arrival_id")


def _candidates(words: str, found: Mapping[str, list[int]], most: int) -> list[int]:
    """Return the arrivals with the whole phrase in their names; else those with its rarest word."""
    whole, *single = [list(dict.fromkeys(found.get(part, ()))) for part in _parts(words)]
    return whole if whole or not single else min(single, key=len)


def _names(keys: Collection[int]) -> Iterable[tuple[int, str]]:
    return Arrival.objects.filter(pk__in=keys).values_list("pk", "name") if keys else ()


def _newest_names() -> Iterable[tuple[int, str]]:
    return Arrival.objects.order_by("-pk").values_list("pk", "name")[:_NEWEST]


def _has_words(name: str, words: str) -> bool:
    """Return whether a name has all words, in order if they follow each other there, else in any order."""
    name = words_of(name)
    return words in name or all(word in name for word in words.split())


def _files(matches: Iterable[Mapping[int, str]]) -> dict[int, FlowFile]:
    """Return the flow files of arrivals, by the primary key of the arrival."""
    keys = {key for some in matches for key in some}
    rows = Arrival.objects.filter(pk__in=keys).values_list("pk", "flow_file") if keys else ()
    pairs = dict(rows)
    files = FlowFile.objects.prefetch_related(first_arrival()).in_bulk(set(pairs.values())) if pairs else {}
    return {key: files[file] for key, file in pairs.items()}


def _live_first(some: Mapping[int, str], files: Mapping[int, FlowFile]) -> tuple[tuple[FlowFile, str], ...]:
    """Return each file once, with the newest of its names."""
    of_file: dict[int, tuple[FlowFile, str]] = {}
    for key, name in some.items():
        of_file.setdefault(files[key].pk, (files[key], name))
    return tuple(sorted(of_file.values(), key=lambda each: labels.is_test(each[0].test_flag)))
