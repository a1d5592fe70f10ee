"""Habits that keep the repository tidy."""

import re
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from readings import VERSION
from tests.running.places import ROOT
from tests.running.tidy import MOST_BYTES, faults


def files_in_git() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("needs a git checkout")
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_every_file_is_tidy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert [fault for path in files_in_git() for fault in faults(path)] == []


def test_an_untidy_file_is_reported_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("first\nsecond \n\n")
    assert list(faults(path)) == [f"{path}: must end in one line end", f"{path}:2: has trailing blanks"]
    path.write_bytes(b"x" * MOST_BYTES + b"\n")
    assert list(faults(path)) == [f"{path}: has {MOST_BYTES + 1:,} bytes, at most {MOST_BYTES:,} are allowed"]


def test_the_version_is_the_same_everywhere() -> None:
    setup = ConfigParser(interpolation=None)
    setup.read(ROOT / "setup.cfg")
    assert setup["metadata"]["version"] == VERSION
    released = re.findall(r"(?m)^## \[?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text())
    assert released[0] == VERSION


def test_no_command_loads_the_pages() -> None:
    # Django's checks load all addresses, and with them the libraries of the API: a third of a command's time.
    apps = ("readings", "watcher")
    commands = {name: load_command_class(app, name) for name, app in get_commands().items() if app in apps}
    assert [name for name, command in commands.items() if command.requires_system_checks] == ["start"]
