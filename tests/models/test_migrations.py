"""Migrations of a store with rows: forward to this version, and back to the one before."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.management import call_command

from readings.models import Arrival, FlowFile, Problem, Status, Trail
from tests.making.dtc import flow, other_flow, reading_of
from tests.running.imported import deliver

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def zipped(*contents: bytes) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}.uff", content)
    return packed.getvalue()


def stored() -> dict[str, list[Any]]:
    """Return the outcomes of a store that both versions have, in the words of this version."""
    return {
        "contents": list(FlowFile.objects.order_by("pk").values_list("status", "errors", "warnings")),
        "arrivals": list(Arrival.objects.order_by("pk").values_list("outcome", flat=True)),
        "trail": list(Trail.objects.order_by("pk").values_list("outcome", flat=True)),
        "problems": list(Problem.objects.order_by("pk").values_list("severity", "code")),
    }


def test_files_that_were_set_aside_are_rejected_by_the_version_before() -> None:
    deliver(other_flow("D0086002"), "other.uff")
    deliver(zipped(other_flow("D0150001"), other_flow("D0149001")), "others.zip")
    deliver(flow(*reading_of(1)), "own.uff")
    now = stored()
    assert [status for status, *_ in now["contents"]] == [*[Status.OTHER_FLOW] * 4, Status.IMPORTED]
    try:
        call_command("migrate", "readings", "0012", verbosity=0)
        before = stored()
    finally:
        call_command("migrate", "readings", verbosity=0)
    one, two = ("REJECTED", 1, 0), ("REJECTED", 2, 0)
    assert sorted(before["contents"]) == [("IMPORTED", 0, 0), one, one, one, two]
    assert set(before["arrivals"]) == set(before["trail"]) == {"REJECTED", "IMPORTED"}
    assert {severity for severity, code in before["problems"] if code == "other-flow"} == {"ERROR"}
    again = stored()
    assert [status for status, *_ in again["contents"]].count(Status.OTHER_FLOW) == 3
    assert [code for _, code in again["problems"]] == [code for _, code in now["problems"]]
