"""New formats of one module and one entry, added to a copy of the program."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.running.places import ROOT, SAMPLES

pytestmark = pytest.mark.slow

COPIED = ("config", "readings", "watcher", "manage.py")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def add_to_formats(copy: Path, standard: str, name: str) -> None:
    """Add a module to the list of formats and to its imports."""
    path = copy / "readings" / "formats" / "recognition.py"
    text = path.read_text()
    text, imports = re.subn(f"(from readings.formats.{standard} import )", rf"\1{name}, ", text)
    text, tuples = re.subn(r"(FORMATS: Final\[.*\] = \()", rf"\1{name}, ", text)
    assert (imports, tuples) == (1, 1)
    path.write_text(text)


def imported(copy: Path, content: bytes, name: str) -> dict[str, Any]:
    """Import a content with the copied program; return the report."""
    path = copy / name
    path.write_bytes(content)
    environment = {"DATABASE_URL": f"sqlite:///{copy}/db.sqlite3", "SECRET_KEY": "for tests", "PATH": ""}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=copy, env=environment, check=True)
    command = [sys.executable, "manage.py", "import_flow", "--format", "json", name]
    ended = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert ended.stdout, ended.stderr
    report: dict[str, Any] = json.loads(ended.stdout)
    return report


def outcome(report: dict[str, Any]) -> tuple[str, str, list[str]]:
    codes = [problem["code"] for problem in report["problems"] if problem["severity"] == "ERROR"]
    return report["format"], report["outcome"], codes


def test_new_flow_needs_one_module_and_one_entry(copy: Path) -> None:
    folder = copy / "readings" / "formats" / "dtc"
    module = (folder / "d0010.py").read_text().replace("D0010", "D9999")
    module, numbers = re.subn(r'="0(2[6-9]|3[023])"', r'="9\1"', module)
    assert numbers == 7
    (folder / "d9999.py").write_text(module)
    add_to_formats(copy, "dtc", "d9999")
    sample = (SAMPLES / "d0010_all_groups.uff").read_bytes()
    renumbered = re.sub(rb"(?m)^0(?=\d\d\|)", b"9", sample.replace(b"D0010", b"D9999"))
    assert outcome(imported(copy, sample, "d0010.uff")) == ("D0010", "imported", [])
    report = imported(copy, renumbered, "d9999.uff")
    assert outcome(report) == ("D9999", "imported", [])
    assert report["problems"] == []
    damaged = imported(copy, renumbered.replace(b"928|", b"028|", 1), "damaged.uff")
    assert outcome(damaged) == ("D9999", "rejected", ["unknown-group", *["no-parent"] * 3])
    other = imported(copy, sample.replace(b"D0010", b"D0149"), "other.uff")
    assert outcome(other) == ("D0149", "other-flow", [])
    pool = imported(copy, b"ZHD|D9999002|X|ZZSU|Z|POOL|20260305061500\nZPT|2|1\n", "pool.uff")
    assert outcome(pool) == ("D9999", "rejected", ["other-file-format"])


def test_new_consumption_profile_needs_one_module_and_one_entry(copy: Path) -> None:
    folder = copy / "readings" / "formats" / "consumption"
    module = (folder / "smap.py").read_text().replace("datetime,consumption", "moment,wh")
    (folder / "other_names.py").write_text(module.replace('NAME = "CONSUMPTION"', 'NAME = "OTHER_NAMES"'))
    add_to_formats(copy, "consumption", "other_names")
    sample = (SAMPLES / "consumption" / "3000.csv").read_bytes()
    assert outcome(imported(copy, sample.replace(b"datetime,consumption", b"moment,wh"), "3000.csv")) == (
        *("OTHER_NAMES", "imported"),
        [],
    )
