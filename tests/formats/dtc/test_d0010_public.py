"""Public files of the D0010 and similar flows, in a folder next to the repository."""

from __future__ import annotations

from decimal import Decimal

import pytest

from readings.formats.contract import ERROR, WARNING
from readings.formats.recognition import is_complete
from tests.running.parsed import parsed
from tests.running.places import SHARED

PUBLIC = SHARED / "d0010"
SAMPLE = "DTC5259515123502080915D0010.uff"

pytestmark = pytest.mark.skipif(not PUBLIC.exists(), reason="needs ../shared")

COUNTS = {"wrong-total-group-count", "wrong-flow-count"}
#: Error codes of the public files that are not valid D0010 files.
REJECTED = {
    "commercial_properties.uff": COUNTS | {"too-many-digits", "wrong-check-digit"},
    "economy7_meters.uff": COUNTS | {"too-many-digits", "wrong-check-digit"},
    "industrial_meters.uff": COUNTS | {"too-many-digits", "wrong-check-digit"},
    "march_readings.uff": COUNTS | {"too-many-digits", "wrong-check-digit"},
    "mixed_recent_readings.uff": COUNTS | {"too-many-digits", "wrong-check-digit"},
    "multiple_daily_readings.uff": COUNTS | {"too-many-digits", "wrong-check-digit"},
    "prepayment_meters.uff": COUNTS | {"too-many-digits", "wrong-check-digit"},
    "register_showcase.uff": COUNTS | {"too-many-digits", "wrong-check-digit"},
    "residential_smart_meters.uff": COUNTS | {"too-many-digits", "wrong-check-digit"},
    "small_business.uff": {"wrong-total-group-count", "too-many-digits", "wrong-check-digit"},
    "happy.txt": {"no-version", "wrong-field-count"},
    "rules.txt": {"no-version", "wrong-field-count", "wrong-check-digit"},
    "structural.txt": {"no-version", "wrong-field-count", "invalid-code"},
    "sample_d0010.txt": {"unknown-format"},
    "smpl.txt": {"other-file-format"},
}


@pytest.mark.parametrize("folder", ["", "with-final-newline"])
def test_the_public_sample_is_read_whole(folder: str) -> None:
    whole = parsed((PUBLIC / folder / SAMPLE).read_bytes())
    assert whole.problems == []
    assert len({reading.register[1] for reading in whole.readings}) == 11
    assert len({reading.register[1:3] for reading in whole.readings}) == 11
    assert len(whole.readings) == 13
    assert sum(Decimal(reading.value) for reading in whole.readings) == Decimal("653740.0")


def test_a_blank_inside_a_serial_number_is_kept() -> None:
    readings = parsed((PUBLIC / SAMPLE).read_bytes()).readings
    assert readings[0].register[2] == "F75A 00802"
    assert len({reading.register[2] for reading in readings if " " in str(reading.register[2])}) == 4


def test_a_cut_at_any_byte_of_the_public_sample_is_an_error() -> None:
    content = (PUBLIC / SAMPLE).read_bytes()
    assert len(content) == 996
    for size in range(996):
        cut = content[:size]
        assert is_complete(cut, cut) is False
        assert any(problem.severity == ERROR for problem in parsed(cut).problems), cut[-40:]
    assert is_complete(content, content) is True


@pytest.mark.parametrize("name", REJECTED)
def test_an_invented_file_is_rejected_with_its_errors(name: str) -> None:
    problems = parsed((PUBLIC / "nonconformant" / name).read_bytes()).problems
    assert {problem.code for problem in problems if problem.severity == ERROR} == REJECTED[name]


def test_every_invented_file_is_tested() -> None:
    names = {path.name for path in (PUBLIC / "nonconformant").iterdir()}
    assert names == {*REJECTED, "example_d0010 copy.uff"}


def test_padding_alone_does_not_reject_a_file() -> None:
    whole = parsed((PUBLIC / "nonconformant/example_d0010 copy.uff").read_bytes())
    assert {problem.code for problem in whole.problems} == {"blank-padding"}
    assert all(problem.severity != ERROR for problem in whole.problems)
    assert len(whole.readings) == 13


@pytest.mark.parametrize(
    ("name", "reading_type", "value"),
    [("DS0000IE16_D0010.txt", "R", "78.4"), ("S090173959.usr", "I", "256980.0")],
)
def test_rekeyed_examples_are_read(name: str, reading_type: str, value: str) -> None:
    whole = parsed((PUBLIC / "rekeyed" / name).read_bytes())
    assert [problem for problem in whole.problems if problem.severity == ERROR] == []
    assert [(reading.reading_type, reading.value) for reading in whole.readings] == [(reading_type, value)]


@pytest.mark.parametrize(
    ("name", "flow"),
    [("0006597907.usr", "D0086002"), ("0000733557.usr", "D0149001"), ("W000896813.usr", "D0052001")],
)
def test_another_flow_is_set_aside_by_name(name: str, flow: str) -> None:
    [problem] = parsed((PUBLIC / "rekeyed" / name).read_bytes()).problems
    assert (problem.severity, problem.line, problem.code) == (WARNING, 1, "other-flow")
    assert problem.value == flow
