"""Metered amounts: between two reads (NEM13), and in the intervals of a day (NEM12)."""

from __future__ import annotations

import json

from django.db import models
from django.db.models import Q

from readings.formats.packed_day import NULL_DATA, sources_of
from readings.models.decimals import ExactDecimalField
from readings.models.statements import Statement, StatementQuerySet


class MeteredAmount(Statement):
    """Common fields of both kinds of metering data in the MDFF."""

    unit = models.CharField(max_length=5, default="", blank=True)
    nmi_configuration = models.CharField("NMI configuration", max_length=1000, default="", blank=True)
    mdm_data_stream = models.CharField("MDM data stream identifier", max_length=10, default="", blank=True)
    next_scheduled_read_date = models.DateField(null=True, blank=True)
    msats_load_at = models.DateTimeField("MSATSLoadDateTime", null=True, blank=True)
    #: JSON list of the fields of each 550 or 500 record.
    transactions = models.TextField(default="", blank=True)

    class Meta:
        abstract = True


class AccumulationQuerySet(StatementQuerySet["Accumulation"]):
    """The predicates of accumulations."""

    def countable(self) -> StatementQuerySet[Accumulation]:
        """Return the current accumulations, without those that begin or end at null data."""
        is_null = Q(previous_quality_method__startswith=NULL_DATA) | Q(current_quality_method__startswith=NULL_DATA)
        return self.current().exclude(is_null)


class Accumulation(MeteredAmount):
    """The statement of one 250 record about the time between two reads; the reads are also stored as readings."""

    direction = models.CharField(max_length=10, default="", blank=True)
    previous_read = models.CharField(max_length=40)
    previous_read_at = models.DateTimeField()
    previous_quality_method = models.CharField(max_length=3, default="", blank=True)
    previous_reason_code = models.CharField(max_length=10, default="", blank=True)
    previous_reason_description = models.CharField(max_length=1000, default="", blank=True)
    current_read = models.CharField(max_length=40)
    current_read_at = models.DateTimeField()
    current_quality_method = models.CharField(max_length=3, default="", blank=True)
    current_reason_code = models.CharField(max_length=10, default="", blank=True)
    current_reason_description = models.CharField(max_length=1000, default="", blank=True)
    #: Quantity as stated: after multiplier and rollover, so not always the difference of the reads.
    quantity = ExactDecimalField()

    objects = AccumulationQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("meter_point", "register", "current_read_at", "previous_read_at", "direction", "version"),
                name="a_version_of_an_accumulation_is_stored_once",
            ),
        )
        indexes = (
            models.Index(fields=("flow_file", "line"), name="accumulation_by_file"),
            models.Index(
                fields=("meter_point", "register"),
                condition=Q(current_quality_method__gte="E", current_quality_method__lt="F"),
                name="estimate_by_register",
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} {self.unit}"


class IntervalDay(MeteredAmount):
    """The intervals of one channel on one day, as sent; the first begins at midnight, market time."""

    day = models.DateField()
    #: Occurrence of the hours in the row: 1 for those repeated when clocks go back, else 0.
    occurrence = models.PositiveSmallIntegerField(default=0)
    interval_length = models.PositiveSmallIntegerField(help_text="minutes")
    #: Decimals exactly as sent, separated by commas; an element without a value is empty. A day that parts of other
    #: files complete holds their values, too.
    values = models.TextField()
    #: Values of the file's own statement, if others complete it; else empty.
    values_as_sent = models.TextField(db_default="", default="", blank=True)
    #: JSON list of the `packed_day.Origin` of values that complete the day.
    origins = models.TextField(db_default="", default="", blank=True)
    #: JSON list of the `LineRun` of the file's own intervals; empty if all are in `line`.
    lines = models.TextField(default="", blank=True)
    #: Exact sum of the values, without null data.
    total = ExactDecimalField()
    #: Quality method of the day; V: `events` states it for each interval.
    quality_method = models.CharField(max_length=3, default="", blank=True)
    reason_code = models.CharField(max_length=10, default="", blank=True)
    reason_description = models.CharField(max_length=1000, default="", blank=True)
    #: JSON list: first and last interval (from 1), quality method, reason code and description of each 400 record.
    events = models.TextField(default="", blank=True)

    objects = StatementQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("meter_point", "register", "day", "occurrence", "version"),
                name="a_version_of_an_interval_day_is_stored_once",
            ),
        )
        indexes = (models.Index(fields=("flow_file", "line"), name="interval_day_by_file"),)

    def __str__(self) -> str:
        return f"{self.day}: {self.total} {self.unit}"

    @property
    def sources(self) -> list[tuple[int, int]]:
        """Return primary key of the file and line of each interval."""
        runs, origins = json.loads(self.lines or "[]"), json.loads(self.origins or "[]")
        return sources_of(len(self.values.split(",")), *self.last_source, runs, origins)
