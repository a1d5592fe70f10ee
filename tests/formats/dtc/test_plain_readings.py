"""Runs of plain readings are read as if line by line."""

from __future__ import annotations

from random import Random

import pytest

from readings.formats.dtc.group_reader import GroupReader
from readings.formats.dtc.plain_readings import PlainReadings
from tests.making.dtc import block, flow, reading
from tests.making.one_fault_dtc import FAULTLESS_FILES, GOOD, ONE_FAULT_FILES
from tests.running.parsed import parsed

CONTENTS = [*FAULTLESS_FILES.values(), *(fault.content for fault in ONE_FAULT_FILES)]
#: Groups of all these files, with and without faults.
GROUPS = sorted({line for content in CONTENTS for line in content.decode("latin-1").splitlines() if line[:1] == "0"})
PLAIN = [line for line in GOOD if line[:3] in ("026", "028", "030")]


def line_by_line(content: bytes, monkeypatch: pytest.MonkeyPatch) -> object:
    with monkeypatch.context() as patch:
        patch.setattr(PlainReadings, "read_plain", GroupReader.read_plain)
        return parsed(content)


@pytest.mark.parametrize("sender", ["D|ZZDC", "C|ZZDC", "M|ZZDC"])
def test_drawn_groups_are_read_as_if_line_by_line(sender: str, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(sender)
    for _ in range(150):
        groups = random.choices(GROUPS, k=20) + random.choices(PLAIN, k=40)
        random.shuffle(groups)
        content = flow(*block(reading("1")), *groups, sender=sender)
        assert parsed(content) == line_by_line(content, monkeypatch)


def test_files_with_one_fault_are_read_as_if_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for content in CONTENTS:
        assert parsed(content) == line_by_line(content, monkeypatch)


def test_plain_readings_are_not_read_line_by_line() -> None:
    content = flow(*(block(reading("1"), reading("02.5")) for _ in range(3)))
    reader = PlainReadings.read_plain
    positions = []

    def read_plain(self: PlainReadings, text: str, position: int, number: int) -> tuple[int, int]:
        positions.append(number)
        return reader(self, text, position, number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PlainReadings, "read_plain", read_plain)
        assert [each.register_read for each in parsed(content).readings] == ["", "02.5"] * 3
    # Line by line: header, the first block with its first reading, and the trailer.
    assert positions == [1, 2, 3, 4]
