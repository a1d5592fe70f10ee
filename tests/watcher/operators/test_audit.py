from pathlib import Path

import pytest

from tests.making.numbered import d0010
from tests.running.box import Box
from tests.running.commands import BAD, digest, only, run
from watcher.disk import folders


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    """A box in which one file was imported, came again, and one was rejected."""
    box = Box(tmp_path, database_url)
    box.drop("fine.uff", d0010(meter_points=3))
    box.drop("bad.uff", BAD)
    assert box.once()[0] == 1
    box.drop("again.uff", d0010(meter_points=3))
    assert box.once()[0] == 0
    return box


def differences(box: Box, number: int = 1) -> list[str]:
    """Return what the audit finds, which is to be so many."""
    said = run(box, "inbox_audit")
    *found, summary = said.out.splitlines()
    assert said.code == (1 if number else 0), said
    assert summary.startswith(f"{number} difference"), said
    assert len(found) == number
    return found


def test_what_agrees_is_counted_and_nothing_is_said(box: Box) -> None:
    said = run(box, "inbox_audit")
    assert (said.code, said.out) == (0, "0 differences (3 files, 3 arrivals, 2 flow files)\n")


def test_an_archived_file_with_other_bytes_is_found(box: Box) -> None:
    path = only(box.archive, "fine*")
    path.write_bytes(b"what did not come")
    [line] = differences(box)
    assert line == f"{path}: has not the bytes that came; restore the file from a backup"


@pytest.mark.parametrize("folder", ["archive", "rejected"])
def test_a_file_that_is_gone_is_found(box: Box, folder: str) -> None:
    path = only(getattr(box, folder), "*ad*" if folder == "rejected" else "again*")
    path.unlink()
    [line] = differences(box)
    assert line.startswith(f"{path}: is not there; restore the file from a backup")


@pytest.mark.parametrize("folder", ["archive", "rejected"])
def test_a_file_that_no_arrival_names_is_found_and_moved_into_the_inbox_cures_it(box: Box, folder: str) -> None:
    stray = getattr(box, folder) / "2026" / "stray.uff"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(d0010("STRAY"))
    [line] = differences(box)
    assert line.startswith(f"{stray}: is named by no arrival; move it into the inbox")
    stray.rename(box.inbox / "stray.uff")
    assert box.once()[0] == 0
    differences(box, 0)


def test_a_rejected_file_without_its_report_is_found_and_a_retry_cures_it(box: Box) -> None:
    [report] = box.rejected.rglob("*.report.txt")
    report.unlink()
    [line] = differences(box)
    cure = f"run inbox_retry {digest(BAD)[:12]}"
    assert line.startswith(f"{only(box.rejected)}: has no .report.txt beside it; {cure}")
    assert run(box, *cure.split()[1:]).code == 0
    assert box.once()[0] == 1
    differences(box, 0)


def test_an_outcome_that_was_not_put_away_is_found_and_the_watcher_cures_it(box: Box) -> None:
    box.drop("late.uff", d0010("LATE", value="2.0"))
    box.interrupted(folders.reserve, "return")
    [line] = differences(box)
    assert "(late.uff): its outcome, imported, is stored, but it is not put away; start the watcher" in line
    assert box.once()[0] == 0
    differences(box, 0)


def test_a_count_that_is_not_that_of_the_rows_is_found(box: Box) -> None:
    box.execute("DELETE FROM readings_reading WHERE line = 4")
    [line] = differences(box)
    sha12 = digest(d0010(meter_points=3))[:12]
    assert line.startswith(f"flow file {sha12}: (imported) counts 3 readings, and 2 are stored")


def test_readings_that_lead_nowhere_are_found(box: Box) -> None:
    columns = {
        "meter_point_id": "meter point",
        "register_id": "register",
        "superseded_by_id": "reading that supersedes it",
        "withdrawn_by_id": "reading that withdraws it",
    }
    nowhere = ", ".join(f"{column} = 999999" for column in columns)
    box.execute(f"UPDATE readings_reading SET {nowhere} WHERE line = 4")
    found = differences(box, 4)
    for line, lacks in zip(found, columns.values(), strict=True):
        assert f"line 4): leads to a {lacks} that is not stored; restore the database" in line
    box.execute("UPDATE readings_reading SET flow_file_id = 999999 WHERE line = 7")
    found = differences(box, 6)
    assert sum("leads to a flow file that is not stored" in line for line in found) == 1


def test_an_archive_that_was_moved_is_told_as_that(box: Box) -> None:
    moved = box.archive.rename(box.archive.parent / "moved")
    said = run(box, "inbox_audit", ARCHIVE_DIR=str(moved))
    assert said.code == 1
    assert "set ARCHIVE_DIR to the folder in which it is" in said.out


def test_an_audit_finds_nothing_wrong_while_a_watcher_works(box: Box) -> None:
    with box.watcher():
        for number in range(60):
            box.drop(f"{number}.uff", d0010(f"{number}", value=f"{number}.5"))
        differences(box, 0)
    box.once()
    differences(box, 0)


def test_what_hinders_an_audit_is_no_difference(box: Box) -> None:
    box.execute("ALTER TABLE readings_reading RENAME TO hidden")
    assert run(box, "inbox_audit").code == 2
    box.execute("ALTER TABLE hidden RENAME TO readings_reading")
    box.rejected.rename(box.rejected.parent / "moved")
    said = run(box, "inbox_audit")
    assert said.code == 2
    assert str(box.rejected) in said.err
