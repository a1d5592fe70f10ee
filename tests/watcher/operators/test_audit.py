from pathlib import Path

import pytest

from tests.making.numbered import d0010
from tests.running.box import Box
from tests.running.commands import BAD, digest, only, run
from watcher.disk import folders

pytestmark = pytest.mark.slow_on_postgresql


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    """Return a box with an imported file, its duplicate, and a rejected file."""
    box = Box(tmp_path, database_url)
    box.drop("fine.uff", d0010(meter_points=3))
    box.drop("bad.uff", BAD)
    assert box.once()[0] == 1
    box.drop("again.uff", d0010(meter_points=3))
    assert box.once()[0] == 0
    return box


def differences(box: Box, number: int = 1) -> list[str]:
    """Return the lines of the differences; assert their number."""
    ended = run(box, "inbox_audit")
    *lines, summary = ended.out.splitlines()
    assert ended.code == (1 if number else 0), ended
    assert summary.startswith(f"{number} difference"), ended
    assert len(lines) == number
    return lines


def test_audit_without_differences_prints_only_the_counts(box: Box) -> None:
    ended = run(box, "inbox_audit")
    assert (ended.code, ended.out) == (0, "0 differences (3 files, 3 arrivals, 2 flow files)\n")


def test_audit_reports_an_archived_file_with_other_bytes(box: Box) -> None:
    path = only(box.archive, "fine*")
    path.write_bytes(b"other bytes")
    [line] = differences(box)
    assert line == f"{path}: differs from the file that arrived; restore the file from a backup"


@pytest.mark.parametrize("folder", ["archive", "rejected"])
def test_audit_reports_a_missing_file(box: Box, folder: str) -> None:
    path = only(getattr(box, folder), "*ad*" if folder == "rejected" else "again*")
    path.unlink()
    [line] = differences(box)
    assert line.startswith(f"{path}: is missing; restore the file from a backup")


@pytest.mark.parametrize("folder", ["archive", "rejected"])
def test_audit_reports_a_file_without_an_arrival_and_an_import_resolves_it(box: Box, folder: str) -> None:
    stray = getattr(box, folder) / "2026" / "stray.uff"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(d0010("STRAY"))
    [line] = differences(box)
    assert line.startswith(f"{stray}: belongs to no arrival; move it into the inbox")
    stray.rename(box.inbox / "stray.uff")
    assert box.once()[0] == 0
    differences(box, 0)


def test_audit_reports_a_missing_report_and_a_retry_resolves_it(box: Box) -> None:
    [report] = box.rejected.rglob("*.report.txt")
    report.unlink()
    [line] = differences(box)
    cure = f"run inbox_retry {digest(BAD)[:12]}"
    assert line.startswith(f"{only(box.rejected)}: has no .report.txt; {cure}")
    assert run(box, *cure.split()[1:]).code == 0
    assert box.once()[0] == 1
    differences(box, 0)


def test_audit_reports_a_file_not_put_away_and_the_watcher_resolves_it(box: Box) -> None:
    box.drop("late.uff", d0010("LATE", value="2.0"))
    box.interrupted(folders.reserve, "return")
    [line] = differences(box)
    assert "(late.uff): its outcome (imported) is stored, but the file was not put away; start the watcher" in line
    assert box.once()[0] == 0
    differences(box, 0)


def test_audit_reports_a_count_that_differs_from_the_rows(box: Box) -> None:
    box.execute("DELETE FROM readings_reading WHERE line = 4")
    [line] = differences(box)
    sha12 = digest(d0010(meter_points=3))[:12]
    assert line.startswith(f"flow file {sha12}: is imported and counts 3 readings, but 2 are stored")


def test_audit_reports_references_to_missing_rows(box: Box) -> None:
    columns = {
        "meter_point_id": "meter point",
        "register_id": "register",
        "superseded_by_id": "reading that supersedes it",
        "withdrawn_by_id": "reading that withdraws it",
    }
    nowhere = ", ".join(f"{column} = 999999" for column in columns)
    box.execute(f"UPDATE readings_reading SET {nowhere} WHERE line = 4")
    lines = differences(box, 4)
    for line, lacks in zip(lines, columns.values(), strict=True):
        assert f"line 4): refers to a {lacks} that is not stored; restore the database" in line
    box.execute("UPDATE readings_reading SET flow_file_id = 999999 WHERE line = 7")
    lines = differences(box, 6)
    assert sum("refers to a flow file that is not stored" in line for line in lines) == 1


def test_audit_reports_meters_and_registers_without_their_parents(box: Box) -> None:
    box.execute("UPDATE readings_meter SET meter_point_id = 999999 WHERE id = (SELECT min(id) FROM readings_meter)")
    box.execute("UPDATE readings_register SET meter_id = 999999 WHERE id = (SELECT max(id) FROM readings_register)")
    lines = differences(box, 2)
    assert "refers to a meter that is not stored; restore the database" in lines[0]
    assert "refers to a meter point that is not stored; restore the database" in lines[1]


def test_audit_reports_registers_whose_key_is_not_that_of_their_meter(box: Box) -> None:
    box.execute("UPDATE readings_register SET key = 'other' WHERE id = (SELECT min(id) FROM readings_register)")
    box.execute("UPDATE readings_register SET meter_point_id = 9 WHERE id = (SELECT max(id) FROM readings_register)")
    for line in differences(box, 2):
        assert line.startswith("register ")
        assert "has a key or meter point that is not its meter's; restore the database" in line


def test_audit_reports_marks_that_the_statements_do_not_require(box: Box) -> None:
    box.execute("UPDATE readings_reading SET withdrawn_by_id = (SELECT max(id) FROM readings_reading) WHERE line = 4")
    [line] = differences(box)
    assert line.endswith("(line 4): counts by the stored statements, but is marked otherwise; run manage.py rederive")
    assert run(box, "rederive").code == 1
    differences(box, 0)


def test_audit_of_a_moved_archive_names_its_setting(box: Box) -> None:
    moved = box.archive.rename(box.archive.parent / "moved")
    ended = run(box, "inbox_audit", ARCHIVE_DIR=str(moved))
    assert ended.code == 1
    assert "set ARCHIVE_DIR to the folder that contains it" in ended.out


def test_audit_reports_nothing_while_a_watcher_works(box: Box) -> None:
    with box.watcher():
        for number in range(60):
            box.drop(f"{number}.uff", d0010(f"{number}", value=f"{number}.5"))
        differences(box, 0)
    box.once()
    differences(box, 0)


def test_audit_that_cannot_run_ends_with_2_instead_of_1(box: Box) -> None:
    box.execute("ALTER TABLE readings_reading RENAME TO hidden")
    assert run(box, "inbox_audit").code == 2
    box.execute("ALTER TABLE hidden RENAME TO readings_reading")
    box.rejected.rename(box.rejected.parent / "moved")
    ended = run(box, "inbox_audit")
    assert ended.code == 2
    assert str(box.rejected) in ended.err
