"""Search: one box for any identifier, and for lists of up to 500."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from readings.formats.dtc.catalogue import labels
from readings.formats.text import NO_VALUE
from readings.models import FlowFile, Meter, MeterPoint, Reading
from readings.presentation import badges, cells, links, spellings
from readings.presentation.csv_rows import row
from readings.presentation.unknown import why_unknown
from readings.queries import lists
from readings.queries import meter_point as queries
from readings.queries.search import MOST as MOST_METERS
from readings.queries.search import Term, look_up_each
from readings.web.exports import MAY_EXPORT
from readings.web.trail.notes import note_export, note_look

#: Number of identifiers looked up at once, at most.
MOST: Final = 500
#: Largest number of matches listed for one word.
MOST_PER_WORD: Final = 10
COLUMNS: Final = (
    *("searched", "found", "scheme", "meter_point", "meter"),
    *("latest_read_at", "value", "reading_kind", "last_interval_day", "file", "file_status"),
)


@dataclass(slots=True, kw_only=True)
class Line:
    """One match of a word, or the reason why there is none."""

    searched: str
    #: Reason why nothing matches; empty for a match.
    why: str = ""
    meter_point: MeterPoint | None = None
    serial_number: str = ""
    flow_file: FlowFile | None = None
    more: int = 0
    latest: Reading | None = None
    last_day: date | None = None

    @property
    def link(self) -> SafeString:
        """Return a link to the match."""
        if self.meter_point:
            return links.meter_point(self.meter_point)
        return links.flow_file(self.flow_file) if self.flow_file else SafeString("")

    @property
    def kind(self) -> str:
        """Return the type of the match."""
        if self.meter_point:
            scheme = cells.scheme(self.meter_point)
            return f"Meter {self.serial_number} at {scheme}" if self.serial_number else scheme
        return "File" if self.flow_file else "Nothing"

    @property
    def has_data(self) -> bool:
        """Return whether the meter point has statements."""
        return bool(self.latest or self.last_day)

    @property
    def latest_in_words(self) -> SafeString:
        """Return the latest reading, or the last day with intervals."""
        parts: list[str] = []
        if self.latest:
            parts += [cells.value(self.latest), badges.small(cells.time_of(self.latest)), cells.kind(self.latest)]
        if self.last_day:
            parts.append(f"intervals to {cells.day(self.last_day)}")
        if self.flow_file:
            parts.append(badges.outcome(self.flow_file.status, self.flow_file.get_status_display()))
        return cells.lines(*parts) if parts else SafeString(NO_VALUE)


@dataclass(slots=True, kw_only=True)
class Answer:
    """The result of a search."""

    words: list[str]
    lines: list[Line] = field(default_factory=list)
    #: Number of words not looked up.
    left: int = 0
    #: Whether a serial number has so many matches that matches of others may be missing.
    is_cut: bool = False
    #: Notes about matches that are probably one meter.
    notes: list[SafeString] = field(default_factory=list)

    @property
    def missing(self) -> list[Line]:
        """Return the words without a match."""
        return [line for line in self.lines if line.why]

    @property
    def meter_points(self) -> list[MeterPoint]:
        """Return the meter points whose latest reading or interval day is among the matches."""
        points = {line.meter_point.pk: line.meter_point for line in self.lines if line.meter_point and line.has_data}
        return list(points.values())

    @property
    def found(self) -> int:
        """Return the number of words with a match."""
        return len(self.words) - self.left - len(self.missing)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required(("readings.view_meterpoint", "readings.view_reading"), raise_exception=True)
def search(request: HttpRequest) -> HttpResponse:
    """Show the matches of a text; redirect to a single meter point or file."""
    text = _text(request)
    answer = _answer(text)
    if request.method != "POST" and len(answer.lines) == 1 and not answer.lines[0].more:
        only = answer.lines[0]
        if only.meter_point:
            return redirect(links.address_of(only.meter_point))
        if only.flow_file and request.user.has_perm("readings.view_flowfile"):
            return redirect(links.address_of_file(only.flow_file))
    note_look(request, answer.meter_points, "search")
    return render(request, "readings/search.html", {"text": text, "answer": answer, "most": MOST})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required(("readings.view_meterpoint", "readings.view_reading", MAY_EXPORT), raise_exception=True)
def export_search(request: HttpRequest) -> HttpResponse:
    """Return the matches of a list of identifiers as CSV, one row for each."""
    answer = _answer(_text(request))
    if answer.left:
        text = f"The list has {MOST + answer.left} identifiers; look up at most {MOST} at once.\n"
        return HttpResponseBadRequest(text, content_type="text/plain; charset=utf-8")
    rows = [row(COLUMNS), *(row(_cells(line)) for line in answer.lines)]
    rows = list(note_export(request, rows, "search.csv", meter_points=answer.meter_points))
    headers = {"Content-Disposition": 'attachment; filename="search.csv"'}
    return HttpResponse("".join(rows), content_type="text/csv; charset=utf-8; header=present", headers=headers)


def _text(request: HttpRequest) -> str:
    params = request.POST if request.method == "POST" else request.GET
    return params.get("q", "").replace("\0", "")


def _answer(text: str) -> Answer:
    words = _words(text)
    answer = Answer(words=words, left=max(0, len(words) - MOST))
    terms = look_up_each(words[:MOST])
    answer.is_cut = sum(len(term.meters) for term in terms.values()) >= MOST_METERS
    for word in words[:MOST]:
        lines = list(_lines(word, terms.get(word)))
        answer.lines += lines[:MOST_PER_WORD]
        lines[min(len(lines), MOST_PER_WORD) - 1].more = max(0, len(lines) - MOST_PER_WORD)
        if term := terms.get(word):
            answer.notes += _alike(term)
    points = [line.meter_point for line in answer.lines if line.meter_point]
    readings, days = queries.latest_of_each(points)
    for line in answer.lines:
        if line.meter_point:
            line.latest, line.last_day = readings.get(line.meter_point.pk), days.get(line.meter_point.pk)
    return answer


def _words(text: str) -> list[str]:
    """Return the distinct words of a list separated by line ends, commas, semicolons or tabs.

    Spaces separate words only in a line of complete identifiers, because a serial number may contain spaces.
    """
    parts = [part.strip() for part in re.split(r"[\n\r,;\t]+", text)]
    words = [word for part in parts for word in (part.split() if _is_list(part) else [part])]
    return [word for word in dict.fromkeys(words) if word]


def _is_list(part: str) -> bool:
    words = part.split()
    return len(words) > 1 and all(re.fullmatch(r"\d{13}|[A-HJ-NP-Z0-9]{10,11}", word) for word in words)


def _lines(word: str, term: Term | None) -> Iterator[Line]:
    if term is None:
        yield Line(searched=word, why=why_unknown(word))
        return
    for meter_point in term.meter_points:
        yield Line(searched=word, meter_point=meter_point)
    for meter in term.meters:
        yield Line(searched=word, meter_point=meter.meter_point, serial_number=meter.serial_number)
    for flow_file in term.flow_files:
        yield Line(searched=word, flow_file=flow_file)


def _alike(term: Term) -> Iterator[SafeString]:
    """Yield a note about the meters of one meter point that match by different spellings."""
    meters_at: dict[int, list[Meter]] = {}
    for meter in term.meters[:MOST_PER_WORD]:
        meters_at.setdefault(meter.meter_point_id, []).append(meter)
    for meters in meters_at.values():
        for note in spellings.notes(meters):
            yield format_html("{}: {}", links.meter_point(meters[0].meter_point), note)


def _cells(line: Line) -> list[str]:
    point, reading = line.meter_point, line.latest
    kind = ""
    if reading:
        is_nmi = point is not None and point.is_nmi
        kind = reading.flag + reading.method if is_nmi else labels.kind_of_reading(reading.reading_type)
    return [
        line.searched,
        line.kind if not line.why else f"Nothing: {line.why}",
        point.scheme if point else "",
        point.identifier if point else "",
        line.serial_number,
        cells.time_of(reading) if reading else "",
        f"{reading.value:f}" if reading else "",
        kind,
        line.last_day.isoformat() if line.last_day else "",
        lists.name_of(line.flow_file) if line.flow_file else "",
        line.flow_file.status if line.flow_file else "",
    ]
