"""What searches need, in stores of earlier versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.making.dtc import block, flow, reading
from tests.making.mdff import channel, day, nem12
from tests.running.box import Box

METERS = "SELECT id, serial_number, searchable, searchable_reversed FROM readings_meter ORDER BY id"
PARTS = "SELECT arrival_id, part FROM readings_namepart ORDER BY arrival_id, part"


@pytest.mark.slow
def test_migration_stores_the_ends_and_parts_that_an_import_stores(tmp_path: Path, database_url: str) -> None:
    box = Box(tmp_path, database_url)
    box.drop("D0010_4410000007_1.usr", flow(block(reading("1"), reading("2", register="02"), meter="K12 Ä'%s")))
    box.drop("Größe 2026.csv", nem12(channel(day("20260105"))))
    assert box.once()[0] == 0
    meters, parts = box.rows(METERS), box.rows(PARTS)
    assert box.manage("migrate", "readings", "0015").code == 0

    assert box.manage("migrate").code == 0

    assert box.rows(METERS) == meters
    assert box.rows(PARTS) == parts
    assert meters[0][3] == "S%'Ä21K"
    assert {part for _, part in parts} >= {"4410000007 1 usr", "grösse 2026 csv"}
