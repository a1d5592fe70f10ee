"""What holds for every format, whatever is done to its samples."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readings.formats.content import END, survey
from readings.formats.contract import ERROR, WARNING, Batch, Format
from readings.formats.recognition import FORMATS, is_complete, recognize
from tests.running.parsed import parsed
from tests.running.places import SAMPLES

EVERY_SAMPLE = sorted(path for path in SAMPLES.rglob("*") if path.is_file() and path.suffix != ".md")
#: Each byte of a sample is a place to cut it, so these are small.
GOOD_SAMPLES = [path for path in EVERY_SAMPLE if "fault" not in path.name]

for_every_format = pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.NAME)
for_every_good_sample = pytest.mark.parametrize("path", GOOD_SAMPLES, ids=lambda path: path.name)
quickly = settings(max_examples=150, deadline=None, derandomize=True, database=None)


@for_every_format
def test_a_format_has_a_good_sample(known: Format) -> None:
    assert [path for path in GOOD_SAMPLES if known.recognizes(path.read_bytes()[:END])]


@pytest.mark.parametrize("path", EVERY_SAMPLE, ids=lambda path: path.name)
def test_a_sample_is_of_one_format(path: Path) -> None:
    start = path.read_bytes()[:END]
    assert len([known for known in FORMATS if known.recognizes(start)]) == 1


@for_every_good_sample
def test_a_good_sample_has_no_error(path: Path) -> None:
    whole = parsed(path.read_bytes())
    assert errors(whole) == []
    assert whole.readings or whole.interval_days or whole.meter_points


@for_every_good_sample
def test_a_good_sample_says_the_same_with_other_line_ends(path: Path) -> None:
    content = path.read_bytes().replace(b"\r\n", b"\n")
    whole, other = parsed(content), parsed(content.replace(b"\n", b"\r\n"))
    # A format may ask for one of them; it says the same nevertheless.
    whole.problems = [problem for problem in whole.problems if problem.code != "line-feed"]
    assert other == whole


@for_every_good_sample
def test_damage_to_a_field_is_survived_and_every_finding_has_its_place(path: Path) -> None:
    for damaged in with_damaged_fields(path.read_bytes()):
        assert_findings_have_their_place(parsed(damaged))


@for_every_good_sample
def test_damage_to_the_order_of_lines_is_survived_and_every_finding_has_its_place(path: Path) -> None:
    for damaged in with_damaged_lines(path.read_bytes()):
        assert_findings_have_their_place(parsed(damaged))


@for_every_good_sample
def test_what_is_not_complete_is_never_without_an_error(path: Path) -> None:
    """Or else the importer takes what the watcher waits for. Of a format without a last record, nobody can tell."""
    content = path.read_bytes()
    for size in range(len(content) + 1):
        cut = content[:size]
        whole = parsed(cut)
        assert_findings_have_their_place(whole)
        assert is_complete(cut[:END], cut[-END:]) is not False or errors(whole), cut[-40:]


@for_every_good_sample
def test_any_byte_may_turn_into_any_other(path: Path) -> None:
    content = path.read_bytes()

    @quickly
    @given(place=st.integers(0, len(content) - 1), other=st.integers(0, 255))
    def check(place: int, other: int) -> None:
        damaged = content[:place] + bytes([other]) + content[place + 1 :]
        assert_findings_have_their_place(parsed(damaged))

    check()


@quickly
@given(st.binary(max_size=300))
def test_bytes_at_random_are_refused(content: bytes) -> None:
    whole = parsed(content)
    assert_findings_have_their_place(whole)
    assert errors(whole)


@for_every_format
def test_bytes_at_random_behind_a_header_are_survived(known: Format) -> None:
    header = first_line(known)

    @quickly
    @given(st.binary(max_size=300))
    def check(rest: bytes) -> None:
        assert_findings_have_their_place(parsed(header + rest))

    check()


@for_every_format
def test_lines_at_random_behind_a_header_are_survived(known: Format) -> None:
    contents = [path.read_bytes() for path in GOOD_SAMPLES]
    header = first_line(known)
    lines = sorted({line for content in contents for line in content.splitlines(keepends=True)})

    @quickly
    @given(st.lists(st.sampled_from(lines), max_size=12))
    def check(some: list[bytes]) -> None:
        assert_findings_have_their_place(parsed(header + b"".join(some)))

    check()


@quickly
@given(st.binary(max_size=2000))
def test_a_survey_tells_what_any_bytes_are(content: bytes) -> None:
    seen = survey(BytesIO(content))
    assert (seen.sha256, seen.size) == (sha256(content).hexdigest(), len(content))
    assert (seen.start, seen.end) == (content[:END], content[-END:])
    assert seen.is_ascii == content.isascii()
    assert seen.is_utf8 == (content.decode("utf-8", errors="replace").encode() == content)


def with_damaged_fields(content: bytes) -> Iterator[bytes]:
    separator = b"|" if b"|" in content else b","
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines):
        texts = line.rstrip(b"\r\n").split(separator)
        for place, text in enumerate(texts):
            for damage in (b"", b"x" * len(text), text * 30 + b"9" * 300, b" " + text, b"\xff", b"-1"):
                other = separator.join([*texts[:place], damage, *texts[place + 1 :]]) + b"\n"
                yield b"".join([*lines[:number], other, *lines[number + 1 :]])


def with_damaged_lines(content: bytes) -> Iterator[bytes]:
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines):
        before, behind = lines[:number], lines[number + 1 :]
        yield b"".join([*before, *behind])
        yield b"".join([*before, line, line, *behind])
        yield b"".join([*before, *behind[:1], line, *behind[1:]])
        yield b"".join([*before, b"\n", line, *behind])
        yield b"".join([*before, line.rstrip(b"\r\n"), *behind])


def assert_findings_have_their_place(whole: Batch) -> None:
    for problem in whole.problems:
        assert problem.severity in (ERROR, WARNING)
        # What no format knows is not read further than its first line.
        assert 0 <= problem.line <= max(whole.lines, 1), problem
        assert problem.code
        assert problem.message
        assert len(problem.value) <= 80


def errors(whole: Batch) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in whole.problems if problem.severity == ERROR]


def first_line(known: Format) -> bytes:
    contents = (path.read_bytes() for path in GOOD_SAMPLES)
    content = next(content for content in contents if recognize(content[:END]) is known)
    return content.splitlines(keepends=True)[0]
