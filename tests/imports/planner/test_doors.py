"""Statistics of PostgreSQL after imports of the command and the watcher."""

from __future__ import annotations

from pathlib import Path

import pytest

from readings.imports.planner.outgrown import LEAST
from tests.making.numbered import d0010, flow
from tests.running.box import Box, end, wait_until

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


def test_watcher_renews_statistics_after_a_large_file(box: Box) -> None:
    box.drop("file.uff", d0010(meter_points=LEAST))
    assert box.once()[0] == 0
    assert analyzed(box) == FILLED


@pytest.mark.slow
def test_running_watcher_renews_statistics_that_other_doors_let_grow(box: Box) -> None:
    columns = "at, action, door, by_whom, scheme, identifier, sha256, subject, outcome"
    values = "now(), 'VIEW', 'PAGE', 'bob', '', '', '', '', ''"
    box.execute(f"INSERT INTO readings_trail ({columns}) SELECT {values} FROM generate_series(1, {LEAST})")
    assert analyzed(box) == []
    with box.watcher() as child:
        wait_until(lambda: analyzed(box) == ["readings_trail"])
        assert end(child) == 0


@pytest.mark.slow
def test_watcher_whose_role_may_not_renew_statistics_imports(box: Box) -> None:
    role = f"reader_{box.database_url.rpartition('/')[2]}"
    box.execute(f"CREATE ROLE {role} LOGIN")
    for kind in ("TABLES", "SEQUENCES"):
        box.execute(f"GRANT ALL ON ALL {kind} IN SCHEMA public TO {role}")
        box.execute(f"REVOKE MAINTAIN ON ALL TABLES IN SCHEMA public FROM {role}")
    box.drop("file.uff", d0010(meter_points=LEAST))
    code, lines = box.once(DATABASE_URL=box.database_url.replace("postgres@", f"{role}@"))
    assert (code, [line["event"] for line in lines]) == (0, ["put away"])
    assert box.outcomes() == [("file.uff", "IMPORTED")]
    assert analyzed(box) == []
    box.execute(f"DROP OWNED BY {role}")
    box.execute(f"DROP ROLE {role}")
