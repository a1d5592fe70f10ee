"""Endings of a file's journey, and whose fault each is. This list is complete, and the only one.

| event                                                    | fault of        | the file                             |
|----------------------------------------------------------|-----------------|--------------------------------------|
| the format or the database reports problems              | the file        | is rejected, with all its problems   |
| `is_of_environment`: database, disk, folder, memory      | the environment | stays; no attempt is counted         |
| Stopped, ContentChanged                                  | nobody          | stays; no attempt is counted         |
| any other exception, also IntegrityError and DataError   | the importer    | stays; last attempt `internal-error` |
| the watcher was killed or crashed                        | unknown         | stays; last attempt `poison`         |
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from django.db import DatabaseError, DataError, IntegrityError, InterfaceError


class Stopped(Exception):
    """The watcher is stopping on request."""


class Ending(Enum):
    """Result of one attempt at a journey."""

    PUT_AWAY = "put away"
    HAS_NO_END = "is not complete yet"
    HAS_HOLES = "has holes: parts of it have not arrived yet"
    MAY_GO_ON = "is of a format without an end mark: more data may follow"
    IN_OTHER_HANDS = "is in use by another program"
    UNREADABLE = "cannot be read by the watcher's account"
    CHANGED = "was changed or removed"
    FAILED = "failed in the importer"


class StaysThere(Exception):
    """The file stays in the inbox."""

    def __init__(self, ending: Ending, *, sha256: str = "", error: str = "") -> None:
        super().__init__(ending.value)
        self.ending = ending
        self.sha256 = sha256
        self.error = error


#: Errors of the environment; the watcher continues after them. Imports need the same memory for files of any size,
#: so a lack of memory is a fault of the machine.
ENVIRONMENT: Final = (DatabaseError, InterfaceError, OSError, MemoryError)


#: Errors of the database about our rows: a fault of the importer for any file.
_OURS: Final = (IntegrityError, DataError)


def is_of_environment(error: BaseException) -> bool:
    """Return whether an error is a fault of neither the file nor the importer."""
    return isinstance(error, ENVIRONMENT) and not isinstance(error, _OURS)
