"""The trail: selected entries, newest first, and their pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Q

from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.models import FlowFile, MeterPoint, Trail
from readings.models.trail import TrailQuerySet
from readings.queries.lists import MomentKey, flow_files

#: Number of entries on a page.
PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """The entries to select; empty fields select all."""

    #: User name.
    who: str = ""
    action: str = ""
    door: str = ""
    #: Identifier of a meter point.
    meter_point: str = ""
    #: First and last day in British clock time, inclusive.
    first_day: date | None = None
    last_day: date | None = None

    @property
    def in_words(self) -> str:
        """Return the fields that select, without the identifier of a meter point."""
        words: dict[str, object] = {
            "who": self.who,
            "action": self.action,
            "door": self.door,
            "meter_points": 1 if self.meter_point else "",
            "from": self.first_day,
            "to": self.last_day,
        }
        return " ".join(f"{name}={value}" for name, value in words.items() if value)


def entries_in(selection: Entries) -> TrailQuerySet:
    """Return the entries of a selection, newest first."""
    equal = {
        "by_whom": selection.who,
        "action": selection.action,
        "door": selection.door,
        "identifier": selection.meter_point,
    }
    rows = Trail.objects.filter(**{name: value for name, value in equal.items() if value})
    if selection.first_day:
        rows = rows.filter(at__gte=_midnight(selection.first_day))
    if selection.last_day:
        rows = rows.filter(at__lt=_midnight(selection.last_day + timedelta(1)))
    return rows.order_by("-at", "-pk")


def page_of(selection: Entries, after: MomentKey | None) -> tuple[list[Trail], MomentKey | None]:
    """Return a page of entries, newest first, and the key of the next page, or None."""
    rows = entries_in(selection)
    if after:
        # The first condition is redundant: an index finds its rows.
        rows = rows.filter(Q(at__lt=after.at) | Q(pk__lt=after.pk), at__lte=after.at)
    page = list(rows[: PAGE + 1])
    following = MomentKey(page[PAGE - 1].at, page[PAGE - 1].pk) if len(page) > PAGE else None
    return page[:PAGE], following


def meter_points_of(entries: Iterable[Trail]) -> dict[tuple[str, str], MeterPoint]:
    """Return the stored meter points that entries name, by scheme and identifier."""
    identifiers = {entry.identifier for entry in entries if entry.identifier}
    rows = MeterPoint.objects.filter(identifier__in=identifiers) if identifiers else ()
    return {(row.scheme, row.identifier): row for row in rows}


def flow_files_of(entries: Iterable[Trail]) -> dict[str, FlowFile]:
    """Return the stored flow files that entries name, by SHA-256."""
    digests = {entry.sha256 for entry in entries if entry.sha256}
    return {row.sha256: row for row in flow_files().filter(sha256__in=digests)} if digests else {}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BRITISH_CLOCK_TIME)
