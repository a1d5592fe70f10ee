"""Charts of amounts per day between two moments."""

from datetime import datetime
from decimal import Decimal

from readings.presentation.charts.spans import Span, figure_of_spans

SPANS = [
    Span(since=datetime(2025, 1, 31), until=datetime(2025, 2, 28, 6, 30), per_day=Decimal(10) / 3, mark="E"),
    Span(since=datetime(2025, 1, 1), until=datetime(2025, 1, 31), per_day=Decimal(2), amount=Decimal("60.0")),
]


def test_spans_are_drawn_in_order_with_their_quality() -> None:
    figure = figure_of_spans("register-1", "Advance of register 1", "kWh", SPANS)
    assert figure
    assert (figure.unit, figure.axis, figure.key) == ("kWh per day", "spans", "register-1")
    assert [end - place for place, end in zip(figure.places, figure.ends, strict=True)] == [2_592_000, 2_442_600]
    assert figure.lines[0].marks == "AE"
    assert figure.rows == [
        ("01 Jan 2025", "31 Jan 2025", "60.0", "2", "Actual"),
        ("31 Jan 2025", "28 Feb 2025 06:30", "", "3.333333", "Estimated"),
    ]


def test_a_single_span_is_not_drawn() -> None:
    assert figure_of_spans("register-1", "Advance", "kWh", SPANS[:1]) is None
