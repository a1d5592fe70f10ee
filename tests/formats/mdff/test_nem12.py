from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import datetime
from io import BufferedReader, BytesIO

import pytest

from readings.formats.contract import ERROR, NEM_TIME, ParseContext
from readings.formats.mdff import nem12
from readings.formats.recognition import recognize
from readings.formats.statements import NMI
from tests.making.mdff import channel, day
from tests.making.mdff import nem12 as whole_file
from tests.running.parsed import Arriving, parsed
from tests.running.places import SAMPLES

SAMPLE = SAMPLES / "nem12.csv"


def test_the_sample_yields_the_days_in_its_description() -> None:
    whole = parsed(SAMPLE.read_bytes())
    assert whole.problems == []
    days = whole.interval_days
    assert [(one.line, one.register[4], one.day, one.quality_method) for one in days] == [
        (3, "E1", "2026-02-25", "A"),
        (4, "E1", "2026-02-26", "V"),
        (8, "E1", "2026-02-27", "F14"),
        (11, "B1", "2026-02-25", "A"),
    ]
    assert days[0].register == (NMI, "6123456789", "SN0012345", "1", "E1")
    assert days[0].updated_at == datetime(2026, 2, 28, 2, 15, tzinfo=NEM_TIME)
    assert days[1].events == ((1, 20, "A", "", ""), (21, 32, "F14", "76", ""), (33, 48, "A", "", ""))
    assert (days[2].reason_code, days[2].reason_description) == ("0", "Meter replaced")
    assert days[2].transactions == (("S", "SO0012345", "20260227101500", "001300.0"),)


def test_values_are_stored_as_sent_with_an_exact_total() -> None:
    values = "0.1,.2,0.30," + ",".join(["123456789012345.1234"] * 45)
    (one,) = parsed(whole_file(channel(day(values=values)))).interval_days
    assert one.values == values
    assert one.total == "5555555505555531.1530"


def test_blanks_around_values_are_removed() -> None:
    (one,) = parsed(whole_file(channel(day(values=" 1, 2," + "3 ," * 45 + "4")))).interval_days
    assert one.values == "1,2," + "3," * 45 + "4"
    assert one.total == "142"


@pytest.mark.parametrize(("length", "count"), [(1, 1440), (5, 288), (10, 144), (15, 96), (30, 48), (60, 24)])
def test_a_day_has_the_intervals_of_its_length(length: int, count: int) -> None:
    whole = parsed(whole_file(channel(day(values=",".join(["0.5"] * count)), length=length)))
    (one,) = whole.interval_days
    assert (one.interval_length, len(one.values.split(",")), float(one.total)) == (length, count, count / 2)


def test_invalid_values_of_a_day_are_reported_once_by_interval() -> None:
    whole = parsed(whole_file(channel(day(values="1,x,2,y" + ",0" * 44))))
    (problem,) = whole.problems
    assert (problem.severity, problem.line, problem.record, problem.field) == (ERROR, 3, "300", "IntervalValue2")
    assert (problem.code, problem.value) == ("not-a-number", "x")
    assert problem.message.endswith("(and 1 more on this day)")
    assert whole.interval_days == []


@pytest.mark.parametrize(
    "record",
    [
        day(),
        day(values="0,.5,12.," + ",".join(["0.0500000"] * 45), quality="S14", reason="24", loaded="20260301021501"),
        day(quality="E52", updated="20260101000000"),
        day(updated="", description="a description"),
        "\r\n".join((day(quality="V"), "400,1,20,A,,", "400,21,48,F14,76,")),
    ],
)
def test_a_day_read_as_a_whole_states_the_same_as_field_by_field(record: str) -> None:
    first, *events = record.split("\r\n")
    plain, other = (parsed(whole_file(channel(one, *events))) for one in (first, f"{first},"))
    assert [problem.code for problem in other.problems] == ["padded-record"]
    assert (plain.problems, plain.interval_days) == ([], other.interval_days)
    assert len(plain.interval_days) == 1


def test_a_fault_after_many_values_with_zeros_is_found_at_once() -> None:
    values = ",".join(["0.0500"] * 287 + ["-0.05"])
    (problem,) = parsed(whole_file(channel(day(values=values), length=5))).problems
    assert (problem.code, problem.field) == ("negative-value", "IntervalValue288")


def test_a_faulty_event_rejects_its_own_day_only() -> None:
    days = [day("20260225"), day("20260226", quality="V"), "400,1,48,T,,", day("20260227")]
    whole = parsed(whole_file(channel(*days)))
    assert [problem.line for problem in whole.problems] == [5]
    assert [one.day for one in whole.interval_days] == ["2026-02-25", "2026-02-27"]


def test_events_of_an_unusable_day_do_not_reach_the_next_day() -> None:
    days = [day("20260226", count=47), "400,1,48,A,,", day("20260227", quality="V"), "400,1,48,A,,"]
    whole = parsed(whole_file(channel(*days)))
    assert [(problem.line, problem.code) for problem in whole.problems] == [(3, "wrong-interval-count")]
    assert [one.events for one in whole.interval_days] == [((1, 48, "A", "", ""),)]


def test_null_data_is_excluded_from_the_total() -> None:
    days = [day("20260226", quality="V"), "400,1,46,N,,", "400,47,48,A,,", day("20260227", quality="N")]
    half, none = parsed(whole_file(channel(*days))).interval_days
    assert (half.total, none.total) == ("9.5", "0")
    assert half.values.startswith("0.1,0.2,")


def test_a_record_broken_over_lines_is_reported_with_its_parts() -> None:
    start, rest = "300,20260226,", day("20260226").removeprefix("300,20260226,")
    problems = parsed(whole_file(channel(start, rest[:60], rest[60:], day("20260227")))).problems
    assert [(problem.line, problem.code) for problem in problems] == [
        (3, "broken-record"),
        (4, "unknown-record"),
        (5, "unknown-record"),
    ]
    assert "line 3" in problems[2].message


def test_days_of_a_faulty_channel_are_checked_but_not_returned() -> None:
    whole = parsed(whole_file(channel(day(values="x" + ",0" * 47)), channel(day("20260230"), unit="kWx")))
    assert [(problem.line, problem.code) for problem in whole.problems] == [
        (3, "not-a-number"),
        (4, "unknown-unit"),
        (5, "not-a-date"),
    ]
    assert whole.interval_days == []


def test_events_stay_with_their_day_across_batches() -> None:
    days = [
        line
        for number in range(6_000)
        for line in (day(quality="V"), "400,1,24,A,,", f"400,25,48,S14,{1 + number % 3},", "500,N,,,")
    ]
    batches = list(nem12.parse(BytesIO(whole_file(channel(*days))), ParseContext(encoding="ascii")))
    assert len(batches) > 2
    every = [one for batch in batches for one in batch.interval_days]
    assert len(every) == 6_000
    assert {len(one.events) for one in every} == {2}
    assert [one.events[1][3] for one in every[:4]] == ["1", "2", "3", "1"]


@pytest.mark.parametrize("start", [b"100,NEM12,2", b"\r\n200,VABD000163,", b'100,"nem12"', b"100,NEM12\n", b"100,NE"])
def test_the_format_is_recognized_by_its_first_record(start: bytes) -> None:
    assert getattr(recognize(start), "NAME", "") == "NEM12"


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern",
    [
        day(values=",".join(f"%d.{place}" for place in range(48))),
        "400,1,48,A,,%d",
        "300,20260227," + "%d" * 10_000,
        "%d,1,2,3" + ",4" * 400,
        "200," + "%d," * 8,
    ],
    ids=["distinct values", "countless events", "long values", "unknown records", "long channels"],
)
def test_memory_stays_small_for_any_content(pattern: str) -> None:
    def lines() -> Iterator[bytes]:
        head = ["100,NEM12,202603010215,MDPA,RETB", *channel(day(quality="V"))]
        yield "".join(f"{line}\r\n" for line in head).encode()
        for number in range(3_000):
            yield pattern.replace("%d", str(number)).encode() + b"\r\n"

    tracemalloc.start()
    try:
        for _ in nem12.parse(BufferedReader(Arriving(lines())), ParseContext(encoding="ascii")):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 24_000_000
