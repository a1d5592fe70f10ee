"""Figures computed from the text of exports alone: what the API sums must agree with them."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Final, NamedTuple

from django.core.management import call_command

GROUPS: Final = ("half-hour", "hour", "day", "week", "month")
#: Order of the readings of one instant.
_RANKS: Final = {"F": 0, "I": 1, "C": 3, "D": 4, "O": 4}


class Sum(NamedTuple):
    """The sum of one channel in one period, and the number of values in it."""

    total: Decimal
    values: int


def exported(name: str, *arguments: str) -> list[dict[str, str]]:
    """Return the rows that the command writes for readings or intervals."""
    out = StringIO()
    call_command(f"export_{name}", *arguments, stdout=out)
    return list(csv.DictReader(StringIO(out.getvalue(), newline=""), strict=True))


def channel_of(row: dict[str, str]) -> tuple[str, str, str, str]:
    """Return meter, register, suffix and unit."""
    return row["meter"], row["register"], row["suffix"], row["unit"]


def period_of(clock_time: str, group_by: str) -> str:
    """Return the first minute of the period that holds a clock time."""
    day, hour, minute = clock_time[:10], clock_time[11:13], clock_time[14:16]
    if group_by == "half-hour":
        return f"{day}T{hour}:{'00' if minute < '30' else '30'}"
    if group_by == "hour":
        return f"{day}T{hour}:00"
    if group_by == "week":
        year, week, _ = date.fromisoformat(day).isocalendar()
        day = date.fromisocalendar(year, week, 1).isoformat()
    return f"{day[:7]}-01T00:00" if group_by == "month" else f"{day}T00:00"


def sums_of(rows: Iterable[dict[str, str]], group_by: str) -> dict[tuple[str, ...], Sum]:
    """Return the sum of the exported intervals of each period and channel."""
    values: defaultdict[tuple[str, ...], list[Decimal]] = defaultdict(list)
    for row in rows:
        if row["value"]:
            values[(period_of(row["starts_at"], group_by), *channel_of(row))].append(Decimal(row["value"]))
    return {key: Sum(sum(some, Decimal(0)), len(some)) for key, some in values.items()}


class ExportedAdvance(NamedTuple):
    """An advance, from two rows of the export."""

    previous: dict[str, str]
    current: dict[str, str]
    value: Decimal
    is_estimated: bool


def advances_of(rows: Iterable[dict[str, str]]) -> Iterator[ExportedAdvance]:
    """Yield the advances of British registers between the exported readings."""
    for of_register in _usable(rows).values():
        yield from _between(of_register)


def differences_of(rows: Iterable[dict[str, str]]) -> dict[tuple[str, str], Decimal]:
    """Return the last actual reading less the first, by meter and register, where the register begins only once."""
    found = {}
    for (_, _, meter, register, *_), of_register in _usable(rows).items():
        actual = [row for row in of_register if _RANKS.get(row["reading_type"]) != 4]
        firsts = list({row["read_at"]: row for row in reversed(actual)}.values())
        if len(firsts) > 1 and not any(row["reading_type"] == "I" for row in actual):
            found[meter, register] = Decimal(firsts[0]["value"]) - Decimal(firsts[-1]["value"])
    return found


def _usable(rows: Iterable[dict[str, str]]) -> dict[tuple[str, ...], list[dict[str, str]]]:
    """Return the rows of each register that measures energy, without suspect ones, in order."""
    registers: defaultdict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        registers[(row["scheme"], row["meter_point"], *channel_of(row))].append(row)
    return {
        key: sorted(filter(_is_usable, some), key=_order)
        for key, some in registers.items()
        if not any(row["md_resets"] or row["register"].startswith("MD") for row in some)
    }


def _is_usable(row: dict[str, str]) -> bool:
    return row["validation_status"] != "F" and (row["reading_status"] or row["flag"]) != "F"


def _order(row: dict[str, str]) -> tuple[datetime, int, str]:
    return datetime.fromisoformat(row["read_at"]), _RANKS.get(row["reading_type"], 2), row["reading_type"]


def _between(rows: list[dict[str, str]]) -> Iterator[ExportedAdvance]:
    begin: dict[str, str] | None = None
    for row in rows:
        is_same_instant = begin is not None and _order(begin)[0] == _order(row)[0]
        is_estimated = row["reading_type"] in ("D", "O")
        if begin is not None and row["reading_type"] != "I" and not is_same_instant:
            value = Decimal(row["value"]) - Decimal(begin["value"])
            turn = 10 ** len(begin["value"].partition(".")[0])
            if value < 0 and Decimal(begin["value"]) >= turn * 9 // 10 and Decimal(row["value"]) < Decimal(turn) / 10:
                value += turn
            yield ExportedAdvance(begin, row, value, is_estimated)
        if not is_estimated and (row["reading_type"] == "I" or not is_same_instant):
            begin = row
