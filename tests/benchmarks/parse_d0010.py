"""Speed of parsing and checking a D0010, compared with `str.split` of the same lines.

python -m tests.benchmarks.parse_d0010 [readings]
"""

from __future__ import annotations

import sys
from io import BytesIO
from statistics import median
from time import perf_counter

from readings.formats.contract import ParseContext
from readings.formats.dtc import d0010
from readings.formats.samples.d0010 import d0010 as sample_of

ROUNDS = 5


def main(readings: int) -> None:
    """Run both in turns; print the medians and their ratio."""
    content = "".join(sample_of(readings, plain=True)).encode()
    rounds = [(split(content), parse(content, readings)) for _ in range(ROUNDS)]
    seconds_split, seconds_parse = (median(column) for column in zip(*rounds, strict=True))
    print(f"str.split alone   {readings / seconds_split:>12,.0f} readings / s")
    print(f"parser and checks {readings / seconds_parse:>12,.0f} readings / s")
    print(f"ratio             {seconds_split / seconds_parse:>12.2f}")


def split(content: bytes) -> float:
    """Return the time of splitting every line."""
    began_at = perf_counter()
    for line in BytesIO(content):
        line.decode("ascii").rstrip("\n").split("|")
    return perf_counter() - began_at


def parse(content: bytes, readings: int) -> float:
    """Return the time of the parser with all checks."""
    began_at = perf_counter()
    number = 0
    for batch in d0010.parse(BytesIO(content), ParseContext(encoding="ascii")):
        assert not batch.problems
        number += len(batch.readings)
    seconds = perf_counter() - began_at
    assert number == readings
    return seconds


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)
