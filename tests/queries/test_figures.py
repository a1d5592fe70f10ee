"""Figures of written files, compared with figures computed by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pytest

from readings.imports.summing.update import bring_up_to_date
from tests.proofs.figures.cases import EXCHANGED, files, values
from tests.proofs.figures.shown import figures
from tests.running.imported import deliver


def sum_of(*texts: str) -> str:
    """Return the sum of the values in some texts of values."""
    return f"{sum((Decimal(each) for text in texts for each in text.split(',')), start=Decimal(0)):f}"


def part(text: str, first: int, last: int) -> str:
    """Return some values of a text, from 1."""
    return ",".join(text.split(",")[first - 1 : last])


THREE_DAYS: Final = [values(48, day) for day in range(3)]
MORNING: Final = part(values(48), 1, 24)
OF_QUALITIES: Final = values(48, 1)
# Of 10 Wh: 143 values; then two passes of 01:00, another 01:30, six values raised by 2.25 Wh, 48 values of 7 Wh.
REPEATED_AND_CORRECTED: Final = {"total": "8.691", "peak": "7", "peak at": "2026-10-25 01:00", "days": "4"}
BY_HAND: Final = {
    "CONSUMER Q9001": {**REPEATED_AND_CORRECTED, "minutes 2026-10": "4320", "minutes 2026-11": "1440"},
    # A meter is exchanged at noon.
    "NMI 8899020001": {
        "total 2026-02": sum_of(*THREE_DAYS, MORNING, part(values(48, 5), 25, 48)),
        "minutes 2026-02": "5760",
        "total 2026-03": sum_of(*THREE_DAYS),
        "minutes 2026-03": "4320",
    },
    # The channel changes at noon.
    "NMI 8899020002": {"total": sum_of(MORNING, part(values(48, 9), 25, 48)), "minutes 2026-02": "1440"},
    "NMI 8899020003": {
        "total A": sum_of(*THREE_DAYS, part(OF_QUALITIES, 1, 10)),
        "total S": sum_of(part(OF_QUALITIES, 21, 40), values(48, 2)),
        "total E": sum_of(part(OF_QUALITIES, 11, 20), values(48), values(48, 1)),
        "minutes 2026-02": f"{(24 + 20 + 24 + 48) * 60}",
    },
    # A correction, then an older statement.
    "NMI 8899020004": {"total": sum_of(values(48), values(48, 50))},
    # An estimate that an actual read overtakes, and exchanges of meters.
    "NMI 8899020007 quantities": {"total 11": "52"},
    "NMI 8899020008 quantities": {"total 11": "580"},
    f"MPAN {EXCHANGED}": {"total": "580"},
    "tariff t9": {"peak": "7", "peak at": "2026-10-25 01:00", "subjects": "2"},
}


@pytest.mark.django_db
def test_figures_of_the_hard_cases_are_those_computed_by_hand() -> None:
    for name, content in files():
        assert deliver(content, name).outcome == "IMPORTED"
    assert bring_up_to_date()
    shown = figures()
    found = {subject: {name: shown[subject].get(name) for name in names} for subject, names in BY_HAND.items()}
    assert found == BY_HAND
