"""Contract of every format, tried on its samples and on damaged copies of them."""

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
from readings.formats.statements import MeterPointDetails, RegisterStatement, SiteVisit
from tests.running.parsed import parsed
from tests.running.places import EVERY_SAMPLE, GOOD_SAMPLES

for_every_format = pytest.mark.parametrize("flow_format", FORMATS, ids=lambda flow_format: flow_format.NAME)
for_every_good_sample = pytest.mark.parametrize("path", GOOD_SAMPLES, ids=lambda path: path.name)
quickly = settings(max_examples=150, deadline=None, derandomize=True, database=None)


@for_every_format
def test_a_format_has_a_good_sample(flow_format: Format) -> None:
    assert [path for path in GOOD_SAMPLES if flow_format.recognizes(path.read_bytes()[:END])]


@pytest.mark.parametrize("path", EVERY_SAMPLE, ids=lambda path: path.name)
def test_a_sample_is_recognized_by_one_format(path: Path) -> None:
    start = path.read_bytes()[:END]
    assert len([each for each in FORMATS if each.recognizes(start)]) == 1


@for_every_good_sample
def test_a_good_sample_has_no_error(path: Path) -> None:
    whole = parsed(path.read_bytes())
    assert errors(whole) == []
    assert whole.readings or whole.interval_days or whole.meter_points


@for_every_good_sample
def test_a_good_sample_yields_the_same_with_other_line_ends(path: Path) -> None:
    content = path.read_bytes().replace(b"\r\n", b"\n")
    whole, other = parsed(content), parsed(content.replace(b"\n", b"\r\n"))
    # A format may warn about the line end; nothing else differs.
    whole.problems = [problem for problem in whole.problems if problem.code != "line-feed"]
    assert other == whole


@for_every_good_sample
def test_a_damaged_field_yields_only_problems_with_a_line(path: Path) -> None:
    for damaged in with_damaged_fields(path.read_bytes()):
        assert_problems_have_a_line(parsed(damaged))


@for_every_good_sample
def test_damaged_line_order_yields_only_problems_with_a_line(path: Path) -> None:
    for damaged in with_damaged_lines(path.read_bytes()):
        assert_problems_have_a_line(parsed(damaged))


@for_every_good_sample
def test_an_incomplete_file_always_has_an_error(path: Path) -> None:
    """Otherwise the importer would accept what the watcher waits for. Formats without a trailer are exempt."""
    content = path.read_bytes()
    for size in range(len(content) + 1):
        cut = content[:size]
        whole = parsed(cut)
        assert_problems_have_a_line(whole)
        assert is_complete(cut[:END], cut[-END:]) is not False or errors(whole), cut[-40:]


@for_every_good_sample
def test_each_line_opens_or_continues_the_meter_point_that_it_is_read_for(path: Path) -> None:
    content = path.read_bytes()
    recognized = recognize(content[:END])
    assert recognized
    of_line, identifier = {}, ""
    for number, line in enumerate(content.decode().splitlines(), 1):
        opened = recognized.meter_point_of(line, "3000")
        of_line[number] = identifier = identifier if opened is None else opened
    whole = parsed(content)
    statements: list[RegisterStatement] = [*whole.readings, *whole.accumulations, *whole.interval_days]
    others: list[MeterPointDetails | SiteVisit] = [*whole.meter_points, *whole.site_visits]
    read = {each.line: each.register[1] for each in statements} | {each.line: each.identifier for each in others}
    assert {line: of_line[line] for line in read} == read


@for_every_good_sample
def test_a_changed_byte_never_raises(path: Path) -> None:
    content = path.read_bytes()

    @quickly
    @given(place=st.integers(0, len(content) - 1), other=st.integers(0, 255))
    def check(place: int, other: int) -> None:
        damaged = content[:place] + bytes([other]) + content[place + 1 :]
        assert_problems_have_a_line(parsed(damaged))

    check()


@quickly
@given(st.binary(max_size=300))
def test_random_bytes_are_rejected(content: bytes) -> None:
    whole = parsed(content)
    assert_problems_have_a_line(whole)
    assert errors(whole)


@for_every_format
def test_random_bytes_after_a_header_never_raise(flow_format: Format) -> None:
    header = first_line(flow_format)

    @quickly
    @given(st.binary(max_size=300))
    def check(rest: bytes) -> None:
        assert_problems_have_a_line(parsed(header + rest))

    check()


@for_every_format
def test_random_lines_after_a_header_never_raise(flow_format: Format) -> None:
    contents = [path.read_bytes() for path in GOOD_SAMPLES]
    header = first_line(flow_format)
    lines = sorted({line for content in contents for line in content.splitlines(keepends=True)})

    @quickly
    @given(st.lists(st.sampled_from(lines), max_size=12))
    def check(some: list[bytes]) -> None:
        assert_problems_have_a_line(parsed(header + b"".join(some)))

    check()


@quickly
@given(st.binary(max_size=2000))
def test_a_survey_describes_any_bytes(content: bytes) -> None:
    result = survey(BytesIO(content))
    assert (result.sha256, result.size) == (sha256(content).hexdigest(), len(content))
    assert (result.start, result.end) == ((content.lstrip(b"\r\n") or content)[:END], content[-END:])
    assert result.is_ascii == content.isascii()
    assert result.is_utf8 == (content.decode("utf-8", errors="replace").encode() == content)


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
        before, following = lines[:number], lines[number + 1 :]
        yield b"".join([*before, *following])
        yield b"".join([*before, line, line, *following])
        yield b"".join([*before, *following[:1], line, *following[1:]])
        yield b"".join([*before, b"\n", line, *following])
        yield b"".join([*before, line.rstrip(b"\r\n"), *following])


def assert_problems_have_a_line(whole: Batch) -> None:
    for problem in whole.problems:
        assert problem.severity in (ERROR, WARNING)
        # Of an unknown format only the first line is read.
        assert 0 <= problem.line <= max(whole.lines, 1), problem
        assert problem.code
        assert problem.message
        assert len(problem.value) <= 80


def errors(whole: Batch) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in whole.problems if problem.severity == ERROR]


def first_line(flow_format: Format) -> bytes:
    contents = (path.read_bytes() for path in GOOD_SAMPLES)
    content = next(content for content in contents if recognize(content[:END]) is flow_format)
    return content.splitlines(keepends=True)[0]
