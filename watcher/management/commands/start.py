"""The command that runs the web pages and the watcher on one machine."""

from __future__ import annotations

import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, Final, TypeAlias

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections

from readings.queries.upkeep.database import describe_error
from watcher.disk.folders import UnusableFolder
from watcher.management.commands.watch_inbox import CONFIGURATION, usable_folders

Children: TypeAlias = dict[str, "subprocess.Popen[bytes]"]

FIRST_ADMINISTRATOR: Final = "admin"
#: Seconds between two checks of the children, and seconds until a child that does not stop is killed.
TICK: Final = 0.1
PATIENCE: Final = 30.0

# The kernel closes the guardian's standard input when the command ends, even after kill -9. The guardian then stops
# the children.
GUARDIAN: Final = """
cat >/dev/null
for group; do kill -s TERM -- "-$group" 2>/dev/null; done
sleep 10
for group; do kill -s KILL -- "-$group" 2>/dev/null; done
"""


class ChildEnded(Exception):
    """A child ended on its own."""

    def __init__(self, name: str, code: int) -> None:
        how = f"on signal {-code}" if code < 0 else f"with exit code {code}"
        super().__init__(f"{name} ended {how}, so everything was stopped: see the messages above")
        self.code = 128 - code if code < 0 else code or 1


class Command(BaseCommand):
    """Run the web pages and the watcher."""

    help = (
        "Run Meterbox on this machine: migrate the database, create a first administrator if there are no users "
        "(the password is printed once), then run the web pages and watch_inbox until Ctrl-C or SIGTERM. Exit codes: "
        "0 after Ctrl-C or SIGTERM; 78 if the port, a folder or the database cannot be used. If the web pages or "
        "watch_inbox end on their own, the other is stopped, and the exit code is theirs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options for the address of the web pages."""
        host_help = "address on which the web pages listen (%(default)s); add any other to ALLOWED_HOSTS"
        parser.add_argument("--host", default="127.0.0.1", help=host_help)
        parser.add_argument("--port", default=8000, type=port_number, help="port of the web pages (%(default)s)")

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        """Prepare the database and the folders, then run both processes."""
        check_port(host, port)
        self._prepare()
        with requests_to_end() as requests, running(commands(host, port)) as children:
            try:
                look_after(children, requests, until=lambda: answers(host, port))
                if not requests:
                    self._print_instructions(host, port)
                look_after(children, requests)
            except ChildEnded as error:
                raise CommandError(str(error), returncode=error.code) from error

    def _prepare(self) -> None:
        try:
            usable_folders()
            call_command("migrate", verbosity=0, interactive=False)
            password = make_first_administrator()
        except UnusableFolder as error:
            raise CommandError(str(error), returncode=CONFIGURATION) from error
        except DatabaseError as error:
            raise CommandError(str(describe_error(error)), returncode=CONFIGURATION) from error
        finally:
            connections.close_all()
        if password:
            self.stdout.write(f"First administrator: {FIRST_ADMINISTRATOR}, password: {password}")
            self.stdout.write(
                f"The password is not shown again; manage.py changepassword {FIRST_ADMINISTRATOR} sets a new one.\n\n"
            )
            self.stdout.flush()

    def _print_instructions(self, host: str, port: int) -> None:
        sample = as_typed(settings.BASE_DIR / "tests" / "samples" / "d0010.uff")
        self.stdout.write(f"Meterbox is running. Open the web pages at http://{address(host)}:{port}/")
        self.stdout.write(
            f"Files that arrive in {as_typed(settings.INBOX_DIR)}/ are imported. Try it in another terminal:"
        )
        self.stdout.write(f"    cp {sample} {as_typed(settings.INBOX_DIR)}/")
        self.stdout.write("Press Ctrl-C to stop.")
        self.stdout.flush()


def port_number(text: str) -> int:
    """Return the port number in a text; raise ArgumentTypeError otherwise."""
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise ArgumentTypeError(f"{text!r} is not a whole number from 1 to {2**16 - 1}")
    return int(text)


def check_port(host: str, port: int) -> None:
    """Raise CommandError if the web pages cannot listen on a host and port."""
    try:
        socket.create_server((host, port), family=family_of(host)).close()
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        message = f"the web pages cannot listen on {host}, port {port}: {reason}; choose another port with --port"
        raise CommandError(message, returncode=CONFIGURATION) from error


def make_first_administrator() -> str:
    """Create a superuser and return its password; return an empty text if there are users."""
    if User.objects.exists():
        return ""
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser(FIRST_ADMINISTRATOR, password=password)
    return password


def commands(host: str, port: int) -> dict[str, list[str]]:
    """Return the commands of the children by their display names."""
    listen = ["--host", host, "--port", str(port)]
    granian = ["granian", "--interface", "asginl", "--no-ws", *listen, "--workers", "1"]
    # Below "error", it may warn that it killed a worker that had just ended.
    granian += ["--workers-kill-timeout", "10", "--log-level", "error"]
    return {
        "the web pages": [sys.executable, "-m", *granian, "config.asgi:application"],
        "watch_inbox": [sys.executable, str(settings.BASE_DIR / "manage.py"), "watch_inbox"],
    }


@contextmanager
def requests_to_end() -> Iterator[list[int]]:
    """Collect the signals that stop the command while the block runs."""
    requests: list[int] = []

    def take(number: int, _frame: FrameType | None) -> None:
        requests.append(number)

    before = {number: signal.signal(number, take) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield requests
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def running(commands: Mapping[str, list[str]]) -> Iterator[Children]:
    """Run children while the block runs, each in its own process group: Ctrl-C reaches only this process."""
    path = os.pathsep.join(filter(None, (str(settings.BASE_DIR), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path}
    children: Children = {}
    guardian = None
    try:
        for name, command in commands.items():
            children[name] = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
            )
        guardian = guard(children)
        yield children
    finally:
        stop(children)
        if guardian:
            guardian.kill()
            guardian.communicate()


def guard(children: Children) -> subprocess.Popen[bytes]:
    """Start the process that stops the children if this process is killed."""
    groups = [str(child.pid) for child in children.values()]
    return subprocess.Popen(
        ["/bin/sh", "-c", GUARDIAN, "guardian", *groups],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def stop(children: Children) -> None:
    """Stop the children; kill those that do not end in time."""
    for child in children.values():
        child.terminate()
    until = time.monotonic() + PATIENCE
    for child in children.values():
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, until - time.monotonic()))
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def look_after(children: Children, requests: list[int], until: Callable[[], bool] = lambda: False) -> None:
    """Wait for a condition or a stop signal; raise ChildEnded if a child ends."""
    while not (requests or until()):
        for name, child in children.items():
            code = child.poll()
            if code is not None and not requests:
                raise ChildEnded(name, code)
        time.sleep(TICK)


def answers(host: str, port: int) -> bool:
    """Return whether a server listens on a host and port."""
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def family_of(host: str) -> socket.AddressFamily:
    """Return the address family of a host."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def address(host: str) -> str:
    """Return the host as a browser on this machine addresses it."""
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1" if host == "0.0.0.0" else "[::1]"
    return f"[{host}]" if ":" in host else host


def as_typed(path: Path) -> str:
    """Return a path as typed in the current folder."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
