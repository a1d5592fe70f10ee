"""The address of every page, about the rows of a large store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import F
from django.db.models.functions import Mod
from django.http import QueryDict

from readings.models import Arrival, FlowFile, MeterPoint, Problem
from readings.web.lists.addresses import LISTS
from readings.web.lists.filters import Filters
from tests.proofs.search.drawn import KINDS
from tests.proofs.search.filled import identifier

#: Makes an address of a number.
Draw = Callable[[int], str]

#: Every so many files, one has problems, and one is refused.
_WITH_PROBLEMS: Final = 4
_REFUSED: Final = 400
#: Sender of three files.
_FEW: Final = "FEW"
#: Filters and orders of each list; braces stand for what a number draws.
_LISTS: Final[Mapping[str, Sequence[str]]] = {
    "readings": (
        *("", "sort=stored", "sort=meter-point", "sort=-meter-point", "kind=actual", "kind=estimate", "kind=D"),
        *("kind=withdrawn", "kind=superseded", "flag=valid", "flag=suspect", "from=2026-01-01&to=2026-01-01"),
        *("from=2025-07-01&to=2025-07-31", "sender=UDMS", "sender=NOBODY", f"sender={_FEW}", "scheme=NMI"),
        *("scheme=TEST_MPAN", "scheme=CONSUMER", "kind=estimate&flag=suspect&sender=UDMS", "meter_point={point}"),
        *("flow_file={file}", "flow_file={file}&sort=-line", "flow_file={file}&flag=suspect"),
    ),
    "meter-points": (
        *("", "sort=stored", "sort=identifier", "sort=-identifier", "scheme=NMI", "scheme=TEST_MPAN", "area=none"),
    ),
    "meters": (
        *("", "sort=stored", "sort=serial-number", "sort=-serial-number", "scheme=TEST_MPAN", "scheme=CONSUMER"),
        "meter_point={point}",
    ),
    "accumulations": ("", "sort=meter-point"),
    "interval-days": ("", "sort=meter-point"),
    "flow-files": (
        *("", "sort=received", "sort=sender", "sort=-sender", "outcome=imported", "outcome=rejected"),
        *("outcome=received", "outcome=other-flow", "outcome=imported&sort=sender", "outcome=rejected&sort=sender"),
        *("format=D0010", "format=NEM13", "format=NEM12&sort=sender", "format=NEM12&sender=IMSERV", "sender=UDMS"),
        *("sender=NOBODY", "from=2026-01-01&to=2026-01-01", "from=2025-07-01&to=2025-07-31&sort=sender"),
        *("outcome=rejected&format=NEM12", "outcome=rejected&sender=NOBODY", "format=NEM12&sender=UDMS"),
        *("code=suspect-without-reason", "code=cut", "code=nothing", "code=suspect-without-reason&sort=sender"),
        "code=suspect-without-reason&sender=UDMS&format=NEM12",
    ),
    "arrivals": (
        *("", "sort=received", "outcome=imported", "outcome=rejected", "outcome=duplicate", "channel=inbox"),
        *("channel=upload", "format=NEM12", "format=NEM13", "sender=UDMS", "sender=NOBODY"),
        *("format=NEM12&sender=UDMS", "from=2026-01-01&to=2026-01-01", "outcome=rejected&sender=NOBODY"),
    ),
    "problems": (
        *("", "sort=stored", "severity=error", "severity=warning", "code=suspect-without-reason", "code=cut"),
        *("code=nothing", "code=suspect-without-reason&sender=NOBODY", "format=NEM12", "format=NEM13", "sender=UDMS"),
        *("sender=NOBODY", "from=2025-07-01&to=2025-07-02", "flow_file={file}"),
    ),
}


def pages() -> Iterator[tuple[str, Draw]]:
    """Yield the name of each page, and the maker of its addresses."""
    for name, address in (
        *(("start page", "/"), ("inbox", "/inbox/"), ("consumption", "/consumption/"), ("trail", "/trail/")),
        ("upload", "/upload"),
    ):
        yield name, partial(_fixed, address)
    for name, draw in KINDS.items():
        yield f"search: {name}", partial(_search, draw)
    yield "search: 500 MPANs", partial(_search, lambda number: "\n".join(map(_point, range(number, number + 500))))
    yield "search: 500 parts", partial(_search, lambda number: "\n".join(f"D0010 {each}" for each in range(500)))
    yield "meter point", lambda number: f"/meter-points/{_point(number)}/"
    yield "flow file", lambda number: f"/flow-files/{_file(number)}/"
    yield "flow file: refused", lambda number: f"/flow-files/{_file(number, status='REJECTED')}/"
    for name, queries in _LISTS.items():
        for query in queries:
            yield f"{name}: {query or 'all'}", partial(_listed, name, query)
            yield f"{name}: {query or 'all'}, far back", partial(_far_back, name, query)
            yield f"{name}.csv: {query or 'all'}", partial(_listed, name, query, ending=".csv")


def add_problems() -> None:
    """Store problems of some files, and refuse a few of these, unless the store has problems."""
    if Problem.objects.exists():
        return
    some = FlowFile.objects.annotate(rest=Mod("pk", _WITH_PROBLEMS)).filter(rest=0)
    wrong, doubtful = {"severity": "ERROR", "code": "cut"}, {"severity": "WARNING", "code": "suspect-without-reason"}
    problems = (
        Problem(flow_file_id=key, line=line, record="030", message="is made up", **kind)
        for key in list(some.values_list("pk", flat=True))
        for kind in [doubtful if key % _REFUSED else wrong]
        for line in range(2, 6)
    )
    Problem.objects.bulk_create(problems, batch_size=5_000)
    some.update(warnings=F("warnings") + 4)
    refused = list(Problem.objects.filter(code="cut").values_list("flow_file", flat=True))
    FlowFile.objects.filter(pk__in=refused).update(status="REJECTED", errors=4, warnings=0)
    Arrival.objects.filter(flow_file__in=refused).update(outcome="REJECTED")
    FlowFile.objects.filter(pk__in=(1, 2, 3)).update(sender=_FEW)


def _fixed(address: str, number: int) -> str:
    return address


def _search(draw: Draw, number: int) -> str:
    return f"/search?{urlencode({'q': draw(_scattered(number))})}"


def _scattered(number: int) -> int:
    return number * 7919 % MeterPoint.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1


def _point(number: int) -> str:
    return identifier(_scattered(number))[1]


def _file(number: int, **those: Any) -> str:
    """Return the hash of one of some files."""
    rows = FlowFile.objects.filter(**those).order_by("pk").values_list("sha256", flat=True)
    return rows[number * 7919 % rows.count()]


def _query(query: str, number: int) -> str:
    """Return filters with the names that a number draws."""
    point = _point(number) if "{point}" in query else ""
    return query.format(point=point, file=_file(number) if "{file}" in query else "")


def _listed(name: str, query: str, number: int, *, ending: str = "/") -> str:
    return f"/{name}{ending}?{_query(query, number)}".removesuffix("?")


def _far_back(name: str, query: str, number: int) -> str:
    """Return the address of a page in the middle of a list; of the first one, if the list has no row."""
    (listed,) = [each for each in LISTS if each.name == name]
    filters: Filters[Any] = Filters(listed, QueryDict(_query(query, number)))
    assert filters.is_valid(), filters.errors
    rows = filters.selected.rows if filters.selected.scope is None else filters.selected.scope
    order, keys = filters.ordering.order, rows.order_by("pk").values_list("pk", flat=True)
    if (last := keys.last()) is None:
        return filters.address()
    middle = rows.filter(pk__gte=last // 2).order_by("pk").values_list(*order.columns).first()
    return filters.address(after=order.text(middle or ()))
