"""Check of files before a commit: end of file, trailing blanks, size.

python -m tests.running.tidy PATH…
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 500_000
#: Folders whose line ends and blanks are test data.
DATA: Final = ("tests/samples", "readings/static/readings/uplot")


def faults(path: Path) -> Iterator[str]:
    """Yield the faults of a file."""
    content = path.read_bytes()
    if len(content) > MOST_BYTES:
        yield f"{path}: has {len(content):,} bytes, at most {MOST_BYTES:,} are allowed"
    if b"\0" in content or str(path).startswith(DATA):
        return
    if content and (not content.endswith(b"\n") or content.endswith(b"\n\n")):
        yield f"{path}: must end in one line end"
    for number, line in enumerate(content.splitlines(), start=1):
        if line != line.rstrip():
            yield f"{path}:{number}: has trailing blanks"


if __name__ == "__main__":
    messages = [fault for name in sys.argv[1:] for fault in faults(Path(name))]
    sys.exit("\n".join(messages))
