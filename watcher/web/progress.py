"""Imports under way, on pages and as JSON for the script that refreshes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watcher.disk import under_way
from watcher.disk.under_way import UnderWay
from watcher.operators.settings import folders_in_settings
from watcher.operators.status import progress_in_words
from watcher.operators.status_json import importing_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An import under way, as a page shows it."""

    percent: int
    words: str


def importing() -> list[UnderWay]:
    """Return the imports under way."""
    return under_way.read(folders_in_settings().inbox, timezone.now().timestamp())


def lines(notes: list[UnderWay]) -> list[Line]:
    """Return the lines of a page."""
    return [Line(percent=note.percent, words=progress_in_words(note)) for note in notes]


@require_safe
@never_cache
@permission_required("watcher.view_inbox", raise_exception=True)
def progress(request: HttpRequest) -> HttpResponse:
    """Return the imports under way as JSON; it reads one small folder and no table."""
    answer: dict[str, Any] = {
        "importing": [{**importing_json(note), "words": progress_in_words(note)} for note in importing()]
    }
    return JsonResponse(answer)
