"""Wrong requests, and their answers: problem details that name the parameter, never a page or a traceback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.test import Client, override_settings
from django.utils import timezone

from readings.models.api_tokens import ApiToken, Scope
from readings.models.roles import OPERATOR, SUPPORT
from tests.proofs.api.filled import MPAN, NMI
from tests.running.api import Program, problem_details

#: Who calls: a program of a role by its token, or by another header.
ANALYST, NO_TOKEN, OTHER_KIND, GARBAGE, UNKNOWN = "analyst", "no token", "Basic", "Bearer abc", "Bearer mbx_abc"
EXPIRED, REVOKED, UPLOADER, NO_ROLE, VIEWER = "expired token", "revoked token", "upload token", "no role", "support"
_HEADERS: Final = {OTHER_KIND: "Basic YW5uOmFubg==", GARBAGE: "Bearer abc", UNKNOWN: "Bearer mbx_abc"}
#: Address of a file that exists; the table has its place.
FILE: Final = "{sha256}"


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One wrong request, with the status and the parameters that its answer has to name."""

    name: str
    address: str = "/api/readings"
    status: int = 422
    parameters: tuple[str, ...] = ()
    caller: str = ANALYST
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)


def _query(name: str, query: str, *parameters: str, address: str = "/api/readings") -> Wrong:
    return Wrong(name=name, address=f"{address}?{query}", parameters=parameters)


_CALLERS: Final = (
    Wrong(name="no token", caller=NO_TOKEN, status=401),
    Wrong(name="another kind of authorization", caller=OTHER_KIND, status=401),
    Wrong(name="a token that is none", caller=GARBAGE, status=401),
    Wrong(name="an unknown token", caller=UNKNOWN, status=401),
    Wrong(name="an expired token", caller=EXPIRED, status=401),
    Wrong(name="a revoked token", caller=REVOKED, status=401),
    Wrong(name="the other scope", caller=UPLOADER, status=403),
    Wrong(name="a user without a role", caller=NO_ROLE, status=403),
    Wrong(
        name="a user without a role, one meter point", address=f"/api/meter-points/{MPAN}", caller=NO_ROLE, status=403
    ),
    Wrong(name="CSV without the permission", caller=VIEWER, status=403, headers={"Accept": "text/csv"}),
    Wrong(name="bytes without the permission", address=f"/api/flow-files/{FILE}/content", caller=VIEWER, status=403),
)
_PAGES: Final = (
    _query("an unknown parameter", f"mpna={MPAN}", "mpna"),
    _query("two unknown parameters", "offset=3&page=2", "offset", "page"),
    _query("a parameter of another list", "severity=ERROR", "severity"),
    _query("a repeated parameter", "limit=1&limit=2", "limit"),
    _query("limit 0", "limit=0", "limit"),
    _query("a negative limit", "limit=-1", "limit"),
    _query("limit over 1,000", "limit=1001", "limit"),
    _query("a huge limit", f"limit=1{'0' * 40}", "limit"),
    _query("limit in words", "limit=many", "limit"),
    _query("an empty limit", "limit=", "limit"),
    _query("an invented cursor", "cursor=abc", "cursor"),
    _query("a cursor of zero bytes", "cursor=%00", "cursor"),
    _query("a cursor of another list", "cursor={cursor}", "cursor", address="/api/meter-points"),
    _query("a cursor of other filters", "cursor={cursor}&counts=all", "cursor"),
    _query("a changed cursor", "cursor={changed}", "cursor"),
    _query("a long cursor", f"cursor={'x' * 1001}", "cursor"),
)
_IDENTIFIERS: Final = (
    _query("an MPAN with a wrong check digit", "mpan=3190001042119", "mpan"),
    _query("an MPAN of 12 digits", "mpan=319000104211", "mpan"),
    _query("an MPAN in other digits", "mpan=%D9%A3190001042118", "mpan"),
    _query("an NMI with a wrong check digit", f"nmi={NMI}0", "nmi"),
    _query("an NMI with a hyphen", "nmi=6123-56789", "nmi"),
    _query("an MPAN and an NMI", f"mpan={MPAN}&nmi={NMI}", "mpan", "nmi"),
    _query("an empty serial number", "serial_number=", "serial_number"),
    _query("a serial number of 101 characters", f"serial_number={'9' * 101}", "serial_number"),
    _query("a serial number with a zero byte", "serial_number=%00", "serial_number"),
    _query("a file name with a zero byte", "flow_file=a%00b", "flow_file"),
    _query("an unknown scheme", "scheme=GAS", "scheme", address="/api/meter-points"),
)
_FILTERS: Final = (
    _query("a day that does not exist", f"mpan={MPAN}&from=2025-02-30", "from"),
    _query("a day in words", f"mpan={MPAN}&to=yesterday", "to"),
    _query("a day without hyphens", f"mpan={MPAN}&from=20250201", "from"),
    _query("a week", f"mpan={MPAN}&from=2025-W05-6", "from"),
    _query("a day with a time", f"mpan={MPAN}&from=2025-02-01T00:00:00Z", "from"),
    _query("a day before all clocks", f"mpan={MPAN}&from=0001-01-01", "from"),
    _query("the last day before the first", f"mpan={MPAN}&from=2025-02-02&to=2025-02-01", "from", "to"),
    _query("a period of all readings", "from=2025-02-01&to=2025-02-28", "from", "to"),
    _query("a reading type of all readings", "reading_type=R", "reading_type"),
    _query("a reading type of two letters", f"mpan={MPAN}&reading_type=RR", "reading_type"),
    _query("an unknown value of counts", "counts=some", "counts"),
    _query("an unknown status", "status=lost", "status", address="/api/flow-files/"),
    _query("an unknown severity", "severity=FATAL", "severity", address=f"/api/flow-files/{FILE}/problems"),
    _query("a parameter of one resource", "limit=1", "limit", address=f"/api/flow-files/{FILE}"),
    Wrong(name="a hash that is none", address="/api/flow-files/xyz", parameters=("sha256",)),
    Wrong(name="a hash in capitals", address=f"/api/flow-files/{'A' * 64}", parameters=("sha256",)),
    Wrong(name="a hash of 11 digits", address="/api/flow-files/0123456789a/readings", parameters=("sha256",)),
)
_NOWHERE: Final = (
    *(
        Wrong(name="an unknown hash", address=f"/api/flow-files/{'0' * 64}{part}", status=404)
        for part in ("", "/problems", "/readings", "/content")
    ),
    *(
        Wrong(name="an unknown meter point", address=f"/api/meter-points/9999999999{part}", status=404)
        for part in ("", "/meters", "/readings")
    ),
    Wrong(name="a meter point with a wrong check digit", address="/api/meter-points/3190001042119", status=404),
    Wrong(name="a meter point of another scheme", address=f"/api/meter-points/{MPAN}?scheme=NMI", status=404),
    Wrong(name="a zero byte in the address", address="/api/meter-points/%00", status=404),
    Wrong(name="a zero byte before a part of the address", address="/api/meter-points/a%00/meters", status=404),
    Wrong(name="broken percent-encoding", address="/api/meter-points/%ff%zz", status=404),
    Wrong(name="a surrogate in the address", address="/api/meter-points/%ed%a0%80", status=404),
    Wrong(name="a script as a name", address="/api/meter-points/%3Cscript%3Ealert(1)%3C%2Fscript%3E", status=404),
    Wrong(name="an address of 10,000 characters", address=f"/api/meter-points/{'9' * 10_000}", status=404),
    Wrong(name="the start of the API", address="/api/", status=404),
    Wrong(name="an unknown address", address="/api/nothing", status=404),
    Wrong(name="an unknown address with a zero byte", address="/api/%00", status=404),
    Wrong(name="an unknown address, no token", address="/api/nothing", caller=NO_TOKEN, status=404),
)
_METHODS: Final = (
    *(
        Wrong(name="a method that changes something", method=method, status=405)
        for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE")
    ),
    Wrong(name="DELETE on a file", method="DELETE", address=f"/api/flow-files/{FILE}", status=405),
    Wrong(name="a method that does not exist", method="BREW", status=405),
    Wrong(
        name="the question of a browser on another site",
        method="OPTIONS",
        status=405,
        headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"},
    ),
    Wrong(name="another form", headers={"Accept": "image/png"}, status=406),
    Wrong(name="a resource as CSV", address=f"/api/meter-points/{MPAN}", headers={"Accept": "text/csv"}, status=406),
    Wrong(name="an Accept that is none", headers={"Accept": ";;,/"}, status=406),
    Wrong(name="another host", headers={"Host": "elsewhere.example"}, status=400),
    Wrong(name="a host that is none", headers={"Host": "a b"}, status=400),
)
REQUESTS: Final = (*_CALLERS, *_PAGES, *_IDENTIFIERS, *_FILTERS, *_NOWHERE, *_METHODS)


@dataclass(frozen=True)
class Answer:
    """What was answered to a wrong request, and what is wrong with it."""

    request: Wrong
    response: Any
    fault: str

    @property
    def row(self) -> str:
        """Return the row of the table."""
        document = self.response.json() if "json" in self.response.headers.get("Content-Type", "") else {}
        named = ", ".join(f"`{error['parameter']}`" for error in document.get("errors", []))
        address = self.request.address if len(self.request.address) <= 60 else f"{self.request.address[:57]}…"
        detail = str(document.get("detail", "")).replace("|", "\\|")
        detail = detail if len(detail) <= 110 else f"{detail[:107]}…"
        cells = (self.request.name, f"{self.request.method} {address}", self.response.status_code, named, detail)
        return f"| {' | '.join(map(str, cells))} |"


class Asker:
    """Sends wrong requests to the API over a filled store, with the hash of one of its files."""

    def __init__(self, sha256: str) -> None:
        programs = {
            ANALYST: Program(),
            NO_ROLE: Program("", name="bob"),
            VIEWER: Program(SUPPORT, name="sue"),
            UPLOADER: Program(OPERATOR, Scope.UPLOAD, name="olga"),
            EXPIRED: Program(name="eve"),
            REVOKED: Program(name="rex"),
        }
        past = timezone.now() - timedelta(seconds=1)
        ApiToken.objects.filter(user__username="eve").update(expires_at=past)
        ApiToken.objects.filter(user__username="rex").update(revoked_at=past)
        self.clients = {name: program.client for name, program in programs.items()}
        self.clients[NO_TOKEN] = Client(raise_request_exception=False)
        for name, text in _HEADERS.items():
            self.clients[name] = Client(raise_request_exception=False, headers={"Authorization": text})
        cursor = programs[ANALYST].get("readings", {"limit": 1}).json()["next_cursor"]
        self.places = {"{sha256}": sha256, "{cursor}": cursor, "{changed}": _changed(cursor)}

    def ask(self, wrong: Wrong) -> Answer:
        """Send a request; return its answer."""
        address = wrong.address
        for place, text in self.places.items():
            address = address.replace(place, text)
        client = self.clients[wrong.caller]
        response = client.generic(wrong.method, address, headers=dict(wrong.headers))
        return Answer(wrong, response, _fault(wrong, response))


def _changed(cursor: str) -> str:
    """Return a cursor with another first character."""
    return ("b" if cursor[0] == "a" else "a") + cursor[1:]


def _fault(wrong: Wrong, response: Any) -> str:
    """Return what is wrong with an answer; empty if nothing is."""
    if response.status_code != wrong.status:
        return f"status {response.status_code}, expected {wrong.status}: {response.content[:300]!r}"
    try:
        document = problem_details(response)
    except AssertionError as error:
        return f"no problem details: {error}"
    named = tuple(error["parameter"] for error in document["errors"])
    if named != wrong.parameters:
        return f"names {named}, expected {wrong.parameters}"
    if wrong.status == 405 and "Allow" not in response.headers:
        return "405 without Allow"
    if wrong.status == 401 and "Bearer" not in response.headers.get("WWW-Authenticate", ""):
        return "401 without WWW-Authenticate"
    if any(name.lower().startswith("access-control-") for name in response.headers):
        return "opens the API to other sites"
    return ""


def prove() -> int:
    """Print the table, as it is with DEBUG=0, and the faults, with DEBUG=1 too; return their number."""
    from tests.proofs.api.filled import fill

    asker = Asker(fill()[0])
    answers = [asker.ask(wrong) for wrong in REQUESTS]
    with override_settings(DEBUG=True):
        debugged = [asker.ask(wrong) for wrong in REQUESTS]
    print("| request | address | status | names | detail |\n|---|---|---|---|---|")
    for answer in answers:
        print(answer.row)
    faults = [f"{each.request.name}: {each.fault}" for each in (*answers, *debugged) if each.fault]
    print("\n".join([f"{len(answers)} wrong requests, with DEBUG=0 and DEBUG=1: {len(faults)} faults", *faults]))
    return len(faults)
