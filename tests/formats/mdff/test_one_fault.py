"""The parser reports each fault of a NEM12 or NEM13 at its place, also those that other parsers miss."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from readings.formats.content import END
from readings.formats.contract import ERROR, NEM_TIME, WARNING, Batch, ParseContext
from readings.formats.recognition import recognize
from tests.making.mdff import accumulation, channel, day, nem12, nem13, written
from tests.making.one_fault_mdff import FAULTLESS_NEM, GOOD_NEM12, ONE_FAULT_NEM, OneFaultNem
from tests.running.parsed import parsed

for_every_fault = pytest.mark.parametrize("fault", ONE_FAULT_NEM, ids=lambda fault: fault.name)
WARNINGS = [fault for fault in ONE_FAULT_NEM if fault.severity == WARNING]
for_every_warning = pytest.mark.parametrize("fault", WARNINGS, ids=lambda fault: fault.name)


def test_every_fault_has_a_unique_name_and_content() -> None:
    assert len({fault.name for fault in ONE_FAULT_NEM}) == len(ONE_FAULT_NEM)
    assert len({fault.content for fault in ONE_FAULT_NEM}) == len(ONE_FAULT_NEM)


@for_every_fault
def test_the_parser_reports_only_the_fault(fault: OneFaultNem) -> None:
    problems = parsed(fault.content).problems
    places = [(problem.severity, problem.line, problem.record, problem.field, problem.code) for problem in problems]
    place = (fault.severity, fault.line, fault.record, fault.field, fault.code)
    assert place in places
    places.remove(place)
    assert sorted(code for *_, code in places) == sorted(fault.also)


@for_every_warning
def test_a_warning_that_the_specification_forbids_is_strict(fault: OneFaultNem) -> None:
    recognized = recognize(fault.content[:END])
    assert recognized is not None
    assert (fault.code in recognized.STRICT) is fault.strict


@pytest.mark.parametrize("name", FAULTLESS_NEM)
def test_the_parser_accepts_an_unusual_valid_file(name: str) -> None:
    whole = parsed(FAULTLESS_NEM[name])
    assert whole.problems == []
    assert whole.interval_days or whole.accumulations


@for_every_warning
def test_a_file_with_a_warning_keeps_its_days_and_reads(fault: OneFaultNem) -> None:
    whole = parsed(fault.content)
    assert len(whole.interval_days) == fault.content.count(b"\n300,")
    assert len(whole.accumulations) == fault.content.count(b"\n250,")


# The cases below are those that a widely used parser gets wrong.


def test_a_byte_order_mark_does_not_hide_the_header() -> None:
    whole = parsed(b"\xef\xbb\xbf" + nem12(channel(day())))
    assert errors(whole) == []
    assert whole.header is not None
    assert (whole.header.flow, whole.header.sender, whole.header.recipient) == ("NEM12", "MDPA", "RETB")


def test_a_nem13_without_its_900_is_truncated() -> None:
    assert "truncated" in errors(parsed(nem13(accumulation()).removesuffix(b"900\r\n")))


def test_a_nem13_with_a_blank_line_is_read() -> None:
    whole = parsed(nem13("", accumulation()))
    assert errors(whole) == []
    assert [one.line for one in whole.accumulations] == [3]


@pytest.mark.parametrize("count", [1, 47, 49, 96])
def test_a_day_with_a_wrong_number_of_values_is_rejected(count: int) -> None:
    whole = parsed(nem12(channel(day(count=count))))
    assert errors(whole) != []
    assert whole.interval_days == []


@pytest.mark.parametrize(
    "value", ["", " ", "null", "nan", "NaN", "inf", "-inf", "1e3", "1E3", "1_0", "0x1", "+1", "."]
)
def test_a_value_that_is_not_a_number_is_rejected(value: str) -> None:
    whole = parsed(nem12(channel(day(values=",".join(["1"] * 47 + [value])))))
    assert errors(whole) != []
    assert whole.interval_days == []


def test_a_negative_value_is_kept_with_a_warning() -> None:
    whole = parsed(nem12(channel(day(values=",".join(["-1.5", *["1"] * 47])))))
    assert errors(whole) == []
    assert [problem.severity for problem in whole.problems] == [WARNING]
    assert [one.total for one in whole.interval_days] == ["45.5"]


@pytest.mark.parametrize("quality", ["Z99", "Z", "1", "AA", "F1", "E123", "V14", "SV1"])
def test_an_invalid_quality_method_is_rejected(quality: str) -> None:
    assert parsed(nem12(channel(day(quality=quality)))).interval_days == []


def test_a_variable_day_without_events_is_rejected() -> None:
    assert parsed(nem12(channel(day(quality="V")))).interval_days == []


def test_a_variable_day_with_a_gap_between_events_is_rejected() -> None:
    assert parsed(nem12(channel(day(quality="V"), "400,1,20,A,,", "400,22,48,E52,,"))).interval_days == []


def test_an_event_without_its_last_field_is_read() -> None:
    whole = parsed(nem12(channel(day(quality="V"), "400,1,48,E52,")))
    assert errors(whole) == []
    assert [one.events for one in whole.interval_days] == [((1, 48, "E52", "", ""),)]


@pytest.mark.parametrize("read", ["500,N,,20260228101500", "500,N,SO1"])
def test_a_read_with_too_few_fields_does_not_stop_the_parser(read: str) -> None:
    whole = parsed(nem12(channel(day(), read)))
    assert [problem.line for problem in whole.problems] == [4]


@pytest.mark.parametrize("length", ["7", "0", "-30", "1441", "30.0", "thirty", ""])
def test_an_impossible_interval_length_is_an_error(length: str) -> None:
    whole = parsed(nem12(["200,6123456789,E1,1,E1,N1,SN0012345,kWh," + length + ",", day()]))
    assert errors(whole) != []
    assert whole.interval_days == []


def test_both_versions_of_a_repeated_day_are_returned_with_their_times() -> None:
    whole = parsed(nem12(channel(day(updated="20260301000000"), day(updated="20260302000000"))))
    assert [one.updated_at for one in whole.interval_days] == [
        datetime(2026, 3, 1, tzinfo=NEM_TIME),
        datetime(2026, 3, 2, tzinfo=NEM_TIME),
    ]


def test_every_field_of_a_day_is_returned() -> None:
    read = "500,O,SO1234,20260227101500,001234.5"
    sent = day(quality="S14", reason="32", description="Read by hand", loaded="20260301031500")
    [one] = parsed(nem12(channel(sent, read, next_read="20260601"))).interval_days
    assert (one.line, one.day, one.interval_length) == (3, "2026-02-27", 30)
    assert one.register == ("NMI", "6123456789", "SN0012345", "1", "E1")
    assert (one.quality_method, one.reason_code, one.reason_description) == ("S14", "32", "Read by hand")
    assert one.updated_at == datetime(2026, 3, 1, 2, 15, tzinfo=NEM_TIME)
    assert one.msats_load_at == datetime(2026, 3, 1, 3, 15, tzinfo=NEM_TIME)
    assert (one.nmi_configuration, one.mdm_data_stream) == ("E1B1", "N1")
    assert one.next_scheduled_read_date == "2026-06-01"
    assert one.transactions == (("O", "SO1234", "20260227101500", "001234.5"),)
    assert one.values == sent.removeprefix("300,20260227,").partition(",S14")[0]
    assert one.total == "117.6"


def test_every_field_of_an_accumulation_is_returned() -> None:
    sent = accumulation(
        "001234.50",
        previous_quality="S62,12,",
        current_quality="F52,0,Read by hand",
        loaded="20260228130000",
    )
    [one] = parsed(nem13(sent, "550,N,SO1,A,SO2", "550,N,,S,")).accumulations
    assert (one.previous_read, one.previous_quality_method, one.previous_reason_code) == ("001234.50", "S62", "12")
    assert (one.current_quality_method, one.current_reason_code) == ("F52", "0")
    assert one.current_reason_description == "Read by hand"
    assert one.updated_at == datetime(2026, 2, 28, 12, tzinfo=NEM_TIME)
    assert one.msats_load_at == datetime(2026, 2, 28, 13, tzinfo=NEM_TIME)
    assert one.transactions == (("N", "SO1", "A", "SO2"), ("N", "", "S", ""))


def test_a_value_keeps_its_digits_as_sent() -> None:
    texts = [".005", "0.0", "0", "12345.6000", *["1"] * 44]
    [one] = parsed(nem12(channel(day(values=",".join(texts))))).interval_days
    assert one.values == ",".join(texts)
    assert float(one.total) == 12389.605


def test_intervals_with_flag_n_are_excluded_from_the_total() -> None:
    events = ("400,1,24,A,,", "400,25,48,N,,")
    [one] = parsed(nem12(channel(day(values=",".join(["2"] * 48), quality="V"), *events))).interval_days
    assert float(one.total) == 48


@pytest.mark.parametrize(
    ("quality", "events", "total"),
    [
        ("N", (), 0),
        ("N", ("400,1,24,A,,",), 48),
        ("N", ("400,1,48,A,,",), 96),
        ("A", ("400,1,24,N,,",), 48),
        ("A", ("400,1,48,E52,,",), 96),
    ],
)
def test_an_event_overrides_the_quality_of_its_day(quality: str, events: tuple[str, ...], total: int) -> None:
    [one] = parsed(nem12(channel(day(values=",".join(["2"] * 48), quality=quality), *events))).interval_days
    assert float(one.total) == total


@pytest.mark.parametrize(
    "line", ["Kind regards from the department,", '"Kind regards, from us",', "\0\0,x", "\u202e,x"]
)
def test_an_unknown_line_is_reported_without_a_record(line: str) -> None:
    for content in (nem12(channel(day(), line)), nem12(channel(day())) + line.encode() + b"\r\n900\r\n"):
        problems = parsed(content).problems
        assert "unknown-record" in {problem.code for problem in problems}
        assert {problem.record for problem in problems} <= {"", "900"}


def test_a_nul_in_a_participant_is_replaced() -> None:
    whole = parsed(nem12(channel(day())).replace(b"MDPA", b"MD\0A"))
    assert "control-character" in errors(whole)
    assert whole.header is not None
    assert whole.header.sender == "MD\ufffdA"


def test_an_orphan_record_is_not_attached_to_the_next_parent() -> None:
    whole = parsed(nem13("550,N,SO1,A,", accumulation()))
    assert errors(whole) == ["no-parent"]
    assert [one.transactions for one in whole.accumulations] == [()]
    whole = parsed(nem12(channel("400,1,48,A,,", "500,N,SO1,,", day(quality="V"), "400,1,48,E52,,")))
    assert errors(whole) == ["no-parent", "no-parent"]
    assert [(one.transactions, len(one.events)) for one in whole.interval_days] == [((), 1)]


def test_a_unit_is_recognized_in_any_case() -> None:
    whole = parsed(nem12(*(channel(day(), unit=unit) for unit in ("KWH", "kvarh", "mwh", "PF"))))
    assert errors(whole) == []
    assert [one.unit for one in whole.interval_days] == ["kWh", "kVArh", "MWh", "pf"]


def test_a_warning_about_every_line_is_reported_once_with_its_count() -> None:
    days = [day(f"202602{number:02}") for number in range(1, 21)]
    content = nem12(channel(*days)).replace(b"\r\n", b"\n")
    [problem] = parsed(content).problems
    assert (problem.severity, problem.line) == (WARNING, 1)
    assert "23" in problem.message


def test_every_error_of_a_file_is_reported() -> None:
    lines = list(GOOD_NEM12)
    lines[2] = lines[2].replace("20260227", "20260230")
    lines[6] = lines[6].replace("S14", "T")
    lines[9] = lines[9].replace(",0.7,", ",,")
    problems = [problem for problem in parsed(written(*lines)).problems if problem.severity == ERROR]
    assert {problem.line for problem in problems} >= {3, 7, 10}


def test_a_time_in_summer_is_market_time() -> None:
    [one] = parsed(nem13(accumulation(current_at="20260115120000"))).accumulations
    assert one.current_read_at.isoformat() == "2026-01-15T12:00:00+10:00"


def test_an_open_file_yields_its_days(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    path.write_bytes(nem12(channel(day())))
    recognized = recognize(path.read_bytes()[:END])
    assert recognized is not None
    with path.open("rb") as stream:
        batches = list(recognized.parse(stream, ParseContext(encoding="ascii")))
    assert [one.line for batch in batches for one in batch.interval_days] == [3]


def errors(whole: Batch) -> list[str]:
    return [problem.code for problem in whole.problems if problem.severity == ERROR]
