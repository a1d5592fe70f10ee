"""Valid flow files of any size with invented identities, for trials, tests and benchmarks.

The same arguments always make the same file. The same seed with a later day makes later readings of the same
meters, and two seeds from 0 to 99 share no meter point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from readings.formats.samples.d0010 import d0010
from readings.formats.samples.meters import FIRST_DAY, MOST_METER_POINTS
from readings.formats.samples.nem12 import INTERVAL_LENGTHS, nem12
from readings.formats.samples.nem13 import nem13

__all__ = ["FIRST_DAY", "INTERVAL_LENGTHS", "MOST_METER_POINTS", "SAMPLES", "d0010", "nem12", "nem13"]

#: Functions that make a file, by format.
SAMPLES: Final[Mapping[str, Callable[..., Iterator[str]]]] = {"D0010": d0010, "NEM12": nem12, "NEM13": nem13}
