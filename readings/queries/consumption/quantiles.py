"""Quantiles of consumption and load."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Final

from readings.formats.packed_day import EXACT

_ALL: Final = 1000


def quantile(ordered: Sequence[Decimal], thousandths: int) -> Decimal:
    """Return the value at a share of ordered values, interpolated linearly between two."""
    place, rest = divmod((len(ordered) - 1) * thousandths, _ALL)
    if not rest:
        return ordered[place]
    with localcontext(EXACT):
        return ordered[place] + (ordered[place + 1] - ordered[place]) * rest / _ALL
