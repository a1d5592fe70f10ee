"""Commands of manage.py in processes forked from one that has loaded Django, at a fifth of the cost of a start.

A child reads its settings from its own environment, like a started process. One test of each command starts a real
process.
"""

from __future__ import annotations

import atexit
import io
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from tests.running.places import ROOT

#: Longest wait for an answer of the server, in seconds; no answer waits for a child.
PATIENCE: Final = 120
#: Seconds between two checks of a child.
_LOOK: Final = 0.005


class Forked:
    """A child of the server, with the interface of `subprocess.Popen`."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self._server = server
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, or None while the child runs; a negative code is a signal."""
        if self.returncode is None:
            self.returncode = self._server.ask({"poll": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end of the child; return its exit code."""
        until = time.monotonic() + (timeout or 3600)
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("a forked command", timeout or 3600)
            time.sleep(_LOOK)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the child has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM to the child."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the child."""
        self.send_signal(signal.SIGKILL)


class ForkServer:
    """The process that forks children; it ends with this one, and its children end with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: Number of processes forked so far.
        self.forked = 0
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"from {serve.__module__} import serve; serve()"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": "sqlite:///:memory:", "SECRET_KEY": "for tests"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        atexit.register(self.close)

    def start(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        content: Path | None = None,
        out: Path | None = None,
        error: Path | None = None,
        look: Mapping[str, Any] | None = None,
    ) -> Forked:
        """Start a command of manage.py in the repository; append its output to files, or discard it.

        `content`: file that is its standard input, if any.
        `look`: arguments of the profile function of the child; `maker` names the function in `steps` that makes it.
        """
        wanted = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "content": os.fspath(content or os.devnull),
            "out": os.fspath(out or os.devnull),
            "error": os.fspath(error or os.devnull),
            "look": look and dict(look),
        }
        self.forked += 1
        pid = self.ask(wanted)
        assert pid
        return Forked(self, pid)

    def ask(self, question: dict[str, Any]) -> int | None:
        """Send a request to the server; return its answer."""
        assert self._process.stdin
        assert self._process.stdout
        with self._lock:
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            self._process.stdin.flush()
            assert select.select([self._process.stdout], [], [], PATIENCE)[0], f"no answer to {question}"
            answer: int | None = json.loads(self._process.stdout.readline())
            return answer

    def close(self) -> None:
        """End the server and all its children."""
        self._process.communicate()


@cache
def fork_server() -> ForkServer:
    """Return the server of this process; start it at the first call."""
    return ForkServer()


class Ended(NamedTuple):
    """Exit code and output of a command that has ended."""

    code: int
    out: str
    err: str


def manage(arguments: Sequence[str], environment: Mapping[str, str], content: bytes | None = None) -> Ended:
    """Run a command of manage.py to its end, with a content as its standard input."""
    with TemporaryDirectory() as folder:
        given, out, error = (Path(folder, name) for name in ("content", "out", "error"))
        given.write_bytes(content or b"")
        code = fork_server().start(arguments, environment, content=given, out=out, error=error).wait(300)
        return Ended(code, out.read_bytes().decode(), error.read_bytes().decode())


def serve() -> None:
    """Run the server: execute the requests on standard input, and kill the remaining children at its end."""
    _load()
    codes: dict[int, int] = {}
    children: set[int] = set()
    for line in sys.stdin:
        question = json.loads(line)
        if "poll" in question:
            answer = _poll(question["poll"], children, codes)
        else:
            answer = os.fork() or _be_child(question)
            children.add(answer)
        print(json.dumps(answer), flush=True)
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _load() -> None:
    """Load the modules of the commands, but nothing that depends on a setting."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    from django.core.management import get_commands, load_command_class

    import config.urls  # noqa: F401

    for name, app in get_commands().items():
        if app in ("readings", "watcher") or name == "migrate":
            load_command_class(app, name)


def _poll(pid: int, children: set[int], codes: dict[int, int]) -> int | None:
    if pid not in codes:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if not ended:
            return None
        codes[pid] = os.waitstatus_to_exitcode(status)
        children.discard(pid)
    return codes[pid]


def _be_child(wanted: dict[str, Any]) -> int:
    """Run a command, and exit."""
    code: object = 70
    try:
        _redirect(wanted["content"], wanted["out"], wanted["error"])
        os.environ.clear()
        os.environ.update(wanted["environment"])
        _read_settings_again()
        if wanted["look"]:
            from tests.running import steps

            maker = getattr(steps, wanted["look"].pop("maker"))
            sys.setprofile(maker(**wanted["look"]))
        code = _run(["manage.py", *wanted["arguments"]])
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        sys.setprofile(None)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


def _redirect(content: str, out: str, error: str) -> None:
    os.dup2(os.open(content, os.O_RDONLY), 0)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)))  # the former one has read ahead
    for descriptor, path in ((1, out), (2, error)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), descriptor)


def _read_settings_again() -> None:
    """Reload the settings and the database connections from the environment."""
    from importlib import reload

    from django.conf import settings
    from django.db import connections
    from django.utils.functional import empty

    import config.settings

    reload(config.settings)
    settings._wrapped = empty
    vars(connections).pop("settings", None)
    connections.__init__()  # type: ignore[misc]


def _run(arguments: list[str]) -> object:
    """Run manage.py as `python manage.py` does; return its exit code."""
    import runpy

    sys.argv = arguments
    try:
        runpy.run_path(str(ROOT / "manage.py"), run_name="__main__")
    except SystemExit as ends:
        if isinstance(ends.code, str):
            sys.stderr.write(f"{ends.code}\n")
        _end_as_python_does()
        return 0 if ends.code is None else ends.code
    _end_as_python_does()
    return 0


def _end_as_python_does() -> None:
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    run_exit_functions: Callable[[], None] = atexit._run_exitfuncs
    run_exit_functions()
