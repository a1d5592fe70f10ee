from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

from readings.formats.content import CHUNK
from readings.formats.statements import RegisterKey
from readings.imports.arrivals import Delivery, plan_rest, report_of, settle, unsettled, unsettled_arrivals
from readings.imports.attempts import ContentChanged
from readings.imports.loading.parents.keys import Keys
from readings.imports.loading.parents.lookup import resolve
from readings.imports.operations import import_flow, note_failure, undo_attempt
from readings.models import Arrival, FlowFile, Meter, MeterPoint, Problem, Reading, Register, SiteVisit, Status
from tests.making.dtc import MPAN, OTHER_MPAN, block, flow, reading
from tests.running.imported import NOON, RULES, codes, imported

pytestmark = pytest.mark.django_db


def stored_rows() -> list[int]:
    return [model.objects.count() for model in (MeterPoint, Meter, Register, Reading, SiteVisit)]


def test_valid_file_is_stored_completely_with_the_line_of_each_reading() -> None:
    report = imported(
        flow(block(reading("100.0"), reading("56311", register="02")), block(reading("7.5"), mpan=OTHER_MPAN))
    )

    assert (report.outcome, report.meter_points, report.meters, report.registers) == ("IMPORTED", 2, 2, 3)
    assert (report.readings, report.repeats, codes(report)) == (3, 0, [])
    rows = Reading.objects.order_by("line").values_list("line", "meter_point__identifier", "value")
    assert [(line, mpan, str(value)) for line, mpan, value in rows] == [
        (4, MPAN, "100.0"),
        (5, MPAN, "56311"),
        (8, OTHER_MPAN, "7.5"),
    ]
    flow_file = FlowFile.objects.get()
    assert (flow_file.status, flow_file.attempts, flow_file.sender) == (Status.IMPORTED, 0, "ZZDC")
    assert flow_file.arrivals.get().name == "test.uff"


def test_every_field_of_a_reading_is_stored() -> None:
    md = "030|MD|20260301000000|42.7|20260228000000|1|F|P|"
    imported(flow([*block(md, kind="C", status="U"), "032|27|T|"]))

    stored = Reading.objects.select_related("register__meter").get()
    assert (stored.register.register_id, stored.register.meter.serial_number) == ("MD", "K12B 04567")
    assert stored.register.meter.searchable == "K12B04567"
    assert (stored.reading_type, stored.validation_status, stored.flag, stored.method) == ("C", "U", "F", "P")
    assert (stored.md_resets, stored.reason_code, stored.reading_status) == (1, "27", "T")
    assert stored.md_reset_at is not None
    assert stored.md_reset_at.isoformat() == "2026-02-28T00:00:00+00:00"


def test_summer_readings_are_stored_as_instants_of_british_clock_time() -> None:
    imported(flow(block(reading("1", at="20250701000000")), created="20250801000000"))

    assert Reading.objects.get().read_at.isoformat() == "2025-06-30T23:00:00+00:00"


def test_site_visits_are_stored_with_their_meter_and_reading() -> None:
    lines = [*block("029|16|Seal|", reading("1"), "033|11||")]
    lines.insert(1, '027|20|Nobody "at" home|')
    imported(flow(lines))

    visits = SiteVisit.objects.order_by("line").values_list(
        "line", "meter__serial_number", "reading_line", "check_code"
    )
    assert list(visits) == [(3, None, None, "20"), (5, "K12B 04567", None, "16"), (7, "K12B 04567", 6, "11")]
    first = SiteVisit.objects.order_by("line")[0]
    assert first.additional_information == 'Nobody "at" home'


def test_failed_visit_creates_a_meter_without_a_reading() -> None:
    report = imported(flow([*block(), "029|20||"]))

    assert (report.outcome, report.meter_points, report.meters, report.readings) == ("IMPORTED", 1, 1, 0)


def test_rejected_file_stores_only_its_problems() -> None:
    report = imported(flow(block(reading("100.0")), block(reading("1.234"), mpan="3290002209573")))

    assert report.outcome == "REJECTED"
    assert codes(report) == ["wrong-check-digit", "too-many-digits"]
    assert stored_rows() == [0, 0, 0, 0, 0]
    assert [(problem.line, problem.code) for problem in Problem.objects.order_by("line")] == [
        (5, "wrong-check-digit"),
        (7, "too-many-digits"),
    ]
    assert FlowFile.objects.get().status == Status.REJECTED
    assert Arrival.objects.get().outcome == "REJECTED"


def test_problems_in_later_batches_are_listed_too() -> None:
    many = [block(reading("1"), mpan=MPAN) for _ in range(2 * CHUNK // 60)]
    report = imported(flow(block(reading("x")), *many, block(reading("y"))))

    assert codes(report) == ["not-a-number", "not-a-number"]
    assert stored_rows() == [0, 0, 0, 0, 0]


def test_the_same_bytes_again_are_a_duplicate_of_the_first_name() -> None:
    content = flow(block(reading("100.0")))
    imported(content, name="first.uff")
    report = imported(content, name="second.uff")

    assert (report.outcome, report.duplicate_of, report.readings) == ("DUPLICATE", "first.uff", 0)
    assert (FlowFile.objects.count(), Arrival.objects.count(), Reading.objects.count()) == (1, 2, 1)


def test_rejected_content_is_imported_again_on_its_next_arrival() -> None:
    content = flow(block(reading("x")))
    assert imported(content).outcome == imported(content).outcome == "REJECTED"
    assert (FlowFile.objects.count(), Arrival.objects.count(), Problem.objects.count()) == (1, 2, 1)


def test_repeated_statement_counts_as_a_repeat_and_adds_no_row() -> None:
    imported(flow(block(reading("100.0"))))
    report = imported(flow(block(reading("100.0")), identifier="TEST000002"))

    assert (report.readings, report.repeats, report.meter_points) == (0, 1, 1)
    assert (report.superseded, Reading.objects.count()) == (0, 1)


def test_repeat_is_the_last_occasion_of_its_statement_only_if_it_is_later() -> None:
    imported(flow(block(reading("100.0"))))
    later = imported(flow(block(reading("100.0")), identifier="TEST000002", created="20260306061500"))
    imported(flow(block(reading("100.0")), identifier="TEST000003", created="20260304061500"))

    row = Reading.objects.get()
    assert row.restated_in
    assert (row.restated_in.sha256, row.restated_line) == (later.sha256, 4)
    assert row.restated_at == datetime(2026, 3, 6, 6, 15, tzinfo=timezone.utc)


def test_the_same_statement_of_another_sender_is_no_repeat() -> None:
    imported(flow(block(reading("100.0"))))
    report = imported(flow(block(reading("100.0"))).replace(b"|D|ZZDC|", b"|D|ZZDE|"))

    assert (report.readings, report.repeats, Reading.objects.count()) == (1, 0, 2)


def test_correction_supersedes_the_reading_and_overwrites_nothing() -> None:
    imported(flow(block(reading("100.0"))))
    report = imported(flow(block(reading("101.0")), identifier="TEST000002", created="20260306061500"))

    assert (report.readings, report.superseded, codes(report)) == (1, 1, ["correction"])
    old, new = Reading.objects.order_by("version")
    assert (old.value, old.superseded_by) == (Decimal("100.0"), new)
    assert (new.value, new.version, new.superseded_by) == (Decimal("101.0"), 2, None)


def test_a_correction_back_to_the_first_value_renews_the_first_version() -> None:
    for number, value in enumerate(("100.0", "101.0", "100.0"), 1):
        created = f"2026030{number}061500"
        report = imported(flow(block(reading(value)), identifier=f"TEST00000{number}", created=created))

    assert (report.readings, report.repeats, report.superseded, codes(report)) == (0, 1, 1, ["stated-again"])
    current = Reading.objects.get(superseded_by=None)
    assert (str(current.value), current.version, current.restated_line) == ("100.0", 1, 4)
    assert current.restated_in == FlowFile.objects.latest("pk")
    assert Reading.objects.count() == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_files_of_one_time_the_greater_hash_counts(order: tuple[int, int]) -> None:
    contents = [flow(block(reading(value))) for value in ("100.0", "101.0")]
    for number in order:
        imported(contents[number])

    current = Reading.objects.get(superseded_by=None)
    assert current.flow_file.sha256 == max(FlowFile.objects.values_list("sha256", flat=True))


def test_older_file_that_arrives_later_does_not_become_current() -> None:
    imported(flow(block(reading("101.0")), created="20260306000000"))
    report = imported(flow(block(reading("100.0")), identifier="TEST000002", created="20260305000000"))

    assert (report.readings, report.superseded, codes(report)) == (1, 0, ["correction"])
    assert str(Reading.objects.get(superseded_by=None).value) == "101.0"


def test_creation_times_in_summer_are_compared_in_the_same_zone() -> None:
    imported(flow(block(reading("110.0")), created="20260705061500"))
    report = imported(flow(block(reading("100.0")), identifier="TEST000002", created="20260705054500"))

    assert (codes(report), report.superseded) == (["correction"], 0)
    assert str(Reading.objects.get(superseded_by=None).value) == "110.0"


def test_repeated_maximum_demand_reading_in_summer_is_a_repeat() -> None:
    md = "030|MD|20260701000000|42.7|20260701000000|1|T|P|"
    imported(flow(block(md), created="20260705061500"))
    report = imported(flow(block(md), identifier="TEST000002", created="20260706061500"))

    assert (report.readings, report.repeats, report.superseded) == (0, 1, 0)


def test_another_status_of_the_same_value_is_a_new_version() -> None:
    imported(flow(block(reading("100.0"), status="U")))
    later = "20260306061500"
    imported(flow(block(reading("100.0"), status="V"), identifier="TEST000002", created=later))

    assert Reading.objects.get(superseded_by=None).validation_status == "V"


def test_readings_of_different_types_are_different_readings() -> None:
    imported(flow(block(reading("100.0"), kind="R"), block(reading("101.0"), kind="C")))

    assert Reading.objects.filter(superseded_by=None).count() == 2


def test_a_key_twice_in_one_file_is_a_repeat_or_a_correction() -> None:
    report = imported(flow(block(reading("1"), reading("1"), reading("2"))))

    assert (report.readings, report.repeats, report.superseded) == (2, 1, 1)
    assert str(Reading.objects.get(superseded_by=None).value) == "2"


def test_withdrawal_marks_its_reading_as_withdrawn() -> None:
    imported(flow(block(reading("100.0"))))
    report = imported(flow(block(reading("100.0"), kind="W"), identifier="TEST000002"))

    assert (report.withdrawn, codes(report)) == (1, [])
    withdrawal = Reading.objects.get(reading_type="W")
    assert Reading.objects.get(reading_type="R").withdrawn_by == withdrawal
    assert withdrawal.withdrawn_by is None


def test_a_withdrawal_of_another_value_withdraws_nothing_and_warns() -> None:
    imported(flow(block(reading("100.0"))))
    report = imported(flow(block(reading("99.0"), kind="W"), identifier="TEST000002"))

    assert (report.withdrawn, codes(report)) == (0, ["withdrawal-without-match"])


def test_withdrawal_that_arrives_first_applies_when_its_reading_arrives() -> None:
    first = imported(flow(block(reading("100.0"), kind="W")))
    second = imported(flow(block(reading("100.0")), identifier="TEST000002"))
    third = imported(flow(block(reading("100.0")), block(reading("7"), mpan=OTHER_MPAN), identifier="TEST000003"))

    assert codes(first) == ["withdrawal-without-match"]
    assert (second.withdrawn, codes(second)) == (1, ["withdrawn-before"])
    assert (third.repeats, third.withdrawn) == (1, 0)
    assert Reading.objects.get(reading_type="R", meter_point__identifier=MPAN).withdrawn_by_id is not None


def test_reading_reported_again_after_its_withdrawal_is_current() -> None:
    imported(flow(block(reading("100.0"))))
    imported(flow(block(reading("100.0"), kind="W"), identifier="TEST000002"))
    imported(flow(block(reading("110.0")), identifier="TEST000003"))

    good = Reading.objects.exclude(reading_type="W").filter(superseded_by=None, withdrawn_by=None)
    assert [str(row.value) for row in good] == ["110.0"]


def test_withdrawal_in_the_same_file_withdraws_its_reading() -> None:
    report = imported(flow(block(reading("1")), block(reading("1"), kind="W")))

    assert report.withdrawn == 1
    assert Reading.objects.get(reading_type="R").withdrawn_by == Reading.objects.get(reading_type="W")


def test_test_data_is_stored_separately_from_live_data() -> None:
    imported(flow(block(reading("100.0"))))
    report = imported(flow(block(reading("200.0")), identifier="TEST000002", test_flag="TR01"))

    assert (report.readings, report.superseded, codes(report)) == (1, 0, ["test-data"])
    assert list(MeterPoint.objects.order_by("pk").values_list("scheme", flat=True)) == ["MPAN", "TEST_MPAN"]


def test_a_file_identifier_used_again_for_other_content_is_a_warning() -> None:
    imported(flow(block(reading("1"))), name="first.uff")
    report = imported(flow(block(reading("2"), mpan=OTHER_MPAN)))

    assert codes(report) == ["repeated-file-identifier"]
    assert "first.uff" in report.problems[0].message


@pytest.mark.parametrize("content", [flow(block(reading("1"))), flow(block(reading("x")))])
def test_dry_run_returns_the_same_report_and_stores_nothing(content: bytes) -> None:
    rehearsed = imported(content, dry_run=True)
    assert (FlowFile.objects.count(), Arrival.objects.count(), *stored_rows()) == (0, 0, 0, 0, 0, 0, 0)

    real = imported(content)
    assert (rehearsed.outcome, rehearsed.readings, codes(rehearsed)) == (real.outcome, real.readings, codes(real))


def test_a_file_that_changed_while_it_was_read_is_not_stored() -> None:
    with pytest.raises(ContentChanged):
        imported(flow(block(reading("1"))), is_unchanged=lambda: False)
    assert (Arrival.objects.count(), *stored_rows()) == (0, 0, 0, 0, 0, 0)


class Stop(Exception):
    pass


def test_interrupted_import_stores_only_the_attempt() -> None:
    def stop(position: int, _values: int) -> None:
        if position:
            raise Stop

    with pytest.raises(Stop):
        imported(flow(block(reading("1"))), on_progress=stop)
    assert (Arrival.objects.count(), *stored_rows()) == (0, 0, 0, 0, 0, 0)
    assert FlowFile.objects.get().attempts == 1


def test_a_fault_of_the_database_never_rejects_a_file() -> None:
    def fail() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")
        return True

    with pytest.raises(DatabaseError, match="no_such_table"):
        imported(flow(block(reading("1"))), is_unchanged=fail)
    assert FlowFile.objects.get().status == Status.RECEIVED


def test_content_that_crashes_the_importer_three_times_is_rejected_as_poison() -> None:
    content = flow(block(reading("1")))
    for _ in range(3):
        with pytest.raises(ContentChanged):
            imported(content, is_unchanged=lambda: False)
    report = imported(content)
    assert (report.outcome, codes(report)) == ("REJECTED", ["poison"])
    assert imported(content).outcome == "IMPORTED"


def test_three_importer_errors_reject_the_file_as_internal_error() -> None:
    content = flow(block(reading("1")))
    for _ in range(3):
        with pytest.raises(ContentChanged):
            imported(content, is_unchanged=lambda: False)
        note_failure(FlowFile.objects.get().sha256, "KeyError: 'x'")
    assert codes(imported(content)) == ["internal-error"]


def test_attempts_ended_by_the_environment_do_not_count() -> None:
    content = flow(block(reading("1")))
    for _ in range(5):
        with pytest.raises(ContentChanged):
            imported(content, is_unchanged=lambda: False)
        undo_attempt(FlowFile.objects.get().sha256)
    assert imported(content).outcome == "IMPORTED"


def test_content_above_the_limit_is_rejected_unread() -> None:
    assert codes(imported(flow(block(reading("1"))), max_bytes=10)) == ["too-large"]


def test_an_arrival_is_unsettled_until_it_is_put_away(tmp_path: Path) -> None:
    path = tmp_path / "in.uff"
    path.write_bytes(flow(block(reading("x"))))
    delivery = Delivery(name="in.uff", channel="INBOX", identity="1:2:3")
    with path.open("rb") as stream:
        report = import_flow(stream, delivery, clock=lambda: NOON, rules=RULES)
    (waiting,) = unsettled_arrivals()
    assert waiting == unsettled("1:2:3")
    assert (waiting.name, waiting.outcome, waiting.sha256) == ("in.uff", "REJECTED", report.sha256)
    assert unsettled("other") is None

    plan_rest(waiting.id, "rejected/in.uff")
    assert unsettled_arrivals()[0].resting_place == "rejected/in.uff"
    settle(waiting.id, "rejected/in.uff", NOON)
    assert unsettled_arrivals() == []
    assert Arrival.objects.get().settled_at == NOON

    again = report_of(waiting.id)
    assert (again.problems, again.errors, again.outcome) == (report.problems, 1, "REJECTED")


def test_same_serial_number_at_two_meter_points_makes_two_meters() -> None:
    report = imported(flow(block(reading("1")), block(reading("2"), mpan=OTHER_MPAN)))
    assert (report.meters, Meter.objects.filter(searchable="K12B04567").count()) == (2, 2)


def test_second_file_of_stored_meters_creates_no_meters() -> None:
    imported(flow(block(reading("1"))))
    report = imported(
        flow(block(reading("2", at="20260302000000"), reading("3", register="02")), identifier="TEST000002")
    )
    assert (report.meter_points, report.meters, report.registers, report.readings) == (1, 1, 2, 2)
    assert stored_rows()[:4] == [1, 1, 2, 3]


def test_keys_are_resolved_in_order_and_created_once() -> None:
    channel: RegisterKey = ("NMI", "NAAAMYS582", "", "", "E1")
    keys: Keys = {
        ("MPAN", MPAN, "B", "01", ""): f"MPAN\t{MPAN}\tB\t01\t",
        ("MPAN", MPAN, None, None, ""): "",
        ("MPAN", MPAN, "B", None, ""): "",
        ("TEST_MPAN", MPAN, "B", "01", ""): f"TEST_MPAN\t{MPAN}\tB\t01\t",
        channel: "NMI\tNAAAMYS582\t\t\tE1",
    }
    resolved = resolve(keys, {channel: ("kWh", "E")})
    assert resolved == resolve(keys, {})
    assert {channel: resolved[channel]} == resolve({channel: keys[channel]}, {})
    assert list(resolved) == list(keys)
    ids = list(resolved.values())
    assert ids[1] == (ids[0][0], None, None)
    assert ids[2] == (*ids[0][:2], None)
    assert ids[3][0] != ids[0][0]
    assert MeterPoint.objects.count() == 3
    assert Register.objects.values_list("suffix", "unit", "direction").get(pk=ids[4][2]) == ("E1", "kWh", "E")


def test_text_that_looks_like_sql_is_stored_as_text() -> None:
    text = "\\N\\t'%s"
    imported(flow([*block(reading("1"), meter=text), f"033|11|{text}|"]))
    assert Meter.objects.get().serial_number == text
    assert SiteVisit.objects.get().additional_information == text


def test_serial_number_that_is_longer_in_upper_case_is_stored() -> None:
    assert imported(flow(block(reading("1"), meter="\u00df" * 10))).outcome == "IMPORTED"
    assert Meter.objects.get().searchable == "S" * 20


def test_reading_may_have_more_versions_than_a_small_integer_holds() -> None:
    imported(flow(block(reading("1"), reading("2"))))
    Reading.objects.filter(version=2).update(version=32_767)
    imported(flow(block(reading("3")), identifier="TEST000002"))
    assert Reading.objects.get(superseded_by=None).version == 32_768
