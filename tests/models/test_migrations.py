"""Migrations of stores with data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from readings.imports.problems import MOST_OF_A_CODE
from readings.models import Surplus
from tests.making.dtc import flow, reading_of
from tests.running.imported import deliver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def migrated() -> Iterator[None]:
    """Migrate the database to the newest state after the test, whatever happens."""
    yield
    call_command("migrate", verbosity=0)


def migrate_again() -> None:
    """Migrate the store back to the migration before, and forward again."""
    call_command("migrate", "readings", "0006", verbosity=0)
    call_command("migrate", "readings", verbosity=0)


def test_problems_that_were_only_counted_become_a_number_of_unknown_code(migrated: None) -> None:
    deliver(flow(*(group for each in range(MOST_OF_A_CODE + 7) for group in reading_of(each, flag="F"))), "f")
    deliver(flow(*reading_of(1, day="20260301", flag="F"), identifier="B"), "few")
    migrate_again()
    assert list(Surplus.objects.values_list("severity", "code", "number")) == [("WARNING", "", 7)]
