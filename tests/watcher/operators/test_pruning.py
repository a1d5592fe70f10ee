from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.making.dtc import other_flow
from tests.making.numbered import d0010
from tests.running.box import Box, files_below
from tests.running.commands import BAD, only, resting_places, run

pytestmark = pytest.mark.slow_on_postgresql


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    """Return a box with an imported file, its duplicate, and a rejected file."""
    box = Box(tmp_path, database_url)
    box.drop("fine.uff", d0010())
    box.drop("bad.uff", BAD)
    assert box.once()[0] == 1
    box.drop("again.uff", d0010())
    assert box.once()[0] == 0
    return box


def test_prune_removes_imported_files_and_records_it_in_the_arrivals(box: Box) -> None:
    rejected = files_below(box.rejected)
    size = 2 * len(d0010())
    ended = run(box, "inbox_prune", "--older-than=0")
    assert (ended.code, ended.out) == (0, f"2 removed ({size} bytes), 0 skipped because of problems\n")
    assert files_below(box.archive) == {}
    assert files_below(box.rejected) == rejected
    pruned = [place for place in resting_places(box) if place.startswith("(pruned by olga, ")]
    assert len(pruned) == 2
    assert all(f"; was {box.archive}" in place for place in pruned)
    assert box.count_readings() == 1
    assert run(box, "inbox_audit").code == 0


def test_pruned_content_that_arrives_again_is_a_duplicate(box: Box) -> None:
    assert run(box, "inbox_prune", "--older-than=0").code == 0
    box.drop("third.uff", d0010())
    assert box.once()[0] == 0
    assert box.outcomes()[-1] == ("third.uff", "DUPLICATE")


def test_prune_with_dry_run_lists_files_and_removes_nothing(box: Box) -> None:
    before = files_below(box.archive), resting_places(box)
    ended = run(box, "inbox_prune", "--older-than=0", "--dry-run")
    assert ended.code == 0
    assert str(only(box.archive, "fine*")) in ended.out.splitlines()
    assert "2 would be removed" in ended.out
    assert (files_below(box.archive), resting_places(box)) == before


def test_prune_leaves_younger_files(box: Box) -> None:
    ended = run(box, "inbox_prune", "--older-than=1")
    assert ended.out.startswith("0 removed")
    assert len(files_below(box.archive)) == 2


def test_prune_leaves_and_reports_a_changed_file(box: Box) -> None:
    path = only(box.archive, "fine*")
    path.write_bytes(b"other bytes")
    ended = run(box, "inbox_prune", "--older-than=0")
    assert ended.code == 1
    assert f"{path} not removed: differs from the file that arrived" in ended.err
    assert files_below(box.archive) == {path.name: b"other bytes"}


def test_prune_leaves_a_file_with_missing_readings(box: Box) -> None:
    box.execute("DELETE FROM readings_reading")
    ended = run(box, "inbox_prune", "--older-than=0")
    assert ended.code == 1
    assert ended.err.count("not removed: some of its readings are not stored") == 2
    assert len(files_below(box.archive)) == 2


def test_prune_with_wrong_options_ends_with_2(box: Box) -> None:
    for days in ([], ["--older-than=-1"], ["--older-than=soon"], ["--older-than=99999999999"]):
        assert run(box, "inbox_prune", *days).code == 2
    assert len(files_below(box.archive)) == 2


def test_prune_leaves_a_zip_with_missing_readings(box: Box) -> None:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("other.uff", d0010("0000000002", value="777.0"))
    box.drop("all.zip", content.getvalue())
    assert box.once()[0] == 0
    box.execute("DELETE FROM readings_reading WHERE flow_file_id = (SELECT max(id) FROM readings_flowfile)")
    ended = run(box, "inbox_prune", "--older-than=0")
    assert ended.code == 1
    assert [name.partition(".zip")[0] for name in files_below(box.archive)] == ["all"]


def test_zip_with_a_flow_that_is_not_read_is_never_removed(box: Box) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("d0010.uff", d0010())
        archive.writestr("D0086.usr", other_flow())
    box.drop("both.zip", packed.getvalue())
    assert box.once()[0] == 0
    ended = run(box, "inbox_prune", "--older-than=0")
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "2 removed (346 bytes), 0 skipped because of problems")
    assert list(files_below(box.archive).values()) == [packed.getvalue()]
