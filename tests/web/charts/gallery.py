"""A page with a chart of each kind; tests install its address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from math import sin
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template import engines
from django.urls import path

from config.urls import urlpatterns as usual
from readings.presentation.charts.figure import Figure, Line, seconds
from readings.web.charts.downloads import csv_of_figure

DAY: Final = 86_400
START: Final = seconds(date(2025, 1, 1))
PAGE: Final = """{% extends "readings/base.html" %}
{% block title %}Gallery{% endblock %}{% block heading %}Gallery{% endblock %}
{% block styles %}{% include "readings/chart_styles.html" %}{% endblock %}
{% block content %}{% for figure in figures %}{% include "readings/figure.html" %}{% endfor %}{% endblock %}
{% block scripts %}{% include "readings/chart_scripts.html" %}{% endblock %}"""


def wave(number: int, size: float = 10.0, turns: float = 3.0) -> list[Decimal | None]:
    """Return values that rise and fall."""
    return [Decimal(f"{size * (1.2 + sin(turns * 6.28 * each / number)):.3f}") for each in range(number)]


def table(figure: Figure) -> Figure:
    """Return a figure with the rows of its lines."""
    columns = ("Place", *(f"{line.label} ({figure.unit})" for line in figure.lines))
    places = [f"{each:.0f}" for each in figure.places]
    values = [["" if each is None else f"{each:f}" for each in line.values] for line in figure.lines]
    return replace(figure, columns=columns, rows=list(zip(places, *values, strict=True)))


def figures() -> Iterator[Figure]:
    """Yield a figure of each kind."""
    days = [START + DAY * number for number in range(40)]
    values: list[Decimal | None] = [None, None, *wave(36), None, None]
    marks = "A" * 20 + "EEEEE" + "SSSS" + "DD" + "A" * 9
    day = Figure(key="day", title="Total by day", unit="kWh", axis="day", places=days)
    bars = Line(label="Total", values=values, marks=marks, style="bars")
    yield table(replace(day, lines=[bars], note="A note below the chart."))
    other = Line(label="Last year", values=wave(40, 8), style="dashed")
    yield table(
        replace(
            day, key="two", title="Two areas by day", lines=[replace(bars, label="This year", style="line"), other]
        )
    )
    many = [
        Line(label=f"Tariff {letter}", values=wave(40, 5 + 2 * number, 1 + number))
        for number, letter in enumerate("ABCDEF")
    ]
    yield table(replace(day, key="many", title="Tariffs by day", lines=many))
    halves = {
        "E": [Decimal(number % 3) for number in range(40)],
        "S": [Decimal(number % 5) / 2 for number in range(40)],
    }
    mixed = Line(label="Total", values=wave(40), style="bars", parts=halves)
    yield table(replace(day, key="parts", title="Days of mixed quality", lines=[mixed]))
    sides = [
        Line(label=label, values=wave(12, size, 1), style="bars")
        for label, size in (("North", 20_000), ("South", 9_000))
    ]
    months = [seconds(date(2025, month, 1)) for month in range(1, 13)]
    yield table(Figure(key="month", title="Areas by month", unit="MWh", axis="month", places=months, lines=sides))
    yield replace(day, key="nothing", lines=[Line(label="Total", values=[None] * 40)])
    yield from (clock(), share(), spans(), stray())
    yield replace(half_hours(), lines=(), address="/gallery.json")
    yield replace(half_hours(), key="heat", title="Days by half hours", axis="heat", address="/gallery.json")


def clock() -> Figure:
    """Return a typical day with its band, and a median for comparison."""
    places = [1_800 * number for number in range(48)]
    lines = [
        Line(label=label, values=wave(48, size, 1))
        for label, size in (
            ("All days: 10%", 0.1),
            ("All days: 90%", 0.5),
            ("All days: median", 0.25),
            ("Mon–Fri: median", 0.3),
        )
    ]
    return table(
        Figure(key="clock", title="A typical day", unit="kWh", axis="clock", places=places, lines=lines, band=0)
    )


def share() -> Figure:
    """Return a load duration."""
    places = [number / 2 for number in range(201)]
    values = [Decimal(f"{9 / (1 + number / 30):.3f}") for number in range(201)]
    return table(
        Figure(
            key="share",
            title="Load duration",
            unit="kW",
            axis="share",
            places=places,
            lines=[Line(label="Power", values=values)],
        )
    )


def spans() -> Figure:
    """Return values of spans of different length."""
    ends = [START + DAY * number for number in (31, 59, 65, 120, 151, 181)]
    values: list[Decimal | None] = [Decimal(f"{each}.5") for each in (9, 11, 14, 8, 6, 5)]
    line = Line(label="Per day", values=values, marks="AAESAA", style="bars")
    return table(
        Figure(
            key="spans",
            title="Advance per day",
            unit="kWh",
            axis="spans",
            places=[START, *ends[:-1]],
            ends=ends,
            lines=[line],
        )
    )


def stray() -> Figure:
    """Return points of which one is far from the others, and one is far too large."""
    places = [seconds(datetime(1996, 4, 1)), *(START + 3_600 * 5 * number for number in range(60))]
    values = [Decimal(3), *wave(60)]
    values[30] = Decimal(90_000)
    return table(
        Figure(
            key="stray",
            title="Readings",
            unit="kWh",
            axis="time",
            places=places,
            lines=[Line(label="Reading", values=values, style="points")],
        )
    )


def half_hours() -> Figure:
    """Return the half hours of 120 days, of which some are missing and some are not actual."""
    number = 120 * 48
    values = [None if 2_000 <= place < 2_100 else value for place, value in enumerate(wave(number, 1, 120))]
    marks = "A" * 3_000 + "E" * 480 + "S" * 96 + "A" * (number - 3_576)
    line = Line(label="Half hour", values=values, marks=marks, style="steps")
    places = [START + 1_800 * place for place in range(number)]
    return Figure(key="time", title="Half hours", unit="kWh", axis="time", places=places, lines=[line])


def gallery(request: HttpRequest) -> HttpResponseBase:
    """Show a chart of each kind."""
    if answer := csv_of_figure(request, figures()):
        return answer
    return HttpResponse(engines["django"].from_string(PAGE).render({"figures": figures()}, request))


def values(request: HttpRequest) -> HttpResponse:
    """Return the half hours as JSON."""
    return JsonResponse(half_hours().drawing)


urlpatterns = [path("gallery/", gallery), path("gallery.json", values), *usual]
