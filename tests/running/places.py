"""Folders that tests read: the repository, its samples, and the data next to the checkout."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
SAMPLES: Final = ROOT / "tests" / "samples"
#: Folder that most machines lack: tests that need it skip with the reason «needs ../shared».
SHARED: Final = ROOT.parent / "shared" / "samples"
EVERY_SAMPLE = sorted(path for path in SAMPLES.rglob("*") if path.is_file() and path.suffix != ".md")
#: Samples without errors; they are small, because tests cut each at every byte.
GOOD_SAMPLES = [path for path in EVERY_SAMPLE if "fault" not in path.name]
