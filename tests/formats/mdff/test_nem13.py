from __future__ import annotations

from datetime import datetime, timedelta, timezone
from io import BytesIO
from typing import Any

import pytest

from readings.formats.contract import ERROR, NEM_TIME, WARNING, Batch, ParseContext
from readings.formats.mdff import nem13
from readings.formats.mdff.catalogue import labels
from readings.formats.mdff.catalogue.codes import suffix_in_words
from readings.formats.mdff.catalogue.reasons import reason_in_words
from readings.formats.mdff.envelope import LineEnds
from readings.formats.recognition import is_complete, recognize
from readings.formats.statements import NMI, RegisterReading
from tests.making.mdff import accumulation, written
from tests.making.mdff import nem13 as whole_file
from tests.running.parsed import parsed
from tests.running.places import SAMPLES

SAMPLE = SAMPLES / "nem13.csv"


def test_the_sample_yields_the_accumulations_in_its_description() -> None:
    whole = parsed(SAMPLE.read_bytes())
    assert whole.problems == []
    assert whole.header
    assert (whole.header.flow, whole.header.sender, whole.header.recipient) == ("NEM13", "MDPA", "RETB")
    assert whole.header.created_at == datetime(2026, 3, 2, 6, 15, tzinfo=NEM_TIME)
    assert [one.quantity for one in whole.accumulations] == ["65.5", "140", "112.0"]
    assert [one.transactions for one in whole.accumulations] == [
        (("N", "", "N", ""),),
        (),
        (("A", "SO0012345", "E", ""),),
    ]


def test_an_accumulation_yields_the_readings_at_both_ends() -> None:
    whole = parsed(SAMPLE.read_bytes())
    updated_at = datetime(2026, 2, 28, 2, 15, tzinfo=NEM_TIME)
    previous_at = datetime(2025, 11, 30, 9, 30, tzinfo=NEM_TIME)
    current_at = datetime(2026, 2, 27, 10, 15, tzinfo=NEM_TIME)
    register = (NMI, "6123456789", "SN0012345", "2", "41")
    assert whole.readings[2:4] == [
        RegisterReading(
            *(4, register, previous_at, "", "99980", "", "", None, None, "A", ""),
            register_read="099980",
            updated_at=updated_at,
        ),
        RegisterReading(
            *(4, register, current_at, "", "120", "", "", None, None, "F", "64"),
            reason_code="77",
            register_read="000120",
            updated_at=updated_at,
        ),
    ]


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        (accumulation(next_read="20260631"), {"next_scheduled_read_date": None}),
        (accumulation(loaded="20260230000000"), {"msats_load_at": None}),
        (accumulation(direction="B"), {"direction": "B"}),
        (accumulation(quantity="-65.5"), {"quantity": "-65.5"}),
        (accumulation(previous_quality="E64,,"), {"previous_quality_method": "E64"}),
    ],
)
def test_the_slow_path_yields_the_same_as_the_fast_path(record: str, fields: dict[str, Any]) -> None:
    plain, other = parsed(whole_file(accumulation())), parsed(whole_file(record))
    assert [problem.severity for problem in other.problems] == [WARNING]
    assert other.accumulations == [plain.accumulations[0]._replace(**fields)]
    assert [reading.value for reading in other.readings] == [reading.value for reading in plain.readings]
    assert [reading.read_at for reading in other.readings] == [reading.read_at for reading in plain.readings]


@pytest.mark.parametrize(
    "record",
    [
        accumulation(),
        accumulation("0", "000", "0", serial_number="K00B 00001"),
        accumulation("0.5", "00012.50", "12", unit="mwh", direction="I", loaded="20260301000001"),
        accumulation(current_quality="F64,77,a reason", previous_quality="S53,0,another", next_read="20260601"),
        accumulation(nmi="VABX210034", suffix="1A", configuration="111A", current_at="20251130093000"),
        accumulation(quantity="1.2345000", previous="123456789012345"),
    ],
)
def test_a_record_read_as_a_whole_states_the_same_as_field_by_field(record: str) -> None:
    plain, other = parsed(whole_file(record)), parsed(whole_file(f"{record},"))
    assert [problem.code for problem in other.problems] == ["padded-record"]
    assert plain.problems == []
    assert (plain.accumulations, plain.readings) == (other.accumulations, other.readings)
    assert len(plain.readings) == 2


def test_an_opening_read_yields_two_equal_readings() -> None:
    opening = accumulation("000777", "000777", "0", previous_at="20260227101500")
    first, second = parsed(whole_file(opening)).readings
    assert first == second


def test_times_are_read_in_the_configured_zone() -> None:
    zone = timezone(timedelta(hours=8))
    context = ParseContext(encoding="ascii", nem_time=zone)
    batches = list(nem13.parse(BytesIO(SAMPLE.read_bytes()), context))
    assert batches[0].readings[0].read_at == datetime(2025, 11, 30, 9, 30, tzinfo=zone)


def test_b2b_details_stay_with_their_accumulation_across_batches() -> None:
    lines = [line for _ in range(8_000) for line in (accumulation(), "550,N,SO0012345,S,SO0098765")]
    content = whole_file(*lines)
    assert len(content) > 1_000_000
    batches = list(nem13.parse(BytesIO(content), ParseContext(encoding="ascii")))
    assert len(batches) > 2
    for batch in batches:
        assert {one.line for one in batch.accumulations} == {reading.line for reading in batch.readings}
    accumulations = [one for batch in batches for one in batch.accumulations]
    assert [one.line for one in accumulations] == list(range(2, 16_002, 2))
    assert {one.transactions for one in accumulations} == {(("N", "SO0012345", "S", "SO0098765"),)}


@pytest.mark.parametrize(
    "start",
    [
        b"100,NEM13,",
        b"100,nem13,202603010215",
        b'"100","NEM13","202603010215"',
        b"\xef\xbb\xbf100,NEM13,",
        b"\r\n\r\n100,NEM13,",
        b",,,\r\n100, NEM13 ,",
        b"250,6123456789,",
        b"100,NEM13\r\n",
    ],
)
def test_the_format_is_recognized_by_its_first_record(start: bytes) -> None:
    assert recognize(start) is not None
    assert getattr(recognize(start), "NAME", "") == "NEM13"


@pytest.mark.parametrize("start", [b"100,NEM14,", b"100,NEM130,", b"2500,1", b"ZHV|", b"datetime,consumption"])
def test_another_first_record_is_not_recognized(start: bytes) -> None:
    assert not nem13.recognizes(start)


def test_an_unsupported_version_is_rejected_with_the_supported_ones() -> None:
    (problem,) = parsed(b"100,NEM14,202603010215,MDPA,RETB\r\n900\r\n").problems
    assert (problem.severity, problem.line, problem.code) == (ERROR, 1, "unknown-version-header")
    assert "NEM13" in problem.message


@pytest.mark.parametrize(
    "end", [b"900", b"900\n", b"900,,,,\r\n", b'"900"\r\n', b" 900 \r\n\r\n", b"900\r\n,,,,\r\n"]
)
def test_a_file_is_complete_with_its_900(end: bytes) -> None:
    content = written("100,NEM13,202603010215,MDPA,RETB", accumulation()) + end
    assert is_complete(content, content)
    assert [problem for problem in parsed(content).problems if problem.severity == ERROR] == []


@pytest.mark.parametrize("end", [b"", b"90", b"9001", b"900,1\r\n", b"900\r\n250", b"1900\r\n"])
def test_a_file_cut_before_its_900_is_incomplete(end: bytes) -> None:
    content = written("100,NEM13,202603010215,MDPA,RETB", accumulation()) + end
    assert not is_complete(content, content)
    assert "truncated" in {problem.code for problem in parsed(content).problems if problem.severity == ERROR}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_bare_line_feeds_are_counted_for_any_chunk_size(size: int) -> None:
    ends = LineEnds(BytesIO(b"100\r\n250\r\n550\n\n900\r\n"))
    while ends.read(size):
        pass
    assert (ends.bare, ends.first_bare) == (2, 3)


def test_deviations_that_the_specification_forbids_have_strict_codes() -> None:
    whole = parsed(whole_file(accumulation(quantity="-1", direction="B"), "550,N,,N"))
    assert codes(whole) == ["unknown-code", "negative-value", "absent-field"]
    assert set(codes(whole)) <= nem13.STRICT


def test_codes_have_display_names() -> None:
    assert labels.quality("A") == "Actual (A)"
    assert labels.quality("E64") == "Forward estimate (E64: agreed)"
    assert labels.quality("S99") == "Substitute (S99: unknown method)"
    assert labels.quality("T") == "Unknown quality (T)"
    assert reason_in_words("077") == "Estimation forecast"
    assert reason_in_words("0", "Read by hand") == "Read by hand"
    assert reason_in_words("82", "CRC Error") == "CRC error (CRC Error)"
    assert reason_in_words("63") == "Reason 63"
    assert reason_in_words("") == ""
    assert suffix_in_words("E1") == "Export kWh, master"
    assert suffix_in_words("41") == "First controlled load"


def codes(whole: Batch) -> list[str]:
    return [problem.code for problem in whole.problems]
