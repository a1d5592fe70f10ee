"""The commands of CONTRIBUTING.md."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

from tests.running.places import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text()


def test_set_up_installs_the_same_as_the_readme() -> None:
    [block] = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    readme = (ROOT / "README.md").read_text()
    make, install = block.splitlines()
    assert f"{make} && {install} && .venv/bin/pytest" in readme


@pytest.mark.slow
def test_the_command_for_one_module_passes() -> None:
    [arguments] = re.findall(r"`\.venv/bin/pytest (--database [^`]+)`", TEXT)
    command = [sys.executable, "-m", "pytest", *shlex.split(arguments)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"\d+ passed", ended.stdout)


def test_the_judge_runs_the_slow_tests_by_their_command() -> None:
    assert "| `.venv/bin/pytest -m slow` |" in TEXT
    assert ".venv/bin/pytest -m slow" in (ROOT / ".ci" / "run").read_text()
