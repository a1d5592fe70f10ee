"""Migrations of stores with data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from readings.imports.problems import MOST_OF_A_CODE
from readings.models import Arrival, FlowFile, Problem, Surplus
from tests.making import mdff
from tests.making.consumption import days, half_hours
from tests.making.dtc import block, flow, mpan, other_flow, reading, reading_of
from tests.making.mdff import OTHER_NMI, accumulation, channel, day, nem12, nem13
from tests.running.imported import deliver

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def migrated() -> Iterator[None]:
    """Migrate the database to the newest state after the test, whatever happens."""
    yield
    call_command("migrate", verbosity=0)


def findings() -> list[tuple[str, int, str, str]]:
    """Return code, line and meter point of all problems, in order of arrival."""
    rows = Problem.objects.order_by("flow_file", "line", "code")
    return list(rows.values_list("code", "line", "scheme", "identifier"))


def migrate_back(name: str) -> None:
    """Migrate the store back to the state before a migration, by the end of its name."""
    loader = MigrationLoader(connection)
    [migration] = [each for each in loader.disk_migrations.values() if each.name.endswith(name)]
    [(_, before)] = migration.dependencies
    call_command("migrate", "readings", before, verbosity=0)


def migrate_again() -> None:
    """Migrate the store back to the state before the findings, and forward again."""
    migrate_back("_findings")
    call_command("migrate", "readings", verbosity=0)


def test_problems_of_imported_files_get_their_meter_points(migrated: None) -> None:
    visits = block("027|99|Nobody at home|", reading("1.0", at="20270101000000"), "033|98||", mpan=mpan(3))
    deliver(flow(*reading_of(1, flag="F"), *reading_of(2, serial_number=" K2"), visits), "d0010")
    deliver(flow(*reading_of(1, value="7.0"), *reading_of(2, reading_type="W", value="8.0"), identifier="B"), "b")
    deliver(flow(*reading_of(4, flag="F"), identifier="C", test_flag="TEST"), "test")
    negative = ",".join(["-1"] * 48)
    event = mdff.channel(mdff.day(quality="V"), "400,1,48,F14,999,", nmi=OTHER_NMI, suffix="B1")
    deliver(nem12(channel(day(values=negative)), channel(day(), nmi=OTHER_NMI, configuration=""), event), "nem12")
    deliver(nem13(accumulation(previous_quality="E52,,"), "550,Z,,,"), "nem13")
    deliver(half_hours([*days("2026-03-01"), *days("2026-03-01")]), "3000.csv")
    before = findings()
    codes = {"correction", "withdrawal-without-match", "future-reading", "padded-field"}
    assert codes < {code for code, *_ in before}
    assert len({each[2:] for each in before}) == 8
    migrate_again()
    assert findings() == before


def test_problems_without_a_known_meter_point_stay_without_one(migrated: None) -> None:
    deliver(flow(*reading_of(1), *reading_of(2, value="x")), "rejected")
    deliver(flow(*reading_of(1), *reading_of(2), identifier="B", test_flag=""), "imported")
    migrate_again()
    assert findings() == [("not-a-number", 7, "", ""), ("no-test-flag", 1, "", "")]


def test_problems_that_were_only_counted_become_a_number_of_unknown_code(migrated: None) -> None:
    deliver(flow(*(group for each in range(MOST_OF_A_CODE + 7) for group in reading_of(each, flag="F"))), "f")
    deliver(flow(*reading_of(1, day="20260301", flag="F"), identifier="B"), "few")
    migrate_again()
    assert list(Surplus.objects.values_list("severity", "code", "number")) == [("WARNING", "", 7)]


def test_files_that_were_rejected_for_their_flow_alone_are_set_aside(migrated: None) -> None:
    deliver(other_flow(), "D0086.usr")
    deliver(flow(*reading_of(1, value="x")), "rejected")
    migrate_back("_set_aside_other_flows")
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, errors, warnings FROM readings_flowfile ORDER BY id")
        assert cursor.fetchall() == [("REJECTED", 1, 0), ("REJECTED", 1, 0)]
        cursor.execute("UPDATE readings_flowfile SET format = 'DTC', version = '' WHERE format = 'D0086'")
    call_command("migrate", "readings", verbosity=0)
    rows = FlowFile.objects.order_by("pk").values_list("status", "errors", "warnings", "format", "version")
    assert list(rows) == [("OTHER_FLOW", 0, 1, "D0086", "002"), ("REJECTED", 1, 0, "D0010", "002")]
    assert list(Arrival.objects.order_by("pk").values_list("outcome", flat=True)) == ["OTHER_FLOW", "REJECTED"]
    assert list(Problem.objects.order_by("pk").values_list("code", "severity")) == [
        ("other-flow", "WARNING"),
        ("not-a-number", "ERROR"),
    ]
