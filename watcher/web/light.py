"""The light of the watcher on every page, from a look at the folders that is at most a few seconds old."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from readings.presentation.badges import BAD, CARE, GOOD, PLAIN
from watcher.disk.folders import Folders
from watcher.operators.light import Light, State, look
from watcher.operators.settings import folders_in_settings

#: Seconds for which the pages of this process share a look.
SECONDS: Final = 3.0
#: Tones of the badges, and their words.
TONES: Final = {
    State.GOOD: (GOOD, "Running"),
    State.CARE: (CARE, "Needs attention"),
    State.BAD: (BAD, "Stopped"),
    State.UNKNOWN: (PLAIN, "Unknown"),
}
_FAILED: Final = Light(state=State.UNKNOWN, words="The state of the watcher cannot be read.")

logger = logging.getLogger("django.request")

#: Last look of this process: the folders, its time on a clock that never goes back, and the light.
_last: list[tuple[Folders, float, Light]] = []


def current() -> Light:
    """Return the light; never raise."""
    try:
        folders, now = folders_in_settings(), time.monotonic()
        for looked_at, at, light in _last:
            if looked_at == folders and now - at < SECONDS:
                return light
        light = look(folders, now=timezone.now().timestamp(), is_elsewhere=settings.WATCHER_ELSEWHERE)
        _last[:] = [(folders, now, light)]
    except Exception:
        # Any page would fail with it, and none of them needs it.
        logger.exception("the light of the watcher failed")
        return _FAILED
    return light


def with_rejections(light: Light) -> Light:
    """Return the light while there are files that were rejected since yesterday: somebody has to look at them."""
    if light.state not in (State.GOOD, State.CARE):
        return light
    return replace(light, state=State.CARE, words=f"{light.words} Files were rejected since yesterday.")


def forget() -> None:
    """Make the next page look again."""
    _last.clear()


def watcher_light(request: HttpRequest) -> dict[str, Any]:
    """Return the variable of the frame: the text of the strip, evaluated only if a template asks for it."""
    return {"watcher_strip": SimpleLazyObject(lambda: _strip(request))}


def _strip(request: HttpRequest) -> str:
    if not request.user.is_authenticated:
        return ""
    light = current()
    if light.state != State.BAD:
        return ""
    return f"{light.words} {cure(light, request)}"


def cure(light: Light, request: HttpRequest) -> str:
    """Return the action for those who may see the inbox, and for others whom to tell."""
    if not light.cure:
        return ""
    return light.cure if request.user.has_perm("watcher.view_inbox") else "Tell an operator."
