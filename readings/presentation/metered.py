"""Accumulations, interval days, and the tariffs of consumers in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.formats import text
from readings.formats.mdff.catalogue import labels
from readings.formats.mdff.catalogue.codes import ACTUAL
from readings.models import Accumulation, ConsumerDetails, IntervalDay
from readings.models.advances import proven_rollover, rolled_over
from readings.presentation import badges, cells, links, speakers
from readings.presentation.tables import Table
from readings.queries import intervals

Amount = TypeVar("Amount", Accumulation, IntervalDay)


def with_sources(rows: Iterable[Amount], in_words: Callable[[Amount], dict[str, object]]) -> list[dict[str, object]]:
    """Return amounts for a template, with file, line and last repeat; with the speaker if there are several."""
    rows = list(rows)
    is_named = len({row.speaker for row in rows}) > 1
    return [{**in_words(row), "origin": speakers.source(row, is_named=is_named)} for row in rows]


def accumulation(row: Accumulation) -> dict[str, object]:
    """Return an accumulation for a template, with an explanation of its quantity."""
    return {
        "line": row.line,
        "meter_point": links.meter_point(row.meter_point),
        "register": cells.register(row.register),
        "way": labels.direction(row.direction),
        "previous": previous_end(row),
        "current": current_end(row),
        "quantity": quantity(row),
        "why": _why(row),
        "origin": links.origin(row.flow_file, row.line),
    }


def day(row: IntervalDay) -> dict[str, object]:
    """Return an interval day for a template."""
    return {
        "line": row.line,
        "meter_point": links.meter_point(row.meter_point),
        "register": cells.register(row.register),
        "day": cells.day(row.day),
        "again": row.occurrence > 0,
        "amount": day_amount(row),
        "quality": day_quality(row) if row.quality_method else text.NO_VALUE,
        "origin": links.origin(row.flow_file, row.line, *(["with parts from other files"] if row.origins else [])),
    }


def _why(row: Accumulation) -> str:
    digits = proven_rollover(Decimal(row.previous_read), Decimal(row.current_read), row.quantity)
    return f"The register {rolled_over(digits)}." if digits else why_it_differs(row)


ACCUMULATION_COLUMNS = ("Meter", "Register", "Direction", "Previous read", "Current read", "Quantity", "File")


def end_of(read: str, read_at: SafeString, quality: SafeString) -> SafeString:
    """Return one end of an accumulation: read, time and quality."""
    return cells.lines(read, read_at, quality)


def previous_end(row: Accumulation) -> SafeString:
    """Return the previous read of an accumulation."""
    quality = cells.quality([row.previous_quality_method])
    return end_of(row.previous_read, cells.nem_read_at(row.previous_read_at), quality)


def current_end(row: Accumulation, *, linked: bool = False) -> SafeString:
    """Return the current read of an accumulation."""
    read_at = cells.nem_read_at(row.current_read_at)
    quality = cells.quality([row.current_quality_method], row)
    return end_of(row.current_read, cells.page_of(row, read_at) if linked else read_at, quality)


def quantity(row: Accumulation) -> SafeString:
    """Return the quantity of an accumulation with its unit."""
    return cells.amount(f"{text.digits(row.quantity)} {row.unit}", row)


def why_it_differs(row: Accumulation) -> str:
    """Return the explanation of a quantity that is not the difference of the reads, else an empty text."""
    return labels.why_it_differs(row.previous_read, row.current_read, row.quantity, row.unit)


def day_amount(row: IntervalDay) -> SafeString:
    """Return the total of a day, or the mean if the unit cannot be summed."""
    if labels.may_be_added_up(row.unit):
        return cells.amount(f"{text.digits(row.total)} {row.unit}", row)
    mean = intervals.mean_of(row)
    return cells.amount(text.NO_VALUE if mean is None else f"mean {_rounded(mean)} {row.unit}", row)


def day_quality(row: IntervalDay) -> SafeString:
    """Return the quality of a day; if it varies, with the badges of its parts."""
    return cells.together(cells.quality([row.quality_method], row), *badges.quality_marks(_parts(row)))


def is_actual(row: IntervalDay) -> bool:
    """Return whether all intervals of a day are stated to be actual."""
    return all(quality.startswith(ACTUAL) for quality in _parts(row) or [row.quality_method])


def marks(row: IntervalDay) -> list[SafeString]:
    """Return the badges of the qualities of a day."""
    return badges.quality_marks([row.quality_method, *_parts(row)])


def _parts(row: IntervalDay) -> list[str]:
    return [quality for _, _, quality, *_ in json.loads(row.events or "[]")]


def accumulations_table(rows: Iterable[Accumulation], title: str, note: str = "") -> Table:
    """Return a table of accumulations."""
    return Table(
        title=title,
        columns=ACCUMULATION_COLUMNS,
        rows=[
            (
                cells.meter(row.register.meter),
                cells.register(row.register),
                labels.direction(row.direction),
                previous_end(row),
                current_end(row, linked=True),
                quantity(row),
                links.flow_file(row.flow_file),
            )
            for row in rows
        ],
        note=note,
        numbers=5,
    )


def history_table(rows: Sequence[ConsumerDetails]) -> Table:
    """Return a table of the areas and tariffs of a consumer, newest first."""
    earlier_rows: list[ConsumerDetails | None] = [*rows[1:], None]
    return Table(
        title="Area and tariff over time",
        columns=("Since", "Area", "Tariff", "File"),
        rows=[
            (
                cells.instant(row.since, "unknown"),
                _change(earlier.area if earlier else None, row.area),
                _change(earlier.tariff if earlier else None, row.tariff),
                _origin(row),
            )
            for row, earlier in zip(rows, earlier_rows, strict=False)
        ],
        note="Each row counts from the arrival of its file. Sums by area and tariff use the present ones.",
    )


def _change(before: str | None, now: str) -> SafeString:
    if before is None or before == now:
        return format_html("{}", now or text.NO_VALUE)
    return format_html('<span class="quiet">{} →</span> <strong>{}</strong>', before or text.NO_VALUE, now)


def _origin(row: ConsumerDetails) -> SafeString:
    if row.flow_file is None:
        return SafeString("unknown")
    return links.origin(row.flow_file, row.line) if row.line else links.flow_file(row.flow_file)


def _rounded(mean: Decimal) -> str:
    return f"{mean:.4f}".rstrip("0").rstrip(".")
