"""Current readings and intervals as CSV (RFC 4180, UTF-8), one row for each.

The text comes in blocks, so that memory stays flat. It shows the store at the time of the first block.
docs/operations.md describes the columns.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from itertools import islice
from operator import itemgetter
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.formats.fields import REMEMBERED
from readings.models import IntervalDay, MeterPoint, Reading, Scheme
from readings.models.statements import StatementT
from readings.presentation.csv_rows import IntervalRows, ReadingRows, cell, row
from readings.queries.lists import flow_files, name_of
from readings.queries.search import MOST, look_up

READING_COLUMNS: Final = (
    *("scheme", "meter_point", "meter", "register", "suffix"),
    *("read_at", "zone", "value", "unit", "reading_type", "flag", "method", "reason_code", "reason_description"),
    *("validation_status", "reading_status", "md_reset_at", "md_resets", "read_at_as_sent"),
    *("file", "sha12", "line"),
)
INTERVAL_COLUMNS: Final = (
    *("scheme", "meter_point", "meter", "register", "suffix", "area", "tariff"),
    *("starts_at", "ends_at", "zone", "occurrence", "value", "unit"),
    *("quality_method", "reason_code", "reason_description"),
    *("file", "sha12", "line"),
)

#: File and line of the last statement of a row.
_SOURCE: Final = (Coalesce("restated_in_id", "flow_file_id"), Coalesce("restated_line", "line"))
#: Fields at the start of every row.
_FIELDS: Final = (
    *(*_SOURCE, "meter_point__scheme", "meter_point__identifier"),
    *("register__meter__serial_number", "register__register_id", "register__suffix"),
)
_READING_FIELDS: Final = (
    *(*_FIELDS, "read_at", "value", "register__unit"),
    *("reading_type", "flag", "method", "reason_code", "reason_description"),
    *("validation_status", "reading_status", "md_reset_at", "md_resets", "read_at_as_sent"),
)
_INTERVAL_FIELDS: Final = (
    *(*_FIELDS, "meter_point__area", "meter_point__tariff"),
    *("day", "occurrence", "interval_length", "unit"),
    *("values", "quality_method", "reason_code", "reason_description", "events", "lines", "origins"),
)
_ROWS_AT_ONCE: Final = 1_000
_BLOCK: Final = 64 * 1024


class WrongSelection(ValueError):
    """The selection cannot be exported; the text states the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The rows to export; empty fields select all. Test data needs its scheme or its file."""

    meter_points: tuple[str, ...] = ()
    scheme: str = ""
    area: str = ""
    tariff: str = ""
    #: First and last day, inclusive.
    first_day: date | None = None
    last_day: date | None = None
    #: Name of a file, or at least 12 digits of its hash.
    file: str = ""


def day(text: str) -> date:
    """Return the day that a text states; raise WrongSelection for any other text."""
    try:
        result = date.fromisoformat(text)
    except ValueError:
        result = date.min
    # Time zones are undefined outside these years.
    if not 1900 <= result.year <= 2999:
        raise WrongSelection(f"{text!r} is not a day, expected YYYY-MM-DD")
    return result


def readings(selection: Selection, *, nem_time: timezone) -> Generator[str, None, None]:
    """Return the current readings in blocks; raise WrongSelection at once, not at the first block."""
    rows = _selected(Reading.objects.current(), selection)
    if selection.file:
        rows = rows.filter(flow_file__in=_flow_files(selection.file))
    if selection.first_day:
        rows = rows.filter(_by_clock("gte", selection.first_day, nem_time))
    if selection.last_day:
        rows = rows.filter(_by_clock("lt", selection.last_day + timedelta(1), nem_time))
    fields = rows.order_by("meter_point_id", "register_id", "read_at", "reading_type").values_list(*_READING_FIELDS)
    return _blocks(READING_COLUMNS, fields, ReadingRows(nem_time).text)


def intervals(selection: Selection, *, nem_time: timezone) -> Generator[str, None, None]:
    """Return the intervals of current days in blocks; raise WrongSelection at once, not at the first block."""
    rows = _selected(IntervalDay.objects.current(), selection)
    files = frozenset(_flow_files(selection.file) if selection.file else ())
    if files:
        rows = rows.filter(Q(flow_file__in=files) | Q(pk__in=_completed_by(files)))
    if selection.first_day:
        rows = rows.filter(day__gte=selection.first_day)
    if selection.last_day:
        rows = rows.filter(day__lte=selection.last_day)
    fields = rows.order_by("meter_point_id", "register_id", "day", "occurrence").values_list(*_INTERVAL_FIELDS)
    return _blocks(INTERVAL_COLUMNS, fields, IntervalRows(nem_time, files).text, itemgetter(-1))


def _selected(rows: QuerySet[StatementT], selection: Selection) -> QuerySet[StatementT]:
    if selection.first_day and selection.last_day and selection.first_day > selection.last_day:
        raise WrongSelection(f"the first day, {selection.first_day}, is after the last, {selection.last_day}")
    if selection.scheme not in ("", *Scheme.values):
        raise WrongSelection(f"{selection.scheme!r} is not a scheme, expected one of {', '.join(Scheme.values)}")
    for name in ("scheme", "area", "tariff"):
        if value := getattr(selection, name):
            rows = rows.filter(**{f"meter_point__{name}": value})
    if not (selection.scheme or selection.file):
        rows = rows.exclude(meter_point__scheme=Scheme.TEST_MPAN)
    if selection.meter_points:
        rows = rows.filter(meter_point__in=_meter_points(selection))
    return rows


def _meter_points(selection: Selection) -> list[int]:
    rows = MeterPoint.objects.filter(identifier__in=selection.meter_points)
    rows = rows.filter(scheme=selection.scheme) if selection.scheme else rows
    identifiers = dict(rows.values_list("pk", "identifier"))
    for identifier in selection.meter_points:
        if identifier not in identifiers.values():
            raise WrongSelection(f"no such meter point: {identifier!r}")
    return list(identifiers)


def _flow_files(name: str) -> list[int]:
    search = look_up(name)
    keys = [flow_file.pk for term in search.terms for flow_file in term.flow_files]
    if search.unknown or len(search.terms) != 1 or not keys:
        raise WrongSelection(f"no such flow file: {name!r}")
    if len(keys) >= MOST:
        raise WrongSelection(f"at least {MOST:,} flow files have the name {name!r}: select one by its hash")
    return keys


def _completed_by(files: Collection[int]) -> list[int]:
    """Return the days of other files that intervals of some files complete."""
    parts = IntervalDay.objects.filter(flow_file__in=files)
    days = IntervalDay.objects.filter(pk__in=parts.values("superseded_by"), origins__gt="")
    return list(days.values_list("pk", flat=True))


def _by_clock(comparison: str, midnight: date, nem_time: tzinfo) -> Q:
    """Return a comparison of `read_at` with midnight in the clock time of each scheme."""
    nem = Q(meter_point__scheme=Scheme.NMI)
    by_nem_time = Q((f"read_at__{comparison}", datetime.combine(midnight, time(), nem_time)))
    by_british_time = Q((f"read_at__{comparison}", datetime.combine(midnight, time(), BRITISH_CLOCK_TIME)))
    return (nem & by_nem_time) | (~nem & by_british_time)


def _blocks(
    columns: Sequence[str],
    fields: QuerySet[Any, tuple[Any, ...]],
    text: Callable[[Mapping[int, str], Sequence[Any]], str],
    origins: Callable[[Sequence[Any]], str] = lambda fields: "",
) -> Generator[str, None, None]:
    """Yield rows in blocks, fetched from the database as the caller takes them.

    `origins` returns the origins of intervals as stored: the other files of a row.
    """
    texts, size = [row(columns)], 0
    files = _Files()
    source = fields.iterator(chunk_size=_ROWS_AT_ONCE)
    while rows := list(islice(source, _ROWS_AT_ONCE)):
        others = {file for each in rows if (text_of := origins(each)) for _, _, file, *_ in json.loads(text_of)}
        files.fetch({flow_file for flow_file, *_ in rows} | others)
        for each in rows:
            texts.append(text(files, each))
            size += len(texts[-1])
            if size >= _BLOCK:
                yield "".join(texts)
                texts, size = [], 0
    if texts:
        yield "".join(texts)


class _Files(dict[int, str]):
    """Cache of the names and hash starts of flow files, bounded so that memory stays flat."""

    def fetch(self, keys: set[int]) -> None:
        """Fetch the missing ones of these flow files."""
        if len(self) > REMEMBERED:
            self.clear()
        if missing := keys - self.keys():
            for flow_file in flow_files().filter(pk__in=missing):
                self[flow_file.pk] = f"{cell(name_of(flow_file))},{flow_file.sha256[:12]}"
