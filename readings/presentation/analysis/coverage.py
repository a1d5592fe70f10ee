"""Charts and words of completeness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Final

from readings.formats.packed_day import EXACT
from readings.formats.text import NO_VALUE
from readings.models.consumption.sums import Quality
from readings.presentation.charts.figure import Figure, Line, Share, seconds
from readings.presentation.charts.units import duration
from readings.queries.consumption.coverage.months import Month

#: Qualities other than actual.
OTHERS: Final = (Quality.SUBSTITUTED, Quality.ESTIMATED)
_HUNDREDTHS: Final = Decimal("0.01")
_MONTH: Final = "%B %Y"


def share(part: int, whole: int) -> Decimal | None:
    """Return a part in per cent, rounded, but only all of it is 100; None without a whole."""
    if not whole:
        return None
    exact = EXACT.divide(100 * Decimal(part), Decimal(whole))
    rounded = exact.quantize(_HUNDREDTHS)
    return rounded if rounded != 100 or part == whole else exact.quantize(_HUNDREDTHS, ROUND_DOWN)


def percent(part: int, whole: int) -> str:
    """Return a part in per cent in words."""
    value = share(part, whole)
    if value is None:
        return NO_VALUE
    if part and not value:
        return f"less than {_HUNDREDTHS} %"
    return f"{value.to_integral() if value in (0, 100) else value:f} %"


def time_of(minutes: int) -> str:
    """Return a duration in words; none is “none”."""
    days, rest = divmod(minutes, 24 * 60)
    return f"{days:,} d {duration(rest) if rest else ''}".strip() if days else duration(minutes)


def facts(months: Sequence[Month]) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and note of each fact about some months together."""
    expected, covered = sum(each.expected for each in months), sum(each.covered for each in months)
    yield "Complete", percent(covered, expected), f"of {time_of(expected)} expected"
    yield "Missing", time_of(expected - covered), "of all meter points together"
    for quality in OTHERS:
        part = sum(each.minutes[quality.value] for each in months)
        yield str(quality.label), percent(part, covered), "of the time with a value"


def completeness(months: Sequence[Month]) -> Figure:
    """Return the chart of the time with a value, in per cent of what is expected."""
    return Figure(
        key="completeness",
        title="Completeness by month",
        note="Time with a value of any channel, as a share of the days from the first to the last day of each meter "
        "point, 24 hours each.",
        axis="month",
        unit="%",
        places=[seconds(each.month) for each in months],
        lines=[Line(label="Complete", values=[share(each.covered, each.expected) for each in months], style="bars")],
        columns=("Month", "Complete (%)", "Meter points", "Expected (min)", "With a value (min)", "Missing (min)"),
        rows=[
            (
                *(f"{each.month:{_MONTH}}", f"{share(each.covered, each.expected)}", f"{each.meter_points}"),
                *(f"{each.expected}", f"{each.covered}", f"{each.missing}"),
            )
            for each in months
        ],
    )


def qualities(months: Sequence[Month]) -> Figure:
    """Return the chart of the time with estimated and with substituted values."""
    covered = sum(each.covered for each in months)
    parts = [(quality, sum(each.minutes[quality.value] for each in months)) for quality in OTHERS]
    return Figure(
        key="qualities",
        title="Estimated and substituted by month",
        note="Share of the time with a value. Of several channels together, the worst quality counts.",
        axis="month",
        unit="%",
        places=[seconds(each.month) for each in months],
        lines=[
            Line(
                label=str(quality.label),
                values=[
                    share(each.minutes[quality.value], each.covered) if each.minutes[quality.value] else None
                    for each in months
                ],
                marks=quality.value * len(months),
                style="bars",
            )
            for quality, part in parts
            if part
        ],
        columns=("Month", *(f"{quality.label} ({unit})" for unit in ("%", "min") for quality in OTHERS)),
        rows=[
            (
                f"{each.month:{_MONTH}}",
                *(f"{share(each.minutes[quality.value], each.covered) or 0}" for quality in OTHERS),
                *(f"{each.minutes[quality.value]}" for quality in OTHERS),
            )
            for each in months
        ],
        legend=[
            Share(quality.value, f"{quality.label}: {percent(part, covered)} of the time with a value")
            for quality, part in parts
            if part
        ],
    )
