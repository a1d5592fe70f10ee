"""The list of readings: filters, what counts, sources, CSV."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from readings.formats.mdff.catalogue.nmi import nmi_check_digit
from readings.models import FlowFile, Reading
from readings.models.roles import SUPPORT
from readings.models.trail import Action, Door, Trail
from tests.making import mdff
from tests.making.dtc import MPAN, OTHER_MPAN, block, flow, mpan, reading, reading_of
from tests.running.api import Program
from tests.running.imported import deliver, deliver_sample

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

NMI = "6123456789"


@pytest.fixture
def program() -> Program:
    return Program()


def deliver_readings(*readings: tuple[str, ...], name: str = "a.uff", **header: str) -> str:
    """Import a file with some readings; return its hash."""
    report = deliver(flow(*(line for lines in readings for line in lines), **header), name)
    assert report.outcome == "IMPORTED", report
    return report.sha256


def values(program: Program, address: str = "readings", **filters: str) -> list[str]:
    """Return the values of a list; the filter `since` is the parameter `from`."""
    query = {"from" if name == "since" else name: text for name, text in filters.items()}
    return [row["value"] for row in program.items(address, query)]


def test_reading_has_its_names_value_offset_file_and_line(program: Program) -> None:
    sha256 = deliver_sample("d0010.uff").sha256
    first = program.items("readings", {"mpan": MPAN})[0]
    assert first == {
        "scheme": "MPAN",
        "meter_point": MPAN,
        "serial_number": "K12B 04567",
        "register_id": "S",
        "suffix": "",
        "unit": "",
        "read_at": "2025-01-01T00:00:00+00:00",
        "value": "20417.0",
        "md_reset_at": None,
        "reading_type": "R",
        "flag": "T",
        "method": "P",
        "reason_code": "",
        "reason_description": "",
        "validation_status": "V",
        "reading_status": "",
        "md_resets": None,
        "read_at_as_sent": "",
        "counts": True,
        "file": "d0010.uff",
        "sha256": sha256,
        "line": 4,
    }


def test_each_filter_narrows_the_list_alone_and_together(program: Program) -> None:
    first = deliver_readings(
        reading_of(1, value="1.0"), reading_of(1, value="2.0", day="20260202", reading_type="C"), name="one.uff"
    )
    second = deliver_readings(reading_of(2, value="3.0", serial_number="S95 204"), name="two.uff", identifier="TWO")
    assert values(program) == ["1.0", "2.0", "3.0"]
    assert values(program, mpan=mpan(1)) == ["1.0", "2.0"]
    assert values(program, serial_number="K000001") == ["1.0", "2.0"]
    for spelling in ("S95 204", "s95204", " s 9 5 2 0 4 "):
        assert values(program, serial_number=spelling) == ["3.0"]
    for file in ("one.uff", first, first[:12]):
        assert values(program, flow_file=file) == ["1.0", "2.0"]
    assert values(program, mpan=mpan(1), reading_type="C") == ["2.0"]
    assert values(program, mpan=mpan(1), since="2026-02-02") == ["2.0"]
    assert values(program, mpan=mpan(1), to="2026-02-01") == ["1.0"]
    everything = {"mpan": mpan(1), "serial_number": "k000001", "flow_file": first, "reading_type": "R"}
    assert values(program, **everything, since="2026-02-01", to="2026-02-01") == ["1.0"]
    assert values(program, **{**everything, "flow_file": second}) == []


def test_pages_of_several_files_of_one_name_have_all_rows(program: Program) -> None:
    for part in range(3):
        deliver_readings(*(reading_of(10 * part + number) for number in range(4)), identifier=f"F{part}")
    whole = program.items("readings", {"flow_file": "a.uff"})
    assert len(whole) == 12
    for limit in (1, 3, 4, 5):
        pages = list(program.pages("readings", {"flow_file": "a.uff", "limit": limit}))
        assert [row for page in pages for row in page] == whole


def test_what_nobody_stores_is_an_empty_list(program: Program) -> None:
    deliver_readings(reading_of(1))
    for filters in ({"mpan": mpan(2)}, {"nmi": NMI}, {"serial_number": "X"}, {"flow_file": "none.uff"}):
        assert program.get("readings", filters).json() == {
            "items": [],
            "next": None,
            "next_cursor": None,
        }


def test_test_data_is_left_out_unless_its_file_or_scheme_is_chosen(program: Program) -> None:
    deliver_readings(reading_of(1, value="1.0"))
    test = deliver_readings(reading_of(1, value="9.0"), test_flag="TR01", name="test.uff", identifier="TEST")
    assert values(program) == ["1.0"]
    assert values(program, mpan=mpan(1)) == ["1.0"]
    assert values(program, flow_file=test) == values(program, f"flow-files/{test}/readings") == ["9.0"]
    address = f"meter-points/{mpan(1)}/readings"
    assert (values(program, address), values(program, address, scheme="TEST_MPAN")) == (["1.0"], ["9.0"])


def test_nmi_is_found_with_and_without_its_check_digit(program: Program) -> None:
    deliver_sample("nem13.csv")
    deliver_readings(reading_of(1))
    expected = ["001234.5", "001300.0", "099980", "000120"]
    found = values(program, nmi=NMI)
    assert len(found) == 4
    assert [value.lstrip("0") for value in found] == [value.lstrip("0") for value in expected]
    assert values(program, nmi=NMI + nmi_check_digit(NMI)) == found
    assert values(program, nmi="vabx210034") == values(program, nmi="VABX210034") != []


def test_days_begin_and_end_by_british_clock_time(program: Program) -> None:
    times = ("20260329005959", "20260330000000", "20260330235959", "20260331000000")
    deliver(flow(block(*(reading(f"{number}.0", at=at) for number, at in enumerate(times)))), "a.uff")
    assert values(program, mpan=MPAN, since="2026-03-30", to="2026-03-30") == ["1.0", "2.0"]
    assert [row["read_at"] for row in program.items("readings", {"mpan": MPAN})] == [
        "2026-03-29T00:59:59+00:00",
        "2026-03-30T00:00:00+01:00",
        "2026-03-30T23:59:59+01:00",
        "2026-03-31T00:00:00+01:00",
    ]


def test_days_of_an_nmi_begin_and_end_by_nem_time(program: Program) -> None:
    ends = mdff.accumulation(previous_at="20260201000000", current_at="20260227235959")
    report = deliver(mdff.nem13(ends), "a.csv")
    assert report.outcome == "IMPORTED", report
    [row] = program.items("readings", {"nmi": mdff.NMI, "from": "2026-02-01", "to": "2026-02-01"})
    assert row["read_at"] == "2026-02-01T00:00:00+10:00"
    [row] = program.items("readings", {"nmi": mdff.NMI, "from": "2026-02-27", "to": "2026-02-27"})
    assert row["read_at"] == "2026-02-27T23:59:59+10:00"


def test_the_hour_that_a_clock_repeats_keeps_its_digits_as_sent(program: Program) -> None:
    deliver_sample("d0010_change_nights.uff")
    rows = {row["value"]: (row["read_at"], row["read_at_as_sent"]) for row in program.items("readings")}
    assert rows["101.0"][1] == "20250330013000"
    assert rows["801.0"][1] == "20251026013000"
    assert rows["500.0"] == ("2025-07-01T00:00:00+01:00", "")


def deliver_a_history() -> None:
    """Import readings that are superseded, withdrawn, overtaken and repeated, and those that count instead."""
    deliver_sample("d0010.uff")
    deliver_sample("d0010_correction.uff")
    deliver_sample("d0010_withdrawal.uff")
    forecast = mdff.accumulation("3000.0", "3081.5", "81.5", current_at="20260401000000", current_quality="E64,,")
    assert deliver(mdff.nem13(forecast), "forecast.csv").outcome == "IMPORTED"
    actual = mdff.accumulation("3000.0", "3052.0", "52.0", current_at="20260403104500", updated="20260404000000")
    assert deliver(mdff.nem13(actual, created="202604041230"), "actual.csv").outcome == "IMPORTED"


def test_counts_agrees_with_the_store(program: Program) -> None:
    deliver_a_history()
    every = program.items("readings", {"counts": "all"})
    count = [row for row in every if row["counts"]]
    assert program.items("readings") == count
    assert len(every) == Reading.objects.count()
    assert len(count) == Reading.objects.current().count()
    assert len(every) - len(count) >= 4
    not_counting = {(row["value"], row["reading_type"]) for row in every if not row["counts"]}
    assert not_counting >= {("8120", "C"), ("46102.0", "D"), ("46102.0", "W"), ("3081.5", "")}


def test_repeated_reading_names_the_last_file_that_states_it(program: Program) -> None:
    deliver_readings(reading_of(1), name="first.uff")
    last = deliver_readings(reading_of(2), reading_of(1), name="last.uff", identifier="L", created="20260306061500")
    [row] = program.items("readings", {"mpan": mpan(1)})
    assert (row["file"], row["sha256"], row["line"]) == ("last.uff", last, 7)
    assert FlowFile.objects.get(sha256=last).repeats == 1


def test_csv_has_the_same_rows_as_json(program: Program) -> None:
    deliver_a_history()
    deliver_sample("d0010_all_groups.uff")
    query = {"counts": "all", "limit": "1000"}
    rows = program.items("readings", query)
    assert program.rows("readings", query) == [{name: _in_csv(cell) for name, cell in row.items()} for row in rows]


def _in_csv(cell: Any) -> str:
    words: dict[Any, str] = {None: "", True: "true", False: "false"}
    return words[cell] if cell is None or isinstance(cell, bool) else str(cell)


def test_csv_has_no_formula_of_a_spreadsheet(program: Program) -> None:
    deliver_readings(reading_of(1, serial_number="=1+1"), name="=cmd.uff")
    [row] = program.rows("readings")
    assert (row["serial_number"], row["file"]) == ("'=1+1", "'=cmd.uff")
    assert program.items("readings")[0]["serial_number"] == "=1+1"


def test_csv_needs_the_permission_to_export(program: Program) -> None:
    deliver_readings(reading_of(1))
    support = Program(SUPPORT, name="sue")
    support.get("readings")
    details = support.get("readings", status=403, headers={"Accept": "text/csv"}).json()
    assert details["detail"] == "The user sue may not export readings: ask an administrator."
    response = program.get("readings", headers={"Accept": "text/csv;q=0.9, application/json;q=0.1"})
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"


def test_number_of_queries_does_not_grow_with_the_rows(program: Program) -> None:
    program.get("readings")  # The first use of a token is noted.
    numbers = []
    for part in range(2):
        readings = [reading_of(number) for number in range(part * 30, part * 30 + 3 + part * 20)]
        deliver_readings(*readings, name=f"{part}.uff", identifier=f"F{part}")
        for query in ({}, {"counts": "all"}, {"flow_file": f"{part}.uff"}, {"serial_number": f"K{part * 30:06}"}):
            with CaptureQueriesContext(connection) as queries:
                program.get("readings", query)
            numbers.append(len(queries))
    assert numbers[:4] == numbers[4:]
    assert max(numbers) <= 12


def test_look_at_a_meter_point_and_csv_are_noted_in_the_trail(program: Program) -> None:
    deliver_readings(reading_of(1), reading_of(2))
    entries = Trail.objects.exclude(action=Action.IMPORT)
    program.get("readings")
    assert not entries.exists()
    program.get("readings", {"mpan": mpan(1)})
    program.get(f"meter-points/{mpan(2)}/readings", headers={"Accept": "text/csv"})
    columns = ("action", "scheme", "identifier", "subject", "rows")
    assert list(entries.order_by("pk").values_list(*columns)) == [
        (Action.VIEW, "MPAN", mpan(1), "/api/readings", None),
        (Action.VIEW, "MPAN", mpan(2), "/api/meter-points/<identifier>/readings", None),
        (Action.EXPORT, "", "", "/api/meter-points/<identifier>/readings", 1),
    ]
    assert set(entries.values_list("door", "by_whom")) == {(Door.API, "ann")}


def test_refused_request_is_no_look(program: Program) -> None:
    deliver_readings(reading_of(1))
    stranger = Program("", name="bob")
    for address, query in (("readings", {"mpan": mpan(1)}), (f"meter-points/{mpan(1)}", {})):
        stranger.get(address, query, status=403)
    program.refused("readings", {"mpan": mpan(1), "from": "2026-02-30"})
    program.refused("readings", {"mpan": mpan(1), "cursor": "abc"})
    assert not Trail.objects.filter(action=Action.VIEW).exists()


def test_filter_that_no_index_helps_names_what_it_needs(program: Program) -> None:
    filters = {"from": "2026-02-01", "to": "2026-02-01", "reading_type": "R", "area": "a1", "tariff": "t1"}
    for name, text in filters.items():
        details = program.refused("readings", {name: text})
        assert [error["parameter"] for error in details["errors"]] == [name]
        assert details["detail"].startswith(f"{name} needs mpan, nmi, consumer, serial_number or flow_file")


def test_days_out_of_order_name_both_parameters(program: Program) -> None:
    assert program.wrong("readings", {"mpan": OTHER_MPAN, "from": "2026-02-02", "to": "2026-02-01"}) == ["from", "to"]
