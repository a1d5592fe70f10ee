"""What was read: register readings and site visits, each with the file and line that says so."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from readings.models.decimals import ExactDecimalField
from readings.models.files import FlowFile
from readings.models.meter_points import Meter, MeterPoint
from readings.models.statements import Statement


class Reading(Statement):
    """One reading of a register, cumulative or maximum demand, as one line of one file states it.

    A D0010 line of type W is kept here too: it is no reading, but takes one back. A NEM13 line states two, its two
    ends; there, flag and method are the two parts of the quality method, and there is no reading type.
    """

    read_at = models.DateTimeField()
    #: The digits as sent, where a clock change leaves the instant in doubt.
    read_at_as_sent = models.CharField(max_length=14, default="", blank=True)
    value = ExactDecimalField()
    #: The digits as on the dial, with their zeros, where the flow gives them so.
    register_read = models.CharField(max_length=40, default="", blank=True)
    reading_type = models.CharField(max_length=1, default="", blank=True)
    validation_status = models.CharField(max_length=1, default="", blank=True)
    md_reset_at = models.DateTimeField("MD reset at", null=True, blank=True)
    md_resets = models.PositiveSmallIntegerField("number of MD resets", null=True, blank=True)
    flag = models.CharField(max_length=1, default="", blank=True)
    method = models.CharField(max_length=2, default="", blank=True)
    reason_code = models.CharField(max_length=10, default="", blank=True)
    reason_description = models.CharField(max_length=1000, default="", blank=True)
    reading_status = models.CharField(max_length=1, default="", blank=True)
    withdrawn_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("meter_point", "register", "read_at", "reading_type", "version"),
                name="a_version_of_a_reading_is_stored_once",
            ),
        )
        indexes = (
            models.Index(fields=("flow_file", "line"), name="reading_by_file"),
            models.Index(
                fields=("meter_point", "register", "read_at"),
                condition=Q(reading_type="W"),
                name="withdrawal_by_register",
            ),
        )

    def __str__(self) -> str:
        return str(self.value)


class SiteVisit(models.Model):
    """What an agent found on site: at a meter point, at one of its meters, or about the reading of a line."""

    flow_file = models.ForeignKey(FlowFile, models.PROTECT, related_name="site_visits")
    line = models.PositiveBigIntegerField()
    meter_point = models.ForeignKey(MeterPoint, models.PROTECT, related_name="site_visits")
    meter = models.ForeignKey(Meter, models.PROTECT, null=True, blank=True, related_name="site_visits")
    #: The line of the same file that states the reading, where the visit is about one.
    reading_line = models.PositiveBigIntegerField(null=True, blank=True)
    check_code = models.CharField(max_length=2)
    additional_information = models.CharField(max_length=200, default="", blank=True)

    def __str__(self) -> str:
        return self.check_code
