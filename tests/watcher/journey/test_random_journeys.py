"""Random journeys with killed watchers, compared with a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running.box import Box
from tests.running.journeys import run_journeys

pytestmark = pytest.mark.slow_on_postgresql


@pytest.mark.slow
@pytest.mark.parametrize("examples", [4, 8])
def test_random_journeys_lose_nothing(tmp_path: Path, database_url: str, examples: int) -> None:
    run_journeys(Box(tmp_path, database_url), examples=examples, steps=15, is_repeatable=True)
