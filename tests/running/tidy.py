"""Looks at files before they are committed: end of file, trailing blanks, size.

python -m tests.running.tidy PATH…
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 500_000
#: Their bytes are data: line ends and blanks are what is tested.
DATA: Final = ("tests/samples", "readings/static/readings/uplot")


def faults(path: Path) -> Iterator[str]:
    """Yield what is untidy about a file."""
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
    found = [fault for name in sys.argv[1:] for fault in faults(Path(name))]
    sys.exit("\n".join(found))
