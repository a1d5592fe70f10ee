"""Files of the benchmark: plain ones, of which the same arguments always make the same bytes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

from readings.formats.samples import FIRST_DAY, d0010, nem12, nem13

#: Days from a file to the next one of the same meters: from a D0010, and from a NEM13.
MONTH: Final = 31
QUARTER: Final = 91


def write_d0010(path: Path, meter_points: int, *, each: int = 1, seed: int = 0, later: int = 0) -> Path:
    """Write a D0010 of meter points with some readings each, a number of days later than the first one."""
    day = FIRST_DAY + timedelta(later)
    with path.open("w", newline="") as file:
        file.writelines(d0010(meter_points, readings_per_meter_point=each, seed=seed, first_day=day, plain=True))
    return path


def write_nem(path: Path, meter_points: int, *, days: int | None, later: int = 0) -> Path:
    """Write a NEM12 of some days, or a NEM13 of a quarter."""
    day = FIRST_DAY + timedelta(later)
    with path.open("w", newline="") as file:
        if days is None:
            file.writelines(nem13(meter_points, first_day=day, plain=True))
        else:
            file.writelines(nem12(meter_points, days=days, first_day=day, plain=True))
    return path
