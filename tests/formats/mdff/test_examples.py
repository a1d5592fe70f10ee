"""Examples from the specification, with the warnings about them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest

from readings.formats.contract import NEM_TIME, WARNING, Batch
from readings.formats.mdff.catalogue.nmi import nmi_check_digit
from tests.making.mdff import channel, day, nem12, written
from tests.running.parsed import parsed

#: Subjects of the NEM13 examples, which have blanks before some times.
OF_AN_ACCUMULATION = "the example of the accumulation record"
OF_A_READ = "I.1, a scheduled read"
OF_ESTIMATES = "I.2, forward estimates"
OF_AN_EXCHANGE = "I.3, a meter exchange and a demand register with a multiplier"
OF_HISTORY = "I.4, historical reads, with an obsolete trans code"
OF_AN_OPENING = "I.5, opening reads without an advance"

EXAMPLES = {
    OF_AN_ACCUMULATION: (
        "100,NEM13,200402030030,MDA1,Ret1",
        "250,1234567890,1141,01,11,11,METSER66,E,000021.2,20031001103230,A,,,000534.5,20040201100030,E64,77,,343.5,kWh,"
        "20040509, 20040202125010,20040203000130",
        "900",
    ),
    OF_A_READ: (
        "100,NEM13,200401101030,MDA1,Ret1",
        "250,VABC005890,11,1,11,11,METSER123,E,006342.8,20031005093055,A,,,007654.9,20040107100333,A,,,1312.1,kWh,"
        "20040407, 20040108100333,20040108091133",
        "900",
    ),
    OF_ESTIMATES: (
        "100,NEM13,200401101030,MDA1,Ret1",
        "250,VDEF005890,1141,1,11,11,MET12345,E,000888,20040108103055,A,,,000999,20040408000000,E64,,,111,kWh,"
        "20040408, 20040409000000,20040109103023",
        "550,N,,E,",
        "250,VDEF005890,1141,2,41,41,MET5678,E,0000950,20040108103055,A,,,0010015,20040408000000,E64,,,65,kWh,"
        "20040408, 20040409000000,20040109103023",
        "550,N,,E,",
        "900",
    ),
    OF_AN_EXCHANGE: (
        "100,NEM13,200309211030,MDA1,Ret1",
        "250,NABC001492,7111,A1,11,11,MET12333,E,000777,20030820103030,A,,,001000,20030920000001,F64,28,,233,kWh,,"
        " 20030921000001,20030922093738",
        "550,N,,A,",
        "250,NABC001492,7111,A2,71,71,MET2555,E,000545,20030820103030,A,,,000877,20030920145427,A,,,8.77,kW,"
        "20031108, 20030921145427,20030922093738",
        "550,N,,A,",
        "250,NABC001492,7111,A2,71,71,MET2555,E,000877,20030920145427,A,,,000745,20031108000000,E64,,,7.45,kW,"
        "20031108, 20031109090500,20030922093738",
        "550,A,,E,",
        "250,NABC001492,7111,A3,11,11,MET5678,E,000000,20030920000001,A,,,000450,20031108000000,E64,,,450,kWh,"
        "20031108, 20031109090000,20030922093738",
        "550,A,,E,",
        "900",
    ),
    OF_HISTORY: (
        "100,NEM13,200401101030,MDA1,Ret1",
        "250,NABC001492,11,A1,11,11,MET12333,E,000555,20030420153330,A,,,000777, 20030620103030,A,,,222,kWh,20040315,"
        " 20030621103030,20030622103030",
        "550,O,,N,",
        "250,NABC004444,11,2,11,11,MET5678,E,000000,20030920000000,A,,,000250,20031122145040,A,,,250,kWh,20040315,"
        " 20031123145040,20031124132017",
        "550,T,,N,",
        "900",
    ),
    OF_AN_OPENING: (
        "100,NEM13,200309011030,MDA1,Ret1",
        "250,NABC001492,4111,1,11,11,MET12333,E,000777,20030829103030,A,,,000777,20030829103030,A,,,0,kWh,20031108,"
        "20030830100001,20030830113738",
        "550,D,SO987654,G,",
        "250,NABC001492,4111,1,11,11,MET12333,E,000777,20030829103030,A,,,001000,20031109000000,E64,,,223,kWh,20031108,"
        "20030830100001,20030830113738",
        "550,G,SO134567,E,",
        "250,NABC001492,4111,2,41,41,MET12333,E,000545,20030829103030,A,,,000545,20030829103030,A,,,0,kWh,20031108,"
        "20030830100001,20030830113738",
        "550,D,SO987654,G,",
        "250,NABC001492,4111,2,41,41,MET12333,E,000545,20030829103030,A,,,000877,20031109000000,E64,,,332,kWh,20031108,"
        "20030830100001,20030830113738",
        "550,G,SO134567,E,",
        "900",
    ),
}
#: Code and line of each warning; the examples have no errors.
WARNINGS: dict[str, list[tuple[str, int]]] = {
    OF_AN_ACCUMULATION: [("padded-field", 2)],
    OF_A_READ: [("padded-field", 2)],
    OF_ESTIMATES: [("padded-field", 2)],
    OF_AN_EXCHANGE: [("padded-field", 2)],
    OF_HISTORY: [("padded-field", 2)],
    OF_AN_OPENING: [],
}


def example(name: str) -> Batch:
    return parsed(written(*EXAMPLES[name]))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_read_with_its_expected_warnings(name: str) -> None:
    whole = example(name)
    assert [(problem.code, problem.line) for problem in whole.problems] == WARNINGS[name]
    assert {problem.severity for problem in whole.problems} <= {WARNING}
    records = Counter(line[:3] for line in EXAMPLES[name])
    assert len(whole.accumulations) == records["250"]
    assert len(whole.readings) == 2 * records["250"]
    assert sum(len(one.transactions) for one in whole.accumulations) == records["550"]


def test_an_accumulation_has_its_two_ends() -> None:
    [one] = example(OF_A_READ).accumulations
    assert (one.line, one.register) == (2, ("NMI", "VABC005890", "METSER123", "1", "11"))
    assert (one.direction, one.unit, one.quantity) == ("E", "kWh", "1312.1")
    assert (one.previous_read, one.current_read) == ("006342.8", "007654.9")
    assert one.previous_read_at == datetime(2003, 10, 5, 9, 30, 55, tzinfo=NEM_TIME)
    assert one.current_read_at == datetime(2004, 1, 7, 10, 3, 33, tzinfo=NEM_TIME)
    assert (one.previous_quality_method, one.current_quality_method) == ("A", "A")
    assert (one.nmi_configuration, one.mdm_data_stream) == ("11", "11")
    assert one.next_scheduled_read_date == "2004-04-07"
    assert one.updated_at == datetime(2004, 1, 8, 10, 3, 33, tzinfo=NEM_TIME)
    assert one.msats_load_at == datetime(2004, 1, 8, 9, 11, 33, tzinfo=NEM_TIME)


def test_an_accumulation_yields_two_readings_with_their_dials() -> None:
    first, last = example(OF_A_READ).readings
    updated_at = datetime(2004, 1, 8, 10, 3, 33, tzinfo=NEM_TIME)
    register = ("NMI", "VABC005890", "METSER123", "1", "11")
    for reading in (first, last):
        assert (reading.line, reading.register, reading.updated_at) == (2, register, updated_at)
        assert (reading.flag, reading.method, reading.reason_code) == ("A", "", "")
    assert (first.value, first.register_read) == ("6342.8", "006342.8")
    assert (last.value, last.register_read) == ("7654.9", "007654.9")
    assert first.read_at == datetime(2003, 10, 5, 9, 30, 55, tzinfo=NEM_TIME)
    assert last.read_at == datetime(2004, 1, 7, 10, 3, 33, tzinfo=NEM_TIME)


def test_an_estimate_may_have_a_reason() -> None:
    [one] = example(OF_AN_ACCUMULATION).accumulations
    assert (one.current_quality_method, one.current_reason_code) == ("E64", "77")
    _, last = example(OF_AN_ACCUMULATION).readings
    assert (last.flag, last.method, last.reason_code) == ("E", "64", "77")


def test_a_quantity_other_than_the_advance_is_accepted() -> None:
    assert [one.quantity for one in example(OF_ESTIMATES).accumulations] == ["111", "65"]
    assert [reading.register_read for reading in example(OF_ESTIMATES).readings[2:]] == ["0000950", "0010015"]


def test_a_meter_exchange_yields_both_meters() -> None:
    accumulations = example(OF_AN_EXCHANGE).accumulations
    assert [(one.register[2], one.register[3]) for one in accumulations] == [
        ("MET12333", "A1"),
        ("MET2555", "A2"),
        ("MET2555", "A2"),
        ("MET5678", "A3"),
    ]
    assert [one.next_scheduled_read_date for one in accumulations] == [None, *["2003-11-08"] * 3]
    assert [one.unit for one in accumulations] == ["kWh", "kW", "kW", "kWh"]
    assert [one.transactions for one in accumulations] == [
        (("N", "", "A", ""),),
        (("N", "", "A", ""),),
        (("A", "", "E", ""),),
        (("A", "", "E", ""),),
    ]


def test_an_opening_read_yields_both_ends() -> None:
    readings = example(OF_AN_OPENING).readings
    assert [reading.line for reading in readings] == [2, 2, 4, 4, 6, 6, 8, 8]
    assert readings[0] == readings[1]
    assert [reading.value for reading in readings] == ["777", "777", "777", "1000", "545", "545", "545", "877"]


def test_the_events_in_the_example_cover_the_day() -> None:
    events = ("400,1,26,A,,", "400,27,31,S53,9,", "400,32,48,E52,,")
    whole = parsed(nem12(channel(day(quality="V"), *events)))
    assert whole.problems == []
    [one] = whole.interval_days
    assert one.events == ((1, 26, "A", "", ""), (27, 31, "S53", "9", ""), (32, 48, "E52", "", ""))


def test_an_update_time_of_15_digits_as_in_example_h_3_is_ignored() -> None:
    whole = parsed(nem12(channel(day(updated="200312200000001"))))
    assert [(problem.code, problem.severity) for problem in whole.problems] == [("not-a-date-time", WARNING)]
    assert [one.updated_at for one in whole.interval_days] == [None]


def test_events_of_an_actual_day_as_in_example_h_7_are_kept() -> None:
    whole = parsed(nem12(channel(day(quality="A"), "400,1,24,A,,", "400,25,48,E52,,")))
    assert [problem.severity for problem in whole.problems] == [WARNING]
    [one] = whole.interval_days
    assert one.quality_method == "A"
    assert one.events == ((1, 24, "A", "", ""), (25, 48, "E52", "", ""))


def test_the_check_digits_in_the_nmi_procedure_are_computed() -> None:
    examples = (
        *("20019857328", "20019857336", "30756218758", "30756218766", "43168540059", "43168540067", "63058884446"),
        *("63508884442", "70018883338", "71020000017", "NAAAMYS5826", "NBBBX111100", "NBBBX111118", "NCCC5194955"),
        *("NGGG0000554", "QAAAVZZZZZ3", "QCDWW000102", "SMVEW000858", "VAAA0000657", "VAAA0000665", "VAAA0000672"),
        *("VAAASTY5768", "VCCCX000091", "VEEEX000091", "VKTS7861502", "VKTS8671505", "VKTS8716507", "VKTS8761057"),
        *("VKTS8761503", "VKTS8765108"),
    )
    assert [text for text in examples if nmi_check_digit(text[:10]) != text[10]] == []
