"""The command that measures imports, with tiny sizes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running.places import ROOT

SIZES = ("--readings", "2000", "--rounds", "1", "--files", "10")


@pytest.mark.slow
@pytest.mark.only_on("sqlite")
def test_quick_benchmark_writes_a_table_of_each_part(tmp_path: Path) -> None:
    path = tmp_path / "performance.md"
    command = ("-m", "tests.benchmarks", "--quick", *SIZES, "--database", "sqlite", "--write", str(path))
    ended = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    text = path.read_text()
    assert re.findall(r"(?m)^## (.+)$", text) == [
        *("D0010 beside the limit", "NEM12 and NEM13 beside a parser", "Growth", "Small files"),
    ]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ") and "sqlite" in line]
    limits = rows[:3]
    works = ["a new meter for each reading", "known meters, one reading each", "known meters, ten readings each"]
    assert [row[0] for row in limits] == works
    for _, database, ours, limit, ratio, _, wanted, met in limits:
        assert database == "sqlite"
        assert amount(ratio) == pytest.approx(amount(ours) / amount(limit), abs=0.1)
        assert met == ("yes" if amount(ratio) >= amount(wanted.removeprefix("≥ ")) else "no")
    assert len(rows) == 3 + 8 + 2 + 1 + 1


def amount(text: str) -> float:
    return float(text.replace(",", ""))
