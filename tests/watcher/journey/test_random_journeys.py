"""Whatever senders do, and whenever watchers are killed: random journeys, against a model."""

from __future__ import annotations

from pathlib import Path

from tests.running.box import Box
from tests.running.journeys import run_journeys


def test_nothing_is_lost_on_random_journeys(tmp_path: Path, database_url: str) -> None:
    run_journeys(Box(tmp_path, database_url), examples=5, steps=15, is_repeatable=True)
