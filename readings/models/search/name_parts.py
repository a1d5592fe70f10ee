"""Parts of file names."""

from __future__ import annotations

from django.db import models

from readings.formats.spelling import LONGEST_PART, parts_of
from readings.models.files import Arrival
from readings.models.plain import rows


class NamePartQuerySet(models.QuerySet["NamePart"]):
    """The parts of names, which follow the names of arrivals."""

    def store(self, arrival: int, name: str) -> None:
        """Store the parts of the name of a new arrival."""
        rows.insert_pairs(NamePart, ("part", "arrival_id"), [(part, arrival) for part in parts_of(name)])

    def renew(self, arrival: int, old: str, new: str) -> None:
        """Store the parts of the new name of an arrival in place of those of the old one."""
        self.filter(part__in=parts_of(old), arrival=arrival).delete()
        self.store(arrival, new)


class NamePart(models.Model):
    """A part of the name of an arrival, as `parts_of` makes it."""

    part = models.CharField(max_length=LONGEST_PART)
    arrival = models.ForeignKey(Arrival, models.CASCADE, related_name="+", db_index=False)

    objects = NamePartQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=("part", "arrival"),
                opclasses=("varchar_pattern_ops", "int8_ops"),
                name="name_part_by_beginning",
            ),
        )
        #: No page shows these rows alone.
        default_permissions = ()

    def __str__(self) -> str:
        return self.part
