"""Erasure of a meter point, on real folders and a real database."""

from __future__ import annotations

import json
import signal
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import psycopg
import pytest

from readings.formats.spelling import parts_of
from readings.imports.erasure import cleaning, contents, rows
from tests.making.consumption import days, half_hours
from tests.making.dtc import MPAN, OTHER_MPAN, block, flow, reading
from tests.making.mdff import NMI, OTHER_NMI, accumulation, channel, day, nem12, nem13
from tests.running.box import Box, files_below
from tests.running.commands import digest, run
from tests.running.erased import forget_everything, rows_without_keys, traces
from tests.running.forks import Ended

pytestmark = pytest.mark.slow_on_postgresql

FIRST = flow(block(reading("100.0")), block(reading("200.0"), mpan=OTHER_MPAN))
#: States the reading of both again, and a correction of one.
SECOND = flow(
    block(reading("100.0"), reading("111.0", at="20260302000000")),
    block(reading("200.0"), reading("222.0", at="20260302000000"), mpan=OTHER_MPAN),
    identifier="TEST000002",
    created="20260306061500",
)
CORRECTION = flow(
    block(reading("101.0")),
    block(reading("201.0"), mpan=OTHER_MPAN),
    identifier="TEST000003",
    created="20260307061500",
)
WITHDRAWAL = flow(
    block(reading("101.0"), kind="W"),
    block(reading("201.0"), mpan=OTHER_MPAN, kind="W"),
    identifier="TEST000004",
    created="20260308061500",
)
#: Has an error in the block of each.
REJECTED = flow(
    block(reading("much")), block(reading("more"), mpan=OTHER_MPAN), identifier="TEST000005", created="20260309061500"
)
#: A flow that is not read.
UNKNOWN = flow(f"100|{MPAN}|JONES|", f"100|{OTHER_MPAN}|SMITH|").replace(b"D0010", b"D0132")
NEW = flow(
    block(reading("333.0", at="20260304000000")),
    block(reading("444.0", at="20260304000000"), mpan=OTHER_MPAN),
    identifier="TEST000006",
    created="20260310061500",
)


def name_of(keyword: str) -> str:
    """Return the name of a file: two underscores are a point; without an ending it gets `.uff`."""
    return keyword.replace("__", ".") if "__" in keyword else f"{keyword}.uff"


def zipped(**members: bytes) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name_of(name), member)
    return content.getvalue()


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


def deliver(box: Box, **files: bytes) -> None:
    """Import files by the watcher."""
    for name, content in files.items():
        box.drop(name_of(name), content)
    box.once()


def erase(box: Box, identifier: str, *options: str, code: int = 0) -> Ended:
    ended = run(box, "erase_meter_point", identifier, "--yes", *options)
    assert ended.code == code, ended
    return ended


def assert_audit_is_clean(box: Box) -> None:
    ended = run(box, "inbox_audit")
    assert ended.code == 0, ended


def values_of(box: Box) -> list[str]:
    return sorted(str(value) for (value,) in box.rows("SELECT value FROM readings_reading"))


def test_erasure_leaves_no_trace_and_the_audit_without_differences(box: Box) -> None:
    deliver(box, first=FIRST, second=SECOND, correction=CORRECTION, withdrawal=WITHDRAWAL)
    deliver(box, rejected=REJECTED, letter=UNKNOWN, **{f"for_{MPAN}": zipped(one=NEW)})
    assert_audit_is_clean(box)
    before = rows_without_keys(box)
    files = len(files_below(box.archive)) + len(files_below(box.rejected))
    ended = erase(box, MPAN)
    assert ended.out.splitlines()[-1].endswith("found nowhere")
    assert traces(box, MPAN) == []
    assert_audit_is_clean(box)
    assert rows_without_keys(box) == {OTHER_MPAN: before[OTHER_MPAN]}
    assert len(files_below(box.archive)) + len(files_below(box.rejected)) == files
    [(action, by_whom, identifier)] = box.rows(
        "SELECT action, by_whom, identifier FROM readings_trail WHERE action = 'ERASE'"
    )
    digests = [found for (found,) in box.rows("SELECT digest FROM readings_erasedmeterpoint")]
    assert (action, by_whom, identifier in digests) == ("ERASE", "olga", True)
    # A second run finds nothing more, and changes nothing.
    kept = files_below(box.archive)
    erase(box, MPAN)
    assert files_below(box.archive) == kept
    assert_audit_is_clean(box)


def test_searches_find_an_erased_meter_point_nowhere(box: Box) -> None:
    deliver(box, **{f"march_{MPAN}_for_support": FIRST})
    for text in (f"a {MPAN}", f"{MPAN[:2]} {MPAN[2:]}", OTHER_MPAN):
        box.execute(f"INSERT INTO readings_pastedlist (key, text, at) VALUES ('{text[:9]}', '{text}', '2099-01-01')")
    erase(box, MPAN)
    assert traces(box, MPAN) == []
    [(name,)] = box.rows("SELECT name FROM readings_arrival")
    assert sorted(part for (part,) in box.rows("SELECT part FROM readings_namepart")) == sorted(parts_of(name))
    assert box.rows("SELECT text FROM readings_pastedlist") == [(OTHER_MPAN,)]


@pytest.mark.slow
def test_rewritten_files_state_the_same_in_an_empty_store(box: Box) -> None:
    deliver(box, first=FIRST, second=SECOND, correction=CORRECTION, withdrawal=WITHDRAWAL, all=zipped(one=NEW))
    deliver(box, rejected=REJECTED)
    before = rows_without_keys(box)[OTHER_MPAN]
    erase(box, MPAN)
    archived = files_below(box.archive)
    forget_everything(box)
    for name, content in archived.items():
        box.drop(Path(name).name, content)
    assert box.once()[0] == 0
    assert rows_without_keys(box) == {OTHER_MPAN: before}
    assert_audit_is_clean(box)


@pytest.mark.slow
def test_originals_that_arrive_again_store_nothing_of_it(box: Box) -> None:
    in_zip = zipped(one=SECOND)
    deliver(box, first=FIRST, rejected=REJECTED, all=in_zip)
    erase(box, MPAN)
    before = rows_without_keys(box)
    deliver(box, first=FIRST, other=FIRST, rejected=REJECTED, all=in_zip)
    deliver(box, again=zipped(two=SECOND, three=FIRST), **{f"at_{MPAN}": SECOND})
    outcomes = box.rows("SELECT outcome FROM readings_arrival WHERE container_id IS NULL ORDER BY id")
    assert [outcome for (outcome,) in outcomes[3:]].count("DUPLICATE") == 4
    assert traces(box, MPAN) == []
    assert rows_without_keys(box) == before
    assert_audit_is_clean(box)


def test_new_file_with_an_erased_meter_point_among_others_stores_only_the_others(box: Box) -> None:
    deliver(box, first=FIRST)
    erase(box, MPAN)
    deliver(box, new=NEW)
    assert values_of(box) == ["200.0", "444.0"]
    problems = box.rows("SELECT code, line, message FROM readings_problem")
    assert [(code, line) for code, line, _ in problems] == [("erased-meter-point", 4)]
    assert problems[0][2].endswith("nothing of it was stored (1 line, first in line 4)")
    assert traces(box, MPAN) == []
    assert_audit_is_clean(box)


@pytest.mark.slow
def test_new_rejected_file_and_its_reports_keep_nothing_of_it(box: Box) -> None:
    deliver(box, first=FIRST)
    erase(box, MPAN)
    deliver(box, rejected=REJECTED, letter=UNKNOWN)
    assert traces(box, MPAN) == []
    assert traces(box, OTHER_MPAN)
    [report] = [json.loads(path.read_text()) for path in box.rejected.rglob("rejected*.json")]
    errors = [
        (each["line"], each["code"], each["value"]) for each in report["problems"] if each["severity"] == "ERROR"
    ]
    assert errors == [(4, "not-a-number", ""), (7, "not-a-number", "more")]
    assert_audit_is_clean(box)
    # Put back and corrected, the rest of the file can still be imported.
    assert run(box, "inbox_retry", "--all").code == 0
    box.once()
    assert_audit_is_clean(box)


@pytest.mark.slow
def test_files_imported_in_place_are_named_and_stay(box: Box, tmp_path: Path) -> None:
    outside = tmp_path / f"{MPAN}.uff"
    outside.write_bytes(FIRST)
    assert run(box, "import_flow", str(outside)).code == 0
    ended = erase(box, MPAN)
    assert f"not below our folders, erase it yourself: {outside}" in ended.out
    assert traces(box, MPAN) == []
    new = tmp_path / f"new_{MPAN}.uff"
    new.write_bytes(NEW)
    assert run(box, "import_flow", str(new)).code == 0
    assert traces(box, MPAN) == []
    assert values_of(box) == ["200.0", "444.0"]
    assert_audit_is_clean(box)


@pytest.mark.slow
def test_contents_that_were_imported_in_place_are_rewritten_when_they_arrive(box: Box, tmp_path: Path) -> None:
    """They are duplicates, so that nobody reads their lines again."""
    in_place = {"first.uff": FIRST, "second.uff": SECOND, "third.zip": zipped(one=CORRECTION)}
    for name, content in in_place.items():
        (tmp_path / name).write_bytes(content)
    assert run(box, "import_flow", str(tmp_path / "first.uff")).code == 0
    erase(box, MPAN)
    assert run(box, "import_flow", str(tmp_path / "second.uff"), str(tmp_path / "third.zip")).code == 0
    deliver(box, first=FIRST, all=zipped(two=SECOND), **{"third__zip": in_place["third.zip"]}, one=CORRECTION)
    outcomes = [outcome for (outcome,) in box.rows("SELECT outcome FROM readings_arrival WHERE channel = 'INBOX'")]
    assert outcomes.count("DUPLICATE") == 4
    assert traces(box, MPAN) == []
    assert_audit_is_clean(box)


USERS = b"id,area,tariff\n3000,E1,T1\n3001,E2,T2\n"
#: Has a line in the block of the erased meter point whose problem names no meter point.
STRANGE = flow([*block(reading("much")), "K12B 04567|strange|"], block(reading("more"), mpan=OTHER_MPAN))


@pytest.mark.slow
def test_rejected_members_and_their_names_leave_no_trace(box: Box) -> None:
    in_zip = zipped(**{f"for_{MPAN}": STRANGE, "one": FIRST})
    consumers = zipped(users__csv=USERS, **{"3000__csv": half_hours(days("2026-03-01", value="much"))})
    deliver(box, all__zip=in_zip, consumers__zip=consumers)
    erase(box, MPAN)
    erase(box, "3000")
    for name in ("before", "again"):
        assert traces(box, MPAN) == traces(box, "|strange|") == [], name
        reports = [path.read_text() for path in box.rejected.rglob("*.report.*")]
        assert not [report for report in reports if "K12B 04567" in report or "3000.csv" in report], name
        assert not box.rows("SELECT 1 FROM readings_problem WHERE value IN ('K12B 04567', '3000.csv')"), name
        assert_audit_is_clean(box)
        deliver(box, all2__zip=in_zip, consumers2__zip=consumers, strange=STRANGE)


@pytest.mark.slow
def test_erasure_of_a_nmi(box: Box) -> None:
    two_days = [day("20260227"), day("20260228")]
    deliver(
        box,
        days__csv=nem12(channel(*two_days), channel(*two_days, nmi=OTHER_NMI)),
        reads__csv=nem13(accumulation(), accumulation(nmi=OTHER_NMI)),
    )
    days_again = nem12(channel(day("20260227")), channel(day("20260227"), nmi=OTHER_NMI), created="202603020215")
    deliver(box, again__csv=days_again)
    erase(box, NMI)
    assert traces(box, NMI) == []
    counts = [box.rows(f"SELECT count(*) FROM readings_{name}")[0][0] for name in ("intervalday", "accumulation")]
    assert counts == [2, 1]
    assert_audit_is_clean(box)
    deliver(box, again2__csv=days_again)
    assert traces(box, NMI) == []
    assert_audit_is_clean(box)


@pytest.mark.slow
def test_erasure_of_a_consumer_in_zips(box: Box) -> None:
    own, other = half_hours(days("2026-03-01")), half_hours(days("2026-03-01", value="3000.0"))
    deliver(box, all=zipped(users__csv=USERS, **{"3000__csv": own, "3001__csv": other}))
    erase(box, "3000")
    assert_consumer_is_erased(box)
    deliver(box, again=zipped(other__csv=USERS, **{"3000__csv": own}))
    deliver(box, new=zipped(**{"3000__csv": half_hours(days("2026-03-03"))}))
    assert_consumer_is_erased(box)


@pytest.mark.slow
def test_erasure_of_a_consumer(box: Box) -> None:
    own, other = half_hours(days("2026-03-01")), half_hours(days("2026-03-01", value="3000.0"))
    deliver(box, users__csv=USERS, **{"3000__csv": own, "3001__csv": other})
    erase(box, "3000")
    assert_consumer_is_erased(box)
    again = zipped(**{"3000__csv": half_hours(days("2026-03-03", value="7.0"))})
    deliver(box, **{"3000__csv": own, "users2__csv": USERS, "all__zip": again})
    assert_consumer_is_erased(box)


def assert_consumer_is_erased(box: Box) -> None:
    """A short identifier may be a value, too: it is searched for where it names the consumer."""
    assert box.rows("SELECT identifier FROM readings_meterpoint") == [("3001",)]
    assert box.rows("SELECT count(*) FROM readings_intervalday") == [(1,)]
    names = [name for (name,) in box.rows("SELECT name FROM readings_arrival")]
    assert not [name for name in [*names, *files_below(box.archive)] if "3000" in name]
    assert box.rows("SELECT 1 FROM readings_flowfile WHERE subject = '3000'") == []
    archived = contents_below(box)
    assert b"3000,E1" not in archived
    assert b",7.0" not in archived
    assert b",10.0" not in archived
    assert b",3000.0" in archived
    assert_audit_is_clean(box)


def contents_below(box: Box) -> bytes:
    """Return all archived bytes, unpacked."""
    found = []
    for content in files_below(box.archive).values():
        if content.startswith(b"PK"):
            with ZipFile(BytesIO(content)) as archive:
                found += [name.encode() + b"\n" + archive.read(name) for name in archive.namelist()]
        else:
            found.append(content)
    return b"\n".join(found)


@pytest.mark.slow
def test_two_contents_that_differ_only_in_what_is_erased_stay_two(box: Box) -> None:
    created = {"created": "20260305061500", "identifier": "TEST000001"}
    rest = block(reading("200.0"), mpan=OTHER_MPAN)
    deliver(
        box, one=flow(block(reading("100.0")), rest, **created), two=flow(block(reading("101.0")), rest, **created)
    )
    erase(box, MPAN)
    assert box.rows("SELECT count(DISTINCT sha256) FROM readings_flowfile")[0][0] == 2
    assert_audit_is_clean(box)


@pytest.mark.slow
def test_erasure_keeps_what_counts_of_others_with_the_same_time(box: Box) -> None:
    """Of two files with the same time, the greater hash decides: also after both were rewritten."""
    for number in range(6):
        blocks = block(reading(f"{100 + number}.0")), block(reading(f"{200 + number}.0"), mpan=OTHER_MPAN)
        box.drop(f"{number}.uff", flow(*blocks, identifier=f"TEST00000{number}"))
    box.once()
    before = rows_without_keys(box)[OTHER_MPAN]
    erase(box, MPAN)
    assert rows_without_keys(box)[OTHER_MPAN] == before
    assert_audit_is_clean(box)


@pytest.mark.slow
def test_unknown_identifier_ends_with_1_and_a_rejected_file_is_found(box: Box) -> None:
    deliver(box, first=flow(block(reading("200.0"), mpan=OTHER_MPAN)))
    ended = erase(box, MPAN, code=1)
    assert "nothing is stored about this meter point" in ended.err
    assert box.rows("SELECT count(*) FROM readings_erasedmeterpoint")[0][0] == 0
    deliver(box, letter=UNKNOWN)
    erase(box, MPAN)
    assert traces(box, MPAN) == []
    assert_audit_is_clean(box)


def test_dry_run_and_a_missing_confirmation_change_nothing(box: Box) -> None:
    deliver(box, first=FIRST)
    found = traces(box, MPAN)
    ended = run(box, "erase_meter_point", MPAN, "--dry-run")
    assert ended.code == 0
    assert "1 reading\n" in ended.out
    assert "first.uff" in ended.out
    refused = run(box, "erase_meter_point", MPAN)
    assert (refused.code, "--yes" in refused.err) == (2, True)
    assert len(traces(box, MPAN)) == len(found)


@pytest.mark.slow
def test_identifier_of_two_schemes_needs_the_scheme(box: Box) -> None:
    users = f"id,area,tariff\n{MPAN},E1,T1\n".encode()
    deliver(box, all=zipped(users__csv=users, first=FIRST), first=FIRST)
    assert "pass --scheme" in erase(box, MPAN, code=2).err
    erase(box, MPAN, "--scheme", "MPAN")
    assert box.rows(f"SELECT scheme FROM readings_meterpoint WHERE identifier = '{MPAN}'") == [("CONSUMER",)]
    assert_audit_is_clean(box)
    erase(box, MPAN, "--scheme", "ALL")
    assert traces(box, MPAN) == []
    assert_audit_is_clean(box)


@pytest.mark.only_on("postgresql")  # SQLite has one writer: the two transactions follow each other.
@pytest.mark.slow
def test_erasure_waits_for_an_importer_that_has_the_content_in_hand(box: Box) -> None:
    deliver(box, first=FIRST)
    with psycopg.connect(box.database_url) as importer:
        importer.execute("SELECT pg_advisory_lock(%s)", [int(digest(FIRST)[:15], 16)])
        ended = erase(box, MPAN, code=1)
        assert "is being imported; the watcher rewrites it afterwards" in ended.err
        assert "still found" in ended.err
    box.drop("new.uff", NEW)
    box.once()
    assert traces(box, MPAN) == []
    assert_audit_is_clean(box)


STEPS: list[tuple[Any, str, int]] = [
    (rows._correct_counts, "return", 1),
    (rows.erase_rows, "return", 1),
    (contents.ContentFiles._write, "return", 1),
    (contents.ContentFiles._write, "return", 2),
    (contents.ContentFiles._store, "return", 1),
    (contents.ContentFiles._store, "return", 3),
    (contents.ContentFiles._remove_originals, "return", 2),
    (contents.ContentFiles._settle, "return", 2),
    (rows.erase_words, "return", 1),
    (cleaning.clean_bytes, "return", 1),
]


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step[0].__name__}-{step[2]}")
@pytest.mark.parametrize("finisher", ["command", pytest.param("watcher", marks=pytest.mark.only_on("sqlite"))])
def test_killed_erasure_is_finished_by_the_next_run(box: Box, step: tuple[Any, str, int], finisher: str) -> None:
    deliver(box, first=FIRST, second=SECOND, rejected=REJECTED, all=zipped(one=CORRECTION, two=FIRST))
    function, happens, number = step
    command = ("erase_meter_point", MPAN, "--yes")
    assert box.interrupted(function, happens, number, command=command) == -signal.SIGKILL
    if finisher == "watcher":
        box.once()
        run(box, "erase_meter_point", "--again")
    erase(box, MPAN)
    assert traces(box, MPAN) == []
    assert_audit_is_clean(box)
    assert set(rows_without_keys(box)) == {OTHER_MPAN}


@pytest.mark.slow
@pytest.mark.parametrize("step", [step for step in STEPS if step[0].__module__ == contents.__name__][:5])
def test_killed_watcher_rewrites_the_file_after_its_start(box: Box, step: tuple[Any, str, int]) -> None:
    deliver(box, first=FIRST)
    erase(box, MPAN)
    box.drop("new.uff", NEW)
    box.drop("first.uff", FIRST)
    box.drop("rejected.uff", REJECTED)
    function, happens, number = step
    assert box.interrupted(function, happens, number) == -signal.SIGKILL
    box.once()
    assert traces(box, MPAN) == []
    assert_audit_is_clean(box)
    assert digest(FIRST) not in {digest(content) for content in files_below(box.archive).values()}
