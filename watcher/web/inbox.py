"""The inbox page: waiting files, rejected files with their problem codes, and a button to put them back."""

from __future__ import annotations

from datetime import datetime, timezone

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from readings.formats import text
from readings.models import Arrival
from readings.models.trail import Door
from readings.presentation import badges, cells, links
from readings.presentation.tables import Table
from readings.queries.upkeep import put_away
from watcher.operators.retry import StaysRejected, put_back
from watcher.operators.settings import folders_in_settings, status_in_settings
from watcher.operators.status import LISTED, Status, span

MAY_PUT_BACK = "watcher.retry_rejected"


@require_safe
@never_cache
@permission_required("watcher.view_inbox", raise_exception=True)
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the state of the inbox; it reads the folders, not a table."""
    status = status_in_settings(clock.now(), thorough=False)
    context = {
        "status": status,
        "verdict": badges.badge(*_VERDICTS[status.verdict]),
        "watcher": _watcher(status),
        "oldest": "" if status.backlog.oldest is None else span(status.backlog.oldest),
        "waiting": _waiting(status),
        "rejected": [(cells.instant(_instant(file.since)), file) for file in status.last_rejected],
        "last": _last(status.last_arrivals),
    }
    return render(request, "watcher/inbox.html", context)


@require_POST
@permission_required(MAY_PUT_BACK, raise_exception=True)
def put_file_back(request: HttpRequest) -> HttpResponse:
    """Put back the last rejected file of a name and a content, and return to the page with the button."""
    name, sha256 = request.POST.get("name", ""), request.POST.get("sha256", "")
    arrival = put_away.rejected_arrivals(sha256).filter(name=name).last() if sha256 else None
    if arrival is None:
        messages.error(request, f"The file {name} is no longer rejected.")
    else:
        _put_back(request, arrival)
    following = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(following, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(following if is_ours else reverse("inbox"))


def _put_back(request: HttpRequest, arrival: Arrival) -> None:
    try:
        name = request.user.get_username()
        put_back(folders_in_settings(), arrival, door=Door.PAGE, by_whom=name, at=clock.now())
    except StaysRejected as error:
        messages.error(request, f"The file {arrival.name} {error}.")
    except OSError as error:
        messages.error(request, f"The file {arrival.name} stays rejected: {error.strerror}.")
    else:
        messages.success(request, f"The file {arrival.name} is back in the inbox.")


_VERDICTS = {
    "ok": ("All is well", badges.GOOD),
    "attention": ("Needs attention", badges.CARE),
    "broken": ("Broken: nothing is imported", badges.BAD),
}


def _watcher(status: Status) -> str:
    if status.watchers is None:
        return "Watcher: unknown from this host"
    return "A watcher is running" if status.watchers else "No watcher is running on this host"


def _waiting(status: Status) -> Table:
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


def _last(arrivals: list[Arrival]) -> Table:
    return Table(
        title="Last outcomes",
        columns=("File", "Outcome", "Received", "Location"),
        rows=[
            (
                links.flow_file(arrival.flow_file, arrival.name),
                badges.outcome(arrival.outcome, arrival.get_outcome_display()),
                cells.instant(arrival.received_at),
                arrival.resting_place or text.NO_VALUE,
            )
            for arrival in arrivals
        ],
        nothing="No files yet.",
    )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=timezone.utc)
