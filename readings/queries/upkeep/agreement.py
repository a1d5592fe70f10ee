"""Consistency of the store: counts of flow files, and references."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from django.db.models import Count, Exists, ForeignKey, Model, OuterRef, QuerySet

from readings.models import Accumulation, Arrival, FlowFile, IntervalDay, Meter, Reading, Register, Statement, Status
from readings.models.meter_points import stored_key

#: Model of each kind of statement, and its count in a flow file.
_COUNTED: Final[tuple[tuple[type[Statement], str], ...]] = (
    (Reading, "readings"),
    (Accumulation, "accumulations"),
    (IntervalDay, "interval_days"),
)

#: Verbs for references between statements of one kind.
_DOES: Final = {"superseded_by": "supersedes", "withdrawn_by": "withdraws"}


class WrongCount(NamedTuple):
    """A flow file whose count differs from the stored rows."""

    flow_file: FlowFile
    #: Name of the count.
    name: str
    counted: int
    stored: int


class Orphan(NamedTuple):
    """A statement that references a missing row."""

    #: Name of the statement, and its primary key.
    name: str
    id: int
    flow_file_id: int
    line: int
    #: Name of the missing row.
    lacks: str


def wrong_counts(flow_files: Iterable[FlowFile]) -> Iterator[WrongCount]:
    """Yield the flow files whose counts differ from the stored statements; rejected files must have none."""
    by_id = {flow_file.pk: flow_file for flow_file in flow_files}
    for model, name in _COUNTED:
        rows = model._default_manager.filter(flow_file__in=list(by_id)).values("flow_file").annotate(Count("pk"))
        stored = dict(rows.values_list("flow_file", "pk__count"))
        for key, flow_file in by_id.items():
            counted = getattr(flow_file, name)
            expected = counted if flow_file.status == Status.IMPORTED else 0
            if stored.get(key, 0) != expected:
                yield WrongCount(flow_file, name.replace("_", " "), counted, stored.get(key, 0))


def arrivals_of_wrong_counts(arrivals: Iterable[Arrival]) -> set[int]:
    """Return the primary keys of the arrivals with a wrong count, of their own or of a member."""
    brought = {arrival: arrival.pk for arrival in arrivals}
    contents = [(arrival.flow_file, number) for arrival, number in brought.items()]
    members = Arrival.objects.filter(container__in=list(brought)).select_related("flow_file")
    contents += [(member.flow_file, member.container_id) for member in members if member.container_id]
    wrong = {each.flow_file.pk for each in wrong_counts(flow_file for flow_file, _ in contents)}
    return {number for flow_file, number in contents if flow_file.pk in wrong}


def orphans() -> Iterator[Orphan]:
    """Yield the statements that reference a missing row, by the foreign keys that the database does not check."""
    for model, _ in _COUNTED:
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and not getattr(field, "db_constraint", True):
                yield from _orphans(model, field)


class LostParent(NamedTuple):
    """A meter or register that references a missing row."""

    name: str
    id: int
    #: Name of the missing row.
    lacks: str


def lost_parents() -> Iterator[LostParent]:
    """Yield the registers without their meter, and the meters without their meter point."""
    keys: tuple[tuple[type[Model], str], ...] = ((Register, "meter"), (Meter, "meter_point"))
    for model, name in keys:
        key = model._meta.get_field(name)
        assert isinstance(key, ForeignKey)
        for number in _lost(model, key).values_list("pk", flat=True).iterator():
            yield LostParent(str(model._meta.verbose_name), number, str(key.verbose_name))


def registers_with_a_wrong_key() -> Iterator[int]:
    """Yield the primary keys of registers whose key or meter point differs from that of their meter."""
    of_meter = ("meter__meter_point__scheme", "meter__meter_point__identifier", "meter__serial_number")
    rows = Register.objects.values_list(
        *("pk", "key", "meter_point_id", "meter__meter_point_id", *of_meter, "register_id", "suffix")
    )
    for number, key, meter_point, expected, *parts in rows.order_by("pk").iterator():
        if meter_point != expected or key != stored_key(tuple(parts)):
            yield number


def _orphans(model: type[Statement], key: ForeignKey[Statement, Statement]) -> Iterator[Orphan]:
    name = str(model._meta.verbose_name)
    lacks = f"{name} that {_DOES[key.name]} it" if key.name in _DOES else str(key.verbose_name)
    rows = _lost(model, key).values_list("pk", "flow_file_id", "line")
    for number, flow_file_id, line in rows.iterator():
        yield Orphan(name, number, flow_file_id, line, lacks)


def _lost(model: type[Model], key: ForeignKey[Any, Any]) -> QuerySet[Model]:
    """Return the rows whose key references a missing row."""
    existing = key.related_model._default_manager.filter(pk=OuterRef(key.attname))
    return model._default_manager.filter(~Exists(existing), **{f"{key.name}__isnull": False})
