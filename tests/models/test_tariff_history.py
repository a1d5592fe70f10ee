"""History of area and tariff in a store that an earlier version filled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.running.imported import NOON

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

BEFORE: Final = ("readings", "0008_register_key")
AFTER: Final = ("readings", "0009_tariff_history")


def migrate(target: tuple[str, str]) -> Any:
    """Migrate to a state; return its models."""
    executor = MigrationExecutor(connection)
    executor.migrate([target])
    return MigrationExecutor(connection).loader.project_state([target]).apps


@pytest.fixture
def before() -> Iterator[Any]:
    """Yield the models of the store before the migration; migrate to the newest state at the end."""
    yield migrate(BEFORE)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def consumers(apps: Any, *, files: int) -> None:
    """Store two consumers with details, one without, an MPAN, and files of consumer data."""
    points = apps.get_model("readings", "MeterPoint").objects
    points.create(scheme="CONSUMER", identifier="3000", area="a1", tariff="t2")
    points.create(scheme="CONSUMER", identifier="3001", area="a2", tariff="t3")
    points.create(scheme="CONSUMER", identifier="3002")
    points.create(scheme="MPAN", identifier="3190001042118")
    for number in range(files):
        file = apps.get_model("readings", "FlowFile").objects.create(
            sha256=f"{number:064}", size=1, format="USER_DATA", received_at=NOON, status="IMPORTED", imported_at=NOON
        )
        for hour, outcome in ((8 + number, "IMPORTED"), (20, "DUPLICATE")):
            apps.get_model("readings", "Arrival").objects.create(
                flow_file=file, name="u.csv", received_at=NOON.replace(hour=hour), outcome=outcome, channel="INBOX"
            )


def history(apps: Any) -> list[tuple[Any, ...]]:
    rows = apps.get_model("readings", "ConsumerDetails").objects.order_by("pk")
    columns = ("meter_point__identifier", "area", "tariff", "flow_file__sha256", "line", "since")
    return list(rows.values_list(*columns))


def test_history_begins_with_the_only_file_of_consumer_data(before: Any) -> None:
    consumers(before, files=1)
    origin = (f"{0:064}", None, NOON.replace(hour=8))
    assert history(migrate(AFTER)) == [("3000", "a1", "t2", *origin), ("3001", "a2", "t3", *origin)]


def test_history_begins_at_an_unknown_time_after_several_files(before: Any) -> None:
    consumers(before, files=2)
    unknown = (None, None, None)
    assert history(migrate(AFTER)) == [("3000", "a1", "t2", *unknown), ("3001", "a2", "t3", *unknown)]


def test_empty_store_has_no_history(before: Any) -> None:
    assert history(migrate(AFTER)) == []
