"""What a line of a file states of a register."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db import models

from readings.models.files import FlowFile
from readings.models.meter_points import MeterPoint, Register

Stated = TypeVar("Stated", bound="Statement")


class StatementQuerySet(models.QuerySet[Stated]):
    """Which statements count is judged here and in the query sets that build on this one, and nowhere else."""

    def current(self) -> StatementQuerySet[Stated]:
        """Leave the statements that nothing has taken the place of."""
        return self.filter(superseded_by=None)


class Statement(models.Model):
    """What one line of one file states of a register. A correction is a further version, and supersedes.

    The foreign keys are not checked row by row, and the unique constraints of all of these hold the meter point.
    """

    flow_file = models.ForeignKey(FlowFile, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    line = models.PositiveBigIntegerField()
    meter_point = models.ForeignKey(MeterPoint, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    #: When the sender made this version, where the line says so.
    updated_at = models.DateTimeField("UpdateDateTime", null=True, blank=True)
    #: 1 for what is stated first; one more for each correction.
    version = models.PositiveIntegerField(default=1)
    superseded_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    if TYPE_CHECKING:
        superseded_by_id: int | None

    class Meta:
        abstract = True

    @property
    def is_current(self) -> bool:
        """Tell whether nothing has taken the place of the statement."""
        return self.superseded_by_id is None
