"""Files of flows that are not read here: set aside, and nobody's work."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.making.dtc import other_flow, pool_file
from tests.making.mixed import CUT, CUT_OTHER, DAMAGED, IMPORTED, OTHER, mixed_files
from tests.making.numbered import d0010
from tests.running.box import Box, files_below, wait_until
from tests.running.commands import digest, run, status
from tests.running.invariants import violations

pytestmark = pytest.mark.slow_on_postgresql

D0086 = other_flow("D0086002")


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


def needs(box: Box) -> list[str]:
    """Return what needs attention beside the watcher, which does not run."""
    return [need["name"] for need in status(box)[1]["attention"] if need["name"] != "watcher"]


def test_other_flow_is_set_aside_with_a_short_report(box: Box) -> None:
    box.drop("D0086_1.usr", D0086)
    code, log = box.once()
    assert (code, box.outcomes()) == (0, [("D0086_1.usr", "OTHER_FLOW")])
    [line] = [line for line in log if line["event"] == "put away"]
    assert (line["level"], line["outcome"]) == ("info", "other-flow")
    name = f"D0086_1.usr.{digest(D0086)[:12]}"
    files = files_below(box.rejected / "other-flows")
    assert set(files) == {name, f"{name}.report.json", f"{name}.report.txt"}
    assert files[name] == D0086
    text = "D0086_1.usr: other-flow: D0086002 is not read here; set aside, nothing was stored"
    assert files[f"{name}.report.txt"].decode().strip() == text
    report = json.loads(files[f"{name}.report.json"])
    assert (report["outcome"], report["format"], report["errors"]) == ("other-flow", "D0086", 0)
    header = "SELECT status, format, version, sender, recipient, created_at FROM readings_flowfile"
    assert [str(value) for value in box.rows(header)[0][:5]] == ["OTHER_FLOW", "D0086", "002", "ZZDC", "ZZSU"]


def test_same_content_again_is_set_aside_again(box: Box) -> None:
    for _ in range(2):
        box.drop("D0086_1.usr", D0086)
        assert box.once()[0] == 0
    assert box.outcomes() == [("D0086_1.usr", "OTHER_FLOW")] * 2
    assert box.rows("SELECT count(*) FROM readings_problem") == [(1,)]
    assert violations(box) == []


def test_nobody_is_needed_and_the_audit_finds_nothing(box: Box) -> None:
    box.drop("D0086_1.usr", D0086)
    box.once()
    _, answer = status(box)
    assert needs(box) == []
    assert (answer["rejected"], answer["last_rejected"]) == (0, [])
    assert [row["outcome"] for row in answer["last_outcomes"]] == ["other-flow"]
    ended = run(box, "inbox_audit")
    assert (ended.code, ended.err) == (0, "")
    (box.rejected / "other-flows").rename(box.rejected / "elsewhere")
    assert run(box, "inbox_audit").code == 1


def test_status_counts_what_was_set_aside_by_flow_and_sender(box: Box) -> None:
    for number, name in enumerate(("D0086002", "D0086002", "D0052001")):
        box.drop(f"{number}.usr", other_flow(name, identifier=f"{number}", sender="D|ZZDC"))
    box.drop("pool.usr", pool_file())
    box.once()
    days = status(box)[1]["other_flows"]
    counted = {"files": 0, "by_flow": []}
    for day in days.values():  # midnight may pass meanwhile
        counted["files"] += day["files"]
        counted["by_flow"] += day["by_flow"]
    assert list(days) == ["today", "yesterday"]
    assert counted["files"] == 4
    assert counted["by_flow"] == [
        {"flow": "D0086", "sender": "ZZDC", "files": 2},
        {"flow": "D0052", "sender": "ZZDC", "files": 1},
        {"flow": "P0135", "sender": "ZZSU", "files": 1},
    ]
    shown = run(box, "inbox_status").out
    assert "flows that are not read here\n  D0086 from ZZDC: 2 files" in shown


def test_incomplete_other_flow_waits_without_attention_and_is_set_aside(box: Box) -> None:
    box.drop("D0086_1.usr", D0086[: D0086.index(b"ZPT")])
    with box.watcher():
        wait_until(lambda: box.log("waits"))
        time.sleep(0.3)
        assert needs(box) == []
    with box.watcher(INCOMPLETE_AFTER="0.5"):
        wait_until(box.outcomes)
    assert box.outcomes() == [("D0086_1.usr", "OTHER_FLOW")]


def test_set_aside_file_is_put_back_by_name_but_not_by_all(box: Box) -> None:
    box.drop("D0086_1.usr", D0086)
    box.once()
    assert run(box, "inbox_retry", "--all").code == 1
    assert run(box, "inbox_retry", "D0086_1.usr").code == 0
    assert files_below(box.inbox) == {"D0086_1.usr": D0086}
    assert box.once()[0] == 0
    assert run(box, "inbox_retry", "--all", "--code", "other-flow").code == 0
    assert files_below(box.inbox) == {"D0086_1.usr": D0086}


def test_only_damaged_and_cut_files_of_a_mixed_folder_need_somebody(box: Box) -> None:
    files = list(mixed_files(40))
    kinds = Counter(kind for *_, kind in files)
    assert set(kinds) == {IMPORTED, OTHER, CUT, CUT_OTHER, DAMAGED}
    for name, content, _ in files:
        box.drop(name, content)
    assert box.once()[0] == 1
    waiting = {name for name, _, kind in files if kind == CUT}
    assert set(needs(box)) == waiting | {name for name, _, kind in files if kind == DAMAGED}
    with box.watcher(INCOMPLETE_AFTER="0.5"):
        wait_until(lambda: len(box.outcomes()) == len(files))
    outcomes = Counter(outcome for _, outcome in box.outcomes())
    assert outcomes == {
        "IMPORTED": kinds[IMPORTED],
        "OTHER_FLOW": kinds[OTHER] + kinds[CUT_OTHER],
        "REJECTED": kinds[CUT] + kinds[DAMAGED],
    }
    wrong = {name for name, _, kind in files if kind in (CUT, DAMAGED)}
    assert set(needs(box)) == wrong
    assert status(box)[1]["rejected"] == len(wrong)
    assert violations(box) == []


def test_folder_of_other_flows_alone_ends_with_code_0(box: Box) -> None:
    for name, content, kind in mixed_files(20):
        if kind == OTHER:
            box.drop(name, content)
    box.drop("d0010.uff", d0010())
    assert box.once()[0] == 0
    assert needs(box) == []
