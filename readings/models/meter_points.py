"""Where readings are taken: meter points, their meters, the registers of those."""

from __future__ import annotations

from django.db import models


class Scheme(models.TextChoices):
    MPAN = "MPAN", "MPAN"
    TEST_MPAN = "TEST_MPAN", "MPAN (test data)"
    NMI = "NMI", "NMI"
    CONSUMER = "CONSUMER", "Consumer"


class MeterPoint(models.Model):
    """An MPAN core, an NMI, or a consumer.

    Test data has a scheme of its own, so that nothing under it meets live data.
    """

    scheme = models.CharField(max_length=10, choices=Scheme.choices)
    identifier = models.CharField(max_length=40)
    #: Of consumers, as the last file says that names them.
    area = models.CharField(max_length=40, default="", blank=True)
    tariff = models.CharField(max_length=40, default="", blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("identifier", "scheme"), name="a_meter_point_is_stored_once"),)

    def __str__(self) -> str:
        return self.identifier

    @property
    def is_nmi(self) -> bool:
        """Tell whether the meter point is Australian."""
        return self.scheme == Scheme.NMI


class Meter(models.Model):
    """A serial number at a meter point; makers number independently, so it says nothing alone.

    Empty where a file gives values without naming the meter, as NEM12 may.
    """

    meter_point = models.ForeignKey(MeterPoint, models.PROTECT, related_name="meters", db_index=False)
    serial_number = models.CharField(max_length=40, blank=True)
    #: The serial number without blanks and in capitals, as people type it: one letter may have three capitals.
    searchable = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("meter_point", "serial_number"), name="a_meter_is_stored_once_at_a_meter_point"
            ),
        )
        indexes = (models.Index(fields=("searchable",), name="meter_by_serial_number"),)

    def __str__(self) -> str:
        return self.serial_number


class Register(models.Model):
    """A register of a meter, or a channel of one: then unit and direction are those first stated."""

    meter = models.ForeignKey(Meter, models.PROTECT, related_name="registers", db_index=False)
    register_id = models.CharField(max_length=40, blank=True)
    unit = models.CharField(max_length=5, default="", blank=True)
    suffix = models.CharField(max_length=10, default="", blank=True)
    direction = models.CharField(max_length=10, default="", blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("meter", "register_id", "suffix"), name="a_register_is_stored_once_at_a_meter"
            ),
        )

    def __str__(self) -> str:
        return self.register_id
