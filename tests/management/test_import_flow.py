import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.making.dtc import OTHER_MPAN, block, flow, other_flow, reading
from tests.running.forks import manage
from tests.running.places import ROOT

Run = Callable[..., tuple[int, str, str]]

pytestmark = [pytest.mark.both_databases, pytest.mark.slow_on_postgresql]


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    """Run import_flow; return exit code, output and errors."""

    def run(*arguments: object, content: bytes | None = None, **settings: str) -> tuple[int, str, str]:
        environment = {**os.environ, "DATABASE_URL": database_url, **settings}
        command = ["import_flow", *map(str, arguments)]
        if not settings:
            return manage(command, environment, content)
        # A started process: bad settings stop the start.
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            timeout=120,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return run


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.uff"
    path.write_bytes(flow(block(reading("100.0"), reading("7", register="02"))))
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.uff"
    path.write_bytes(flow(block(reading("1.25"), mpan=OTHER_MPAN), identifier="TEST000009"))
    return path


def test_valid_file_exits_with_0_and_is_not_moved(run: Run, good: Path) -> None:
    code, output, errors = run(good)
    assert (code, errors) == (0, "")
    assert output.startswith(f"{good}: imported: 1 meter point, 1 meter, 2 registers, 2 readings in ")
    assert good.exists()


def test_invalid_file_exits_with_1_and_prints_a_line_for_each_problem(run: Run, bad: Path) -> None:
    code, output, _ = run(bad)
    assert code == 1
    assert output.splitlines() == [
        f"{bad}: rejected: 1 error, 0 warnings; nothing was stored",
        f"{bad}:4: too-many-digits error: 030 Register Reading '1.25': "
        "expected a number of at most 9 digits, at most 1 after the point, without sign",
    ]


def test_other_flow_exits_with_0_and_prints_its_name(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "D0086_1.usr"
    path.write_bytes(other_flow("D0086002"))
    text = f"{path}: other-flow: D0086002 is not read here; set aside, nothing was stored\n"
    assert run(path)[:2] == (0, text)
    assert run("--dry-run", "--strict", path)[:2] == (0, text)
    code, output, _ = run("--format", "json", path)
    report = json.loads(output)
    assert (code, report["outcome"], report["format"], report["errors"]) == (0, "other-flow", "D0086", 0)


def test_duplicate_exits_with_0_and_prints_the_first_name(run: Run, good: Path) -> None:
    run(good)
    code, output, _ = run(good)
    assert (code, output) == (0, f"{good}: duplicate: the same content was imported as good.uff\n")


def test_json_prints_one_object_per_file(run: Run, good: Path, bad: Path) -> None:
    code, output, _ = run("--format", "json", good, bad, good)
    first, second, third = map(json.loads, output.splitlines())
    assert code == 1
    assert {key: first[key] for key in ("name", "format", "outcome", "meter_points", "readings", "repeats")} == {
        "name": str(good),
        "format": "D0010",
        "outcome": "imported",
        "meter_points": 1,
        "readings": 2,
        "repeats": 0,
    }
    assert len(first["sha256"]) == 64
    assert (second["outcome"], second["readings"]) == ("rejected", 0)
    assert second["problems"] == [
        {
            "severity": "ERROR",
            "line": 4,
            "record": "030",
            "field": "Register Reading",
            "code": "too-many-digits",
            "value": "1.25",
            "message": "expected a number of at most 9 digits, at most 1 after the point, without sign",
            "scheme": "MPAN",
            "identifier": OTHER_MPAN,
        }
    ]
    assert second["unlisted"] == []
    assert (third["outcome"], third["duplicate_of"]) == ("duplicate", "good.uff")


def test_every_file_of_a_folder_and_its_subfolders_is_imported(run: Run, tmp_path: Path, good: Path) -> None:
    folder = tmp_path / "folder" / "below"
    folder.mkdir(parents=True)
    good.rename(folder / "no extension")
    (folder.parent / "empty.txt").write_bytes(b"")
    code, output, _ = run("--format", "json", folder.parent)
    assert code == 1
    assert [json.loads(line)["outcome"] for line in output.splitlines()] == ["rejected", "imported"]
    assert "the file is empty" in output


def test_standard_input_is_imported_like_a_file(run: Run, good: Path) -> None:
    code, output, _ = run("-", content=good.read_bytes())
    assert code == 0
    assert output.startswith("-: imported: 1 meter point")


def test_dry_run_reports_each_file_and_stores_nothing(run: Run, good: Path, bad: Path) -> None:
    assert run("--dry-run", good, bad)[0] == 1
    code, output, _ = run(good)
    assert (code, "2 readings" in output) == (0, True)


def test_missing_path_exits_with_2_and_others_are_imported(run: Run, good: Path, tmp_path: Path) -> None:
    code, output, errors = run(tmp_path / "nowhere", good)
    assert code == 2
    assert "nowhere: not imported" in errors
    assert "imported: 1 meter point" in output


def test_database_without_tables_exits_with_2_and_suggests_migrate(run: Run, good: Path, tmp_path: Path) -> None:
    code, _, errors = run(good, DATABASE_URL=f"sqlite:///{tmp_path / 'new.sqlite3'}")
    assert code == 2
    assert "run manage.py migrate" in errors


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("MAX_BYTES", "many", "expected a size above 0"),
        ("SCAN_SECONDS", "-1", "expected a number of seconds above 0"),
        ("DEBUG", "perhaps", "expected 1 or 0"),
    ],
)
def test_invalid_setting_exits_with_2_and_an_explanation(
    run: Run, good: Path, name: str, value: str, message: str
) -> None:
    code, _, errors = run(good, **{name: value})
    assert code == 2
    assert f"{name}={value!r}" in errors
    assert message in errors
    assert "Traceback" not in errors


def test_wrong_usage_exits_with_2(run: Run) -> None:
    assert run()[0] == 2
    assert run("--format", "xml", "x")[0] == 2


def test_undecodable_name_is_printed_escaped(run: Run, tmp_path: Path, good: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    good.rename(os.fsdecode(os.fsencode(folder) + b"/name\xff\n.uff"))
    code, output, _ = run(folder)
    assert code == 0
    assert "name\\xff\\x0a.uff: imported" in output


def test_named_pipe_in_a_folder_does_not_block_the_import(run: Run, tmp_path: Path, good: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    good.rename(folder / "zz.uff")
    code, output, errors = run(folder)
    assert (code, "pipe: not imported: is not a regular file" in errors) == (2, True)
    assert "imported: 1 meter point" in output


def test_terminal_with_an_ascii_encoding_prints_any_name(run: Run, tmp_path: Path, good: Path) -> None:
    name = good.rename(tmp_path / "zähler.uff")
    code, output, _ = run(name, PYTHONIOENCODING="ascii")
    assert (code, "z\\xe4hler.uff: imported" in output) == (0, True)


def test_address_of_the_database_is_not_printed(run: Run, good: Path) -> None:
    code, _, errors = run(good, DATABASE_URL="postgresql://user:secret@host:port/name")
    assert (code, "secret" in errors) == (2, False)
    assert "DATABASE_URL is not understood: expected sqlite:///PATH or postgresql://" in errors
