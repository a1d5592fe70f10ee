"""Steps of a journey at which a test ends a watcher, and what ends it there."""

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


def swap(*, path: str, kind: str, then: str) -> Look:
    """Return what replaces a file at the worst moment: after the last look at it, before it is renamed.

    `kind`: what is there afterwards. `then`: `die` ends the process as soon as the file was moved.
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
    """Return what renames a folder once: before (`c_call`) or after (`c_return`) a file is renamed into it."""
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
