"""Selections of statements: by meter point, meter, file, day, and kind."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo

from django.db.models import Q

from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.models import IntervalDay, Meter, MeterPoint, Reading, Scheme
from readings.models.register_readings import ReadingQuerySet
from readings.models.statements import StatementQuerySet
from readings.queries.lists import Rows
from readings.queries.search import MOST, compact, look_up


class WrongSelection(ValueError):
    """Nothing can be selected this way; the text states the reason."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        #: Field of the selection that is wrong; empty if it is several.
        self.field = field


class NothingThere(WrongSelection):
    """The store has no such meter point or file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The statements to select; empty fields select all. Test data needs its scheme or its file."""

    meter_points: tuple[str, ...] = ()
    scheme: str = ""
    area: str = ""
    tariff: str = ""
    #: First and last day, inclusive.
    first_day: date | None = None
    last_day: date | None = None
    #: Name of a file, or at least 12 digits of its hash.
    file: str = ""
    serial_number: str = ""
    #: Reading type of the catalogue; of readings only.
    reading_type: str = ""
    #: Whether to select only the statements that count.
    only_what_counts: bool = True

    @property
    def in_words(self) -> str:
        """Return the fields that select; of several meter points, only their number."""
        number = len(self.meter_points)
        words: dict[str, object] = {
            "meter_points": number if number > 1 else "",
            "scheme": self.scheme,
            "area": self.area,
            "tariff": self.tariff,
            "from": self.first_day,
            "to": self.last_day,
            "file": self.file,
            "serial_number": self.serial_number,
            "reading_type": self.reading_type,
        }
        return " ".join(f"{name}={value}" for name, value in words.items() if value)

    @property
    def is_of_few(self) -> bool:
        """Return whether an index finds the statements without reading most others."""
        return bool(self.meter_points or self.file or self.serial_number)


def parsed_day(text: str) -> date:
    """Return the day that a text states; raise WrongSelection for any other text."""
    try:
        result = date.fromisoformat(text)
    except ValueError:
        result = date.min
    # Python 3.11 reads other forms too. Time zones are undefined outside these years.
    if result.isoformat() != text or not 1900 <= result.year <= 2999:
        raise WrongSelection(f"{text!r} is not a day, expected YYYY-MM-DD")
    return result


def readings_in(selection: Selection, *, nem_time: timezone) -> ReadingQuerySet:
    """Return the readings of a selection, by the clock time of their schemes; raise WrongSelection."""
    every = Reading.objects.all()
    rows = _selected(every.current() if selection.only_what_counts else every, selection)
    if selection.file:
        rows = rows.filter(flow_file__in=_flow_files(selection.file))
    if selection.first_day:
        rows = rows.filter(by_clock("gte", selection.first_day, nem_time))
    if selection.last_day:
        rows = rows.filter(by_clock("lt", selection.last_day + timedelta(1), nem_time))
    return rows.filter(reading_type=selection.reading_type) if selection.reading_type else rows


def interval_days_in(selection: Selection) -> tuple[StatementQuerySet[IntervalDay], frozenset[int]]:
    """Return the interval days of a selection, and the files whose intervals are selected (all, if none).

    Raise WrongSelection.
    """
    every = IntervalDay.objects.all()
    rows = _selected(every.current() if selection.only_what_counts else every, selection)
    files = frozenset(_flow_files(selection.file) if selection.file else ())
    if files:
        rows = rows.filter(Q(flow_file__in=files) | Q(pk__in=_completed_by(files)))
    if selection.first_day:
        rows = rows.filter(day__gte=selection.first_day)
    if selection.last_day:
        rows = rows.filter(day__lte=selection.last_day)
    return rows, files


def _selected(rows: Rows, selection: Selection) -> Rows:
    if selection.first_day and selection.last_day and selection.first_day > selection.last_day:
        raise WrongSelection(f"the first day, {selection.first_day}, is after the last, {selection.last_day}")
    if selection.scheme not in ("", *Scheme.values):
        expected = f"expected one of {', '.join(Scheme.values)}"
        raise WrongSelection(f"{selection.scheme!r} is not a scheme, {expected}", "scheme")
    for name in ("scheme", "area", "tariff"):
        if value := getattr(selection, name):
            rows = rows.filter(**{f"meter_point__{name}": value})
    if not (selection.scheme or selection.file):
        rows = rows.exclude(meter_point__scheme=Scheme.TEST_MPAN)
    if selection.meter_points:
        rows = rows.filter(meter_point__in=meter_points_in(selection))
    return _at_meters(rows, selection.serial_number) if selection.serial_number else rows


def meter_points_in(selection: Selection) -> list[MeterPoint]:
    """Return the meter points that a selection names; raise WrongSelection if one is not stored."""
    if not selection.meter_points:
        return []
    rows = MeterPoint.objects.filter(identifier__in=selection.meter_points)
    found = list(rows.filter(scheme=selection.scheme) if selection.scheme else rows)
    identifiers = {row.identifier for row in found}
    for identifier in selection.meter_points:
        if identifier not in identifiers:
            raise NothingThere(f"no such meter point: {identifier!r}", "meter_points")
    return found


def _at_meters(rows: Rows, serial_number: str) -> Rows:
    """Return the statements about the meters with a serial number, in any spelling."""
    registers = list(
        Meter.objects.filter(searchable=compact(serial_number)).values_list("meter_point", "registers")[:MOST]
    )
    # The index has the meter point before the register.
    return rows.filter(meter_point__in={row[0] for row in registers}, register__in={row[1] for row in registers})


def _flow_files(name: str) -> list[int]:
    search = look_up(name)
    keys = [flow_file.pk for term in search.terms for flow_file in term.flow_files]
    if search.unknown or len(search.terms) != 1 or not keys:
        raise NothingThere(f"no such flow file: {name!r}", "file")
    if len(keys) >= MOST:
        raise WrongSelection(f"at least {MOST:,} flow files have the name {name!r}: select one by its hash", "file")
    return keys


def _completed_by(files: Collection[int]) -> list[int]:
    """Return the days of other files that intervals of some files complete."""
    parts = IntervalDay.objects.filter(flow_file__in=files)
    days = IntervalDay.objects.filter(pk__in=parts.values("superseded_by"), origins__gt="")
    return list(days.values_list("pk", flat=True))


def by_clock(comparison: str, midnight: date, nem_time: tzinfo) -> Q:
    """Return a comparison of `read_at` with midnight in the clock time of each scheme."""
    by_nem_time, by_british_time = (
        datetime.combine(midnight, time(), zone) for zone in (nem_time, BRITISH_CLOCK_TIME)
    )
    nem, at = Q(meter_point__scheme=Scheme.NMI), f"read_at__{comparison}"
    # The first condition, which follows from the others, spares most rows the look-up of their meter points.
    widest = (min if comparison.startswith("g") else max)(by_nem_time, by_british_time)
    return Q((at, widest)) & ((nem & Q((at, by_nem_time))) | (~nem & Q((at, by_british_time))))
