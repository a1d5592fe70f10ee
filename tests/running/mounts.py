"""File systems that a test mounts over a folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# Capabilities of root that ignore the modes of folders.
MODES_COUNT = [
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
]


@contextmanager
def mounted(place: Path, *arguments: str) -> Iterator[None]:
    """Mount a file system while the block runs, unless it is unmounted earlier."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("needs root, to mount")
    run("mount", *arguments, str(place))
    try:
        yield
    finally:
        while os.path.ismount(place) or str(place) in Path("/proc/self/mounts").read_text():
            run("umount", "--lazy", str(place))


def run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=60)


def tmpfs(size: str = "1m") -> tuple[str, ...]:
    return ("-t", "tmpfs", "-o", f"size={size}", "tmpfs")
