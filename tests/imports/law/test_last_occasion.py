"""A value leads to the last file that states it, whatever the order in which the files arrive."""

from __future__ import annotations

from io import StringIO
from itertools import permutations

import pytest
from django.core.management import call_command

from readings.models import Reading
from tests.making.dtc import block, flow, reading
from tests.making.mdff import channel, day, nem12
from tests.running.imported import imported

pytestmark = pytest.mark.django_db
VALUES = ",".join(["1"] * 48)


def exported(command: str) -> str:
    output = StringIO()
    call_command(command, stdout=output)
    return output.getvalue()


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_export_names_the_last_statement_of_a_reading(order: tuple[int, ...]) -> None:
    times = ("20260301061500", "20260303061500", "20260302061500")
    files = [flow(block(reading("731")), created=time, identifier=f"F{time[:8]}") for time in times]
    for number in order:
        imported(files[number], f"{number}.uff")
    assert Reading.objects.count() == 1
    assert ",1.uff," in exported("export_readings")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_export_names_the_last_spelling_of_a_stream(order: tuple[int, ...]) -> None:
    spelled = (("SN1", "1"), ("sn 1", "E1"), ("0SN1", "01"))
    times = ("202603020215", "202603040215", "202603030215")
    files = [
        nem12(channel(day(values=VALUES, updated=""), serial_number=serial_number, register=register), created=time)
        for (serial_number, register), time in zip(spelled, times, strict=True)
    ]
    for number in order:
        imported(files[number], f"{number}.csv")
    first, *_ = exported("export_intervals").splitlines()[1:]
    assert first.startswith("NMI,6123456789,sn 1,E1,E1,")
    assert ",1.csv," in first
