"""Meter points and meters by a part of their names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.db.models import Model, QuerySet

from readings.formats.spelling import SHORTEST_PART
from readings.models import Meter, MeterPoint, Scheme
from readings.queries.parts.beginnings import keys_of_beginnings
from readings.queries.search import compact

RowT = TypeVar("RowT")
ModelT = TypeVar("ModelT", bound=Model)

#: Number of characters of a part, at most: none is longer.
_LONGEST: Final = 40


@dataclass(frozen=True, slots=True)
class Some(Generic[RowT]):
    """The first rows that match: live data first, then the newest."""

    rows: tuple[RowT, ...] = ()
    #: Whether there may be more, which were not compared.
    is_cut: bool = False


def is_long_enough(phrase: str) -> bool:
    """Return whether a phrase is searched for in parts."""
    return SHORTEST_PART <= len("".join(phrase.split())) <= _LONGEST


def meter_points_beginning_with(phrases: Collection[str], most: int) -> Mapping[str, Some[MeterPoint]]:
    """Return the meter points whose identifiers begin with each phrase, by phrase."""
    forms = {phrase: {compact(phrase), "".join(phrase.split())} for phrase in phrases}
    texts = {each for some in forms.values() for each in some}
    found = keys_of_beginnings(texts, MeterPoint, "identifier", most + 1)
    keys = {phrase: {key: None for form in some for key in found[form]} for phrase, some in forms.items()}
    return _rows(MeterPoint.objects.all(), keys, most, lambda row: row.scheme)


def meters_beginning_with(phrases: Collection[str], most: int) -> Mapping[str, Some[Meter]]:
    """Return the meters whose serial numbers begin with each phrase, by phrase."""
    return _meters(phrases, "searchable", most, compact)


def meters_ending_with(phrases: Collection[str], most: int) -> Mapping[str, Some[Meter]]:
    """Return the meters whose serial numbers end with each phrase, by phrase."""
    return _meters(phrases, "searchable_reversed", most, lambda phrase: compact(phrase)[::-1])


def _meters(phrases: Collection[str], name: str, most: int, form: Callable[[str], str]) -> Mapping[str, Some[Meter]]:
    found = keys_of_beginnings(list(map(form, phrases)), Meter, name, most + 1)
    keys = {phrase: found[form(phrase)] for phrase in phrases}
    rows = Meter.objects.select_related("meter_point")
    return _rows(rows, keys, most, lambda row: row.meter_point.scheme)


def _rows(
    rows: QuerySet[ModelT], keys: Mapping[str, Iterable[int]], most: int, scheme: Callable[[ModelT], str]
) -> Mapping[str, Some[ModelT]]:
    of_key = {row.pk: row for row in rows.filter(pk__in={key for some in keys.values() for key in some})}

    def rank(row: ModelT) -> tuple[Any, ...]:
        return scheme(row) == Scheme.TEST_MPAN, -row.pk

    return {
        phrase: Some(tuple(sorted((of_key[key] for key in some if key in of_key), key=rank)[:most]), len(some) > most)
        for phrase, each in keys.items()
        for some in [list(each)]
    }
