"""The folders that tests read: the repository, its samples, and the data that lies beside a checkout."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
SAMPLES: Final = ROOT / "tests" / "samples"
#: Absent from most machines: tests that need it skip with a reason that begins with «needs ../shared».
SHARED: Final = ROOT.parent / "shared" / "samples"
