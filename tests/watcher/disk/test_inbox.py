from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readings.formats.text import as_bytes, printable
from readings.imports.places import is_candidate, place_of
from watcher.disk.inbox import Settling, Sighting

DAY = date(2026, 1, 31)
HASH = "0123456789abcdef" * 4
LARGE, GROWN = Sighting(1, 2, 1000, 5), Sighting(1, 2, 1001, 6)


def settling() -> Settling:
    return Settling(quiet_seconds=2, incomplete_after=900)


def due(files: Settling, now: float) -> list[bytes]:
    return [each.name for each in files.due(now, most=10)]


@pytest.mark.parametrize("name", [b"d0010.uff", b"x", b"no ending", b"part", b"a.partly", b"\xff\n", b"~a"])
def test_candidate_names_are_accepted(name: bytes) -> None:
    assert is_candidate(name)


@pytest.mark.parametrize(
    "name",
    [
        b".",
        b".hidden.uff",
        b"a.uff.filepart",
        b"a.partial",
        b"a.part",
        b"a.PART",
        b"a.tmp",
        b"a.temp",
        b"a.crdownload",
        b"a.swp",
        b"a.uff~",
    ],
)
def test_names_of_unfinished_files_are_ignored(name: bytes) -> None:
    assert not is_candidate(name)


def test_file_settles_after_the_quiet_seconds() -> None:
    files = settling()
    files.see({b"a": LARGE}, 10)
    assert due(files, 10) == []
    files.see({b"a": LARGE}, 11.9)
    assert due(files, 11.9) == []
    assert files.seconds_to_next(11.9) == pytest.approx(0.1)
    files.see({b"a": LARGE}, 12)
    assert due(files, 12) == [b"a"]


def test_file_does_not_settle_after_a_single_scan() -> None:
    files = settling()
    files.see({b"a": LARGE}, 10)
    assert due(files, 100) == []


@pytest.mark.parametrize(
    "changed", [Sighting(2, 2, 1000, 5), Sighting(1, 3, 1000, 5), GROWN, Sighting(1, 2, 1000, 6)]
)
def test_changed_file_settles_again(changed: Sighting) -> None:
    files = settling()
    files.see({b"a": LARGE}, 10)
    files.see({b"a": LARGE}, 12)
    files.see({b"a": changed}, 13)
    assert due(files, 13) == []
    assert files.is_restless(b"a", 13)
    files.see({b"a": changed}, 15)
    assert due(files, 15) == [b"a"]
    assert not files.is_restless(b"a", 15)


def test_file_that_disappears_and_returns_settles_again() -> None:
    files = settling()
    files.see({b"a": LARGE}, 10)
    files.see({}, 11)
    assert b"a" not in files
    files.see({b"a": LARGE}, 12)
    files.see({b"a": LARGE}, 13)
    assert due(files, 13) == []


def test_due_files_are_sorted_by_longest_wait() -> None:
    files = settling()
    files.see({b"old": LARGE, b"older": LARGE._replace(mtime_ns=1)}, 10)
    everything = {b"a new one": LARGE, b"old": LARGE, b"older": LARGE._replace(mtime_ns=1)}
    files.see(everything, 11)
    files.see(everything, 20)
    assert due(files, 20) == [b"older", b"old", b"a new one"]
    files.postpone(b"older", 20)
    assert due(files, 20) == [b"old", b"a new one", b"older"]


def test_incomplete_file_is_due_again_as_overdue_after_its_wait() -> None:
    files = settling()
    for now in (10, 12):
        files.see({b"a": LARGE}, now)
    assert [each.is_overdue for each in files.due(12, most=10)] == [False]
    files.await_end(b"a")
    assert due(files, 909) == []
    assert [each.is_overdue for each in files.due(910, most=10)] == [True]


def test_file_of_unknown_format_waits_ten_seconds() -> None:
    files = settling()
    for now in (10, 12):
        files.see({b"a": LARGE}, now)
    files.await_more(b"a")
    assert due(files, 19.9) == []
    assert [each.is_overdue for each in files.due(20, most=10)] == [True]


def test_growing_file_is_not_overdue() -> None:
    files = settling()
    for now in (10, 12):
        files.see({b"a": LARGE}, now)
    files.await_end(b"a")
    for now in (500, 502):
        files.see({b"a": GROWN}, now)
    assert [each.is_overdue for each in files.due(502, most=10)] == [False]


def test_place_is_built_from_day_name_and_hash() -> None:
    assert place_of(DAY, b"d0010.uff", HASH) == b"2026/01/31/d0010.uff.0123456789ab"
    assert place_of(DAY, b"d0010.uff", HASH, 2) == b"2026/01/31/d0010.uff.0123456789ab.2"


@given(st.binary(min_size=1, max_size=255), st.integers(1, 10_000))
def test_names_of_place_and_reports_fit_the_file_system(name: bytes, number: int) -> None:
    last = place_of(DAY, name, HASH, number).partition(b"2026/01/31/")[2]
    assert len(b"." + last + b".report.json.tmp") <= 255
    assert name.startswith(last.partition(b".0123456789ab")[0])


def test_long_name_is_cut_between_characters() -> None:
    for length in range(60, 86):
        place_of(DAY, b"x" * (length % 3) + "€".encode() * length, HASH).decode()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"d0010 (1).uff", "d0010 (1).uff"),
        ("zähler".encode(), "zähler"),
        (b"\xe9", "\\xe9"),
        (b"a\nb\x1b[31m", "a\\x0ab\\x1b[31m"),
        (b"a\\x0a", "a\\\\x0a"),
        ("\u202egpj".encode(), "\\xe2\\x80\\xaegpj"),  # turns the direction of writing
    ],
)
def test_unprintable_characters_of_a_name_are_escaped(name: bytes, text: str) -> None:
    assert printable(name) == text


@given(st.binary())
def test_escaped_name_can_be_decoded(name: bytes) -> None:
    assert printable(name).isprintable()
    assert as_bytes(printable(name)) == name
