"""Whose fault it is when something goes wrong on a file's journey. This list is closed, and the only one.

| what happened                                            | whose fault     | the file                             |
|----------------------------------------------------------|-----------------|--------------------------------------|
| the format or the store found problems in it             | the file's      | is rejected, with all of them        |
| `is_of_environment`: database, disk, folder, memory      | nobody's here   | stays; nothing counts against it     |
| Stopped, ContentChanged                                  | nobody's        | stays; nothing counts against it     |
| any other exception: also IntegrityError and DataError   | the importer's  | stays; `internal-error` at the last  |
| the watcher died without a word                          | unknown         | stays; `poison` at the last          |
"""

from __future__ import annotations

from typing import Final

from django.db import DatabaseError, DataError, IntegrityError, InterfaceError

#: Whatever of these comes up, the watcher goes on. Importing takes the same memory for a file of any size, so that
#: too little of it is the machine's fault.
ENVIRONMENT: Final = (DatabaseError, InterfaceError, OSError, MemoryError)
#: What the database says to rows that we should not have sent: whatever was in the file.
_OURS: Final = (IntegrityError, DataError)


def is_of_environment(error: BaseException) -> bool:
    """Tell what is neither the fault of the file nor of the importer."""
    return isinstance(error, ENVIRONMENT) and not isinstance(error, _OURS)
