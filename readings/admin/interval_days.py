"""Interval days: the intervals of one channel on one day (NEM12)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.admin.metered_amounts import SITE, STATED, MeteredAmountAdmin
from readings.formats import text
from readings.formats.mdff.catalogue import labels
from readings.formats.packed_day import number_of_values
from readings.models import IntervalDay
from readings.presentation import badges, cells, links, metered
from readings.presentation.charts.day import chart_of
from readings.presentation.charts.drawing import Chart
from readings.presentation.tables import Table
from readings.queries import details, lists, narrowing
from readings.queries.intervals import Interval, clock_at, intervals_of
from readings.queries.search import Search

#: What needs no mark beside other qualities.
_ACTUAL = "A"
#: So many intervals stand in a row of the table.
_IN_A_ROW = 12


@admin.register(IntervalDay)
class IntervalDayAdmin(MeteredAmountAdmin[IntervalDay]):
    """What lines of NEM12 files state."""

    rows = lists.interval_days
    title = "Interval days (NEM12)"
    list_display = ("nmi", "meter", "channel", "its_day", "its_intervals", "amount", "quality", "file")
    fieldsets: ClassVar[Any] = (
        ("Interval day", {"fields": ("nmi", "meter", "channel", "whole_day", "its_intervals", "amount")}),
        ("How good it is", {"fields": ("quality", "reason")}),
        STATED,
        SITE,
    )

    def narrow(self, rows: QuerySet[IntervalDay], search: Search) -> QuerySet[IntervalDay]:
        """Leave the interval days that a search asks for."""
        return narrowing.narrow_interval_days(rows, search)

    def heading(self, row: IntervalDay) -> str:
        """Name a day by its channel."""
        return cells.heading(row, row.register.suffix, cells.day(row.day))

    def links(self, row: IntervalDay) -> Iterator[SafeString]:
        """Lead to the other days."""
        nmi = row.meter_point.identifier
        yield cells.found_in("intervalday", f"All interval days of NMI {nmi}", q=nmi)

    def chart(self, row: IntervalDay) -> Chart | None:
        """Draw the day."""
        return chart_of(intervals_of(row), row.unit)

    def tables(self, row: IntervalDay) -> Iterator[Table]:
        """Give the values of a day, its qualities, its versions and why the meter was read."""
        yield _values(row, intervals_of(row))
        if labels.varies(row.quality_method) or row.events:
            yield _qualities(row)
        yield Table(
            title="Versions",
            columns=("Version", "Day", "Sum or mean", "Quality", "UpdateDateTime", "File", "Line"),
            rows=[_version(version, row) for version in details.versions_of_day(row)],
            note="All that was stated of this day of the channel. What is struck through counts no more.",
            numbers=2,
        )
        yield Table(
            title="Why the meter was read",
            columns=("Reason", "Service order", "Read at", "The register showed"),
            rows=[_transaction(*said) for said in json.loads(row.transactions or "[]")],
            nothing="The file does not say.",
        )

    @admin.display(description="Channel")
    def channel(self, row: IntervalDay) -> SafeString:
        """Show what the channel measures."""
        suffix, register_id = row.register.suffix, row.register.register_id
        named = f"{suffix} · register {register_id}" if register_id and register_id != suffix else suffix
        return cells.lines(named or text.NOT_SAID, badges.small(labels.channel(suffix)))

    @admin.display(description="Day")
    def its_day(self, row: IntervalDay) -> SafeString:
        """Show the day, and link to its page."""
        return cells.page_of(row, cells.day(row.day))

    @admin.display(description="Day")
    def whole_day(self, row: IntervalDay) -> str:
        """Show the day, and where it begins and ends."""
        return f"{cells.day(row.day)}, 00:00 to 24:00 {_zone()}"

    @admin.display(description="Intervals")
    def its_intervals(self, row: IntervalDay) -> str:
        """Show how many values there are, and how long each interval is."""
        return f"{number_of_values(row.values)} × {row.interval_length} min"

    @admin.display(description="Sum or mean")
    def amount(self, row: IntervalDay) -> SafeString:
        """Show the sum of the day, or its mean."""
        return metered.day_amount(row)

    @admin.display(description="Quality")
    def quality(self, row: IntervalDay) -> SafeString:
        """Show how good the values are."""
        return metered.day_quality(row)

    @admin.display(description="Reason")
    def reason(self, row: IntervalDay) -> str:
        """Show why they are of that quality."""
        return labels.reason(row.reason_code, row.reason_description)


def _zone() -> str:
    return str(settings.NEM_UTC_OFFSET)


def _values(row: IntervalDay, intervals: Sequence[Interval]) -> Table:
    per_hour, rest = divmod(60, row.interval_length)
    width = 1 if rest else max(each for each in range(1, _IN_A_ROW + 1) if per_hour % each == 0)
    rows: list[tuple[str, ...]] = []
    for first in range(0, len(intervals), width):
        shown = intervals[first : first + width]
        begins_at = clock_at(first * row.interval_length)
        named = f"{begins_at} to {shown[-1].ends_at}"
        rows.append((named, *(_value(interval, row) for interval in shown)))
    ends = (f"+{number * row.interval_length} min" for number in range(1, width + 1))
    return Table(
        title=f"Values in {row.unit}" if row.unit else "Values",
        columns=("Hour" if width > 1 else "From, to", *ends),
        rows=rows,
        nothing="The file gives none.",
        note=(
            f"By the time at which each interval ends: +{row.interval_length} min is the interval that ends "
            f"{row.interval_length} minutes after its row begins. Times are {_zone()} all year."
            f"{' A value without a mark is actual (A).' if labels.varies(row.quality_method) else ''}"
        ),
        is_grid=True,
    )


def _value(interval: Interval, row: IntervalDay) -> SafeString:
    """Write a value as sent, with its quality where that is neither the whole day's nor A."""
    value = interval.value or text.NOT_SAID
    if interval.quality_method in (row.quality_method, _ACTUAL):
        return format_html("{}", value)
    words = labels.quality(interval.quality_method)
    if not interval.counts:
        value = format_html("<s>{}</s>", value)
    return format_html('{} <abbr class="quiet small" title="{}">{}</abbr>', value, words, interval.quality_method)


def _qualities(row: IntervalDay) -> Table:
    return Table(
        title="Quality of its intervals",
        columns=("Intervals", "From", "To", "Quality", "Reason"),
        rows=[_event(row, *said) for said in json.loads(row.events or "[]")],
        nothing="The file does not say.",
        note=f"From where the first of the intervals begins to where the last ends, {_zone()}.",
    )


def _event(row: IntervalDay, first: int, last: int, quality: str, reason: str, description: str) -> tuple[str, ...]:
    return (
        f"{first}" if first == last else f"{first} to {last}",
        clock_at((first - 1) * row.interval_length),
        clock_at(last * row.interval_length),
        cells.quality([quality]),
        labels.reason(reason, description),
    )


def _transaction(code: str, service_order: str, read_at: str, index_read: str) -> tuple[str, ...]:
    read_at = labels.sent_time(read_at, settings.NEM_UTC_OFFSET)
    return labels.trans_code(code), service_order or text.NOT_SAID, read_at, index_read or text.NOT_SAID


def _version(version: IntervalDay, shown: IntervalDay) -> tuple[str, ...]:
    return (
        f"{version.version}",
        "this one" if version.pk == shown.pk else cells.page_of(version, "see"),
        metered.day_amount(version),
        metered.day_quality(version),
        cells.nem_instant(version.updated_at),
        links.flow_file(version.flow_file),
        cells.line(version.line),
    )
