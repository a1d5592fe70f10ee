"""Half hours of a scope, all meter points added up; each pass of a repeated hour for itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from django.db.models import F, Value

from readings.formats.packed_day import EXACT, ZERO, Amounts
from readings.models.consumption.half_hours import HALF_HOURS
from readings.models.consumption.sums import Quality
from readings.queries.consumption.scope import Scope, groups_in
from readings.queries.consumption.sums.amounts import Amount

#: Number of days in a chart of half hours, at most.
MOST_DAYS: Final = 14
#: Number of rows that are read for a peak, at most.
MOST_ROWS: Final = 8_000
_CLOSE: Final = 1 - 1e-9


@dataclass(slots=True, kw_only=True)
class Day:
    """The half hours of one day in one pass of the clock, from midnight; None without a value."""

    day: date
    occurrence: int
    half_hours: list[Amount | None] = field(default_factory=list)


def half_hours_of(scope: Scope, group: str = "") -> dict[str, list[Day]]:
    """Return the half hours of each area or tariff by day and pass, or of all together under an empty name."""
    points = "meter_points" if scope.quality else "further_meter_points"
    rows = groups_in(scope).order_by("day", "occurrence", "pk").annotate(of_group=F(group) if group else Value(""))
    read = sorted(
        rows.values_list("of_group", "day", "occurrence", "quality", "half_hours", points), key=itemgetter(0, 1, 2)
    )
    numbers = _points_of_days(read, of_quality=bool(scope.quality))
    found: dict[str, list[Day]] = {}
    amounts = Amounts()
    with localcontext(EXACT):
        for (name, day, occurrence), of_pass in groupby(read, key=itemgetter(0, 1, 2)):
            half_hours = _added([row[3:5] for row in of_pass], numbers[name, day], amounts)
            found.setdefault(name, []).append(Day(day=day, occurrence=occurrence, half_hours=half_hours))
    return found


def _points_of_days(rows: Iterable[tuple[Any, ...]], *, of_quality: bool) -> Counter[tuple[str, date]]:
    """Return the number of meter points with a value of each group and day."""
    numbers: Counter[tuple[str, date]] = Counter()
    for name, day, occurrence, _, _, number in rows:
        # The rows of a day share its meter points among them, unless one quality is chosen.
        numbers[name, day] += 0 if of_quality and occurrence else number
    return numbers


def _added(rows: list[tuple[str, str]], points: int, amounts: Amounts) -> list[Amount | None]:
    """Return the sums of rows, which are pairs of a quality and packed half hours."""
    parts: list[dict[str, Decimal]] = [{} for _ in range(HALF_HOURS)]
    for quality, packed in rows:
        for part, text in zip(parts, packed.split(","), strict=True):
            if text:
                part[quality] = part.get(quality, ZERO) + amounts[text]
    return [
        Amount(
            total=sum(part.values(), start=ZERO),
            substituted=part.get(Quality.SUBSTITUTED, ZERO),
            estimated=part.get(Quality.ESTIMATED, ZERO),
            days=1,
            point_days=points,
        )
        if part
        else None
        for part in parts
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The largest half hour of the sum of all meter points."""

    day: date
    occurrence: int
    #: Number of the half hour from midnight, from 0.
    place: int
    #: In kWh.
    amount: Decimal

    @property
    def power(self) -> Decimal:
        """Return the mean power in kW."""
        return 2 * self.amount


def has_few_rows(scope: Scope) -> bool:
    """Return whether the peak of a scope can be found on the way to a page."""
    return not groups_in(scope).order_by()[MOST_ROWS : MOST_ROWS + 1].exists()


def coincident_peak(scope: Scope) -> Peak | None:
    """Return the first of the largest half hours of a scope; None without any."""
    rows = groups_in(scope).order_by("day", "occurrence").values_list("day", "occurrence", "half_hours")
    largest, best = float("-inf"), list[tuple[date, int, list[str]]]()
    for (day, occurrence), of_pass in groupby(rows.iterator(2_000), key=itemgetter(0, 1)):
        packed = [row[2] for row in of_pass]
        size = max(_floats(packed), default=None)
        # Floats find the candidates, exact sums decide among them.
        if size is None or size < largest - abs(largest) * (1 - _CLOSE):
            continue
        best = [*(best if size <= largest + abs(largest) * (1 - _CLOSE) else []), (day, occurrence, packed)]
        largest = max(largest, size)
    return max(_peaks(best), key=lambda peak: peak.amount, default=None)


def _floats(packed: list[str]) -> Iterator[float]:
    columns: list[Any] = [[float(text) if text else None for text in each.split(",")] for each in packed]
    for column in zip(*columns, strict=True) if len(columns) > 1 else ((value,) for value in columns[0]):
        present = [value for value in column if value is not None]
        if present:
            yield sum(present)


def _peaks(days: list[tuple[date, int, list[str]]]) -> Iterator[Peak]:
    for day, occurrence, packed in days:
        half_hours = _added([("", each) for each in packed], 0, Amounts())
        for place, amount in enumerate(half_hours):
            if amount is not None:
                yield Peak(day=day, occurrence=occurrence, place=place, amount=amount.total)
