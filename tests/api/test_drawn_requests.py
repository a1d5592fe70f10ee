"""Drawn requests to every operation that the description has; the proof draws more of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.proofs.api.__main__ import environment
from tests.running.places import ROOT


@pytest.mark.slow
def test_answers_agree_with_the_description(database_url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.proofs.api", "--schemathesis", "--short", "--examples=1", "--here"]
    ended = subprocess.run(
        command, env=environment(database_url, tmp_path), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout[-20_000:] + ended.stderr[-5_000:]
    assert ended.stdout.count(" 0 failures") == 2
