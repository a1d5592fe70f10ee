"""Means, shares, peaks and base loads of consumers and NMIs, as their pages compute them."""

from __future__ import annotations

from collections.abc import Iterator

from readings.models import MeterPoint
from readings.queries.consumption.point.days import PointDays, between, keys_of, registers_of
from readings.queries.consumption.point.life import life_of, window_of
from readings.queries.consumption.point.loads import base_load
from readings.queries.consumption.scope import CONSUMPTION, SCHEMES, Scope
from tests.proofs.figures.shown import Figures, subject_of, text


def figures() -> Figures:
    """Return the ratios of all consumers and NMIs with consumption."""
    every = ((subject_of(point), dict(_of(point))) for point in MeterPoint.objects.filter(scheme__in=SCHEMES))
    return {subject: found for subject, found in every if found}


def _of(point: MeterPoint) -> Iterator[tuple[str, str]]:
    life = life_of(Scope(meter_point=point.pk))
    window = window_of(life, None, None) if life else None
    if life is None or window is None or (window.first_day, window.last_day) != (life.first_day, life.last_day):
        return
    sums = life.sums(window.first_day, window.last_day)
    yield "mean per day with a value", repr(float(sums.mean or 0))
    for letter in "SE":
        if (share := sums.share(letter)) is not None:
            yield f"share {letter}", repr(float(share))
    registers = registers_of([point.pk], CONSUMPTION).select_related("meter")
    rows = between(keys_of(registers), CONSUMPTION, window.first_day, window.last_day)
    days = PointDays(rows=rows)
    if days.peak:
        yield "peak", text(days.peak.power)
        yield "peak at", f"{days.peak.day} {days.peak.minute // 60:02}:{days.peak.minute % 60:02}"
    if (base := base_load(days.loads)) is not None:
        yield "base load", repr(float(base))
