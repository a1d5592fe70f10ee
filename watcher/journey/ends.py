"""Ends of files that are still being written."""

from __future__ import annotations

from readings.formats import recognition
from readings.formats.content import Survey
from watcher.disk.endings import Ending, StaysThere


def look_for_end(content: Survey) -> None:
    """Raise StaysThere if a content lacks its end or a part, or may go on."""
    is_whole = recognition.is_complete(content.start, content.end)
    if recognition.has_hole(content.start, is_whole=is_whole, has_nul=content.has_nul):
        raise StaysThere(Ending.HAS_HOLES)
    if not is_whole:
        raise StaysThere(Ending.MAY_GO_ON if is_whole is None else Ending.HAS_NO_END)
