"""The natural key of a register, in stores of earlier versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.making.dtc import block, flow, reading
from tests.making.mdff import channel, day, nem12
from tests.running.box import Box

REGISTERS = "SELECT id, key, meter_id, meter_point_id, register_id, suffix FROM readings_register ORDER BY id"


@pytest.mark.slow
def test_migration_gives_stored_registers_the_key_that_an_import_gives_them(
    tmp_path: Path, database_url: str
) -> None:
    box = Box(tmp_path, database_url)
    box.drop("d0010.uff", flow(block(reading("1"), reading("2", register="02"), meter="K12 Ä'%s")))
    box.drop("nem12.csv", nem12(channel(day("20260105"))))
    assert box.once()[0] == 0
    registers = box.rows(REGISTERS)
    assert box.manage("migrate", "readings", "0006").code == 0
    box.execute("UPDATE readings_register SET unit = 'kVA'")

    assert box.manage("migrate").code == 0

    assert box.rows(REGISTERS) == registers
    assert box.rows("SELECT DISTINCT unit FROM readings_register") == [("kVA",)]
    assert [key.count("\t") for _, key, *_ in registers] == [4, 4, 4]
