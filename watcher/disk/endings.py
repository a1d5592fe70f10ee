"""How the journey of a file may end, what ends it early, and whose fault it is: a closed list, and the only one.

| what happened                                            | whose fault     | the file                             |
|----------------------------------------------------------|-----------------|--------------------------------------|
| the format or the store found problems in it             | the file's      | is rejected, with all of them        |
| `is_of_environment`: database, disk, folder, memory      | nobody's here   | stays; nothing counts against it     |
| Stopped, ContentChanged                                  | nobody's        | stays; nothing counts against it     |
| any other exception: also IntegrityError and DataError   | the importer's  | stays; `internal-error` at the last  |
| the watcher died without a word                          | unknown         | stays; `poison` at the last          |
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from django.db import DatabaseError, DataError, IntegrityError, InterfaceError


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


#: Whatever of these comes up, the watcher goes on. Importing takes the same memory for a file of any size, so that
#: too little of it is the machine's fault.
ENVIRONMENT: Final = (DatabaseError, InterfaceError, OSError, MemoryError)


#: What the database says to rows that we should not have sent: whatever was in the file.
_OURS: Final = (IntegrityError, DataError)


def is_of_environment(error: BaseException) -> bool:
    """Tell what is neither the fault of the file nor of the importer."""
    return isinstance(error, ENVIRONMENT) and not isinstance(error, _OURS)
