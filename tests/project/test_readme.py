from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from readings.formats.contract import ERROR, WARNING
from readings.formats.mdff import nem12, nem13
from tests.making.one_fault_dtc import ONE_FAULT_FILES
from tests.making.one_fault_mdff import ONE_FAULT_NEM
from tests.running.places import ROOT
from tests.running.readme import OPERATIONS, README, Session, Step, differences, rows, section, settings_read, steps

START = "python3 -m venv .venv && .venv/bin/pip install -qr requirements.txt && .venv/bin/python manage.py start"
TEST = "python3 -m venv .venv && .venv/bin/pip install -qr requirements-test.txt && .venv/bin/pytest"
DECISIONS = ROOT / "docs" / "decisions.md"
# Prints the settings with these names; a SQLite file inside the project is printed with its whole path.
PRINT_SETTINGS = """
import json, os, sys
from config import settings
os.chdir(settings.BASE_DIR)
values = {name: getattr(settings, name) for name in sys.argv[1:] if name != "DATABASE_URL"}
database = settings.DATABASES["default"]
values["DATABASE_URL"] = [database["ENGINE"], os.path.abspath(database["NAME"])]
print(json.dumps(values, default=str))
"""


FORMATS = ROOT / "docs" / "formats.md"


@pytest.mark.slow
def test_readme_shows_the_printed_output() -> None:
    differing = differences(README.read_text())
    assert not differing, "\n".join(differing)


def test_differing_output_is_reported() -> None:
    assert Step("echo 10 readings", "10 readings\n").difference("10 readings\n") == []
    assert Step("echo 10 readings", "11 readings\n").difference("10 readings\n")[-2:] == [
        "-11 readings",
        "+10 readings",
    ]
    assert Step("echo", "").difference("more than the page says\n") != []
    assert Step("manage.py start", "a\nb\n").difference("b\na\n") == []
    assert Step("manage.py start", "a\nb\n").difference("b\n") != []


def test_comparison_ignores_times_but_not_hashes() -> None:
    step = Step("ls archive", "archive/2025/01/31/d0010.uff.30837e978777 in 0.01 s\n")
    assert step.difference("archive/2026/02/28/d0010.uff.30837e978777 in 2.50 s\n") == []
    assert step.difference("archive/2026/02/28/d0010.uff.40837e978777 in 2.50 s\n") != []


def test_session_uses_only_its_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INBOX_DIR", str(tmp_path))
    session = Session(tmp_path / "session")
    assert session.run("pwd; echo $INBOX_DIR$DATABASE_URL") == "/srv/meterbox\n\n"


def test_readme_shows_every_outcome() -> None:
    output = "\n".join(step.output for step in steps(README.read_text()))
    for outcome in ("imported: ", "rejected: ", "duplicate: "):
        assert f".uff: {outcome}" in output


@pytest.mark.parametrize("command", [START, TEST])
def test_readme_has_a_block_for_each_setup_command(command: str) -> None:
    assert f"\n```sh\n{command}\n```\n" in README.read_text()


def test_readme_has_less_than_200_lines() -> None:
    assert len(README.read_text().splitlines()) < 200


@pytest.mark.parametrize("page", [README, *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name)
def test_links_have_targets(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" not in target:
            path, _, heading = target.partition("#")
            linked = page.parent / path if path else page
            assert linked.exists(), target
            lines = linked.read_text().splitlines() if heading else []
            assert not heading or heading in [line.lstrip("# ").lower().replace(" ", "-") for line in lines], target


def test_problems_in_the_readme_exist_with_their_severity() -> None:
    detected = {(fault.code, fault.severity) for fault in ONE_FAULT_FILES}
    documented = 0
    for _, errors, warnings in rows(section(README, "What is checked in a D0010")):
        for cell, severity in ((errors, ERROR), (warnings, WARNING)):
            for code in re.findall(r"`([^`]+)`", cell):
                assert (code, severity) in detected
                documented += 1
    assert documented > 30


def test_requirements_in_the_readme_match_setup_cfg() -> None:
    setup = ConfigParser(interpolation=None)
    setup.read(ROOT / "setup.cfg")
    runs_on = dict(rows("| | |\n|---|---|\n" + section(README, "Check the requirements").split("|---|---|\n")[1]))
    [first] = re.findall(r"3\.\d+", runs_on["Python"])
    pythons = SpecifierSet(setup["options"]["python_requires"])
    assert first in pythons
    assert f"3.{int(first[2:]) - 1}" not in pythons
    locked = (ROOT / "requirements.txt").read_text()
    djangos = re.findall(r"(?m)^django==(\d+\.\d+)", locked)
    assert re.findall(r"(\d+\.\d+) on", runs_on["Django"]) == djangos


def test_table_of_settings_is_complete() -> None:
    table = [cells[0].strip("`") for cells in rows(section(OPERATIONS, "Settings"))]
    assert sorted(table) == sorted(settings_read())


def test_table_of_settings_has_the_defaults() -> None:
    table = {cells[0].strip("`"): cells[1] for cells in rows(section(OPERATIONS, "Settings"))}
    defaults = {name: default.split("`")[1] for name, default in table.items() if default.startswith("`")}
    assert len(defaults) == len(table) - 1  # The secret key is random.
    assert settings_with(defaults, defaults) == settings_with(defaults, {})


def settings_with(names: Iterable[str], environment: dict[str, str]) -> dict[str, object]:
    """Return the settings of a program that starts in the project with only this environment."""
    others = {name: value for name, value in os.environ.items() if name not in settings_read()}
    printed = subprocess.check_output(
        [sys.executable, "-c", PRINT_SETTINGS, *names],
        env={**others, **environment, "SECRET_KEY": "for tests"},
        cwd=ROOT,
        text=True,
    )
    settings: dict[str, object] = json.loads(printed)
    return settings


def test_every_dependency_has_a_reason() -> None:
    setup = ConfigParser(interpolation=None)
    setup.read(ROOT / "setup.cfg")
    extras = [lines for name, lines in setup["options.extras_require"].items() if name != "test"]
    lines = "\n".join([setup["options"]["install_requires"], *extras]).split("\n")
    required = [Requirement(line).name for line in lines if line]
    reasons = dict(rows(section(DECISIONS, "Dependencies")))
    assert sorted(reasons) == sorted(required)
    assert all(reasons.values())


def test_problems_in_formats_md_exist_with_their_severity() -> None:
    strict = {code for module in (nem12, nem13) for code in module.STRICT}
    detected = {(fault.code, fault.severity) for fault in ONE_FAULT_NEM}
    documented = set[str]()
    for _, errors, warnings, if_strict in rows(section(FORMATS, "NEM13 and NEM12")):
        for cell, severity in ((errors, ERROR), (warnings, WARNING), (if_strict, WARNING)):
            for code in re.findall(r"`([^`]+)`", cell):
                assert (code, severity) in detected, code
                assert (cell == if_strict) == (code in strict and severity == WARNING), code
                documented.add(code)
    assert documented == {code for code, _ in detected}
