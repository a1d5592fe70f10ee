"""Rows about an erased meter point: deleted, or changed so that they state nothing about it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from django.apps import apps
from django.db import models, transaction
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Greatest

from readings.formats.packed_day import number_of_values
from readings.formats.spelling import searchable_form
from readings.imports.arrivals import rename
from readings.imports.erasure.matching import Erased
from readings.imports.erasure.setting_aside import NOT_STATED
from readings.imports.loading.locks import wait_for_other_imports
from readings.imports.summing.stale import note_groups
from readings.models import (
    Accumulation,
    Arrival,
    ErasedMeterPoint,
    FlowFile,
    IntervalDay,
    Meter,
    MeterPoint,
    NamePart,
    PastedList,
    Problem,
    Reading,
    Register,
    Repeat,
    Statement,
    Trail,
)
from readings.models.erasures import await_rewriting, digest_of
from readings.models.trail import Action, Door

_STATEMENTS: Final[tuple[tuple[type[Statement], str], ...]] = (
    (Reading, "readings"),
    (Accumulation, "accumulations"),
    (IntervalDay, "interval_days"),
)
#: Serial number in the subject of an export.
_SERIAL_NUMBER: Final = re.compile(r"serial_number=(?P<name>.*?)(?: reading_type=|$)")
#: Rows that others of a meter point refer to, in the order in which they can be deleted.
_PARENTS: Final[tuple[type[models.Model], ...]] = (Register, Meter)


def models_about_meter_points() -> list[tuple[type[models.Model], str]]:
    """Return every model with a foreign key to a meter point, and the key, in an order of deletion."""
    relations = MeterPoint._meta.get_fields(include_hidden=True)
    keys = {
        each.related_model: each.field.name
        for each in relations
        if isinstance(each, models.ManyToOneRel) and isinstance(each.related_model, type)
    }
    others = [model for model in keys if model not in _PARENTS]
    return [(model, keys[model]) for model in (*others, *_PARENTS)]


def numbers_of_rows(points: QuerySet[MeterPoint]) -> dict[str, int]:
    """Return how many rows are about meter points, by the name of the model; without those that have none."""
    counts = {
        str(model._meta.verbose_name): model._default_manager.filter(**{f"{key}__in": points}).count()
        for model, key in models_about_meter_points()
    }
    return {name: number for name, number in {**counts, "meter point": points.count()}.items() if number}


def erase_rows(
    erased: Erased, schemes: Iterable[str], contents: Iterable[int], *, by_whom: str, at: datetime
) -> None:
    """Remember that a meter point is erased, and delete its rows, in one transaction without other imports.

    The contents that state it, and those given by primary key, await their rewriting.
    """
    with transaction.atomic(durable=True):
        wait_for_other_imports(alone=True)
        schemes, identifier = list(schemes), erased.identifier
        for scheme in schemes:
            digest = digest_of(scheme, identifier)
            ErasedMeterPoint.objects.get_or_create(digest=digest, defaults={"at": at, "by_whom": by_whom})
            Trail.objects.erase(scheme, identifier, digest)
        points = MeterPoint.objects.filter(identifier=identifier, scheme__in=schemes)
        _erase_serial_numbers(points)
        PastedList.objects.forget(erased.stem, is_word=erased.is_word)
        touched = set(contents) | contents_about(erased, schemes)
        for flow_file in FlowFile.objects.filter(pk__in=touched):
            await_rewriting(flow_file, flow_file.sha256, flow_file.subject)
        _correct_counts(points)
        note_groups(list(points.values_list("pk", flat=True)))
        for model, key in models_about_meter_points():
            rows = model._default_manager.filter(**{f"{key}__in": points})
            rows._raw_delete(rows.db)
        points._raw_delete(points.db)
        problems = Problem.objects.filter(identifier=identifier, scheme__in=schemes)
        problems.update(scheme="", identifier="", value="", message=NOT_STATED)
        digest = digest_of(schemes[0], identifier)
        if not Trail.objects.filter(action=Action.ERASE, identifier=digest).exists():
            Trail.objects.create(
                at=at, action=Action.ERASE, door=Door.COMMAND, by_whom=by_whom, scheme=schemes[0], identifier=digest
            )


def _erase_serial_numbers(points: QuerySet[MeterPoint]) -> None:
    """Put X in place of the serial numbers by which rows were exported, unless other meter points have them."""
    others = Meter.objects.exclude(meter_point__in=points).values("searchable")
    own = Meter.objects.filter(meter_point__in=points).exclude(searchable__in=others)
    searchable = set(own.exclude(searchable="").values_list("searchable", flat=True))
    exports = Trail.objects.filter(action=Action.EXPORT, subject__contains="serial_number=")
    for key, subject in exports.values_list("pk", "subject") if searchable else ():
        match = _SERIAL_NUMBER.search(subject)
        if match and searchable_form(match["name"]) in searchable:
            start, end = match.span("name")
            new = subject[:start] + "X" * (end - start) + subject[end:]
            QuerySet(Trail).filter(pk=key).update(subject=new)


def contents_about(erased: Erased, schemes: Iterable[str]) -> set[int]:
    """Return the primary keys of the contents with rows about a meter point, or with its name."""
    schemes, identifier = list(schemes), erased.identifier
    points = list(MeterPoint.objects.filter(identifier=identifier, scheme__in=schemes).values_list("pk", flat=True))
    keys: set[int | None] = set()
    for model, key in models_about_meter_points():
        names = {field.name for field in model._meta.concrete_fields}
        for name in ("flow_file", "restated_in"):
            if name in names:
                rows = model._default_manager.filter(**{f"{key}__in": points})
                keys.update(rows.values_list(name, flat=True).distinct())
    of_problems = Problem.objects.filter(identifier=identifier, scheme__in=schemes)
    keys.update(of_problems.values_list("flow_file", flat=True))
    keys.update(FlowFile.objects.filter(subject=identifier).values_list("pk", flat=True))
    keys.update(_named_after(erased))
    return {key for key in keys if key}


def _named_after(erased: Erased) -> Iterator[int]:
    named = Q(name__icontains=erased.stem) | Q(resting_place__icontains=erased.stem)
    for key, *names in Arrival.objects.filter(named).values_list("flow_file", "name", "resting_place"):
        if any(erased.without_names(name) != name for name in names):
            yield key


def _correct_counts(points: QuerySet[MeterPoint]) -> None:
    """Take the rows of meter points out of the counts of their flow files."""
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    registers: defaultdict[int, set[int]] = defaultdict(set)
    for model, name in _STATEMENTS:
        rows = model._default_manager.filter(meter_point__in=points)
        for key, register, number in rows.values_list("flow_file", "register").annotate(Count("pk")):
            counts[key][name] += number
            registers[key].add(register)
    for key, own, values in _values_of(points):
        counts[key]["intervals"] += number_of_values(own or values)
    for key, number in Repeat.objects.filter(meter_point__in=points).values_list("flow_file", "number"):
        counts[key]["repeats"] += number
    meters = dict(Register.objects.filter(meter_point__in=points).values_list("pk", "meter"))
    for key, count in counts.items():
        count["meter_points"] = 1
        count["registers"] = len(registers[key])
        count["meters"] = len({meters.get(register) for register in registers[key]})
        new = {name: Greatest(F(name) - number, 0) for name, number in count.items()}
        FlowFile.objects.filter(pk=key).update(**new)


def _values_of(points: QuerySet[MeterPoint]) -> Iterator[tuple[int, str, str]]:
    rows = IntervalDay.objects.filter(meter_point__in=points)
    return rows.values_list("flow_file", "values_as_sent", "values").iterator()


#: Columns with names of files.
NAMES: Final[tuple[tuple[type[models.Model], str], ...]] = (
    (Arrival, "name"),
    (Arrival, "resting_place"),
    (FlowFile, "subject"),
    (Trail, "subject"),
)


def erase_words(erased: Erased) -> None:
    """Put X in place of an identifier in every text of every table; in names of files, a digest.

    A short identifier is erased in names only.
    """
    for model, name in text_columns() if erased.is_word else NAMES:
        if model is NamePart:
            continue  # The parts of a name follow the name.
        rows = models.QuerySet[models.Model](model).filter(**{f"{name}__icontains": erased.stem})
        without = erased.without_names if (model, name) in NAMES else erased.without_words
        for key, text in rows.values_list("pk", name):
            if (new := without(text)) != text:
                _store_text(model, name, key, new)


def _store_text(model: type[models.Model], name: str, key: int, text: str) -> None:
    if (model, name) == (Arrival, "name"):
        rename(Arrival.objects.get(pk=key), text)
    else:
        models.QuerySet[models.Model](model).filter(pk=key).update(**{name: text})


def models_with_tables() -> list[type[models.Model]]:
    """Return the models that have tables of their own."""
    return [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]


def text_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Yield every column with texts of every table."""
    for model in models_with_tables():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField):
                yield model, field.name
