"""Pages of lists: which index the database uses for each order and filter, and how much a page examines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from functools import partial
from typing import Any, Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from readings.queries.listing import files, points, statements
from readings.queries.listing.orders import Key
from readings.queries.listing.pages import STRETCH, Selected, page_of
from tests.making.dtc import MPAN, block, flow, mpan, reading
from tests.making.mdff import NMI, accumulation, channel, day, nem12, nem13
from tests.running.imported import deliver

pytestmark = pytest.mark.django_db

NOON: Final = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
Select = Callable[[Mapping[str, Any]], Selected[Any]]
READINGS: Final[Select] = partial(statements.select_readings, nem_time=timezone.utc)
ACCUMULATIONS: Final[Select] = partial(statements.select_accumulations, nem_time=timezone.utc)
DAYS: Final[Select] = statements.select_interval_days
#: SQLite has no name for the order of its primary keys: only what needs no sorting.
PRIMARY_KEY: Final = "the order of primary keys"
#: List, filters, order, key of a page, and the index that finds the page.
PLANS: Final[tuple[tuple[Select, dict[str, Any], str, Key | None, str], ...]] = (
    *((READINGS, {}, sort, key, PRIMARY_KEY) for sort, key in (("", None), ("", (9,)), ("stored", (1,)))),
    (READINGS, {}, "meter-point", None, "a_version_of_a_reading_is_stored_once"),
    (READINGS, {}, "-meter-point", (2, 2, NOON, "R", 1), "a_version_of_a_reading_is_stored_once"),
    *((READINGS, {"flow_file": True}, "", key, "reading_by_file") for key in (None, (3, 1))),
    (READINGS, {"flow_file": True, "flag": "suspect"}, "", None, "reading_by_file"),
    (READINGS, {"sender": "ZZDC"}, "", None, "reading_by_file"),
    (READINGS, {"meter_point": MPAN, "kind": "actual"}, "", None, "a_version_of_a_reading_is_stored_once"),
    *((READINGS, {"flag": "suspect"}, "", key, PRIMARY_KEY) for key in (None, (9,))),
    (READINGS, {"from": date(2026, 3, 1), "kind": "D"}, "", (STRETCH * 2,), PRIMARY_KEY),
    (ACCUMULATIONS, {}, "meter-point", None, "a_version_of_an_accumulation_is_stored_once"),
    (ACCUMULATIONS, {"meter_point": NMI}, "", None, "a_version_of_an_accumulation_is_stored_once"),
    (DAYS, {}, "meter-point", (1, 1, date(2026, 3, 1), 0, 1), "a_version_of_an_interval_day_is_stored_once"),
    (DAYS, {"meter_point": NMI}, "", (date(2026, 3, 1), 1), "a_version_of_an_interval_day_is_stored_once"),
    *((files.select_flow_files, {}, sort, None, "flow_file_by_") for sort in ("", "received", "sender")),
    (files.select_flow_files, {}, "", (NOON, 7), "flow_file_by_time"),
    (files.select_flow_files, {"outcome": "rejected"}, "", None, "flow_file_by_status"),
    (files.select_flow_files, {"sender": "ZZDC"}, "", None, "flow_file_by_sender"),
    (files.select_flow_files, {"format": "NEM13"}, "", None, "flow_file_by_format"),
    (files.select_arrivals, {"outcome": "rejected"}, "", (NOON, 7), "arrival_by_time"),
    (files.select_arrivals, {"format": "NEM13"}, "", (NOON, 7), "readings_arrival_flow_file_id"),
    (files.select_problems, {"code": "nothing"}, "", (9,), "problem_by_code"),
    (files.select_problems, {"severity": "error"}, "", None, PRIMARY_KEY),
    (points.select_meter_points, {}, "identifier", (MPAN, "MPAN"), "a_meter_point_is_stored_once"),
    (points.select_meter_points, {"area": "a1"}, "", None, PRIMARY_KEY),
    *((points.select_meters, {}, "serial-number", key, "meter_by_serial_number") for key in (None, ("K1", 1))),
    (points.select_meters, {}, "-serial-number", ("K1", 1), "meter_by_serial_number"),
    (points.select_meters, {"meter_point": MPAN}, "", None, "a_meter_is_stored_once_at_a_meter_point"),
)


@pytest.fixture
def sha256() -> str:
    """Store some rows of each table, and return the hash of a file of readings."""
    blocks = [block(reading("1.0"), mpan=mpan(each), meter=f"K{each}") for each in range(8)]
    report = deliver(flow(block(reading("1.0", flag="F")), *blocks), "many.uff")
    deliver(nem13(accumulation()), "reads.csv")
    deliver(nem12(channel(day())), "days.csv")
    deliver(b"nonsense", "rubbish.txt")
    return report.sha256


def test_pages_are_found_by_an_index(sha256: str) -> None:
    for select, some, sort, key, index in PLANS:
        filters: dict[str, Any] = defaultdict(str, some)
        if "flow_file" in some:
            filters["flow_file"] = sha256
        plan = plan_of(select(filters), sort, key)
        if connection.vendor == "sqlite" and index.startswith("a_"):
            index = "sqlite_autoindex_readings_"  # SQLite gives the index of a constraint a name of its own.
        assert index in plan, (some, sort, plan)
        assert "Seq Scan on readings_reading" not in plan, (some, sort, plan)


def plan_of(selected: Selected[Any], sort: str, key: Key | None, *, of: int = -1) -> str:
    """Return the plan of the last query for the keys of a page, or of another one."""
    ordering = selected.ordering(sort)
    with CaptureQueriesContext(connection) as queries:
        page_of(selected, ordering, key)
    sql = queries[of]["sql"]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_hashjoin = off")
        cursor.execute(f"EXPLAIN {'' if connection.vendor == 'postgresql' else 'QUERY PLAN'} {sql}")
        plan = " ".join(f"{row[-1]}" for row in cursor.fetchall())
    is_in_order = "_pkey" in plan if connection.vendor == "postgresql" else "TEMP B-TREE" not in plan
    return f"{plan} {PRIMARY_KEY if is_in_order else ''}"


def test_a_page_of_a_rare_value_examines_a_stretch(sha256: str) -> None:
    selected = READINGS(defaultdict(str, flag="suspect"))
    with CaptureQueriesContext(connection) as queries:
        part = page_of(selected, selected.ordering(""), (STRETCH * 3,))
    sql = queries[-1]["sql"]
    assert f'"readings_reading"."id" < {STRETCH * 3}' in sql
    assert f'"readings_reading"."id" >= {STRETCH * 2}' in sql
    assert (part.pks, part.following, part.is_cut) == ([], (STRETCH * 2,), True)


def test_last_stretch_ends_the_list(sha256: str) -> None:
    selected = READINGS(defaultdict(str, flag="suspect"))
    part = page_of(selected, selected.ordering(""), (STRETCH,))
    assert (len(part.pks), part.following, part.is_cut) == (1, None, False)


def test_stretches_of_a_file_follow_its_lines(sha256: str) -> None:
    selected = READINGS(defaultdict(str, flag="suspect", flow_file=sha256))
    back = page_of(selected, selected.ordering(""), (STRETCH * 2, 7), is_back=True)
    assert (back.pks, back.previous, back.is_cut) == ([], (STRETCH, 0), True)
    back = page_of(selected, selected.ordering(""), (STRETCH, 0), is_back=True)
    assert (len(back.pks), back.previous) == (1, None)


def test_other_filters_examine_few_rows_of_a_sender_and_stretches_of_many(
    sha256: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scope(**filters: str) -> object:
        selected = READINGS(defaultdict(str, sender="ZZDC", **filters))
        return [order.name for order in selected.orders], selected.scope is None

    assert scope() == scope(flag="suspect") == (["file"], True)
    monkeypatch.setattr(statements, "_FEW_ROWS", 8)
    assert scope() == (["file"], True)
    assert scope(flag="suspect") == (["stored"], False)


def test_days_are_compared_before_any_meter_point_is_looked_up(sha256: str) -> None:
    sql = f"{READINGS(defaultdict(str, {'from': date(2026, 3, 1)})).rows.query}"
    condition = sql.partition(" WHERE ")[2]
    assert condition.index("read_at") < condition.index("scheme")
    assert condition.index(" AND ") < condition.index(" OR ")


def test_a_page_begins_inside_rows_that_share_the_first_value(sha256: str) -> None:
    """The rows of one sender before the key are not read again: an index begins at its time."""
    selected = files.select_flow_files(defaultdict(str))
    plan = plan_of(selected, "sender", ("ZZDC", NOON, 7), of=-2)
    assert "flow_file_by_sender" in plan
    begin = "(sender=? AND received_at>?)" if connection.vendor == "sqlite" else "(received_at >= '2026-03-01"
    assert begin in plan, plan


@pytest.mark.parametrize(
    ("select", "filters"),
    [(files.select_arrivals, {"format": "D0010"}), (files.select_flow_files, {"code": "unknown-format"})],
)
def test_rows_of_few_files_and_of_many_are_the_same(
    select: Select, filters: dict[str, str], sha256: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> list[int]:
        selected = select(defaultdict(str, filters))
        return page_of(selected, selected.ordering(""), None).pks

    few = found()
    monkeypatch.setattr(files, "_FEW_FILES", 0)
    assert found() == few != []
