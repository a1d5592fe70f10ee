"""The instructions of docs/deploy and docs/operations.md, executed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from configparser import RawConfigParser
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import asyncssh
import psycopg
import pytest

from tests.making.numbered import d0010
from tests.running.box import Box, files_below, wait_until
from tests.running.places import ROOT
from tests.running.postgresql import free_port, installed_programs, migrate, postgresql
from tests.running.readme import OPERATIONS, section, settings_read
from tests.running.sftp import SSHD
from tests.running.units import DEPLOY, INSTALLED, WATCHER, WEB, running, setting_in
from watcher.journey.daemon import LONGEST_PAUSE

pytestmark = pytest.mark.only_on("sqlite")

UNITS = (WATCHER, WEB)
FOLDERS = ("INBOX_DIR", "ARCHIVE_DIR", "REJECTED_DIR")


def systemd_analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    if not shutil.which("systemd-analyze"):
        pytest.skip("needs systemd-analyze")
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)


def deployed_settings() -> dict[str, str]:
    parser = RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # names are in capitals
    parser.read_string("[settings]\n" + (DEPLOY / "meterbox.env").read_text())
    return dict(parser["settings"])


@pytest.mark.parametrize("unit", UNITS)
def test_exposure_level_of_a_unit_is_below_2(unit: str) -> None:
    ended = systemd_analyze("security", "--offline=true", "--no-pager", str(DEPLOY / unit))
    match = re.search(r"Overall exposure level for \S+: (\d+\.\d+)", ended.stdout)
    assert match, ended.stderr
    assert float(match[1]) < 2


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_accepts_each_unit(unit: str, tmp_path: Path) -> None:
    # It checks whether the program exists.
    text = (DEPLOY / unit).read_text().replace(f"{INSTALLED}/.venv/bin/python", sys.executable)
    (tmp_path / unit).write_text(text.replace(INSTALLED, str(tmp_path)))
    ended = systemd_analyze("verify", "--man=no", "--recursive-errors=no", str(tmp_path / unit))
    assert unit not in ended.stderr, ended.stderr
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("unit", UNITS)
def test_unit_may_write_only_below_one_path(unit: str) -> None:
    path = setting_in(unit, "ReadWritePaths")
    assert " " not in path
    assert all(deployed_settings()[name].startswith(f"{path}/") for name in FOLDERS)
    assert setting_in(unit, "EnvironmentFile") == "/etc/meterbox/meterbox.env"
    assert setting_in(unit, "WorkingDirectory") == INSTALLED


def test_settings_of_the_units_exist() -> None:
    assert set(deployed_settings()) <= settings_read()
    assert set(FOLDERS) < set(deployed_settings())


def test_watchdog_time_exceeds_the_longest_wait() -> None:
    assert setting_in(WATCHER, "Type") == "notify"
    assert setting_in(WATCHER, "WatchdogSec") == "5min"
    assert LONGEST_PAUSE < 5 * 60 / 2
    assert setting_in(WATCHER, "RestartPreventExitStatus") == "78"


@pytest.mark.slow
def test_command_of_the_watcher_unit_imports_a_file(tmp_path: Path, database_url: str) -> None:
    box = Box(tmp_path, database_url)
    with running(WATCHER, box.environment, box.log_path) as child:
        box.drop("file.uff", d0010())
        wait_until(box.outcomes)
    assert child.returncode == 0


@pytest.mark.slow
def test_command_of_the_web_unit_answers(tmp_path: Path, database_url: str) -> None:
    box, port = Box(tmp_path, database_url), free_port()
    with running(WEB, box.environment, box.log_path, port=port):
        wait_until(lambda: status_of(f"http://127.0.0.1:{port}/readyz") == 200)
        assert status_of(f"http://127.0.0.1:{port}/healthz") == 200


def status_of(url: str) -> int:
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=10) as answer:
            return int(answer.status)
    except URLError:
        return 0


def test_sshd_accepts_the_configuration(tmp_path: Path) -> None:
    if not SSHD.exists():
        pytest.skip("needs sshd")
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o600)
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # without these, it checks nothing
    for line, is_right in (("", True), ("    ForceSomething else\n", False)):
        configuration = tmp_path / "sshd_config"
        configuration.write_text(f"HostKey {tmp_path}/key\n{(DEPLOY / 'sshd.conf').read_text()}{line}")
        ended = subprocess.run([SSHD, "-t", "-f", configuration], capture_output=True, text=True, check=False)
        assert (ended.returncode == 0) is is_right, ended.stderr


def test_sftp_server_supports_the_denied_requests() -> None:
    server = Path("/usr/lib/openssh/sftp-server")
    if not server.exists():
        pytest.skip("needs OpenSSH's sftp-server")
    supported = subprocess.check_output([server, "-Q", "requests"], text=True).split()
    denied = re.search(r"internal-sftp .*-P (\S+)", (DEPLOY / "sshd.conf").read_text())
    assert denied
    assert set(denied[1].split(",")) <= set(supported)


def test_inbox_is_the_start_folder_of_senders() -> None:
    snippet = (DEPLOY / "sshd.conf").read_text()
    root, folder = re.search(r"ChrootDirectory (\S+)", snippet), re.search(r"internal-sftp -d (\S+)", snippet)
    assert root
    assert folder
    assert root[1] + folder[1] == deployed_settings()["INBOX_DIR"]


@pytest.mark.slow
def test_database_of_the_example_accepts_the_migrations() -> None:
    with postgresql() as server, (DEPLOY / "postgresql.sql").open() as script:
        subprocess.run(
            [installed_programs() / "psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={server.url}"],
            stdin=script,
            check=True,
        )
        url = server.url_of("meterbox").replace("postgres@", "meterbox@")
        migrate(url)
        with psycopg.connect(url) as connection:
            shows = [connection.execute(f"SHOW {name}").fetchone() for name in ("lock_timeout", "synchronous_commit")]
            assert shows == [("30s",), ("on",)]


def test_deploy_page_lists_every_file() -> None:
    listed = set(re.findall(r"\| \[([\w.-]+)\]", (DEPLOY / "README.md").read_text()))
    assert listed == {path.name for path in DEPLOY.iterdir()} - {"README.md"}


class BackedUp(Box):
    """A box that is backed up and restored by the commands of the page."""

    def __init__(self, folder: Path, database_url: str) -> None:
        super().__init__(folder, database_url)
        self.environment |= {
            "BACKUP": str(folder / "backup"),
            "DATABASE": database_url.removeprefix("sqlite:///"),
            "PATH": f"{installed_programs()}{os.pathsep}{os.environ['PATH']}",
        }

    def run(self, sign: str) -> None:
        """Run the only block of commands on the page that contains a text."""
        blocks = re.findall(r"(?ms)^```sh\n(.*?)^```$", section(OPERATIONS, "Back up and restore"))
        (commands,) = [block for block in blocks if sign in block]
        commands = commands.replace(".venv/bin/python", sys.executable)
        subprocess.run(["bash", "-euc", commands], env=self.environment, cwd=ROOT, check=True)

    def contents(self) -> list[tuple[str, str, int]]:
        """Return hash, status and number of readings of each content."""
        query = "SELECT sha256, status, readings FROM readings_flowfile ORDER BY sha256"
        return [(sha256, status, readings) for sha256, status, readings in self.rows(query)]


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> BackedUp:
    return BackedUp(tmp_path, database_url)


def find_moves_files() -> bool:
    ended = subprocess.run(["find", "--version"], capture_output=True, text=True, check=False)
    return "GNU" in ended.stdout


@pytest.mark.slow
@pytest.mark.parametrize("are_folders_restored", [False, True])
def test_restore_and_import_of_the_archive_doubles_nothing(box: BackedUp, are_folders_restored: bool) -> None:
    if not find_moves_files():
        pytest.skip("needs GNU find")
    box.drop("before.uff", d0010(meter_points=3))
    assert box.once()[0] == 0
    time.sleep(1.1)  # The recorded time has no fractions of a second.
    box.run("VACUUM INTO" if box.is_sqlite else "pg_dump")
    box.drop("after.uff", d0010(identifier="0000000002", meter_points=2, value="2.0"))
    box.drop("wrong.uff", d0010(identifier="0000000003", value="many"))
    box.drop("again.uff", d0010(meter_points=3))
    assert box.once()[0] == 1
    stored, readings = box.contents(), box.count_readings()
    arrived = sorted(files_below(box.archive).values()) + sorted(
        content for name, content in files_below(box.rejected).items() if ".report." not in name
    )

    box.run("rm -f" if box.is_sqlite else "pg_restore")
    migrate(box.database_url)
    assert len(box.contents()) == 1
    assert box.count_readings() == 3
    if are_folders_restored:
        (Path(box.environment["BACKUP"] + ".since")).write_text("2000-01-01 00:00:00")
    box.run("-newerct")
    # All files except the one in the backup, or all of them.
    assert len(files_below(box.inbox)) == (4 if are_folders_restored else 3)

    assert box.once()[0] == 1
    assert box.contents() == stored
    assert box.count_readings() == readings == 5
    assert files_below(box.inbox) == {}
    present = sorted(files_below(box.archive).values()) + [
        content for name, content in files_below(box.rejected).items() if ".report." not in name
    ]
    assert set(present) == set(arrived)
    assert len(present) == len(arrived)
