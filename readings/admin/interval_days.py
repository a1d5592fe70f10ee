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

from readings.admin.metered_amounts import SITE, SOURCE, MeteredAmountAdmin
from readings.formats import text
from readings.formats.mdff.catalogue import labels
from readings.formats.packed_day import clock_at, number_of_values
from readings.models import IntervalDay
from readings.presentation import badges, cells, links, metered
from readings.presentation.charts.day import figure_of
from readings.presentation.charts.figure import Figure
from readings.presentation.tables import Table
from readings.queries import details, lists, narrowing
from readings.queries.intervals import Interval, Source, intervals_of, sources_of_intervals
from readings.queries.search import Search

#: Quality that needs no mark in a day of several qualities.
_ACTUAL = "A"
#: Number of intervals in a row of the table, at most.
_IN_A_ROW = 12


@admin.register(IntervalDay)
class IntervalDayAdmin(MeteredAmountAdmin[IntervalDay]):
    """List and pages of interval days."""

    rows = lists.interval_days
    page = "interval-days"
    title = "Interval days (NEM12)"
    list_display = ("nmi", "meter", "channel", "its_day", "its_intervals", "amount", "quality", "file")
    fieldsets: ClassVar[Any] = (
        ("Interval day", {"fields": ("nmi", "meter", "channel", "whole_day", "its_intervals", "amount")}),
        ("Data quality", {"fields": ("quality", "reason")}),
        SOURCE,
        SITE,
    )

    def narrow(self, rows: QuerySet[IntervalDay], search: Search) -> QuerySet[IntervalDay]:
        """Return the interval days that match a search."""
        return narrowing.narrow_interval_days(rows, search)

    def heading(self, row: IntervalDay) -> str:
        """Return NMI, serial number, suffix and day."""
        return cells.heading(row, row.register.suffix, cells.day(row.day))

    def links(self, row: IntervalDay) -> Iterator[SafeString]:
        """Yield a link to all interval days of the NMI."""
        nmi = row.meter_point.identifier
        yield cells.search_link("intervalday", f"All interval days of NMI {nmi}", q=nmi)

    def chart(self, row: IntervalDay) -> Figure | None:
        """Return the chart of the day."""
        return figure_of(intervals_of(row), row.unit)

    def tables(self, row: IntervalDay) -> Iterator[Table]:
        """Yield the tables of values, qualities, versions and reasons for reading the meter."""
        yield _values(row, intervals_of(row))
        if labels.varies(row.quality_method) or row.events:
            yield _qualities(row)
        if row.lines or row.origins:
            yield _sources(row)
        yield Table(
            title="Versions",
            columns=("Version", "Day", "Sum or mean", "Quality", "UpdateDateTime", "File", "Line"),
            rows=[_version(version, row) for version in details.versions_of_day(row)],
            note="All versions for this day of the channel. Superseded versions are struck through.",
            numbers=2,
        )
        yield Table(
            title="Reasons for reading the meter",
            columns=("Reason", "Service order", "Read at", "Index read"),
            rows=[_transaction(*fields) for fields in json.loads(row.transactions or "[]")],
            nothing="Not stated in the file.",
        )

    @admin.display(description="Channel")
    def channel(self, row: IntervalDay) -> SafeString:
        """Show suffix, register id and measured quantity of the channel."""
        suffix, register_id = row.register.suffix, row.register.register_id
        name = f"{suffix} · register {register_id}" if register_id and register_id != suffix else suffix
        return cells.lines(name or text.NO_VALUE, badges.small(labels.channel(suffix)))

    @admin.display(description="Day")
    def its_day(self, row: IntervalDay) -> SafeString:
        """Show the day with a link to its page."""
        return cells.page_of(row, cells.day(row.day))

    @admin.display(description="Day")
    def whole_day(self, row: IntervalDay) -> str:
        """Show the day with its start, end and time zone."""
        return f"{cells.day(row.day)}, 00:00 to 24:00 {_zone()}"

    @admin.display(description="Intervals")
    def its_intervals(self, row: IntervalDay) -> str:
        """Show the number of values and the interval length."""
        return f"{number_of_values(row.values)} × {row.interval_length} min"

    @admin.display(description="Sum or mean")
    def amount(self, row: IntervalDay) -> SafeString:
        """Show the total of the day, or its mean."""
        return metered.day_amount(row)

    @admin.display(description="Quality")
    def quality(self, row: IntervalDay) -> SafeString:
        """Show the quality of the values."""
        return metered.day_quality(row)

    @admin.display(description="Reason")
    def reason(self, row: IntervalDay) -> str:
        """Show the reason for the quality."""
        return labels.reason(row.reason_code, row.reason_description)


def _zone() -> str:
    return str(settings.NEM_UTC_OFFSET)


def _values(row: IntervalDay, intervals: Sequence[Interval]) -> Table:
    per_hour, rest = divmod(60, row.interval_length)
    width = 1 if rest else max(each for each in range(1, _IN_A_ROW + 1) if per_hour % each == 0)
    rows: list[tuple[str, ...]] = []
    for first in range(0, len(intervals), width):
        part = intervals[first : first + width]
        begins_at = clock_at(first * row.interval_length)
        rows.append((f"{begins_at} to {part[-1].ends_at}", *(_value(interval, row) for interval in part)))
    ends = (f"+{number * row.interval_length} min" for number in range(1, width + 1))
    return Table(
        title=f"Values in {row.unit}" if row.unit else "Values",
        columns=("Hour" if width > 1 else "From, to", *ends),
        rows=rows,
        nothing="No values.",
        note=(
            f"Columns are interval ends: +{row.interval_length} min is the interval that ends "
            f"{row.interval_length} minutes after the start of its row. Times are {_zone()} all year."
            f"{' Values without a mark are actual (A).' if labels.varies(row.quality_method) else ''}"
        ),
        is_grid=True,
    )


def _value(interval: Interval, row: IntervalDay) -> SafeString:
    """Return a value as sent, with its quality unless that is the day's or A."""
    value = interval.value or text.NO_VALUE
    if interval.quality_method in (row.quality_method, _ACTUAL):
        return format_html("{}", value)
    words = labels.quality(interval.quality_method)
    if not interval.counts:
        value = format_html("<s>{}</s>", value)
    return format_html('{} <abbr class="quiet small" title="{}">{}</abbr>', value, words, interval.quality_method)


def _sources(row: IntervalDay) -> Table:
    note = "Parts of the day from several files complete each other." if row.origins else ""
    return Table(
        title="Source of each interval",
        columns=("From", "To", "File", "Lines"),
        rows=[
            (each.begins_at, each.ends_at, links.flow_file(each.flow_file), _lines(each))
            for each in sources_of_intervals(row)
        ],
        note=note,
    )


def _lines(source: Source) -> str:
    first, last = source.first_line, source.last_line
    return f"{first:,}" if first == last else f"{first:,} to {last:,}"


def _qualities(row: IntervalDay) -> Table:
    return Table(
        title="Quality of intervals",
        columns=("Intervals", "From", "To", "Quality", "Reason"),
        rows=[_event(row, *fields) for fields in json.loads(row.events or "[]")],
        nothing="Not stated in the file.",
        note=f"From the start of the first interval to the end of the last, {_zone()}.",
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
    return labels.trans_code(code), service_order or text.NO_VALUE, read_at, index_read or text.NO_VALUE


def _version(version: IntervalDay, current: IntervalDay) -> tuple[str, ...]:
    return (
        f"{version.version}",
        "this page" if version.pk == current.pk else cells.page_of(version, "open"),
        metered.day_amount(version),
        metered.day_quality(version),
        cells.nem_instant(version.updated_at),
        links.flow_file(version.flow_file),
        cells.line(version.line),
    )
