"""The figures in the CSV of the charts on the pages of a consumer, NMI or MPAN."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

from django.db.models import Max, Min
from django.test import Client

from readings.formats.packed_day import exact_sum
from readings.models import MeterPoint, Scheme
from readings.queries.consumption.scope import SCHEMES, Scope, choices, months_in
from tests.benchmarks.requests import client_of_benchmark
from tests.proofs.figures.shown import Figures, subject_of, text

_UNIT: Final = re.compile(r"\(([kM]?)(?:Wh|W|VArh|VAh|register units|)\)$")
_SCALES: Final = {"k": 0, "M": 3, "": 0}
#: Day whose outliers are compared.
COMPARED: Final = date(2016, 12, 25)
Rows: TypeAlias = list[dict[str, str]]


def figures() -> Figures:
    """Return the figures in the charts of all meter points and groups."""
    client = client_of_benchmark()
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for point in MeterPoint.objects.order_by("pk"):
        sums = months_in(Scope(meter_point=point.pk)).aggregate(first=Min("first_day"), last=Max("last_day"))
        if sums["first"] and point.scheme in SCHEMES:
            found[subject_of(point)] |= of_page(client, point, sums["first"], sums["last"])
        if point.scheme != Scheme.CONSUMER:
            for title, figure, value in of_meter_point(client, point):
                subject = subject_of(point) + " quantities" * title.endswith("between reads")
                found[subject][f"{figure}, {title}"] = value
    for subject, figure, value in of_lists(client):
        found[subject][figure] = value
    offered = choices()
    for area in offered.areas:
        found[f"area {area}"] |= dict(of_group(client, {"area": area})) | dict(of_overview(client, {"area": area}))
    for tariff in offered.tariffs:
        parameters = {"tariff": tariff}
        found[f"tariff {tariff}"] |= dict(of_group(client, parameters)) | dict(of_overview(client, parameters))
    return found


def of_page(client: Client, point: MeterPoint, first_day: date, last_day: date) -> Iterator[tuple[str, str]]:
    """Yield the figures in the charts of a consumer or NMI."""
    address = f"/consumption/{point.scheme}/{point.identifier}/"
    for key, read in _READERS.items():
        yield from read(_rows(client, address, {"csv": key, "from": f"{first_day}", "to": f"{last_day}"}))


def of_group(client: Client, parameters: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the figures in the charts of several consumers and NMIs together: overview, load and completeness."""
    for row in _rows(client, "/consumption/", {**parameters, "chart": "month", "csv": "month"}):
        month = datetime.strptime(row["Month"], "%B %Y")
        yield f"total in the chart {month:%Y-%m}", text(_number(row, "Total"))
        yield f"point days {month:%Y-%m}", row["Days, for each meter point"]
    yield from _load(_rows(client, "/consumption/load/", {**parameters, "csv": "load-duration"}))
    peaks = _rows(client, "/consumption/load/", {**parameters, "csv": "daily-peak"})
    largest = max(peaks, key=lambda row: _number(row, "Peak"))
    yield "peak in the chart", text(_number(largest, "Peak"))
    at = f"{largest['Day']} {largest['Half hour from'][:5]}"
    yield "peak in the chart at", f"{datetime.strptime(at, '%a %d %b %Y %H:%M'):%Y-%m-%d %H:%M}"
    for row in _rows(client, "/consumption/completeness/", {**parameters, "csv": "completeness"}):
        month = datetime.strptime(row["Month"], "%B %Y")
        for word, column in (("covered", "With a value (min)"), ("expected", "Expected (min)")):
            if row[column] != "0":
                yield f"{word} {month:%Y-%m}", row[column]


def of_overview(client: Client, parameters: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the means and shares of the overview."""
    page: Any = client.get("/consumption/", parameters)
    amount = page.context["overview"].total
    yield "mean per day with a value", repr(float(amount.per_day))
    yield "mean per meter point and day", repr(float(amount.per_point_day))
    yield "share not actual", repr(float(amount.not_actual))


def of_lists(client: Client) -> Iterator[tuple[str, str, str]]:
    """Yield subject, figure and value in the lists: all, outliers, and those that stopped sending."""
    everything = {"from": "1990-01-01", "to": "2099-12-31"}
    for number in range(1, 4):
        overview: Any = client.get("/consumption/", {**everything, "page": str(number)})
        for line in overview.context["table"].page.lines:
            if line.total is not None:
                subject = f"{line.scheme} {line.identifier}"
                yield subject, "total in the list", text(line.total)
                yield subject, "peak in the list", text(line.peak)
                yield subject, "mean in the list", repr(float(line.per_day))
                yield subject, "minutes missing in the list", str(line.missing_minutes)
                yield subject, "share not actual", repr(float(line.share or 0))
    for tariff in ("t1", "t2", "t3"):
        parameters = {"tariff": tariff, "scheme": "CONSUMER"}
        outliers: Any = client.get("/consumption/outliers/", {**parameters, "day": f"{COMPARED}"})
        for line in outliers.context["part"].lines:
            yield f"CONSUMER {line.identifier}", f"total of {COMPARED}", text(line.total)
            yield f"CONSUMER {line.identifier}", f"usual instead of {COMPARED}", repr(float(line.usual))
    stopped: Any = client.get("/consumption/completeness/", {"list": "stopped", "scheme": "CONSUMER"})
    for line in stopped.context["stopped"].lines:
        yield f"CONSUMER {line.identifier}", "last day", f"{line.last_day}"
        yield f"CONSUMER {line.identifier}", "first day", f"{line.first_day}"


def of_meter_point(client: Client, point: MeterPoint) -> Iterator[tuple[str, str, str]]:
    """Yield title, figure and value of the charts of a meter point: energy consumed, and energy between reads."""
    address, scheme = f"/meter-points/{point.identifier}/", {"scheme": point.scheme}
    page: Any = client.get(address, scheme)
    for chart in page.context["charts"]:
        title = chart.figure.title
        is_energy = "VA" not in chart.figure.unit
        if is_energy and (title == "Use" or title.endswith((", between reads", "(consumption), channels E"))):
            rows = _rows(client, address, {**scheme, "csv": chart.figure.key})
            yield title, "use", text(exact_sum(_number(row, "Amount") for row in rows))
            yield title, "days of use", str(sum(int(row.get("Calendar days", 1)) for row in rows))


def _rows(client: Client, address: str, parameters: dict[str, str]) -> Rows:
    answer: Any = client.get(address, parameters)
    assert answer.status_code == 200, (address, parameters, answer.status_code)
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(content.splitlines()))


def _days(rows: Rows) -> Iterator[tuple[str, str]]:
    amounts = [row for row in rows if _amount(row, "Total")]
    yield "total of the days in the chart", text(exact_sum(_number(row, "Total") for row in amounts))
    yield "days in the chart", str(len(amounts))
    yield "minutes missing in the chart", str(sum(int(row.get("Missing (minutes)", 0)) for row in rows))


def _months(rows: Rows) -> Iterator[tuple[str, str]]:
    for row in rows:
        if _amount(row, "Total"):
            month = datetime.strptime(row["Month"], "%B %Y")
            yield f"total in the chart {month:%Y-%m}", text(_number(row, "Total"))
    for letter, word in (("E", "estimated"), ("S", "substituted")):
        amounts = [_number(row, f"of which {word}") for row in rows if _amount(row, f"of which {word}")]
        yield f"total in the chart {letter}", text(exact_sum(amounts))


def _half_hours(rows: Rows) -> Iterator[tuple[str, str]]:
    amounts = [_number(row, "Consumption") for row in rows]
    powers = [_number(row, "Mean power") for row in rows]
    yield "half hours", str(len(rows))
    yield "total of half hours", text(exact_sum(amounts))
    if powers:
        yield "largest half hour", text(max(powers))


def _load(rows: Rows) -> Iterator[tuple[str, str]]:
    for row in rows:
        power = "Mean power" if _amount(row, "Mean power") else "Load"
        yield f"exceeded {row['Share of the half hours (%)']} %", text(_number(row, power))


def _typical(rows: Rows) -> Iterator[tuple[str, str]]:
    for row in rows:
        # The first three lines are the band and the median of the meter point itself.
        for column in list(row)[1:4]:
            part = next((part for part in ("10 %", "90 %") if part in column), "50 %")
            if _amount(row, column):
                yield f"typical {row['Half hour from']} {part}", text(_number(row, column))


_READERS: Final = {
    "day": _days,
    "month": _months,
    "half-hours": _half_hours,
    "load-duration": _load,
    "typical-day": _typical,
}


def _amount(row: Mapping[str, str], name: str) -> str:
    """Return the text in the column whose name begins so; empty without such a column, or without a value."""
    found = next((value for column, value in row.items() if column.startswith(name)), "")
    return found if found != "–" else ""


def _number(row: Mapping[str, str], name: str) -> Decimal:
    """Return the number in the column whose name begins so, in kWh or kW."""
    column = next(column for column in row if column.startswith(name))
    unit = _UNIT.search(column)
    assert unit, column
    return Decimal(row[column]).scaleb(_SCALES[unit[1]])
