"""The latest reading of each register in words: the actual one, and later ones of other kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.safestring import SafeString

from readings.formats.dtc.catalogue import labels as dtc_labels
from readings.formats.mdff.catalogue import labels as mdff_labels
from readings.models import IntervalDay, Reading
from readings.presentation import badges, cells, metered, reading_rows, speakers
from readings.presentation.meter_points.names import Names
from readings.queries.meter_points.latest import Latest

#: Badges of the kinds of readings.
_BADGES: Final = {
    "actual": ("Actual", badges.GOOD),
    "customer": ("Customer’s own", badges.PLAIN),
    "estimate": ("Estimate", badges.CARE),
    "doubtful": ("Doubtful", badges.BAD),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestRow:
    """A latest reading, or a latest day of intervals, in words."""

    register: SafeString
    value: SafeString
    read_at: SafeString
    badge: SafeString | str
    kind: SafeString
    #: Statements of others.
    verdict: list[SafeString]
    source: SafeString
    is_removed: bool


def rows_of(
    latest: Iterable[Latest],
    days: Iterable[IntervalDay],
    beside: Mapping[tuple[int, datetime], Sequence[Reading]],
    names: Names,
    order: Sequence[int],
    *,
    is_named: bool,
) -> list[LatestRow]:
    """Return the latest readings and days in the order of their registers."""
    rows: dict[int, list[LatestRow]] = {key: [] for key in order}
    for of_register in latest:
        rows[of_register.register] += [
            _reading(kind, row, beside.get((row.register_id, row.read_at), ()), names, is_named=is_named)
            for kind, row in of_register.readings
        ]
    for day in days:
        rows[day.register_id].append(_day(day, names))
    return [row for of_register in rows.values() for row in of_register]


def _reading(kind: str, row: Reading, beside: Sequence[Reading], names: Names, *, is_named: bool) -> LatestRow:
    words = reading_rows.reading_row(row, beside=beside, is_named=is_named)
    counts = [badges.badge("Counts", badges.GOOD)] if speakers.rivals(row, beside) else []
    return LatestRow(
        register=names.cell(row.register_id),
        value=words.value,
        read_at=words.read_at,
        badge=_badge(kind, row),
        kind=cells.together(_kind(row), *counts),
        verdict=words.verdict,
        source=words.source,
        is_removed=row.register.meter_id in names.disused,
    )


def _badge(kind: str, row: Reading) -> SafeString:
    if kind == "estimate" and mdff_labels.is_substituted(row.flag) and row.meter_point.is_nmi:
        return badges.badge("Substituted", badges.CARE)
    return badges.badge(*_BADGES[kind])


def _kind(row: Reading) -> str:
    if row.meter_point.is_nmi:
        return mdff_labels.quality(row.flag + row.method)
    words = dtc_labels.kind_of_reading(row.reading_type)
    if row.validation_status == "F":
        return f"{words}, failed validation"
    return f"{words}, suspect" if dtc_labels.is_suspect(row.flag, row.reading_status) else words


def _day(row: IntervalDay, names: Names) -> LatestRow:
    marks = [badges.badge("Actual", badges.GOOD)] if metered.is_actual(row) else metered.marks(row)
    return LatestRow(
        register=names.cell(row.register_id),
        value=metered.day_amount(row),
        read_at=SafeString(cells.day(row.day)),
        badge=cells.together(*marks) if marks else "",
        kind=SafeString(mdff_labels.quality(row.quality_method) if row.quality_method else ""),
        verdict=[],
        source=speakers.source(row, is_named=False),
        is_removed=row.register.meter_id in names.disused,
    )
