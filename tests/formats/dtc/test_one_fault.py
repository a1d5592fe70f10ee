"""The parser and the importer report each fault at its place."""

from __future__ import annotations

from datetime import datetime, timezone
from io import BytesIO

import pytest

from readings.formats.contract import ERROR, Problem
from readings.imports.arrivals import Delivery
from readings.imports.operations import import_flow
from readings.imports.reports import ImportReport
from readings.models import Arrival, FlowFile, Meter, MeterPoint, Reading, Register, SiteVisit, Status
from tests.making.one_fault_dtc import FAULTLESS_FILES, ONE_FAULT_FILES, OneFaultFile
from tests.running.imported import RULES
from tests.running.parsed import parsed

pytestmark = pytest.mark.slow_on_postgresql

for_every_fault = pytest.mark.parametrize("fault", ONE_FAULT_FILES, ids=lambda fault: fault.name)
for_every_faultless_file = pytest.mark.parametrize("name", FAULTLESS_FILES)


def test_every_fault_has_a_unique_name_and_content() -> None:
    assert len({fault.name for fault in ONE_FAULT_FILES}) == len(ONE_FAULT_FILES)
    assert len({fault.content for fault in ONE_FAULT_FILES}) == len(ONE_FAULT_FILES)


@for_every_fault
def test_the_parser_reports_only_the_fault(fault: OneFaultFile) -> None:
    assert_only_the_fault(fault, parsed(fault.content).problems)


@for_every_faultless_file
def test_the_parser_accepts_an_unusual_valid_file(name: str) -> None:
    assert parsed(FAULTLESS_FILES[name]).problems == []


@for_every_fault
@pytest.mark.django_db
def test_the_importer_stores_a_file_with_a_warning_and_rejects_one_with_an_error(
    fault: OneFaultFile,
) -> None:
    report = imported(fault.content)
    assert_only_the_fault(fault, report.problems)
    flow_file = FlowFile.objects.get()
    assert flow_file.problems.count() == len(report.problems)
    if fault.severity == ERROR:
        assert (report.outcome, flow_file.status) == ("REJECTED", Status.REJECTED)
        for model in (Reading, SiteVisit, Register, Meter, MeterPoint):
            assert not model._default_manager.exists(), model
    else:
        assert (report.outcome, flow_file.status) == ("IMPORTED", Status.IMPORTED)
        assert Reading.objects.count() == len(parsed(fault.content).readings)
    assert Arrival.objects.get().outcome == report.outcome


@for_every_faultless_file
@pytest.mark.django_db
def test_the_importer_stores_an_unusual_valid_file(name: str) -> None:
    content = FAULTLESS_FILES[name]
    report = imported(content)
    assert report.outcome == "IMPORTED"
    assert Reading.objects.count() == len(parsed(content).readings)
    assert SiteVisit.objects.count() == len(parsed(content).site_visits)


def assert_only_the_fault(fault: OneFaultFile, problems: list[Problem]) -> None:
    places = [(problem.severity, problem.line, problem.record, problem.field, problem.code) for problem in problems]
    place = (fault.severity, fault.line, fault.record, fault.field, fault.code)
    assert place in places
    places.remove(place)
    assert sorted(code for *_, code in places) == sorted(fault.also)


def imported(content: bytes) -> ImportReport:
    return import_flow(
        BytesIO(content),
        Delivery(name="one_fault.uff", channel="COMMAND", resting_place="one_fault.uff"),
        clock=lambda: datetime(2026, 1, 31, tzinfo=timezone.utc),
        rules=RULES,
    )
