import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from readings.formats.mdff.catalogue.nmi import nmi_check_digit
from readings.models import Accumulation, FlowFile, IntervalDay, MeterPoint, Problem, Reading
from readings.queries import details, lists, narrowing
from readings.queries.intervals import intervals_of
from readings.queries.search import Search, look_up
from tests.making import mdff
from tests.making.dtc import flow, mpan, reading_of
from tests.running.imported import deliver, deliver_sample

pytestmark = pytest.mark.django_db


def found(text: str) -> list[str]:
    """Search the readings like the list; return their values."""
    rows = narrowing.narrow_readings(lists.readings(), look_up(text))
    return [str(reading.value) for reading in rows]


@pytest.fixture
def sample() -> FlowFile:
    return deliver_sample("d0010.uff")


@pytest.mark.parametrize(
    "text",
    [
        "3690005901426",
        "  3690005901426\t",
        "36 9000 5901 426",
        "36933511",
        "3690005901426 36933511",
        "36933511 d0010.uff",
    ],
)
def test_reading_is_found_by_meter_point_meter_or_file(sample: FlowFile, text: str) -> None:
    assert found(text) == ["702.4"]


@pytest.mark.parametrize("text", ["K12B 04567", "K12B04567", "k12b  04567", "k12 b04 567"])
def test_serial_number_is_found_regardless_of_spaces_and_case(sample: FlowFile, text: str) -> None:
    assert found(text) == ["20998.2", "20730.5", "20417.0"]


def test_a_serial_number_at_two_meter_points_finds_both() -> None:
    deliver(flow(*reading_of(1, serial_number="A 1", value="1.0")), "one")
    deliver(flow(*reading_of(2, serial_number="A1", value="2.0", day="20260202")), "two")
    assert found("A1") == ["2.0", "1.0"]
    assert found(f"A1 {mpan(1)}") == ["1.0"]


def test_all_terms_must_match(sample: FlowFile) -> None:
    assert found("3690005901426 S95204418") == []
    assert found("3690005901426 nonsense") == []


@pytest.mark.parametrize(
    "text",
    [
        "d0010.uff",
        "inbox/d0010.uff",
        r"C:\inbox\d0010.uff",
        "archive/2026/03/01/d0010.uff.0123456789ab",
    ],
)
def test_a_file_name_finds_its_readings_by_line(sample: FlowFile, text: str) -> None:
    assert found(text) == [
        str(reading.value) for reading in Reading.objects.filter(flow_file=sample).order_by("line")
    ]
    assert len(found(text)) == 10


def test_file_name_with_spaces_is_found() -> None:
    deliver(flow(*reading_of(1, value="1.0")), "copy of march.uff")
    assert found("copy of march.uff") == ["1.0"]


def test_file_name_of_several_contents_finds_all_newest_first() -> None:
    deliver(flow(*reading_of(1, value="1.0")), "readings.uff")
    deliver(flow(*reading_of(2, value="2.0")), "readings.uff")
    assert found("readings.uff") == ["2.0", "1.0"]


def test_content_is_found_by_the_name_of_any_arrival() -> None:
    deliver(flow(*reading_of(1, value="1.0")), "first.uff")
    deliver(flow(*reading_of(1, value="1.0")), "second.uff")
    assert found("second.uff") == ["1.0"]


def test_the_start_of_a_hash_finds_a_file(sample: FlowFile) -> None:
    assert len(found(sample.sha256[:12])) == len(found(sample.sha256.upper())) == 10
    assert found(sample.sha256[:11]) == []


@pytest.mark.parametrize("text", ["d0010", "D0010.UFF", "369000590142", "3693351"])
def test_parts_of_names_find_nothing(sample: FlowFile, text: str) -> None:
    assert look_up(text).unknown == [text]
    assert found(text) == []


def test_empty_search_lists_all_rows_newest_first(sample: FlowFile) -> None:
    keys = [reading.pk for reading in narrowing.narrow_readings(lists.readings(), Search())]
    assert keys == sorted(keys, reverse=True)
    assert len(keys) == 10


def test_number_of_queries_does_not_grow_with_the_words_of_a_search(sample: FlowFile) -> None:
    def count(text: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            look_up(text)
        return len(captured)

    three = "36933511 d0010.uff 3690005901426"
    assert count(" ".join([three] * 4)) == count(three) <= 7


def test_words_beyond_the_twelfth_are_not_looked_up(sample: FlowFile) -> None:
    search = look_up("36933511 " * 13)
    assert (len(search.terms), search.unknown) == (12, ["36933511"])


@pytest.mark.parametrize("text", ["3690005901426", "36933511", "d0010.uff", "S95204418 d0010.uff"])
def test_search_for_readings_uses_an_index(sample: FlowFile, text: str) -> None:
    rows = narrowing.narrow_readings(lists.readings(), look_up(text))[:50]
    assert_no_full_scan(rows, "readings_reading")


def test_queries_for_one_row_use_an_index(sample: FlowFile) -> None:
    deliver_sample("d0010_withdrawal.uff")
    reading = Reading.objects.select_related("meter_point").get(withdrawn_by__isnull=False)
    for rows in (
        details.versions_of(reading),
        details.withdrawals_of(reading),
        details.latest_readings(reading.meter_point),
    ):
        assert_no_full_scan(rows, "readings_reading")
    assert_no_full_scan(details.site_visits_about(reading), "readings_sitevisit")
    problems = Problem.objects.filter(flow_file=reading.flow_file).order_by("line", "pk")
    assert_no_full_scan(problems, "readings_problem")
    assert_no_full_scan(details.arrivals_of(reading.flow_file), "readings_arrival")


@pytest.mark.parametrize("text", [mdff.NMI, mdff.NMI + nmi_check_digit(mdff.NMI), mdff.SERIAL_NUMBER, "both.zip"])
def test_search_for_metered_amounts_uses_an_index(text: str) -> None:
    deliver(zipped(), "both.zip")
    search = look_up(text)
    accumulations = narrowing.narrow_accumulations(lists.accumulations(), search)[:50]
    days = narrowing.narrow_interval_days(lists.interval_days(), search)[:50]
    assert (len(accumulations), len(days)) == (1, 1)
    assert_no_full_scan(accumulations, "readings_accumulation")
    assert_no_full_scan(days, "readings_intervalday")


def test_metered_amounts_of_a_meter_point_are_read_by_an_index() -> None:
    deliver(zipped(), "both.zip")
    row, day, reading = Accumulation.objects.get(), IntervalDay.objects.get(), Reading.objects.earliest("pk")
    for accumulations in (
        details.versions_of_accumulation(row),
        details.accumulations_between(reading),
        details.latest_accumulations(row.meter_point),
    ):
        assert list(accumulations) == [row]
        assert_no_full_scan(accumulations, "readings_accumulation")
    days = details.versions_of_day(day)
    assert list(days) == [day]
    assert_no_full_scan(days, "readings_intervalday")
    members = details.members_of(FlowFile.objects.get(format="ZIP"))
    assert [member.name for member in members] == ["both.zip/13", "both.zip/12"]
    assert_no_full_scan(members, "readings_arrival")


def test_unusual_identifier_is_found_in_any_case() -> None:
    deliver(mdff.nem13(mdff.accumulation(nmi="nmi1")), "nem13.csv")
    assert len(found("nmi1")) == len(found("NMI1")) == 2


@pytest.mark.parametrize("text", [mdff.NMI[:9], f"{mdff.NMI}00", f"{mdff.NMI}X"])
def test_parts_of_an_nmi_find_nothing(text: str) -> None:
    deliver(zipped(), "both.zip")
    assert look_up(text).unknown == [text]


def test_interval_has_the_quality_of_its_event() -> None:
    events = ("400,1,24,N,,", "400,25,48,S14,0,By hand")
    deliver(mdff.nem12(mdff.channel(mdff.day(quality="V"), *events)), "nem12.csv")
    intervals = intervals_of(IntervalDay.objects.get())
    assert [interval.ends_at for interval in intervals[:2] + intervals[-1:]] == ["00:30", "01:00", "24:00"]
    assert [interval.counts for interval in intervals] == [False] * 24 + [True] * 24
    last = intervals[-1]
    assert (last.value, last.quality_method, last.reason_code) == ("4.8", "S14", "0")
    assert last.reason_description == "By hand"


def zipped() -> bytes:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("13", mdff.nem13(mdff.accumulation()))
        archive.writestr("12", mdff.nem12(mdff.channel(mdff.day())))
    return content.getvalue()


def assert_no_full_scan(rows: QuerySet[Any], table: str) -> None:
    query, parameters = rows.query.sql_with_params()
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_postgresql:
            # The planner prefers to read a small table whole; it still does so if there is no index.
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {'' if is_postgresql else 'QUERY PLAN '}{query}", parameters)
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert table in plan
    assert re.search(rf"\b(Seq Scan on|SCAN) {table}\b", plan) is None


def test_a_file_identifier_finds_flow_files(sample: FlowFile) -> None:
    rows = narrowing.narrow_flow_files(lists.flow_files(), look_up("SAMPLE0001"))
    assert list(rows) == [sample]


def test_a_name_finds_a_rejected_file() -> None:
    rejected = deliver_sample("d0010_two_faults.uff")
    search = look_up("d0010_two_faults.uff")
    assert list(narrowing.narrow_flow_files(lists.flow_files(), search)) == [rejected]
    lines = [problem.line for problem in narrowing.narrow_problems(lists.problems(), search)]
    assert lines == [2, 7]


def test_a_serial_number_finds_meter_points_and_meters(sample: FlowFile) -> None:
    search = look_up("k12b04567")
    points = narrowing.narrow_meter_points(lists.meter_points(), search)
    meters = narrowing.narrow_meters(lists.meters(), search)
    assert [point.identifier for point in points] == ["3190001042118"]
    assert [meter.serial_number for meter in meters] == ["K12B 04567"]


def test_site_visits_are_found_by_meter_point_meter_and_file() -> None:
    deliver_sample("d0010_all_groups.uff")

    def count(text: str) -> int:
        return narrowing.narrow_site_visits(lists.site_visits(), look_up(text)).count()

    assert count("d0010_all_groups.uff") == count("") == 8
    assert 0 < count("M14C22091") < count("3190007000016") < 8


def test_file_has_the_name_of_its_first_arrival() -> None:
    content = flow(*reading_of(1))
    deliver(content, "first.uff")
    deliver(content, "second.uff")
    (flow_file,) = lists.flow_files()
    assert lists.name_of(flow_file) == "first.uff"
    assert lists.name_of(FlowFile.objects.get()) == "first.uff"


def test_counting_stops_at_the_cap(sample: FlowFile) -> None:
    Problem.objects.bulk_create(
        Problem(flow_file=sample, severity="ERROR", line=line, code="made-up", message="made up")
        for line in range(lists.CAP + 5)
    )
    with CaptureQueriesContext(connection) as captured:
        assert lists.count_up_to_cap(lists.problems()) == lists.CAP + 1
    assert f"LIMIT {lists.CAP + 1}" in captured[0]["sql"]


def latest(number: int = 1) -> list[str]:
    meter_point = MeterPoint.objects.get(identifier=mpan(number))
    return [str(reading.value) for reading in details.latest_readings(meter_point)]


def test_latest_reading_is_the_last_read_not_the_last_stored() -> None:
    deliver(flow(*reading_of(1, value="2.0", day="20260202")), "later")
    deliver(flow(*reading_of(1, value="1.0", day="20260201")), "earlier")
    assert latest() == ["2.0"]


def test_each_register_has_its_latest_reading() -> None:
    deliver(flow(*reading_of(1, value="1.0", register_id="DY")), "day")
    deliver(flow(*reading_of(1, value="2.0", register_id="NT")), "night")
    assert latest() == ["1.0", "2.0"]


def test_an_estimate_may_be_the_latest_reading() -> None:
    deliver(flow(*reading_of(1, value="1.0")), "actual")
    deliver(flow(*reading_of(1, value="2.0", day="20260202", reading_type="D")), "estimate")
    assert latest() == ["2.0"]


@pytest.mark.parametrize("bad", [{"status": "F"}, {"flag": "F"}])
def test_failed_or_suspect_reading_is_never_the_latest(bad: dict[str, str]) -> None:
    deliver(flow(*reading_of(1, value="1.0")), "good")
    deliver(flow(*reading_of(1, value="2.0", day="20260202", **bad)), "bad")
    assert latest() == ["1.0"]


@pytest.mark.parametrize(("status", "expected"), [("T", ["2.0"]), ("F", ["1.0"])])
def test_reading_status_overrides_the_flag(status: str, expected: list[str]) -> None:
    deliver(flow(*reading_of(1, value="1.0")), "good")
    suspect = reading_of(1, value="2.0", day="20260202", flag="F")
    deliver(flow(*suspect, f"032|05|{status}|"), "suspect")
    assert latest() == expected


def test_correction_replaces_the_latest_reading() -> None:
    deliver(flow(*reading_of(1, value="1.0")), "first")
    deliver(flow(*reading_of(1, value="1.5")), "correction")
    assert latest() == ["1.5"]
    first, correction = details.versions_of(Reading.objects.get(value="1.0"))
    assert (first.superseded_by, str(correction.value)) == (correction, "1.5")


def test_withdrawn_reading_and_its_withdrawal_are_never_the_latest() -> None:
    deliver(flow(*reading_of(1, value="1.0")), "good")
    deliver(flow(*reading_of(1, value="2.0", day="20260202")), "wrong")
    deliver(flow(*reading_of(1, value="2.0", day="20260202", reading_type="W")), "withdrawal")
    assert latest() == ["1.0"]
    withdrawn = Reading.objects.get(reading_type="R", value="2.0")
    (withdrawal,) = details.withdrawals_of(withdrawn)
    assert withdrawal.reading_type == "W"
    assert list(details.withdrawals_of(withdrawal)) == [withdrawn]


def test_test_data_has_no_latest_reading() -> None:
    deliver(flow(*reading_of(1, value="1.0"), test_flag="TR01"), "test")
    assert latest() == []


@pytest.mark.parametrize(
    "rows",
    [
        lists.readings,
        lists.flow_files,
        lists.arrivals,
        lists.problems,
        lists.meter_points,
        lists.meters,
        lists.site_visits,
        lists.accumulations,
        lists.interval_days,
    ],
)
def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(
    rows: Callable[[], QuerySet[Any]],
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert list(rows())
        return len(captured)

    deliver_sample("d0010_all_groups.uff")
    deliver_sample("d0010_two_faults.uff")
    deliver(zipped(), "both.zip")
    few, number = count(), rows().count()
    for name in ("d0010.uff", "d0010_correction.uff", "d0010_change_nights.uff"):
        deliver_sample(name)
    deliver(flow(*reading_of(1), "027|02|Nobody there|"), "more.uff")
    deliver(mdff.nem13(mdff.accumulation(nmi=mdff.OTHER_NMI)), "nem13.csv")
    deliver(mdff.nem12(mdff.channel(mdff.day(), nmi=mdff.OTHER_NMI)), "nem12.csv")
    assert rows().count() > number
    assert count() == few <= 3
