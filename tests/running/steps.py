"""Profile functions that interrupt a watcher at a step of a journey."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final, TypeAlias

from tests.making.numbered import d0010
from tests.running.places import ROOT

#: A profile function.
Look: TypeAlias = Callable[[FrameType, str, Any], None]

# Functions that change the disk or the database. Between two of these calls, the time of a kill makes no difference.
ON_DISK: Final = {"open", "close", "write", "flush", "fsync", "flock", "rename", "unlink"}
IN_DATABASE: Final = {
    "django/db/backends/utils.py": {"execute", "executemany"},
    "django/db/backends/base/base.py": {"_commit", "_rollback", "_close"},
    "psycopg/copy.py": {"write_row", "finish"},
}
#: Files of Meterbox that change the disk.
OURS: Final = (f"{ROOT}{os.sep}watcher{os.sep}", f"{ROOT}{os.sep}readings{os.sep}imports{os.sep}disk.py")
ANY_IN_DATABASE: Final = set().union(*IN_DATABASE.values())


def interruption(*, file: str, function: str, happens: str, number: int, then: str) -> Look:
    """Return a profile function that kills, ends or fails a process at a numbered call or return of a function."""
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
    """Return a profile function that kills a process before a numbered step, and logs all steps in a file."""
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


def swap(*, path: str, kind: str, then: str) -> Look:
    """Return a profile function that replaces a file between its last check and its rename.

    `kind`: kind of the replacement. `then`: `die` kills the process just after the rename.
    """
    is_done = False

    def look(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal is_done
        is_rename = event in ("c_call", "c_return") and argument is os.rename and frame.f_code.co_name == "_rename"
        if is_rename and event == "c_call" and not is_done:
            is_done = True
            _replace(path, kind)
        elif is_rename and event == "c_return" and then == "die":
            os.kill(os.getpid(), signal.SIGKILL)

    return look


def take_away(*, folder: str, away: str, happens: str) -> Look:
    """Return a profile function that renames a folder once, before or after a file is renamed into it.

    `happens`: `c_call` for before, `c_return` for after.
    """
    is_done = False

    def look(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal is_done
        is_rename = event == happens and argument is os.rename and frame.f_code.co_name == "_rename"
        if is_rename and not is_done:
            is_done = True
            Path(folder).rename(away)

    return look


def _replace(path: str, kind: str) -> None:
    Path(path).unlink()
    if kind == "file":
        other = Path(path).with_name(".other")
        other.write_bytes(d0010("OTHER", value="2.0"))
        other.rename(path)
    elif kind == "link":
        Path(path).symlink_to("/etc/hostname")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        Path(path).mkdir()
