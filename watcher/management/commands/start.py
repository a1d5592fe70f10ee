"""The command that runs everything on one machine."""

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
#: Requests that the web pages answer at once.
THREADS: Final = 4
#: Seconds: between two looks at the children, and until a child that was asked to end is killed.
TICK: Final = 0.1
PATIENCE: Final = 30.0

# The kernel closes its standard input however the command ends, with kill -9 too: then it ends the children.
GUARDIAN: Final = """
cat >/dev/null
for group; do kill -s TERM -- "-$group" 2>/dev/null; done
sleep 10
for group; do kill -s KILL -- "-$group" 2>/dev/null; done
"""


class ChildEnded(Exception):
    """A child ended that nobody asked to."""

    def __init__(self, name: str, code: int) -> None:
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        super().__init__(f"{name} ended {how}, so all was stopped")
        self.code = 128 - code if code < 0 else code or 1


class Command(BaseCommand):
    """Run the web pages and the watcher."""

    help = (
        "Run Meterbox on this machine: bring the database up to date, make a first administrator if there is no "
        "user yet (the password is printed once), then run the web pages and watch_inbox until Ctrl-C or SIGTERM. "
        "Exit code: 0 when it was asked to end; 78 if the port, a folder or the database cannot be used; if the web "
        "pages or watch_inbox end by themselves, the other is stopped, and the exit code is theirs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Say where the web pages may be put."""
        host_help = "where the web pages listen (%(default)s); for another, name it in ALLOWED_HOSTS too"
        parser.add_argument("--host", default="127.0.0.1", help=host_help)
        parser.add_argument("--port", default=8000, type=port_number, help="of the web pages (%(default)s)")

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        """Make ready, then run both until the end."""
        check_port(host, port)
        self._make_ready()
        with requests_to_end() as requests, running(commands(host, port)) as children:
            try:
                look_after(children, requests, until=lambda: answers(host, port))
                if not requests:
                    self._say_what_to_do(host, port)
                look_after(children, requests)
            except ChildEnded as error:
                raise CommandError(str(error), returncode=error.code) from error

    def _make_ready(self) -> None:
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
                f"It is shown only now; manage.py changepassword {FIRST_ADMINISTRATOR} sets another.\n\n"
            )
            self.stdout.flush()

    def _say_what_to_do(self, host: str, port: int) -> None:
        sample = shown(settings.BASE_DIR / "tests" / "samples" / "d0010.uff")
        self.stdout.write(f"Meterbox runs. Its web pages are at http://{address(host)}:{port}/")
        self.stdout.write(f"It takes what arrives in {shown(settings.INBOX_DIR)}/. To try it, in another terminal:")
        self.stdout.write(f"    cp {sample} {shown(settings.INBOX_DIR)}/")
        self.stdout.write("Ctrl-C ends it.")
        self.stdout.flush()


def port_number(text: str) -> int:
    """Read the number of a port."""
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise ArgumentTypeError(f"{text!r} is no whole number from 1 to {2**16 - 1}")
    return int(text)


def check_port(host: str, port: int) -> None:
    """Raise CommandError where the web pages cannot listen there."""
    try:
        socket.create_server((host, port), family=family_of(host)).close()
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        message = f"the web pages cannot listen on {host}, port {port}: {reason}; choose another with --port"
        raise CommandError(message, returncode=CONFIGURATION) from error


def make_first_administrator() -> str:
    """Make a user who may do everything and return the password; the empty text where there are users."""
    if User.objects.exists():
        return ""
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser(FIRST_ADMINISTRATOR, password=password)
    return password


def commands(host: str, port: int) -> dict[str, list[str]]:
    """Return what the children run, by the names that people know them by."""
    listen = ["--host", host, "--port", str(port)]
    size = ["--workers", "1", "--blocking-threads", str(THREADS)]
    granian = ["granian", "--interface", "wsgi", "--no-ws", *listen, *size, "--log-level", "warning"]
    return {
        "the web pages": [sys.executable, "-m", *granian, "config.wsgi:application"],
        "watch_inbox": [sys.executable, str(settings.BASE_DIR / "manage.py"), "watch_inbox"],
    }


@contextmanager
def requests_to_end() -> Iterator[list[int]]:
    """Collect the signals that ask the command to end, for as long as the block lasts."""
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
    """Run children for as long as the block lasts, each in a process group of its own: Ctrl-C is for us."""
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
    """Start the one that ends the children if this process is killed."""
    groups = [str(child.pid) for child in children.values()]
    return subprocess.Popen(
        ["/bin/sh", "-c", GUARDIAN, "guardian", *groups],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def stop(children: Children) -> None:
    """Let the children end what they are at; kill what is left of them."""
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
    """Wait until something is so, or until the command is asked to end; raise ChildEnded if a child ends."""
    while not (requests or until()):
        for name, child in children.items():
            code = child.poll()
            if code is not None and not requests:
                raise ChildEnded(name, code)
        time.sleep(TICK)


def answers(host: str, port: int) -> bool:
    """Tell whether something listens there."""
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def family_of(host: str) -> socket.AddressFamily:
    """Tell the two kinds of internet address apart."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def address(host: str) -> str:
    """Return what a browser on this machine calls the host."""
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1" if host == "0.0.0.0" else "[::1]"
    return f"[{host}]" if ":" in host else host


def shown(path: Path) -> str:
    """Return a path as one would type it here."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
