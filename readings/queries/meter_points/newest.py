"""The newest statements of the registers of a meter point, found by index without reading its whole history."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Max, OuterRef, Subquery

from readings.models import Register
from readings.queries.lists import Rows


def newest(rows: Rows, registers: Collection[int], column: str, most: int) -> tuple[Rows, bool]:
    """Return the rows since the time from which the busiest register has at most `most` of them, in one query.

    Return also whether there are older ones. All registers begin at one time: their sum has no false beginning.
    """
    own = rows.filter(register=OuterRef("pk")).order_by(f"-{column}").values(column)[most : most + 1]
    bounds = Register.objects.filter(pk__in=registers).annotate(bound=Subquery(own))
    bound = bounds.aggregate(latest=Max("bound"))["latest"]
    found = rows.filter(register__in=registers)
    return (found.filter(**{f"{column}__gt": bound}), True) if bound else (found, False)
