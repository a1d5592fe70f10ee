"""How the journey of a file may end, and what ends it early."""

from __future__ import annotations

from enum import Enum


class Stopped(Exception):
    """The watcher was asked to end."""


class Ending(Enum):
    """How a journey ended, this time."""

    PUT_AWAY = "put away"
    HAS_NO_END = "has no end yet"
    HAS_HOLES = "has holes, where parts of it have not come"
    MAY_GO_ON = "is of no format that has an end: more may come"
    IN_OTHER_HANDS = "is in the hands of another program"
    UNREADABLE = "may not be read by the account of the watcher"
    CHANGED = "was changed or taken away"
    FAILED = "met a fault of the importer"


class StaysThere(Exception):
    """The file stays in the inbox."""

    def __init__(self, ending: Ending, *, sha256: str = "", error: str = "") -> None:
        super().__init__(ending.value)
        self.ending = ending
        self.sha256 = sha256
        self.error = error
