"""The start page: the files of today and yesterday, search, and the latest rejections with their causes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from shlex import quote
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.models import Outcome
from readings.presentation import cells, links
from readings.queries.upkeep import outcomes
from watcher.web import light as lights
from watcher.web import progress
from watcher.web.causes import cause

#: Parameters of the summary, which had this address before.
SUMMARY_PARAMETERS: Final = frozenset(
    ("measure", "scheme", "area", "tariff", "from", "to", "chart", "of", "q", "sort", "changed", "after", "before")
)
#: Number of rejections listed, and days after which they are no longer listed here.
LISTED: Final = 5
RECENT_DAYS: Final = 7

_MAY_SEARCH: Final = ("readings.view_meterpoint", "readings.view_reading")
_MAY_SEE_FILES: Final = ("readings.view_flowfile", "readings.view_arrival", "readings.view_problem")
_MAY_UPLOAD: Final = "readings.add_flowfile"
_MAY_VIEW_INBOX: Final = "watcher.view_inbox"

#: Outcomes of files, in the order of the page.
_OUTCOMES: Final = (
    ("Imported", Outcome.IMPORTED),
    ("Duplicates", Outcome.DUPLICATE),
    ("Rejected", Outcome.REJECTED),
    ("Other flows", Outcome.OTHER_FLOW),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number of files, and the address of their list; empty without a list."""

    number: int
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A line of the latest rejections."""

    file: SafeString
    at: str
    cause: str


@require_safe
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """Show the parts that the user may see; redirect former addresses of the summary."""
    if SUMMARY_PARAMETERS & set(request.GET):
        return HttpResponsePermanentRedirect(f"{reverse('summary')}?{request.GET.urlencode()}")
    context: dict[str, Any] = {
        "may_search": _may(request.user, *_MAY_SEARCH),
        "may_see_files": _may(request.user, *_MAY_SEE_FILES),
    }
    context["has_role"] = any(context.values()) or any(
        _may(request.user, permission) for permission in (_MAY_UPLOAD, _MAY_VIEW_INBOX)
    )
    if context["may_see_files"]:
        context["importing"] = progress.lines(progress.importing())
        context |= _files(timezone.now())
    if context["has_role"]:
        context |= _watcher(request, has_rejections=context.get("has_rejections", False))
    if context.get("is_empty") and _may(request.user, _MAY_VIEW_INBOX):
        context |= _first_file()
    return render(request, "watcher/start.html", context)


def _may(user: AbstractBaseUser | AnonymousUser, *permissions: str) -> bool:
    return isinstance(user, PermissionsMixin) and user.has_perms(permissions)


def _watcher(request: HttpRequest, *, has_rejections: bool) -> dict[str, Any]:
    light = lights.current()
    if has_rejections:
        light = lights.with_rejections(light)
    waiting = None
    if light.waiting is not None and _may(request.user, _MAY_VIEW_INBOX):
        waiting = f"{light.waiting:,}{'+' if light.is_more else ''}"
    return {"light": light, "tone": lights.TONES[light.state], "waiting": waiting}


def _files(now: datetime) -> dict[str, Any]:
    """Return the numbers of files of both days, and the latest rejections; days are those of the British clock."""
    today = now.astimezone(BRITISH_CLOCK_TIME).date()
    yesterday = today - timedelta(days=1)
    counts = outcomes.count_outcomes(_midnight(yesterday), _midnight(today))
    rejected = outcomes.last_rejected(now - timedelta(days=RECENT_DAYS))
    return {
        "is_empty": not counts and not outcomes.has_arrivals(),
        "has_rejections": any(arrival.received_at >= _midnight(yesterday) for arrival in rejected),
        "figures": list(_figures(counts, today, yesterday)),
        "rejected": [_rejected(refusal) for refusal in outcomes.with_causes(rejected[:LISTED])],
        "all_rejected": links.listing("arrivals", outcome=Outcome.REJECTED.word),
        "recent_days": RECENT_DAYS,
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=BRITISH_CLOCK_TIME)


def _figures(
    counts: dict[str, tuple[int, int]], today: date, yesterday: date
) -> Iterator[tuple[str, Number, Number]]:
    for name, outcome in _OUTCOMES:
        later, earlier = counts.get(outcome, (0, 0))
        yield name, _number(later, outcome, today), _number(earlier, outcome, yesterday)


def _number(number: int, outcome: Outcome, day: date) -> Number:
    period = {"from": f"{day}", "to": f"{day}"}
    address = links.listing("arrivals", outcome=outcome.word, **period) if number else ""
    return Number(number=number, address=address)


def _rejected(refusal: outcomes.Refusal) -> Rejected:
    arrival = refusal.arrival
    return Rejected(
        file=links.flow_file(arrival.flow_file, arrival.name),
        at=cells.instant(arrival.received_at),
        cause=cause(refusal),
    )


def _first_file() -> dict[str, str]:
    """Return the command that drops a first file into the inbox, with paths as typed in the project's folder."""
    sample = settings.BASE_DIR / "tests" / "samples" / "d0010.uff"
    source = _as_typed(sample) if sample.exists() else "FILE"
    return {"command": f"cp {source} {_as_typed(settings.INBOX_DIR)}/", "project": str(settings.BASE_DIR)}


def _as_typed(path: Path) -> str:
    inside = Path(path).is_relative_to(settings.BASE_DIR)
    return quote(str(Path(path).relative_to(settings.BASE_DIR) if inside else path))
