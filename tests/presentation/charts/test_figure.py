"""Figures: data for the script, table, and words."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.template.loader import render_to_string

from readings.presentation.charts.figure import Figure, Line, figure_csv, seconds

VALUES = [Decimal("1.5"), None, Decimal("2.5"), Decimal(4)]
FIGURE = Figure(
    key="day",
    title="Total by day",
    unit="kWh",
    axis="day",
    places=[0, 86_400, 172_800, 259_200],
    lines=[Line(label="Total", values=VALUES, marks="AASE", style="bars")],
    columns=("Day", "Total (kWh)", "Quality"),
    rows=[("1 Jan", "1.5", "actual"), ("2 Jan", "", ""), ("3 Jan", "2.50", "=substituted"), ("4 Jan", "4", "E")],
)


def test_drawing_has_values_marks_and_style_of_each_line() -> None:
    (line,) = FIGURE.drawing["lines"]
    assert line == {"label": "Total", "style": "bars", "values": [1.5, None, 2.5, 4], "marks": "AASE"}
    (line,) = replace(FIGURE, lines=[Line(label="Total", values=VALUES, marks="AAAA")]).drawing["lines"]
    assert "marks" not in line


def test_share_of_each_quality_is_of_the_amount() -> None:
    assert [(each.mark, each.words) for each in FIGURE.shares] == [
        ("S", "Substituted: 31.2 % of 8.000 kWh"),
        ("E", "Estimated: 50.0 % of 8.000 kWh"),
    ]


def test_a_bar_has_parts_of_other_qualities() -> None:
    parts = {"E": [Decimal("0.5"), Decimal(0), Decimal(0), Decimal(3)]}
    figure = replace(FIGURE, lines=[Line(label="Total", values=VALUES, parts=parts, style="bars")])
    assert figure.drawing["lines"][0]["parts"] == {"E": [0.5, 0, 0, 3]}
    assert [each.words for each in figure.shares] == ["Estimated: 43.8 % of 8.000 kWh"]


def test_places_with_one_distance_are_start_step_and_count() -> None:
    assert FIGURE.drawing["x"] == {"start": 0, "step": 86_400, "count": 4}
    assert replace(FIGURE, places=[0, 1, 3.5, 4]).drawing["x"] == [0, 1, 3.5, 4]
    assert '"x":{"start":0,"step":86400,"count":4}' in FIGURE.script


def test_consecutive_months_are_start_and_number() -> None:
    places = [seconds(date(2025, month, 1)) for month in (1, 2, 3, 4)]
    figure = replace(FIGURE, axis="month", places=places)
    assert figure.drawing["x"] == {"start": places[0], "months": 4}
    assert replace(figure, places=[*places[:2], *places[3:]]).drawing["x"] == [*places[:2], *places[3:]]


def test_share_of_values_per_day_is_of_the_whole_span() -> None:
    line = Line(label="Per day", values=[Decimal(2), Decimal(3)], marks="AE")
    days = [0, 86_400], [86_400, 3 * 86_400]
    figure = replace(FIGURE, unit="kWh per day", axis="spans", places=days[0], ends=days[1], lines=[line])
    assert [each.words for each in figure.shares] == ["Estimated: 75.0 % of 8.000 kWh"]


def test_share_of_power_is_of_the_number_of_values() -> None:
    figure = replace(FIGURE, unit="kW", lines=[*FIGURE.lines, Line(label="Other", values=VALUES)])
    assert [each.words for each in figure.shares] == [
        "Total, substituted: 33.3 % of 3 values",
        "Total, estimated: 33.3 % of 3 values",
    ]


def test_csv_has_the_rows_of_the_table_without_formulas() -> None:
    assert "".join(figure_csv(FIGURE)) == (
        "Day,Total (kWh),Quality\r\n1 Jan,1.5,actual\r\n2 Jan,,\r\n3 Jan,2.50,'=substituted\r\n4 Jan,4,E\r\n"
    )


def test_alternative_describes_the_chart() -> None:
    assert FIGURE.alternative == (
        "Total by day in kWh; from 1 Jan to 4 Jan; lowest 1.500, highest 4.000; Substituted: 31.2 % of 8.000 kWh; "
        "Estimated: 50.0 % of 8.000 kWh; the table below lists the values."
    )


def test_a_year_of_days_is_a_small_part_of_a_page() -> None:
    rows = [(f"Wed {number % 28 + 1:02} Aug 2016", "28800.123", "14400.062", "2") for number in range(366)]
    values = [Decimal("28800.123")] * 366
    places = [86_400 * number for number in range(366)]
    line = Line(label="Total", values=values, marks="E" * 366, style="bars")
    figure = replace(FIGURE, places=places, lines=[line], columns=("Day", "Total", "Mean", "Days"), rows=rows)
    html = render_to_string("readings/figure.html", {"figure": figure})
    assert html.count("<tr>") == 367
    assert len(html) < 366 * (90 + 12) + 2_000
