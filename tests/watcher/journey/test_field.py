"""Files after public reports of real ones, put into the inbox."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.running.box import Box, wait_until
from tests.running.places import SHARED

FIELD = SHARED / "field" / "nem"
pytestmark = [
    pytest.mark.slow_on_postgresql,
    pytest.mark.skipif(not FIELD.exists(), reason="needs ../shared"),
]


def total(box: Box) -> Decimal:
    rows = box.rows("SELECT total FROM readings_intervalday WHERE superseded_by_id IS NULL")
    return sum((Decimal(str(number)) for (number,) in rows), Decimal(0))


def test_download_without_envelope_is_imported_after_its_wait(tmp_path: Path, database_url: str) -> None:
    box = Box(tmp_path, database_url)
    name = "portal-without-envelope.csv"
    box.drop(name, (FIELD / name).read_bytes())
    with box.watcher():
        wait_until(lambda: box.log("waits"))
        assert box.outcomes() == []
    with box.watcher(INCOMPLETE_AFTER="0.5"):
        wait_until(box.outcomes)
    assert box.outcomes() == [(name, "IMPORTED")]
    assert total(box) == 3 * Decimal("0.9471")


def test_lines_that_end_with_two_carriage_returns_are_imported_at_once(tmp_path: Path, database_url: str) -> None:
    box = Box(tmp_path, database_url)
    box.drop("cr-cr-lf.csv", (FIELD / "cr-cr-lf.csv").read_bytes())
    code, _ = box.once()
    assert (code, box.outcomes()) == (0, [("cr-cr-lf.csv", "IMPORTED")])
    assert not box.log("waits")
    assert total(box) == Decimal("36.000")
