"""The list of consumers and NMIs, compared with sums in plain Python."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from readings.models import MeterPoint
from readings.queries.consumption.scope import Scope
from readings.queries.consumption.sums import points
from readings.queries.consumption.sums.points import SORTS, Asked, Line, page_of
from tests.making.consumption import USERS
from tests.queries.consumption.sums.plain import NMI, OTHER_NMI, fill, intervals, total
from tests.running.imported import deliver

pytestmark = pytest.mark.django_db

PART = Scope(first_day=date(2016, 9, 2), last_day=date(2016, 10, 30))
SCOPES = [Scope(), PART, Scope(quality="E"), Scope(first_day=date(2016, 10, 31), last_day=date(2016, 10, 31))]


@pytest.fixture(autouse=True)
def _store() -> None:
    fill()
    MeterPoint.objects.create(scheme="CONSUMER", identifier="2999", area="a9")


def expected(scope: Scope, identifier: str) -> dict[str, Any]:
    every = intervals(identifier)
    first_day, last_day = scope.first_day or date.min, scope.last_day or date.max
    inside = [each for each in every if first_day <= each.day <= last_day]
    own = [each for each in inside if scope.quality in ("", each.quality)]
    days = 0
    if every:
        first, last = (pick(each.day for each in every) for pick in (min, max))
        days = max((min(last, last_day) - max(first, first_day)) // timedelta(1) + 1, 0)
    return {
        "total": total(own) if own else None,
        "not_actual": total([each for each in own if each.quality != "A"]),
        "last_day": max((each.day for each in every), default=None),
        "days": days,
        "days_with_value": len({each.day for each in own}),
        "minutes": 30 * len({(each.day, each.place) for each in inside}),
    }


def test_lines_equal_the_sums_of_their_intervals() -> None:
    for scope in SCOPES:
        lines = page_of(scope, Asked()).lines
        assert [line.identifier for line in lines] == ["2999", "3000", "3001", "3002", "3003", NMI, OTHER_NMI]
        for line in lines:
            want = expected(scope, line.identifier)
            assert {name: getattr(line, name) for name in want} == want
            assert line.missing_minutes == (want["days"] * 1440 - want["minutes"] if want["days"] else None)
    for line in page_of(Scope(), Asked()).lines:
        amounts = [each.amount for each in intervals(line.identifier)]
        assert line.peak == (2 * max(amounts) if amounts else None)


KEYS: dict[str, Any] = {
    "identifier": lambda line: line.identifier,
    "area": lambda line: line.area or None,
    "tariff": lambda line: line.tariff or None,
    "total": lambda line: line.total,
    "mean": lambda line: line.per_day,
    "peak": lambda line: line.peak,
    "last": lambda line: line.last_day,
    "missing": lambda line: line.missing_minutes,
    "share": lambda line: line.share,
}


def test_each_order_is_that_of_the_numbers_shown_with_empty_ones_last() -> None:
    assert set(KEYS) == set(SORTS)
    for scope, (sort, key), is_descending in product(SCOPES, KEYS.items(), (False, True)):
        lines = page_of(scope, Asked(sort=sort, is_descending=is_descending)).lines
        valued = [line for line in lines if key(line) is not None]
        assert [key(line) for line in valued] == sorted(map(key, valued), reverse=is_descending), sort
        empty = lines[len(valued) :]
        assert [line.identifier for line in empty] == sorted(line.identifier for line in empty), sort


def test_pages_of_equal_values_hold_each_line_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "ON_A_PAGE", 2)
    for sort in SORTS:
        asked = [page_of(Scope(), Asked(sort=sort, page=number, is_descending=True)) for number in (1, 2, 3, 4)]
        found = [line.identifier for page in asked for line in page.lines]
        assert sorted(found) == ["2999", "3000", "3001", "3002", "3003", NMI, OTHER_NMI], sort
    assert page_of(Scope(), Asked(page=99)).number == 4


def test_list_is_searched_and_limited_to_what_changed_and_to_nmis_of_other_measures() -> None:
    assert [line.identifier for line in page_of(Scope(), Asked(search="vab")).lines] == [OTHER_NMI]
    assert page_of(Scope(), Asked(search="nobody")).lines == []
    deliver(USERS.replace(b"3000,a1,t1", b"3000,a1,t3"), "moved.csv")
    assert [line.identifier for line in page_of(Scope(), Asked(only_changed=True)).lines] == ["3000"]


def test_page_takes_the_same_number_of_queries_for_each_order() -> None:
    for sort in SORTS:
        with CaptureQueriesContext(connection) as captured:
            page_of(PART, Asked(sort=sort))
        assert len(captured) == 4


def test_mean_of_a_line_counts_the_days_with_a_value() -> None:
    line = Line(
        key=1, scheme="CONSUMER", identifier="1", area="", tariff="", total=Decimal(10), days=9, days_with_value=4
    )
    assert line.per_day == Decimal("2.5")
