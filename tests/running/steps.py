"""Steps of a journey at which a test ends a watcher, and what ends it there."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, Final, TypeAlias

from tests.running.places import ROOT

#: A profile function.
Look: TypeAlias = Callable[[FrameType, str, Any], None]

# What changes something outside of the process. Between two of these, it does not matter when a process dies.
ON_DISK: Final = {"open", "close", "write", "flush", "fsync", "flock", "rename", "unlink"}
IN_DATABASE: Final = {
    "django/db/backends/utils.py": {"execute", "executemany"},
    "django/db/backends/base/base.py": {"_commit", "_rollback", "_close"},
    "psycopg/copy.py": {"write_row", "finish"},
}
#: What of ours changes the disk.
OURS: Final = (f"{ROOT}{os.sep}watcher{os.sep}", f"{ROOT}{os.sep}readings{os.sep}imports{os.sep}disk.py")
ANY_IN_DATABASE: Final = set().union(*IN_DATABASE.values())


def interruption(*, file: str, function: str, happens: str, number: int, then: str) -> Look:
    """Return what ends a process at the so-manieth call or return of a function: as a power cut, or by a fault."""
    left = number

    def look(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal left
        code = frame.f_code
        if event == happens and code.co_name == function and code.co_filename == file:
            left -= 1
            if left == 0:
                if then == "die":
                    os.kill(os.getpid(), signal.SIGKILL)
                elif then == "end":
                    os.kill(os.getpid(), signal.SIGTERM)
                else:
                    raise RuntimeError("a fault made by a test")

    return look


def killer(*, number: int, path: str) -> Look:
    """Return what kills a process before its step of this number; steps are written down in a file."""
    steps = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    left = number

    def look(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal left
        code = frame.f_code
        if event == "c_call":
            name = argument.__name__
            if name != "mkdir" and not (name in ON_DISK and code.co_filename.startswith(OURS)):
                return
            step = f"{name} in {code.co_name}"
        elif event == "call" and code.co_name in ANY_IN_DATABASE and _is_step(code):
            step = f"{code.co_name} {frame.f_locals.get('sql', '')}"[:80].strip()
        else:
            return
        left -= 1
        os.write(steps, f"{step}\n".encode())
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return look


def _is_step(code: CodeType) -> bool:
    return any(code.co_filename.endswith(path) and code.co_name in names for path, names in IN_DATABASE.items())
