"""Which files, arrivals and problems the filters of their lists select, and by which index."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet

from readings.formats.contract import OTHER_FLOW
from readings.models import Arrival, FlowFile, Problem
from readings.queries.listing.called import british_midnight, files_called
from readings.queries.listing.orders import BY_LINE, STORED, Order, moment, name, number
from readings.queries.listing.pages import Selected
from readings.queries.lists import first_arrival, name_of

#: Files, or problems of files, that an index finds one by one, at most.
_FEW_FILES: Final = 1_000

_BY_RECEIPT: Final = Order(
    name="received",
    columns=("received_at", "pk"),
    kinds=(moment, number),
    words="oldest first",
    words_descending="newest first",
)
_BY_SENDER: Final = Order(
    name="sender",
    columns=("sender", "received_at", "pk"),
    kinds=(name, moment, number),
    words="sender",
    words_descending="sender, last first",
)


def flow_files() -> QuerySet[FlowFile]:
    """Return flow files with their names."""
    return FlowFile.objects.prefetch_related(first_arrival())


def arrivals() -> QuerySet[Arrival]:
    """Return arrivals with their files, and with the zips of members."""
    return Arrival.objects.select_related("flow_file", "container__flow_file")


def problems() -> QuerySet[Problem]:
    """Return problems with their files."""
    return Problem.objects.select_related("flow_file").prefetch_related(first_arrival("flow_file__"))


def select_flow_files(filters: Mapping[str, Any]) -> Selected[FlowFile]:
    """Return the flow files that the filters of an address select.

    The table is short: a file has thousands of readings. Each filter has an index.
    """
    equal = {"status": stored(filters["outcome"]), "format": filters["format"].upper(), "sender": filters["sender"]}
    rows = FlowFile.objects.filter(**_set(equal)).filter(_received(filters))
    if filters["code"]:
        with_code = Problem.objects.filter(code=filters["code"]).values_list("flow_file", flat=True)
        few = list(with_code[: _FEW_FILES + 1])
        rows = rows.filter(pk__in=with_code if len(few) > _FEW_FILES else few)
    return Selected(rows=rows, orders=(_BY_RECEIPT, _BY_SENDER), default="-received")


def select_arrivals(filters: Mapping[str, Any]) -> Selected[Arrival]:
    """Return the arrivals that the filters of an address select: the table is short.

    The arrivals of few files are found by these; those of many are frequent in the order of receipt.
    """
    equal = {"outcome": stored(filters["outcome"]), "channel": stored(filters["channel"])}
    rows = Arrival.objects.filter(**_set(equal)).filter(_received(filters))
    header = _set({"format": filters["format"].upper(), "sender": filters["sender"]})
    if header:
        few = list(FlowFile.objects.filter(**header).values_list("pk", flat=True)[: _FEW_FILES + 1])
        by_header = {f"flow_file__{column}": value for column, value in header.items()}
        rows = rows.filter(**by_header) if len(few) > _FEW_FILES else rows.filter(flow_file__in=few)
    return Selected(rows=rows, orders=(_BY_RECEIPT,), default="-received")


def select_problems(filters: Mapping[str, Any]) -> Selected[Problem]:
    """Return the problems that the filters of an address select; raise WrongSelection.

    Notes about other flows are left out unless their code or a file is given: nobody has to look at them.
    The code and the file have an index; with other filters, a page examines a stretch.
    """
    files = files_called(filters["flow_file"]) if filters["flow_file"] else []
    every = Problem.objects.filter(flow_file__in=files) if files else Problem.objects.all()
    if filters["code"]:
        every = every.filter(code=filters["code"])
    elif not files:
        every = every.exclude(code=OTHER_FLOW)
    equal = {
        "severity": stored(filters["severity"]),
        "flow_file__format": filters["format"].upper(),
        "flow_file__sender": filters["sender"],
    }
    narrowing = Q(**_set(equal)) & _received(filters, "flow_file__")
    return Selected(
        rows=every.filter(narrowing),
        orders=(BY_LINE,) if files else (STORED,),
        default="line" if files else "-stored",
        scope=every if narrowing and not files else None,
        words={"flow_file": name_of(files[0])} if files else {},
    )


def stored(word: str) -> str:
    """Return the value of a choice as it is stored."""
    return word.upper().replace("-", "_")


def _set(equal: Mapping[str, str]) -> dict[str, str]:
    return {column: value for column, value in equal.items() if value}


def _received(filters: Mapping[str, Any], path: str = "") -> Q:
    """Return the predicate of what was received in a period of British days."""
    result = Q()
    if filters["from"]:
        result &= Q((f"{path}received_at__gte", british_midnight(filters["from"])))
    if filters["to"]:
        result &= Q((f"{path}received_at__lt", british_midnight(filters["to"] + timedelta(1))))
    return result
