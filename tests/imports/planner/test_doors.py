"""Statistics of PostgreSQL after imports of the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from readings.imports.planner.outgrown import LEAST
from tests.making.numbered import d0010, flow
from tests.running.box import Box

pytestmark = [pytest.mark.both_databases, pytest.mark.only_on("postgresql")]

FILLED = ["readings_meter", "readings_meterpoint", "readings_reading", "readings_register"]
ANALYZED = """
    SELECT relname FROM pg_stat_user_tables
    WHERE last_analyze IS NOT NULL ORDER BY relname
"""


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


def analyzed(box: Box) -> list[str]:
    return [name for (name,) in box.rows(ANALYZED)]


def test_command_renews_statistics_after_a_large_file_only(box: Box, tmp_path: Path) -> None:
    path = tmp_path / "file.uff"
    path.write_bytes(flow(1))
    assert box.manage("import_flow", str(path)).code == 0
    assert analyzed(box) == []
    path.write_bytes(d0010(meter_points=LEAST))
    ended = box.manage("import_flow", str(path))
    assert (ended.code, ended.err) == (0, "")
    assert analyzed(box) == FILLED
