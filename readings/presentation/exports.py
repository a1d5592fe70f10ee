"""What counts of what is stored, as CSV (RFC 4180, UTF-8): a row for each reading, or for each interval.

The text comes in blocks, so that memory stays flat, and as the store was when the first of them was asked for.
docs/operations.md says what the columns mean.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from itertools import islice
from typing import Any, Final

from django.db.models import Q, QuerySet

from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.formats.fields import REMEMBERED
from readings.models import IntervalDay, MeterPoint, Reading, Scheme
from readings.models.statements import Stated
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

#: Beginning with those that every row has.
_FIELDS: Final = (
    *("flow_file_id", "line", "meter_point__scheme", "meter_point__identifier"),
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
    *("values", "quality_method", "reason_code", "reason_description", "events"),
)
_ROWS_AT_ONCE: Final = 1_000
_BLOCK: Final = 64 * 1024


class WrongSelection(ValueError):
    """What is asked for cannot be exported; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What to export; empty is all. Test data only where its scheme or its file is asked for."""

    meter_points: tuple[str, ...] = ()
    scheme: str = ""
    area: str = ""
    tariff: str = ""
    #: Both days included.
    first_day: date | None = None
    last_day: date | None = None
    #: A name, or the first 12 digits or more of the hash.
    file: str = ""


def day(text: str) -> date:
    """Read a day; WrongSelection where it is none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    # Beyond these years, no clock of a zone can be asked.
    if not 1900 <= found.year <= 2999:
        raise WrongSelection(f"{text!r} is no day, expected YYYY-MM-DD")
    return found


def readings(selection: Selection, *, nem_time: timezone) -> Generator[str, None, None]:
    """Export readings that nothing supersedes or withdraws; WrongSelection at once, not at the first block."""
    rows = _selected(Reading.objects.current(), selection)
    if selection.first_day:
        rows = rows.filter(_by_clock("gte", selection.first_day, nem_time))
    if selection.last_day:
        rows = rows.filter(_by_clock("lt", selection.last_day + timedelta(1), nem_time))
    found = rows.order_by("meter_point_id", "register_id", "read_at", "reading_type").values_list(*_READING_FIELDS)
    return _blocks(READING_COLUMNS, found, ReadingRows(nem_time).text)


def intervals(selection: Selection, *, nem_time: timezone) -> Generator[str, None, None]:
    """Export the intervals of days that nothing supersedes; WrongSelection at once, not at the first block."""
    rows = _selected(IntervalDay.objects.current(), selection)
    if selection.first_day:
        rows = rows.filter(day__gte=selection.first_day)
    if selection.last_day:
        rows = rows.filter(day__lte=selection.last_day)
    found = rows.order_by("meter_point_id", "register_id", "day", "occurrence").values_list(*_INTERVAL_FIELDS)
    return _blocks(INTERVAL_COLUMNS, found, IntervalRows(nem_time).text)


def _selected(rows: QuerySet[Stated], selection: Selection) -> QuerySet[Stated]:
    if selection.first_day and selection.last_day and selection.first_day > selection.last_day:
        raise WrongSelection(f"{selection.first_day} is after {selection.last_day}")
    if selection.scheme not in ("", *Scheme.values):
        raise WrongSelection(f"{selection.scheme!r} is no scheme, expected one of {', '.join(Scheme.values)}")
    for name in ("scheme", "area", "tariff"):
        if asked := getattr(selection, name):
            rows = rows.filter(**{f"meter_point__{name}": asked})
    if not (selection.scheme or selection.file):
        rows = rows.exclude(meter_point__scheme=Scheme.TEST_MPAN)
    if selection.meter_points:
        rows = rows.filter(meter_point__in=_meter_points(selection))
    if selection.file:
        rows = rows.filter(flow_file__in=_flow_files(selection.file))
    return rows


def _meter_points(selection: Selection) -> list[int]:
    named = MeterPoint.objects.filter(identifier__in=selection.meter_points)
    named = named.filter(scheme=selection.scheme) if selection.scheme else named
    found = dict(named.values_list("pk", "identifier"))
    for identifier in selection.meter_points:
        if identifier not in found.values():
            raise WrongSelection(f"no meter point is called {identifier!r}")
    return list(found)


def _flow_files(name: str) -> list[int]:
    search = look_up(name)
    found = [flow_file.pk for term in search.terms for flow_file in term.flow_files]
    if search.unknown or len(search.terms) != 1 or not found:
        raise WrongSelection(f"no flow file is called {name!r}")
    if len(found) >= MOST:
        raise WrongSelection(f"{MOST:,} or more flow files are called {name!r}; give the start of the hash of one")
    return found


def _by_clock(comparison: str, midnight: date, nem_time: tzinfo) -> Q:
    """Compare the time of readings with a midnight of the clock that each scheme goes by."""
    nem = Q(meter_point__scheme=Scheme.NMI)
    by_nem_time = Q((f"read_at__{comparison}", datetime.combine(midnight, time(), nem_time)))
    by_british_time = Q((f"read_at__{comparison}", datetime.combine(midnight, time(), BRITISH_CLOCK_TIME)))
    return (nem & by_nem_time) | (~nem & by_british_time)


def _blocks(
    columns: Sequence[str], found: QuerySet[Any, tuple[Any, ...]], text: Callable[[str, Sequence[Any]], str]
) -> Generator[str, None, None]:
    """Write rows in blocks; the database hands them over as they are asked for."""
    texts, size = [row(columns)], 0
    origins = _Origins()
    source = found.iterator(chunk_size=_ROWS_AT_ONCE)
    while stated := list(islice(source, _ROWS_AT_ONCE)):
        origins.learn({flow_file for flow_file, *_ in stated})
        for flow_file, line, *rest in stated:
            texts.append(text(f"{origins[flow_file]},{line}", rest))
            size += len(texts[-1])
            if size >= _BLOCK:
                yield "".join(texts)
                texts, size = [], 0
    if texts:
        yield "".join(texts)


class _Origins(dict[int, str]):
    """The names of flow files and the starts of their hashes; so many at most that memory stays flat."""

    def learn(self, keys: set[int]) -> None:
        """Look up those that are not known."""
        if len(self) > REMEMBERED:
            self.clear()
        if unknown := keys - self.keys():
            for flow_file in flow_files().filter(pk__in=unknown):
                self[flow_file.pk] = f"{cell(name_of(flow_file))},{flow_file.sha256[:12]}"
