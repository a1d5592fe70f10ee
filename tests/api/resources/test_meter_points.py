"""Meter points, their meters and their history."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from readings.formats.mdff.catalogue.nmi import nmi_check_digit
from readings.models.trail import Action, Trail
from tests.making.dtc import MPAN, flow, mpan, reading_of
from tests.running.api import Program
from tests.running.imported import deliver, deliver_sample
from tests.running.places import SAMPLES

pytestmark = pytest.mark.django_db

NMI = "6123456789"


@pytest.fixture
def program() -> Program:
    return Program()


def identifiers(program: Program, **filters: str) -> list[str]:
    return [row["identifier"] for row in program.items("meter-points", filters)]


def deliver_consumers() -> None:
    """Import two consumers and their areas."""
    for name in ("3000.csv", "3001.csv"):
        deliver((SAMPLES / "consumption" / "3000.csv").read_bytes(), name)
    deliver_sample("user_data.csv")


def test_meter_points_are_found_by_scheme_identifier_area_and_tariff(program: Program) -> None:
    for name in ("d0010.uff", "d0010_test_flag.uff", "nem13.csv"):
        deliver_sample(name)
    deliver_consumers()
    assert identifiers(program) == sorted(identifiers(program))
    assert identifiers(program, mpan=MPAN) == [MPAN]
    assert identifiers(program, nmi=NMI) == identifiers(program, nmi=NMI + nmi_check_digit(NMI)) == [NMI]
    assert identifiers(program, scheme="TEST_MPAN") == ["3290002209572"]
    assert identifiers(program, scheme="CONSUMER", area="a2", tariff="t3") == ["3001"]
    assert identifiers(program, area="a1") == identifiers(program, scheme="CONSUMER", area="a1") == ["3000", "3002"]
    assert identifiers(program, scheme="NMI", area="a1") == []
    assert identifiers(program, mpan=mpan(1)) == []


def test_meter_point_has_its_latest_readings(program: Program) -> None:
    deliver_sample("d0010.uff")
    document = program.get("meter-points/3490004013850").json()
    latest = [(row["register_id"], row["value"]) for row in document["latest_readings"]]
    assert latest == [("DY", "31771.0"), ("NT", "12090.0")]
    listed = program.items("meter-points/3490004013850/readings")
    assert [row for row in listed if row["value"] in ("31771.0", "12090.0")] == document["latest_readings"]
    assert document["history"] == []


def test_meter_point_is_found_in_any_spelling(program: Program) -> None:
    deliver_sample("d0010.uff")
    deliver_sample("nem13.csv")
    spellings = ("31 9000 1042 118", f"{NMI}{nmi_check_digit(NMI)}", "vabx210034")
    found = [program.get(f"meter-points/{spelling}").json()["identifier"] for spelling in spellings]
    assert found == [MPAN, NMI, "VABX210034"]


def test_live_data_comes_first_and_the_scheme_chooses_test_data(program: Program) -> None:
    deliver_sample("d0010.uff")
    deliver_sample("d0010_test_flag.uff")
    address = "meter-points/3290002209572"
    schemes = [program.get(address, {"scheme": scheme}).json()["scheme"] for scheme in ("MPAN", "TEST_MPAN")]
    assert schemes == ["MPAN", "TEST_MPAN"]
    assert program.get(address).json()["scheme"] == "MPAN"
    assert program.get(address, {"scheme": "TEST_MPAN"}).json()["latest_readings"] == []
    program.refused(address, {"scheme": "NMI"}, status=404)


def test_meters_have_their_registers_and_are_found_by_serial_number(program: Program) -> None:
    deliver_sample("d0010.uff")
    deliver_sample("nem13.csv")
    [meter] = program.items("meters", {"serial_number": "k12b04567"})
    assert (meter["meter_point"], meter["serial_number"]) == (MPAN, "K12B 04567")
    assert [register["register_id"] for register in meter["registers"]] == ["S"]
    assert program.items(f"meter-points/{MPAN}/meters") == [meter]
    [row] = program.rows("meters", {"serial_number": "K12B 04567"})
    assert row["registers"] == '[{"register_id": "S", "suffix": "", "unit": "", "direction": ""}]'
    assert program.items("meters", {"serial_number": "none"}) == []


def test_consumer_has_its_history(program: Program) -> None:
    deliver_consumers()
    document = program.get("meter-points/3001").json()
    assert (document["scheme"], document["area"], document["tariff"]) == ("CONSUMER", "a2", "t3")
    deliver(b"id,area,tariff\r\n3001,a1,t3\r\n", "user_data.csv")
    changed = program.get("meter-points/3001").json()
    assert changed["area"] == "a1"
    assert [each["area"] for each in changed["history"]] == ["a1", "a2"]


def test_each_look_is_noted_unless_it_is_switched_off(program: Program, settings: Settings) -> None:
    deliver(flow(*reading_of(1)), "one.uff")
    addresses = [f"meter-points/{mpan(1)}{part}" for part in ("", "/meters", "/readings")]
    for address in addresses:
        program.get(address)
    program.get("meter-points", {"mpan": mpan(1)})
    looks = Trail.objects.filter(action=Action.VIEW)
    assert list(looks.values_list("identifier", flat=True)) == [mpan(1)] * 3
    program.refused(f"meter-points/{mpan(2)}", status=404)
    settings.TRAIL_VIEWS = False
    for address in addresses:
        program.get(address)
    assert looks.count() == 3
