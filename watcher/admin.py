"""The inbox page: waiting files, rejected files with their problem codes, and a button to retry them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone as clock
from django.views.decorators.http import require_POST

from readings.admin.read_only import ReadOnlyAdmin
from readings.formats import text
from readings.models import Arrival
from readings.presentation import badges, cells, links
from readings.presentation.tables import Table
from readings.queries.upkeep import put_away
from watcher.models import Inbox
from watcher.operators.retry import StaysRejected, put_back
from watcher.operators.settings import folders_in_settings, status_in_settings
from watcher.operators.status import LISTED, Status, span

MAY_RETRY = "watcher.retry_rejected"


@admin.register(Inbox)
class InboxAdmin(ReadOnlyAdmin[Inbox]):
    """The inbox page. It reads the folder, not a table."""

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses of the page and of its button."""
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name="watcher_inbox_changelist"),
            path("retry/", wrap(require_POST(self.retry)), name="watcher_inbox_retry"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the state of the inbox."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        status = status_in_settings(clock.now(), thorough=False)
        context = {
            **self.admin_site.each_context(request),
            "title": "Inbox",
            "opts": self.opts,
            "status": status,
            "verdict": badges.badge(*_VERDICTS[status.verdict]),
            "watcher": _watcher(status),
            "oldest": "" if status.backlog.oldest is None else span(status.backlog.oldest),
            "waiting": _waiting(status),
            "rejected": [(cells.instant(_instant(file.since)), file) for file in status.last_rejected],
            "last": _last(status.last_arrivals),
            "may_retry": request.user.has_perm(MAY_RETRY),
        }
        return TemplateResponse(request, "watcher/inbox.html", context)

    def retry(self, request: HttpRequest) -> HttpResponse:
        """Put back the last rejected file of a name and a content."""
        if not request.user.has_perm(MAY_RETRY):
            raise PermissionDenied
        name = request.POST.get("name", "")
        rows = put_away.rejected_arrivals(request.POST.get("sha256", "")).filter(name=name)
        arrival = rows.last() if request.POST.get("sha256") else None
        if arrival is None:
            messages.error(request, f"The file {name} is no longer rejected.")
        else:
            self._put_back(request, arrival)
        return HttpResponseRedirect(reverse("admin:watcher_inbox_changelist"))

    def _put_back(self, request: HttpRequest, arrival: Arrival) -> None:
        try:
            put_back(folders_in_settings(), arrival, by_whom=request.user.get_username(), at=clock.now())
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
                arrival.resting_place or text.NOT_SAID,
            )
            for arrival in arrivals
        ],
        nothing="No files yet.",
    )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=timezone.utc)
