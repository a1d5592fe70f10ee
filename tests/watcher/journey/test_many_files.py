"""A hundred thousand waiting files: oldest first, in batches, in constant memory."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.running.box import Box, end, wait_until
from tests.running.places import ROOT
from watcher.disk.folders import Folders
from watcher.disk.inbox import Settling
from watcher.journey.daemon import BATCH

MANY = 100_000
#: Bytes of memory for each waiting file.
MOST_FOR_EACH = 1024
# Scans like the watcher, takes some batches, and prints their files and the peak memory.
SCANS = f"""
import os, resource, sys
from {Folders.__module__} import Folders
from {Settling.__module__} import Settling

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

inbox = os.fsencode(sys.argv[1])
folders = Folders(inbox=inbox, archive=b"", rejected=b"")
settling = Settling(quiet_seconds=1, incomplete_after=900)
before, peaks = peak(), []
settling.see(folders.candidates(), 0)
for now in range(2, 7):
    settling.see(folders.candidates(), now)
    for each in settling.due(now, most=int(sys.argv[2])):
        print(os.fsdecode(each.name))
        os.unlink(os.path.join(inbox, each.name))
        settling.forget(each.name)
    peaks.append(peak())
print(peaks[0] - before, peaks[-1] - peaks[0])
"""


@pytest.fixture
def box(database_url: str) -> Iterator[Box]:
    """Yield a box with a hundred thousand waiting files, each older than the one before."""
    in_memory = Path("/dev/shm")
    with TemporaryDirectory(dir=in_memory if in_memory.exists() else None) as folder:
        box = Box(Path(folder), database_url, QUIET_SECONDS="0.5")
        for number in range(MANY):
            path = f"{box.inbox}/{number:06}.uff"
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
            os.utime(path, (1e9 - number, 1e9 - number))
        yield box


def oldest(number: int) -> list[str]:
    return [f"{MANY - 1 - each:06}.uff" for each in range(number)]


@pytest.mark.slow
def test_oldest_files_are_taken_first_in_constant_memory(box: Box) -> None:
    command = [sys.executable, "-c", SCANS, str(box.inbox), str(BATCH)]
    *names, memory = subprocess.check_output(command, cwd=ROOT, text=True).splitlines()
    assert names == oldest(5 * BATCH)
    for_all, more = map(int, memory.split())
    assert for_all < MANY * MOST_FOR_EACH
    assert more < MANY * MOST_FOR_EACH / 10


@pytest.mark.slow
def test_watcher_with_a_hundred_thousand_files_stops_at_once(box: Box) -> None:
    with box.watcher() as child:
        # The files are empty and wait for their end; the log shows their order.
        wait_until(lambda: len(box.log("waits")) > BATCH)
        began_at = time.monotonic()
        assert end(child) == 0
        assert time.monotonic() - began_at < 5
    names = [line["name"] for line in box.log("waits")]
    assert names == oldest(len(names))
