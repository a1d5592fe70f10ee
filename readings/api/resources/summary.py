"""The summary: the consumption of all consumers and NMIs, or of some."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from time import monotonic
from typing import Annotated, Any, Final, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from readings.api.authentication import READING, require
from readings.api.errors import WrongParameters
from readings.api.openapi import responses
from readings.api.pages import answer
from readings.api.parameters import Days, Text, check_period
from readings.api.resources.consumption import MAY_VIEW_INTERVALS
from readings.imports.summing.update import bring_up_to_date_briefly
from readings.queries.consumption.scope import CONSUMPTION, Measure, Scope, choices
from readings.queries.consumption.summary import Summary, summary_of

router = Router(tags=["Summary"])


class SummaryFilters(Days):
    """Which consumption."""

    measure: Text | None = Field(
        None,
        description="First letter of the NMI suffix, and smallest unit: `E-Wh` is energy, also of consumers. "
        "Without it, the first measure of the store.",
        examples=["E-Wh"],
    )
    scheme: Literal["CONSUMER", "NMI"] | None = Field(None, description="Consumers or NMIs only.")
    area: Text | None = Field(None, description="Present area of consumers.")
    tariff: Text | None = Field(None, description="Present tariff of consumers.")


class MonthTotal(TypedDict):
    """The consumption of one month."""

    month: Annotated[str, Field(examples=["2026-01"])]
    total: str
    channel_days: int


class GroupTotal(TypedDict):
    """The consumption of the meter points of one area and tariff."""

    area: str
    tariff: str
    meter_points: int
    total: str


class WithoutRepeats(TypedDict):
    """The total, if each interval that occurs twice counts once: by its first, last, mean or largest value."""

    repeated_intervals: int
    first: str
    last: str
    mean: str
    largest: str


class SummaryResource(TypedDict):
    """The consumption of some meter points: the exact sum of every interval that counts."""

    measure: str
    unit: str
    total: str
    meter_points: int
    first_day: str | None
    last_day: str | None
    days: int
    channel_days: Annotated[int, Field(description="Number of days, each counted once for every channel.")]
    months: list[MonthTotal]
    groups: list[GroupTotal]
    without_repeats: WithoutRepeats


_SUMMARY: Final = TypeAdapter(SummaryResource)


@router.get("/summary", auth=READING, response=responses(SummaryResource), summary="Get the summary")
def get_summary(request: HttpRequest, filters: Query[SummaryFilters]) -> HttpResponse:
    """Get the total consumption, per month, and per area and tariff; both passes of a repeated hour count."""
    require(request, *MAY_VIEW_INTERVALS)
    check_period(filters)
    bring_up_to_date_briefly(monotonic)
    scope = Scope(
        measure=_measure(filters.measure),
        scheme=filters.scheme or "",
        area=filters.area or "",
        tariff=filters.tariff or "",
        first_day=filters.first_day,
        last_day=filters.last_day,
    )
    return answer(request, _SUMMARY, _resource(scope.measure, summary_of(scope)))


def _measure(key: str | None) -> Measure:
    """Return the measure with a key, or the first of the store."""
    measures = {measure.key: measure for measure in choices().measures or [CONSUMPTION]}
    if key is None:
        return next(iter(measures.values()))
    if key not in measures:
        raise WrongParameters(("measure", f"no measure {key!r}, expected one of {', '.join(measures)}"))
    return measures[key]


def _resource(measure: Measure, summary: Summary) -> dict[str, Any]:
    totals, repeats = summary.totals, summary.repeats
    return {
        "measure": measure.key,
        "unit": totals.unit,
        "total": _digits(totals.all.total),
        "meter_points": summary.meter_points,
        "first_day": _iso(min(totals.days, default=None)),
        "last_day": _iso(max(totals.days, default=None)),
        "days": len(totals.days),
        "channel_days": totals.all.days,
        "months": [
            {"month": f"{month:%Y-%m}", "total": _digits(amount.total), "channel_days": amount.days}
            for month, amount in sorted(totals.months.items())
        ],
        "groups": [
            {"area": area, "tariff": tariff, "meter_points": amount.days, "total": _digits(amount.total)}
            for (area, tariff), amount in summary.groups.items()
        ],
        "without_repeats": {
            "repeated_intervals": repeats.number,
            **{name: _digits(getattr(repeats, name)) for name in ("first", "last", "mean", "largest")},
        },
    }


def _digits(amount: Decimal) -> str:
    return f"{amount:f}"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
