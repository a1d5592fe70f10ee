from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.making.numbered import d0010
from tests.running.box import Box, files_below
from tests.running.commands import BAD, only, resting_places, run


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    """A box in which one file was imported, came again, and one was rejected."""
    box = Box(tmp_path, database_url)
    box.drop("fine.uff", d0010())
    box.drop("bad.uff", BAD)
    assert box.once()[0] == 1
    box.drop("again.uff", d0010())
    assert box.once()[0] == 0
    return box


def test_imported_files_go_rejected_ones_stay_and_the_arrivals_remember(box: Box) -> None:
    rejected = files_below(box.rejected)
    size = 2 * len(d0010())
    said = run(box, "inbox_prune", "--older-than=0")
    assert (said.code, said.out) == (0, f"2 removed ({size} bytes), 0 left because something is wrong with them\n")
    assert files_below(box.archive) == {}
    assert files_below(box.rejected) == rejected
    pruned = [place for place in resting_places(box) if place.startswith("(pruned by olga, ")]
    assert len(pruned) == 2
    assert all(f"; was {box.archive}" in place for place in pruned)
    assert box.count_readings() == 1
    assert run(box, "inbox_audit").code == 0


def test_a_pruned_content_that_comes_again_is_a_duplicate_still(box: Box) -> None:
    assert run(box, "inbox_prune", "--older-than=0").code == 0
    box.drop("third.uff", d0010())
    assert box.once()[0] == 0
    assert box.outcomes()[-1] == ("third.uff", "DUPLICATE")


def test_a_dry_run_says_what_would_go_and_removes_nothing(box: Box) -> None:
    before = files_below(box.archive), resting_places(box)
    said = run(box, "inbox_prune", "--older-than=0", "--dry-run")
    assert said.code == 0
    assert str(only(box.archive, "fine*")) in said.out.splitlines()
    assert "2 would be removed" in said.out
    assert (files_below(box.archive), resting_places(box)) == before


def test_what_is_younger_stays(box: Box) -> None:
    said = run(box, "inbox_prune", "--older-than=1")
    assert said.out.startswith("0 removed")
    assert len(files_below(box.archive)) == 2


def test_a_file_that_differs_from_what_came_stays_and_is_named(box: Box) -> None:
    path = only(box.archive, "fine*")
    path.write_bytes(b"other bytes")
    said = run(box, "inbox_prune", "--older-than=0")
    assert said.code == 1
    assert f"{path} stays: has not the bytes that came" in said.err
    assert files_below(box.archive) == {path.name: b"other bytes"}


def test_a_file_whose_readings_are_not_all_stored_stays(box: Box) -> None:
    box.execute("DELETE FROM readings_reading")
    said = run(box, "inbox_prune", "--older-than=0")
    assert said.code == 1
    assert said.err.count("stays: its readings are not all stored") == 2
    assert len(files_below(box.archive)) == 2


def test_wrong_use_ends_with_2(box: Box) -> None:
    for days in ([], ["--older-than=-1"], ["--older-than=soon"], ["--older-than=99999999999"]):
        assert run(box, "inbox_prune", *days).code == 2
    assert len(files_below(box.archive)) == 2


def test_a_zip_whose_members_are_not_all_stored_stays(box: Box) -> None:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("other.uff", d0010("0000000002", value="777.0"))
    box.drop("all.zip", content.getvalue())
    assert box.once()[0] == 0
    box.execute("DELETE FROM readings_reading WHERE flow_file_id = (SELECT max(id) FROM readings_flowfile)")
    said = run(box, "inbox_prune", "--older-than=0")
    assert said.code == 1
    assert [name.partition(".zip")[0] for name in files_below(box.archive)] == ["all"]
