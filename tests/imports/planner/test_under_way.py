"""A look at the tables during a large import does not hide its rows from the planner of PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.imports.planner.sessions import another_session, known_rows
from tests.making.numbered import d0010
from tests.running.imported import imported

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_on("postgresql")]

#: Number of readings in a few batches.
MANY = 20_000


def import_many(after_batch: Callable[[int], Any]) -> None:
    """Import many readings; run something with the number of the batch after each."""
    batches = list[int]()

    def count(position: int, _values: int) -> None:
        if position:  # After the hashing.
            batches.append(position)
            after_batch(len(batches))

    report = imported(d0010(meter_points=MANY), on_progress=count)
    assert (report.outcome, report.readings, len(batches) > 1) == ("IMPORTED", MANY, True)


def look_at(session: psycopg.Connection) -> None:
    """Look at the meter points like autovacuum."""
    session.execute("ANALYZE (SKIP_LOCKED) readings_meterpoint")


def test_rows_are_seen_that_a_look_during_the_import_left_out() -> None:
    known = list[int]()
    with another_session() as other:

        def look(batch: int) -> None:
            if batch == 1:
                look_at(other)
            known.append(known_rows("readings_meterpoint", other))

        import_many(look)
    assert known[0] == 0 < known[-1] <= MANY


def test_nobody_looks_at_the_tables_once_an_import_has_many_rows() -> None:
    with another_session() as other:
        import_many(lambda batch: look_at(other) if batch > 1 else None)
        assert known_rows("readings_meterpoint") == -1
        look_at(other)
    assert known_rows("readings_meterpoint") == MANY


def test_import_goes_on_beside_one_that_keeps_others_from_looking() -> None:
    with another_session() as other, other.transaction():
        other.execute("LOCK TABLE readings_meterpoint IN SHARE UPDATE EXCLUSIVE MODE")
        import_many(lambda _: None)
        assert known_rows("readings_meterpoint") == -1
