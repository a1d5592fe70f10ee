"""Statements of file lines about registers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from django.db import models

from readings.models.files import FlowFile
from readings.models.meter_points import MeterPoint, Register

StatementT = TypeVar("StatementT", bound="Statement")


class StatementQuerySet(models.QuerySet[StatementT]):
    """The predicate of statements: only this class and its subclasses decide which statements count."""

    def current(self) -> StatementQuerySet[StatementT]:
        """Return the statements that are not superseded."""
        return self.filter(superseded_by=None)


class Statement(models.Model):
    """The statement of one line of a file about a register.

    Another statement about the same is a new version. The importer marks those that do not count with what took their
    place (`readings.imports.law`); a repeat only renews its statement.

    The database does not check the foreign keys, and each unique constraint contains the meter point.
    """

    flow_file = models.ForeignKey(FlowFile, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    line = models.PositiveBigIntegerField()
    meter_point = models.ForeignKey(MeterPoint, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    #: UpdateDateTime of this version, if the line states it.
    updated_at = models.DateTimeField("UpdateDateTime", null=True, blank=True)
    #: Number of the version, from 1.
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

    #: Time, file and line of the last repeat of the statement by its speaker; empty if nobody repeated it later.
    restated_at = models.DateTimeField("stated again at", null=True, blank=True)
    restated_in = models.ForeignKey(
        FlowFile, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False, db_index=False
    )
    restated_line = models.PositiveBigIntegerField("line of the last repeat", null=True, blank=True)

    if TYPE_CHECKING:
        superseded_by_id: int | None
        restated_in_id: int | None
        flow_file_id: int

    class Meta:
        abstract = True

    @property
    def is_current(self) -> bool:
        """Return whether the statement is not superseded."""
        return self.superseded_by_id is None

    @property
    def speaker(self) -> tuple[str, str]:
        """Return the sender of the file and its role."""
        return self.flow_file.sender, self.flow_file.sender_role

    @property
    def stated_at(self) -> datetime | None:
        """Return the time at which the statement was made first."""
        return self.updated_at or self.flow_file.created_at

    @property
    def last_stated_at(self) -> datetime | None:
        """Return the time of the last repeat of the statement, else that of the statement."""
        return self.restated_at or self.stated_at

    @property
    def last_source(self) -> tuple[int, int]:
        """Return the primary key of the last file that states it, and the line."""
        return self.restated_in_id or self.flow_file_id, self.restated_line or self.line


class Repeat(models.Model):
    """Lines of a file that repeat stored statements about one meter point, and have no rows of their own."""

    flow_file = models.ForeignKey(FlowFile, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    meter_point = models.ForeignKey(MeterPoint, models.PROTECT, related_name="+", db_constraint=False)
    first_line = models.PositiveBigIntegerField()
    last_line = models.PositiveBigIntegerField()
    #: Number of the lines.
    number = models.PositiveIntegerField()

    class Meta:
        #: No page shows these rows alone.
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.first_line}–{self.last_line}"
