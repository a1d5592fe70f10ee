"""The inbox page: what needs somebody, the import under way, waiting files, last outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone as clock
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from readings.formats import text
from readings.models import Arrival, Outcome
from readings.presentation import badges, cells, links
from readings.presentation.tables import Table
from readings.queries.upkeep import outcomes, put_away
from readings.queries.upkeep.outcomes import Refusal
from watcher.operators.settings import status_in_settings
from watcher.operators.status import IS_NEWS, LISTED, span
from watcher.operators.status import Status as InboxStatus
from watcher.web import progress
from watcher.web.causes import action, cause

#: Number of last outcomes listed.
LAST: Final = 10

_VERDICTS: Final = {
    "ok": ("All is well", badges.GOOD),
    "attention": ("Needs attention", badges.CARE),
    "broken": ("Broken: nothing is imported", badges.BAD),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of what needs somebody: a rejected file, or another condition."""

    name: str
    #: Name with a link to the page of the file, if the user may open it.
    what: SafeString
    cause: str
    action: str
    #: Codes and time of a rejection.
    note: str = ""
    #: Key of the arrival that can be put back; else None.
    arrival: int | None = None
    place: str = ""


@require_safe
@never_cache
@permission_required("watcher.view_inbox", raise_exception=True)
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the state of the inbox, from its folders and the last arrivals."""
    now = clock.now()
    status = status_in_settings(now, thorough=False)
    refusals = outcomes.with_causes(_new_rejections(now))
    may_open = request.user.has_perms(("readings.view_flowfile", "readings.view_reading"))
    rejected = [_rejected(refusal, may_open=may_open) for refusal in refusals]
    context = {
        "status": status,
        "verdict": badges.badge(*_VERDICTS[status.verdict]),
        "watcher": _watcher(status),
        "oldest": "" if status.backlog.oldest is None else span(status.backlog.oldest),
        "needs": [*_needs(status), *rejected],
        "rejected": rejected,
        "codes": sorted(code for code, number in Counter(_codes(refusals)).items() if number > 1),
        "older": max(0, status.rejected - len(rejected)),
        "all_rejected": links.listing("arrivals", outcome=Outcome.REJECTED.word),
        "importing": progress.lines(status.importing),
        "waiting": _waiting(status),
        "set_aside": _set_aside(status),
        "all_set_aside": links.listing("arrivals", outcome=Outcome.OTHER_FLOW.word),
        "last": _last(status.last_arrivals[:LAST], may_open=may_open),
        "all_arrivals": links.listing("arrivals", channel="inbox"),
    }
    return render(request, "watcher/inbox.html", context)


def _set_aside(status: InboxStatus) -> str:
    """Return the numbers of files of other flows; empty if there are none."""
    numbers = {day: sum(each.files for each in groups) for day, groups in status.set_aside.items()}
    return ", ".join(f"{number:,} {day}" for day, number in numbers.items()) if any(numbers.values()) else ""


def _new_rejections(now: datetime) -> list[Arrival]:
    rows = put_away.rejected_arrivals().filter(received_at__gte=now - timedelta(seconds=IS_NEWS))
    return outcomes.newest(rows, outcomes.MOST)


def _codes(refusals: list[Refusal]) -> Iterator[str]:
    for refusal in refusals:
        yield from refusal.codes


def _needs(status: InboxStatus) -> Iterator[Line]:
    for need in status.needs:
        if not need.sha256:
            why, cure = (f"{words[:1].upper()}{words[1:]}." for words in (need.why, need.cure))
            name = need.name if "." in need.name else need.name.capitalize()  # a file or a folder, or a part of us
            yield Line(name=name, what=format_html("{}", name), cause=why, action=cure)


def _rejected(refusal: Refusal, *, may_open: bool) -> Line:
    arrival = refusal.arrival
    return Line(
        name=arrival.name,
        what=_file(arrival, may_open=may_open),
        cause=cause(refusal),
        action=action(refusal),
        note=f"{', '.join(refusal.codes)} · {cells.instant(arrival.received_at)}",
        arrival=arrival.pk,
        place=arrival.resting_place,
    )


def _file(arrival: Arrival, *, may_open: bool) -> SafeString:
    return links.flow_file(arrival.flow_file, arrival.name) if may_open else format_html("{}", arrival.name)


def _watcher(status: InboxStatus) -> str:
    if status.watchers is None:
        return "Watcher: unknown from this host"
    return "A watcher is running" if status.watchers else "No watcher is running on this host"


def _waiting(status: InboxStatus) -> Table:
    number, files = status.backlog.number, status.backlog.files[:LISTED]
    return Table(
        title="Waiting",
        columns=("File", "Why", "Unchanged for", "Bytes", "Owner", "Mode"),
        rows=[
            (file.name, file.why.value, span(file.seconds), f"{file.size:,}", file.owner, file.mode) for file in files
        ],
        note=f"Showing {len(files)} of {number:,}." if number > len(files) else "",
        nothing="No files are waiting.",
        numbers=3,
    )


def _last(arrivals: list[Arrival], *, may_open: bool) -> list[tuple[SafeString, SafeString, str, str]]:
    """Return file, outcome, time and place of the last arrivals."""
    return [
        (
            _file(arrival, may_open=may_open),
            badges.outcome(arrival.outcome, arrival.get_outcome_display()),
            cells.instant(arrival.received_at),
            arrival.resting_place or text.NO_VALUE,
        )
        for arrival in arrivals
    ]
