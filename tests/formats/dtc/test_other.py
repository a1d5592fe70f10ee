"""User files whose flow is not read here, and headers of any user file."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from readings.formats.content import END
from readings.formats.contract import ERROR, NEM_TIME, WARNING
from readings.formats.dtc import other
from readings.formats.recognition import header_of, is_complete, recognize
from readings.formats.statements import Header
from tests.making.dtc import OTHER_FLOWS, block, fixed_file, flow, other_flow, pool_file, reading
from tests.running.parsed import parsed

MADE = datetime(2026, 3, 5, 6, 15, tzinfo=timezone.utc)
SENT = Header(
    flow="D0052",
    version="001",
    sender_role="D",
    sender="ZZDC",
    recipient_role="X",
    recipient="ZZSU",
    created_at=MADE,
)
D0010 = flow(block(reading("1.0")))


def header(content: bytes) -> Header | None:
    return header_of(recognize(content[:END]), content[:END], NEM_TIME)


@pytest.mark.parametrize("name", [*OTHER_FLOWS, "D0311001", "P0222001", "D0268"])
def test_flow_that_is_not_read_is_noted_by_name(name: str) -> None:
    whole = parsed(other_flow(name))
    [note] = whole.problems
    assert (note.severity, note.code, note.line, note.value) == (WARNING, "other-flow", 1, name)
    assert note.message == "is not read here; set aside, nothing was stored"
    assert whole.header == header(other_flow(name))


def test_header_of_each_physical_form_is_read() -> None:
    identified = replace(SENT, file_identifier="TEST000001", test_flag="OPER")
    assert header(other_flow("D0086002")) == replace(identified, flow="D0086", version="002")
    from_supplier = replace(SENT, sender_role="X", sender="ZZSU")
    assert header(fixed_file()) == replace(
        identified, sender_role="X", sender="ZZSU", recipient_role="M", recipient="ZZMO"
    )
    assert header(pool_file()) == replace(from_supplier, flow="P0135", recipient_role="Z", recipient="POOL")


@pytest.mark.parametrize(
    "damaged",
    [
        D0010.replace(b"D0010002", b"D0010009"),
        D0010.replace(b"||||OPER|", b"|||OPER|"),
        D0010.replace(b"026|", b"999|"),
        D0010.partition(b"\n")[0],
    ],
    ids=["other version", "too few fields", "unknown group", "header alone"],
)
def test_header_of_a_refused_file_is_read(damaged: bytes) -> None:
    found = header(damaged)
    assert found
    assert (found.flow, found.file_identifier, found.sender, found.created_at) == (
        "D0010",
        "TEST000001",
        "ZZDC",
        MADE,
    )


def test_items_that_do_not_fit_are_left_out() -> None:
    content = (
        D0010.replace(b"ZZDC", b"Z\0DC").replace(b"TEST000001", b"0123456789012").replace(b"20260305", b"20261305")
    )
    found = header(content)
    assert found == Header(
        flow="D0010", version="002", sender_role="D", recipient_role="X", recipient="ZZSU", test_flag="OPER"
    )


@pytest.mark.parametrize("content", [other_flow(), fixed_file(), pool_file(), pool_file()[:-1]])
def test_file_with_its_trailer_is_complete(content: bytes) -> None:
    assert is_complete(content[:END], content[-END:]) is True


@pytest.mark.parametrize(
    "content", [other_flow()[:-4], other_flow()[:-20], fixed_file()[:-1], pool_file()[:-8]], ids=range(4)
)
def test_file_without_its_trailer_is_incomplete_and_noted(content: bytes) -> None:
    assert is_complete(content[:END], content[-END:]) is False
    [note] = parsed(content).problems
    assert note.code == "other-flow"
    assert note.message.endswith("set aside, nothing was stored; the file has no whole ZPT record")


@pytest.mark.parametrize("content", [fixed_file("D0010002"), pool_file("D0010002")])
def test_flow_that_is_read_is_an_error_in_another_form(content: bytes) -> None:
    [problem] = parsed(content).problems
    assert (problem.severity, problem.code, problem.value) == (ERROR, "other-file-format", "D0010002")
    assert "ask the sender for the delimited format" in problem.message


def test_padded_flow_that_is_read_is_read_as_such() -> None:
    whole = parsed(D0010.replace(b"|D0010002|", b"| D0010002 |"))
    assert [(each.severity, each.code) for each in whole.problems] == [(WARNING, "padded-field")]
    assert len(whole.readings) == 1


@pytest.mark.parametrize("content", [b"ZHF\n", b"ZHD|x|\n", b"ZHV|A|d0086002|\n", b"ZHV|A||D|\n"])
def test_header_that_names_no_flow_is_an_error(content: bytes) -> None:
    [problem] = parsed(content).problems
    assert problem.severity == ERROR
    assert problem.code == ("no-flow" if content.startswith(b"ZHV") else "other-file-format")


def test_blank_lines_before_the_header_count() -> None:
    [note] = parsed(b"\n\n" + other_flow()).problems
    assert (note.code, note.line) == ("other-flow", 3)


def test_nothing_of_it_has_a_meter_point() -> None:
    assert {other.meter_point_of(line, "") for line in other_flow().decode().splitlines()} == {""}
