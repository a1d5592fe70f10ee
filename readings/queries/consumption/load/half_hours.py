"""The half hours of a scope: power, largest first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext
from functools import cached_property
from itertools import groupby
from typing import Final, NamedTuple

from readings.formats.packed_day import EXACT, ZERO, exact_sum
from readings.queries.consumption.quantiles import quantile
from readings.queries.consumption.scope import Scope, groups_in

#: Number of days with values on the page, at most, besides the rest of the first month.
LONGEST: Final = 366
#: Share of the half hours in which the base load is exceeded, in thousandths.
BASE: Final = 950
#: Half hours of an hour: power in kW is energy in kWh times this.
PER_HOUR: Final = 2
_AT_ONCE: Final = 2_000
#: More days than the rest of a month has.
_REST_OF_A_MONTH: Final = 32


class HalfHour(NamedTuple):
    """The power of all meter points in one half hour of one pass of the clock."""

    #: In kW.
    load: Decimal
    day: date
    occurrence: int
    #: Number of the half hour from midnight.
    place: int

    @property
    def minute(self) -> int:
        """Return the minute of the day at which the half hour begins."""
        return 30 * self.place


@dataclass(frozen=True)
class Load:
    """The load of a scope; a half hour that the clock repeats is two."""

    #: Largest first, the same ones in order of time; never empty.
    half_hours: Sequence[HalfHour]
    #: First and last day with a value, and number of such days.
    first_day: date
    last_day: date
    days: int
    #: Smallest and largest number of meter points with a value on a day.
    meter_points: tuple[int, int]
    #: Whether the period has earlier days, too.
    is_cut: bool

    @property
    def peak(self) -> HalfHour:
        """Return the largest half hour: the coincident peak."""
        return self.half_hours[0]

    @property
    def base(self) -> Decimal:
        """Return the load that is exceeded in 95 % of the half hours."""
        return self.exceeded_in(BASE)

    @cached_property
    def mean(self) -> Decimal:
        """Return the mean of the half hours."""
        with localcontext(EXACT):
            return exact_sum(self._loads) / len(self._loads)

    @property
    def factor(self) -> Decimal | None:
        """Return the mean as a share of the peak; None without a positive peak."""
        return self.mean / self.peak.load if self.peak.load > 0 else None

    def exceeded_in(self, thousandths: int) -> Decimal:
        """Return the load that is exceeded in a share of the half hours, interpolated linearly."""
        return quantile(self._loads, thousandths)

    @cached_property
    def _loads(self) -> list[Decimal]:
        return [each.load for each in self.half_hours]

    @cached_property
    def peaks_of_days(self) -> list[HalfHour]:
        """Return the largest half hour of each day, oldest first."""
        first: dict[date, HalfHour] = {}
        for each in self.half_hours:
            first.setdefault(each.day, each)
        return [first[day] for day in sorted(first)]


def load_of(scope: Scope) -> Load | None:
    """Return the load of a scope; None without a value.

    Of a longer period it is that of the last days, from the first of a month: peaks of meter points are by month.
    """
    found = groups_in(scope).order_by("-day").values_list("day", flat=True).distinct()
    days = list(found[: LONGEST + _REST_OF_A_MONTH])
    if len(days) > LONGEST:
        start = days[LONGEST - 1].replace(day=1)
        scope = replace(scope, first_day=max(start, scope.first_day or start))
    points: Counter[date] = Counter()
    half_hours = sorted(_half_hours(scope, points), key=lambda each: (-each.load, *each[1:])) if days else []
    if not half_hours:
        return None
    return Load(
        half_hours,
        first_day=min(points),
        last_day=max(points),
        days=len(points),
        meter_points=(min(points.values()), max(points.values())),
        is_cut=days[-1] < (scope.first_day or days[-1]),
    )


def _half_hours(scope: Scope, points: Counter[date]) -> Iterator[HalfHour]:
    """Yield the half hours of a scope; count the meter points of each day."""
    columns = ("day", "occurrence", "half_hours", "meter_points", "further_meter_points")
    rows = groups_in(scope).order_by("day", "occurrence").values_list(*columns)
    with localcontext(EXACT):
        for (day, occurrence), group in groupby(rows.iterator(_AT_ONCE), key=lambda row: row[:2]):
            of_pass = list(group)
            # The rows of one quality count each meter point once, in the first pass.
            points[day] += sum((0 if occurrence else row[3]) if scope.quality else row[4] for row in of_pass)
            for place, amount in enumerate(added(row[2] for row in of_pass)):
                if amount is not None:
                    yield HalfHour(amount * PER_HOUR, day, occurrence, place)


def added(texts: Iterable[str]) -> list[Decimal | None]:
    """Return the sum of each half hour of some packed texts; None without a value."""
    rows = [text.split(",") for text in texts]
    if not any("" in row for row in rows):
        return [sum(amounts, start=ZERO) for amounts in zip(*(map(Decimal, row) for row in rows), strict=True)]
    return [_sum(filter(None, column)) for column in zip(*rows, strict=True)]


def _sum(texts: Iterable[str]) -> Decimal | None:
    amounts = list(map(Decimal, texts))
    return sum(amounts, start=ZERO) if amounts else None


def amounts_by_quality(scope: Scope, half_hours: Iterable[HalfHour]) -> dict[HalfHour, dict[str, Decimal]]:
    """Return the power of some half hours by quality, in kW."""
    wanted = list(half_hours)
    rows = groups_in(scope).filter(day__in={each.day for each in wanted})
    texts: defaultdict[tuple[date, int], list[tuple[str, str]]] = defaultdict(list)
    for day, occurrence, quality, packed in rows.values_list("day", "occurrence", "quality", "half_hours"):
        texts[day, occurrence].append((quality, packed))
    found: dict[HalfHour, dict[str, Decimal]] = {}
    for each in wanted:
        by_quality = found.setdefault(each, {})
        for quality, packed in texts[each.day, each.occurrence]:
            if text := packed.split(",")[each.place]:
                amount = Decimal(text) * PER_HOUR
                by_quality[quality] = exact_sum((by_quality.get(quality, ZERO), amount))
    return found
