"""Meter points, their meters and registers."""

from __future__ import annotations

from typing import Final

from django.db import models

from readings.formats.statements import RegisterKey
from readings.models.files import FlowFile

#: Separator of the parts of a stored key: a control character, which no parser accepts in a field.
SEPARATOR: Final = "\t"


def stored_key(key: RegisterKey) -> str:
    """Return the natural key of a register in the form in which it is stored: one text, one index."""
    scheme, identifier, serial_number, register_id, suffix = key
    return SEPARATOR.join((scheme, identifier, serial_number or "", register_id or "", suffix))


class Scheme(models.TextChoices):
    MPAN = "MPAN", "MPAN"
    TEST_MPAN = "TEST_MPAN", "MPAN (test data)"
    NMI = "NMI", "NMI"
    CONSUMER = "CONSUMER", "Consumer"


class MeterPoint(models.Model):
    """An MPAN core, an NMI, or a consumer.

    Test data has a scheme of its own, which separates it from live data.
    """

    scheme = models.CharField(max_length=10, choices=Scheme.choices)
    identifier = models.CharField(max_length=40)
    #: Present area and tariff of a consumer, as stated by the file about it that arrived last.
    area = models.CharField(max_length=40, default="", blank=True)
    tariff = models.CharField(max_length=40, default="", blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("identifier", "scheme"), name="a_meter_point_is_stored_once"),)
        #: PostgreSQL finds beginnings only by an index of bytes; SQLite ignores the class of operators.
        indexes = (
            models.Index(fields=("identifier",), opclasses=("varchar_pattern_ops",), name="meter_point_by_beginning"),
            models.Index(
                fields=("scheme", "area", "tariff"),
                condition=models.Q(scheme__in=("NMI", "CONSUMER")),
                name="meter_point_by_group",
            ),
        )

    def __str__(self) -> str:
        return self.identifier

    @property
    def is_nmi(self) -> bool:
        """Return whether the meter point is Australian."""
        return self.scheme == Scheme.NMI


class ConsumerDetails(models.Model):
    """Area and tariff of a consumer from one time to the next row: the first ones, and each change."""

    meter_point = models.ForeignKey(MeterPoint, models.PROTECT, related_name="history")
    area = models.CharField(max_length=40, default="", blank=True)
    tariff = models.CharField(max_length=40, default="", blank=True)
    #: Time at which the file arrived, file and line; empty if an earlier version of the program stored none.
    since = models.DateTimeField(null=True, blank=True)
    flow_file = models.ForeignKey(FlowFile, models.PROTECT, null=True, blank=True, related_name="+")
    line = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        #: No page shows these rows alone.
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.area} {self.tariff}"


class Meter(models.Model):
    """A serial number at a meter point; manufacturers may use the same serial number.

    The serial number is empty if the file does not state it, as NEM12 allows.
    """

    meter_point = models.ForeignKey(
        MeterPoint, models.PROTECT, related_name="meters", db_constraint=False, db_index=False
    )
    serial_number = models.CharField(max_length=40, blank=True)
    #: Serial number without spaces and in upper case; one letter may have three upper-case letters.
    searchable = models.CharField(max_length=120, blank=True)
    #: The same from its end, so that an index finds the last characters.
    searchable_reversed = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("meter_point", "serial_number"), name="a_meter_is_stored_once_at_a_meter_point"
            ),
        )
        #: Indexes of bytes, as that of the beginnings of meter points.
        indexes = (
            models.Index(fields=("searchable",), opclasses=("varchar_pattern_ops",), name="meter_by_serial_number"),
            models.Index(
                fields=("searchable_reversed",), opclasses=("varchar_pattern_ops",), name="meter_by_end_of_number"
            ),
        )

    def __str__(self) -> str:
        return self.serial_number


class Register(models.Model):
    """A register or channel of a meter; unit and direction are the first ones stated."""

    #: Value of `stored_key`: the index of this column alone finds register, meter and meter point.
    key = models.CharField(max_length=150, editable=False)
    meter = models.ForeignKey(Meter, models.PROTECT, related_name="registers", db_constraint=False)
    #: Meter point of the meter.
    meter_point = models.ForeignKey(
        MeterPoint, models.PROTECT, related_name="+", db_constraint=False, db_index=False, editable=False
    )
    register_id = models.CharField(max_length=40, blank=True)
    unit = models.CharField(max_length=5, default="", blank=True)
    suffix = models.CharField(max_length=10, default="", blank=True)
    direction = models.CharField(max_length=10, default="", blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("key",), name="a_register_is_stored_once"),)

    def __str__(self) -> str:
        return self.register_id
