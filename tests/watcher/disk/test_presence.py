"""Presence of the inbox."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from watcher.disk.folders import Folders, UnusableFolder
from watcher.disk.inbox import Sighting
from watcher.disk.presence import Hold


class Removed(Folders):
    """Folders whose inbox is removed between the check and the scan."""

    def candidates(self) -> dict[bytes, Sighting]:
        Path(os.fsdecode(self.inbox)).rmdir()
        return super().candidates()


def test_inbox_that_disappears_during_a_scan_is_reported_with_the_cure(tmp_path: Path) -> None:
    inbox, archive, rejected = (tmp_path / name for name in ("inbox", "archive", "rejected"))
    for path in (inbox, archive, rejected):
        path.mkdir()
    folders = Removed(inbox=bytes(inbox), archive=bytes(archive), rejected=bytes(rejected))
    hold = Hold(folders, alone=True)
    hold.take()
    with pytest.raises(UnusableFolder, match="does not exist: create or mount it"):
        hold.scan()
    hold.release()
