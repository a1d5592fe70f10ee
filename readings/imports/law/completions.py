"""Which half hours of a day count, if several files state parts of it.

A statement replaces every pass of the clock times that it states, and keeps the others: one of a whole day replaces
all earlier ones, repeated hours included, and one of a part completes the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import TypeAlias

from readings.formats.packed_day import Origin, clock_at, origins_of, sources_of
from readings.imports.law.entries import Entry, Merged

LENGTH, VALUES, UNIT, QUALITY = 1, 2, 3, 4
#: For each interval of one pass of the clock, the statement whose value counts, and the value; None without any.
_Pass: TypeAlias = list[tuple[Entry, str] | None]


def judge_parts(entries: Sequence[Entry]) -> None:
    """Merge the parts of one day, of all passes of the clock, in the latest statement of each pass."""
    passes = _overlaid(entries)
    carriers = {number: _latest(owners) for number, owners in passes.items() if any(owners)}
    for entry in entries:
        carrier = carriers.get(entry.kind, carriers[0])
        entry.superseded_by = None if entry is carrier else carrier
        entry.merged = _merged(entry, passes[entry.kind]) if entry is carrier else None
        entry.is_completed = entry is not carrier and _still_counts(entry, passes.get(entry.kind, []))


def says_nothing_new(new: Sequence[Entry], entries: Sequence[Entry]) -> bool:
    """Return whether the same values of a day count without the new ones of its statements."""
    before = [entry for entry in entries if entry not in new]
    return bool(before) and is_consumption(entries) and _counting(before) == _counting(entries)


def is_consumption(entries: Sequence[Entry]) -> bool:
    """Return whether days are consumption, which has no quality and may state a part of a day."""
    return not any(entry.statement[QUALITY] for entry in entries)


def _counting(entries: Sequence[Entry]) -> dict[tuple[int, int], Decimal]:
    passes = _overlaid(entries)
    return {
        (number, place): Decimal(owner[1])
        for number, owners in passes.items()
        for place, owner in enumerate(owners)
        if owner
    }


def values_of(entry: Entry) -> list[str]:
    """Return the values that a statement makes about a day; empty for intervals that it does not state."""
    values: list[str] = entry.statement[VALUES].split(",")
    return values


def _form(entry: Entry) -> tuple[int, str]:
    return entry.statement[LENGTH], entry.statement[UNIT].upper()


def _overlaid(entries: Sequence[Entry]) -> dict[int, _Pass]:
    """Return whose value counts for each interval of each pass, after laying the statements over each other.

    Statements with another interval length or unit than the last one do not fit, and do not count.
    """
    passes: defaultdict[int, _Pass] = defaultdict(list)
    in_order = sorted(entries, key=lambda entry: entry.occasion)
    fitting = (entry for entry in in_order if _form(entry) == _form(in_order[-1]))
    for _, statement in groupby(fitting, key=_file_of):
        parts = list(statement)
        of_file = {entry.kind: values_of(entry) for entry in parts}
        size = len(next(iter(of_file.values())))
        for owners in passes.values():
            for place in range(size):
                if any(values[place] for values in of_file.values()):
                    owners[place] = None
        for entry in parts:
            owners = passes[entry.kind] = passes[entry.kind] or [None] * size
            for place, value in enumerate(of_file[entry.kind]):
                owners[place] = (entry, value) if value else owners[place]
    return passes


def _file_of(entry: Entry) -> tuple[str, int, str]:
    stated_at, arrival, sha256, _ = entry.occasion
    return stated_at, arrival, sha256


def _latest(owners: _Pass) -> Entry:
    return max((owner[0] for owner in owners if owner), key=lambda entry: entry.occasion)


def _merged(carrier: Entry, owners: _Pass) -> Merged | None:
    """Return the day with the values of all owners, or None if it is as the carrier states it."""
    values = [owner[1] if owner else "" for owner in owners]
    if values == values_of(carrier):
        return None
    return Merged(",".join(values), tuple(_origins(carrier, owners)))


def _origins(carrier: Entry, owners: _Pass) -> Iterator[Origin]:
    size = len(owners)
    entries = [owner[0] if owner else None for owner in owners]
    for owner, some in groupby(range(size), key=entries.__getitem__):
        if owner and owner is not carrier:
            places = list(some)
            sources = sources_of(size, owner.flow_file, owner.occasion.line, owner.lines)
            yield from origins_of(owner.flow_file, places[0] + 1, [sources[place][1] for place in places])


def _still_counts(entry: Entry, owners: _Pass) -> bool:
    """Return whether all values of a statement count, by itself or because another one makes them, too."""
    return bool(owners) and all(
        owner is not None and Decimal(owner[1]) == Decimal(value)
        for value, owner in zip(values_of(entry), owners, strict=False)
        if value
    )


def repeated_or_corrected(part: Entry, before: Entry) -> str:
    """Return the clock times of a part of a day that an earlier part states with other values.

    Only if they are the first hour of the later part: then the clock may have gone back between the two files. Else
    return an empty text.
    """
    new, old = values_of(part), values_of(before)
    begin = next(place for place, value in enumerate(new) if value)
    common = [place for place, (value, earlier) in enumerate(zip(new, old, strict=True)) if value and earlier]
    length = part.statement[LENGTH]
    end = begin + 60 // length
    is_hour = common == list(range(begin, end)) and new[begin:end] != old[begin:end]
    return f"{clock_at(begin * length)} to {clock_at(end * length)}" if is_hour else ""
