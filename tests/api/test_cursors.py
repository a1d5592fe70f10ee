"""Pages that are read while imports run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.proofs.api.__main__ import environment
from tests.running.places import ROOT


@pytest.mark.slow
def test_rows_are_seen_exactly_once_while_imports_run(database_url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.proofs.api", "--cursors", "--files=60", "--here"]
    ended = subprocess.run(
        command, env=environment(database_url, tmp_path), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "60 files imported meanwhile" in ended.stdout
