"""Stored sums of consumption, in kWh or the unit of the same size of another family."""

from __future__ import annotations

from django.db import models

from readings.models.decimals import ExactDecimalField
from readings.models.meter_points import MeterPoint, Scheme


class Quality(models.TextChoices):
    """Quality of a value, from the best to the worst; several channels together have the worst of theirs."""

    #: Also values whose file states no quality.
    ACTUAL = "A", "Actual"
    SUBSTITUTED = "S", "Substituted"
    ESTIMATED = "E", "Estimated"


class Sum(models.Model):
    """Common fields: one kind of channel, one family of units, one quality."""

    #: First letter of the suffix of the channels; E for consumers, too.
    letter = models.CharField(max_length=1)
    #: Smallest unit of the family, as `Wh`.
    family = models.CharField(max_length=4)
    quality = models.CharField(max_length=1, choices=Quality.choices)
    #: Exact sum of the values, both passes of a repeated hour included.
    total = ExactDecimalField()

    class Meta:
        abstract = True
        default_permissions = ()


class MonthSum(Sum):
    """The values of one quality of one meter point in one month, its channels added up."""

    meter_point = models.ForeignKey(MeterPoint, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    #: First day of the month.
    month = models.DateField()
    #: Exact sum of each day of the month, separated by commas; an element is empty if the day has no such value.
    totals = models.TextField()
    #: Minutes with such a value, of the month and of each day. A time that several channels cover, or that a clock
    #: shows twice, counts once.
    minutes = models.PositiveIntegerField()
    minutes_of_days = models.TextField()
    #: A 1 for each day that no other quality counts, so that the days of all qualities add up; else an empty element.
    days = models.TextField()
    #: First and last day with such a value.
    first_day = models.DateField()
    last_day = models.DateField()
    #: Largest mean power of one interval, in kW, with day and minute of the day at which the interval begins.
    peak = ExactDecimalField()
    peak_day = models.DateField()
    peak_minute = models.PositiveSmallIntegerField()
    #: Number of intervals of the second pass of repeated hours.
    repeats = models.PositiveIntegerField(default=0)

    class Meta(Sum.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("meter_point", "letter", "family", "month", "quality"),
                name="a_month_of_a_meter_point_is_summed_once",
            ),
        )
        indexes = (models.Index(fields=("letter", "family", "month"), name="month_sum_by_month"),)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.total}"


class GroupDay(Sum):
    """The values of one quality of all meter points of one area and tariff on one day, in one pass of the clock."""

    scheme = models.CharField(max_length=10, choices=Scheme.choices)
    #: Present area and tariff of the consumers; empty for NMIs.
    area = models.CharField(max_length=40, default="", blank=True)
    tariff = models.CharField(max_length=40, default="", blank=True)
    day = models.DateField()
    #: Pass of the clock: 1 and more for hours that it repeats.
    occurrence = models.PositiveSmallIntegerField(default=0)
    #: Exact sum of each half hour from midnight, separated by commas; an element is empty if no meter point has a
    #: value of this quality for the whole half hour.
    half_hours = models.TextField()
    #: Number of meter points with a value in this row; and of those that no other row of the day counts already.
    meter_points = models.PositiveIntegerField()
    further_meter_points = models.PositiveIntegerField()

    class Meta(Sum.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("letter", "family", "day", "scheme", "area", "tariff", "occurrence", "quality"),
                name="a_day_of_a_group_is_summed_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.day}: {self.total}"


class StaleMonths(models.Model):
    """Days of a meter point that changed since its months were summed."""

    meter_point = models.ForeignKey(MeterPoint, models.PROTECT, related_name="+", db_constraint=False)
    #: First and last of the days; empty for all days.
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.first_day}–{self.last_day}"


class StaleGroup(models.Model):
    """Days of a group, all in one month, that changed since they were summed."""

    scheme = models.CharField(max_length=10, choices=Scheme.choices)
    area = models.CharField(max_length=40, default="", blank=True)
    tariff = models.CharField(max_length=40, default="", blank=True)
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.first_day}–{self.last_day}"
