"""Derivation of what counts from the stored statements."""

from __future__ import annotations

import tracemalloc
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Value
from django.db.models.functions import Replace

from readings.imports.rederivation import rederive
from readings.models import Accumulation, IntervalDay, Reading, Register
from tests.making.dtc import block, flow, reading
from tests.making.mdff import accumulation, channel, day, nem12, nem13
from tests.proofs.store import deliver_plainly, draw
from tests.proofs.stored import stored
from tests.running.imported import imported

pytestmark = pytest.mark.django_db


def called(*arguments: str) -> tuple[int, str]:
    """Return the exit code and the output of the command."""
    output = StringIO()
    try:
        call_command("rederive", *arguments, stdout=output)
    except SystemExit as ended:
        return int(ended.code or 0), output.getvalue()
    return 0, output.getvalue()


def test_marks_of_drawn_sets_are_derived_from_the_statements() -> None:
    for seed in range(2_000_000, 2_000_012):
        drawn = draw(seed)
        expected = deliver_plainly(drawn)
        Reading.objects.update(superseded_by=None, withdrawn_by=None)
        IntervalDay.objects.update(superseded_by=None)
        Accumulation.objects.update(superseded_by=None)
        assert stored() != expected or {"correction", "withdrawal"}.isdisjoint(drawn.cases)
        for _ in rederive(store=True):
            pass
        assert stored() == expected
        assert [each for step in rederive(store=True) for each in step.derived] == []


def test_australian_statements_are_derived_too() -> None:
    imported(nem12(channel(day()), channel(day(values=",".join(["1"] * 48), updated="20260401000000"))))
    forecast = accumulation(current_quality="E64,,", current_at="20260301000000")
    imported(nem13(forecast, accumulation(updated="20260401000000")))
    before = [
        list(model.objects.order_by("pk").values_list("pk", "superseded_by")) for model in (IntervalDay, Accumulation)
    ]
    IntervalDay.objects.update(superseded_by=None)
    Accumulation.objects.update(superseded_by=None)
    assert called()[0] == 1
    assert [
        list(model.objects.order_by("pk").values_list("pk", "superseded_by")) for model in (IntervalDay, Accumulation)
    ] == before


def test_suffix_that_an_earlier_version_stored_in_lower_case_is_the_same_stream() -> None:
    values = ",".join(["1"] * 48)
    imported(nem12(channel(day(values=values))))
    Register.objects.update(suffix="e1", key=Replace("key", Value("E1"), Value("e1")))
    repeat = imported(nem12(channel(day(values=values), configuration="E1"), created="202603020215"))
    assert (repeat.interval_days, repeat.repeats) == (0, 1)
    imported(nem12(channel(day(updated="20260401000000"))))
    assert IntervalDay.objects.current().count() == 1
    assert called()[0] == 0


def peak_of_memory() -> int:
    """Return the most memory, in bytes, that a derivation takes."""
    tracemalloc.start()
    for _ in rederive(store=False):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_number_of_meter_points_with_interval_days() -> None:
    dates = [f"{date(2025, 1, 1) + timedelta(number):%Y%m%d}" for number in range(300)]

    def year(number: int) -> list[str]:
        return channel(*map(day, dates), nmi=f"88{number:08}")

    imported(nem12(year(0)))
    peak_of_memory()  # Which fills caches.
    of_one = peak_of_memory()
    imported(nem12(*map(year, range(1, 9))))
    assert peak_of_memory() < 2 * of_one


def test_store_that_agrees_ends_with_0() -> None:
    imported(flow(block(reading("1"))))
    assert called() == (0, "all marks agree with the stored statements\n")


def test_dry_run_lists_the_differences_and_changes_nothing() -> None:
    imported(flow(block(reading("1"))))
    imported(flow(block(reading("2")), created="20260306061500"))
    Reading.objects.update(superseded_by=None)
    first = Reading.objects.earliest("pk").pk
    code, text = called("--dry-run")
    assert (code, text.splitlines()) == (
        1,
        [
            f"reading {first} (line 4) no longer counts",
            "1 reading marked anew, of which 1 count otherwise than before",
        ],
    )
    assert Reading.objects.current().count() == 2
