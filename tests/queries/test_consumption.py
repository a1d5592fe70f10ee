"""Sums of half hours, compared with sums computed by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from readings.imports.summing.update import bring_up_to_date
from readings.models import IntervalDay, MeterPoint, MonthSum
from readings.queries.consumption.scope import CONSUMPTION, Measure, Scope, choices, measures_of
from readings.queries.consumption.totals import by_day, by_meter_point, without_repeats
from readings.queries.consumption.values import counted_values
from tests.making.consumption import consumer, days, users
from tests.making.mdff import NMI, OTHER_NMI, channel, day, nem12
from tests.running.imported import deliver
from tests.running.places import SAMPLES, SHARED

SMAP = SHARED / "smap"
OF_CONSUMERS = Scope(scheme="CONSUMER")
OF_NMIS = Scope(scheme="NMI")

pytestmark = pytest.mark.django_db


def values(value: str, count: int = 48) -> str:
    return ",".join([value] * count)


def totals_by_hand() -> Decimal:
    current = IntervalDay.objects.filter(superseded_by=None)
    return sum((Decimal(value) for row in current for value in counted_values(row) if value), start=Decimal(0))


@pytest.fixture
def repeated() -> None:
    """Import a consumer with a repeated hour, once with higher and once with lower values."""
    rows = days("2016-10-26")
    consumer("3000", *rows[:4], ("2016-10-26 01:00", "4.0"), ("2016-10-26 01:30", "40.5"), *rows[4:])


def test_every_row_counts_and_a_repeated_hour_counts_twice(repeated: None) -> None:
    totals = by_day(OF_CONSUMERS)
    assert (totals.unit, totals.all.total, totals.all.days) == ("Wh", Decimal("524.5"), 1)


def test_four_further_totals_count_a_repeated_half_hour_once(repeated: None) -> None:
    totals = without_repeats(OF_CONSUMERS, by_day(OF_CONSUMERS).all.total, "Wh")
    assert totals.number == 2
    assert (totals.first, totals.last) == (Decimal("480.0"), Decimal("504.5"))
    assert (totals.mean, totals.largest) == (Decimal("492.25"), Decimal("510.5"))


def test_filter_selects_area_tariff_and_period() -> None:
    users()
    for number in range(3):
        consumer(f"300{number}", *days("2016-08-30", 4, value=f"{10**number}.0"))
    assert by_day(OF_CONSUMERS).all.total == 48 * 4 * 111
    assert by_day(replace(OF_CONSUMERS, area="a1")).all.total == 48 * 4 * 11
    assert by_day(replace(OF_CONSUMERS, tariff="t3")).all.total == 48 * 4 * 100
    period = replace(OF_CONSUMERS, first_day=date(2016, 8, 31), last_day=date(2016, 9, 1))
    assert by_day(period).all.total == 48 * 2 * 111
    months = by_day(OF_CONSUMERS).months
    assert {month: amount.total for month, amount in months.items()} == {
        date(2016, 8, 1): 48 * 2 * 111,
        date(2016, 9, 1): 48 * 2 * 111,
    }
    assert months[date(2016, 8, 1)].mean == 48 * 37


def test_a_weekend_is_saturday_and_sunday() -> None:
    consumer("3000", *days("2016-09-02", 4))
    totals = by_day(OF_CONSUMERS)
    assert (totals.weekdays.days, totals.weekends.days) == (2, 2)


def test_totals_include_only_the_correction() -> None:
    deliver(nem12(channel(day(values=values("1.5")))), "first.csv")
    assert by_day(OF_NMIS).all.total == 72
    deliver(
        nem12(channel(day(values=values("2.25"), updated="20260302021500")), created="202603020215"), "second.csv"
    )
    assert IntervalDay.objects.count() == 2
    assert by_day(OF_NMIS).all.total == 108 == totals_by_hand()


def test_totals_and_counts_exclude_null_data() -> None:
    mixed = [day(values=values("1"), quality="V"), "400,1,40,A,,", "400,41,48,N,,"]
    deliver(nem12(channel(*mixed), channel(day(values=values("7"), quality="N"), nmi=OTHER_NMI)), "null.csv")
    assert by_day(OF_NMIS).all.total == 40
    points = {each.identifier: each.pk for each in MeterPoint.objects.all()}
    assert by_meter_point(OF_NMIS) == {points[NMI]: Decimal(40), points[OTHER_NMI]: Decimal(0)}


def test_wh_and_kwh_are_summed_in_kwh_without_rounding() -> None:
    consumer("3000", *days("2026-02-27", value="0.001"))
    deliver(nem12(channel(day(values=values("0.0001")))), "nem12.csv")
    totals = by_day(Scope())
    assert (totals.unit, totals.all.total) == ("kWh", Decimal("0.004848"))
    assert by_day(OF_CONSUMERS).unit == "Wh"


def test_import_export_and_reactive_energy_are_summed_separately() -> None:
    suffixes = (("E1", "kWh", "1"), ("E2", "kWh", "2"), ("B1", "kWh", "4"), ("Q1", "kVArh", "8"), ("V1", "V", "230"))
    channels = [
        channel(day(values=values(value)), suffix=suffix, register=suffix, unit=unit)
        for suffix, unit, value in suffixes
    ]
    deliver(nem12(*channels), "nem12.csv")
    bring_up_to_date()
    listed = choices().measures
    assert listed == measures_of(MeterPoint.objects.get())
    assert [(measure.letter, measure.family) for measure in listed] == [("E", "Wh"), ("B", "Wh"), ("Q", "VArh")]
    assert [by_day(Scope(measure=measure)).all.total for measure in listed] == [48 * 3, 48 * 4, 48 * 8]
    assert by_day(Scope(measure=Measure(letter="Q", family="VArh"))).unit == "kVArh"
    assert "NMI channels B: Import kWh" in listed[1].words


def test_the_total_of_a_day_always_equals_its_intervals() -> None:
    changes = [("202603010215", "20260301021500", "0.3"), ("202603020215", "20260302021500", "1.0000")]
    for created, updated, value in changes:
        mixed = [day(values=values(value), quality="V", updated=updated), "400,1,1,A,,", "400,2,48,N,,"]
        deliver(nem12(channel(*mixed, day("20260228", updated=updated)), created=created), f"{created}.csv")
    for name in ("nem12.csv", "consumption/3000.csv"):
        deliver((SAMPLES / name).read_bytes(), name.rpartition("/")[2])
    consumer("3001", *days("2016-10-26"), ("2016-10-26 01:00", "5."))
    every = IntervalDay.objects.all()
    assert every.filter(superseded_by__isnull=False).exists()
    for row in every:
        assert row.total == sum(Decimal(value) for value in counted_values(row) if value), row.pk


@pytest.mark.slow
@pytest.mark.skipif(not SMAP.exists(), reason="needs ../shared")
def test_sixty_consumers_have_the_sums_of_their_files() -> None:
    for path in (SMAP / "user_data.csv", *sorted(SMAP.glob("consumption/*.csv"))):
        deliver(path.read_bytes(), path.name)
    totals = by_day(Scope())
    assert (totals.unit, totals.all.total, totals.all.days) == ("Wh", Decimal("247758910.0"), 60 * 170)
    repeats = without_repeats(Scope(), totals.all.total, totals.unit)
    assert (repeats.number, repeats.first, repeats.last) == (116, Decimal("247733146.0"), Decimal("247738353.0"))
    assert (repeats.mean, repeats.largest) == (Decimal("247735749.5"), Decimal("247741125.0"))
    assert [int(amount.total) for amount in totals.months.values()] == [
        *(20_989_353, 37_958_651, 39_515_802, 42_826_047, 47_778_493, 58_690_564)
    ]
    groups = {("a1", "t1"): 67_950_452, ("a1", "t2"): 69_409_690, ("a2", "t3"): 110_398_768}
    for (area, tariff), total in groups.items():
        assert by_day(Scope(area=area, tariff=tariff)).all.total == total
    by_size = sorted(by_meter_point(Scope()).items(), key=lambda item: item[1])
    ends = [(MeterPoint.objects.get(pk=key).identifier, total) for key, total in (by_size[0], by_size[-1])]
    assert ends == [("3067", Decimal(1_092_765)), ("3039", Decimal(10_396_674))]
    bring_up_to_date()
    minutes = MonthSum.objects.values_list("minutes", "repeats")
    assert sum(each + 30 * repeats for each, repeats in minutes) == 489_716 * 30
    assert choices().measures == [CONSUMPTION]
