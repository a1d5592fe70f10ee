"""The table of wrong requests, with the status and the parameters that each answer has to name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.proofs.api.filled import MPAN, NMI
from tests.running.places import SAMPLES

#: Who calls: a program of a role by its token, or by another header.
ANALYST, NO_TOKEN, OTHER_KIND, GARBAGE, UNKNOWN = "analyst", "no token", "Basic", "Bearer abc", "Bearer mbx_abc"
EXPIRED, REVOKED, UPLOADER, NO_ROLE, VIEWER = "expired token", "revoked token", "upload token", "no role", "support"
OTHER_UPLOADER: Final = "upload token of support"
OTHER_FLOW: Final = b"ZHV|X1|D0150002|D|ZZDC|X|ZZSU|20250303061500||||OPER|\nZPT|X1|0||1|20250303061502|\n"
TWO_FAULTS: Final = (SAMPLES / "d0010_two_faults.uff").read_bytes()
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
    body: bytes = b""
    kind: str = "application/octet-stream"


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
    Wrong(name="an Accept in an unknown encoding", headers={"Accept": "text/csv; a*=foo''b"}, status=406),
    Wrong(name="1,001 parameters", address=f"/api/readings?{'&limit=1' * 1001}", status=400),
    *(
        Wrong(name="an answer that is excluded", address=address, status=412, headers={"If-Match": '"0"'})
        for address in ("/api/readings", f"/api/meter-points/{MPAN}", f"/api/flow-files/{FILE}/content")
    ),
    Wrong(name="another host", headers={"Host": "elsewhere.example"}, status=400),
    Wrong(name="a host that is none", headers={"Host": "a b"}, status=400),
)
_FIGURES: Final = (
    *(
        Wrong(name="figures of an unknown meter point", address=f"/api/meter-points/9999999999/{part}", status=404)
        for part in ("advances", "intervals", "consumption")
    ),
    _query("an unknown group", "group_by=year", "group_by", address=f"/api/meter-points/{NMI}/consumption"),
    _query("an unknown order", "order=up", "order", address=f"/api/meter-points/{MPAN}/advances"),
    _query("a parameter of readings", "counts=all", "counts", address=f"/api/meter-points/{NMI}/intervals"),
    _query("no day of intervals", "from=2026-02-30", "from", address=f"/api/meter-points/{NMI}/intervals"),
    _query("a cursor of readings", "cursor={cursor}", "cursor", address=f"/api/meter-points/{NMI}/intervals"),
    _query("an unknown measure", "measure=joy", "measure", address="/api/summary"),
    _query("a summary in pages", "limit=1", "limit", address="/api/summary"),
    _query("an unknown scheme of a summary", "scheme=GAS", "scheme", address="/api/summary"),
    Wrong(name="a summary without a role", address="/api/summary", caller=NO_ROLE, status=403),
    Wrong(name="the inbox without the permission", address="/api/inbox", caller=ANALYST, status=403),
    Wrong(name="the inbox, no token", address="/api/inbox", caller=NO_TOKEN, status=401),
    Wrong(name="POST to the inbox", address="/api/inbox", method="POST", status=405),
)


def _upload(name: str, status: int, *parameters: str, body: bytes = b"x", query: str = "", **more: Any) -> Wrong:
    address = f"/api/flow-files/?{query}" if query else "/api/flow-files/"
    options = {"caller": UPLOADER, "method": "POST", **more}
    return Wrong(name=name, address=address, status=status, parameters=parameters, body=body, **options)


_FORM: Final = "multipart/form-data; boundary=b"
_EMPTY_FORM: Final = b"--b--\r\n"
_TWO_FILES: Final = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n' * 2 + _EMPTY_FORM
_UPLOADS: Final = (
    _upload("an upload, no token", 401, query="name=a", caller=NO_TOKEN),
    _upload("an upload with a read token", 403, query="name=a", caller=ANALYST),
    _upload("an upload without the permission", 403, query="name=a", caller=OTHER_UPLOADER),
    _upload("an upload without a file", 400, query="name=a", body=b""),
    _upload("an upload without a name", 422, "name"),
    _upload("an upload with an empty name", 422, "name", query="name="),
    _upload("an upload whose name is a folder", 422, "name", query="name=a/"),
    _upload("an upload with a name of zero bytes", 422, "name", query="name=%00"),
    _upload("an unknown parameter of an upload", 422, "colour", query="name=a&colour=red"),
    _upload("a rehearsal in words", 422, "dry_run", query="name=a&dry_run=perhaps"),
    _upload("a form without a file", 400, body=_EMPTY_FORM, kind=_FORM),
    _upload("a form with two files", 400, body=_TWO_FILES, kind=_FORM),
    _upload("a form that ends in its middle", 400, body=_TWO_FILES[:60], kind=_FORM),
    _upload("a form without a boundary", 400, body=_TWO_FILES, kind="multipart/form-data"),
    _upload("a form of fields", 415, body=b"file=x", kind="application/x-www-form-urlencoded"),
    _upload("another flow", 415, query="name=a.uff", body=OTHER_FLOW),
    _upload("bytes of no format", 422, query="name=a.bin", body=bytes(range(256))),
    _upload("a file with two faults", 422, query="name=a.uff", body=TWO_FAULTS),
    _upload("a rehearsal of a file with two faults", 422, query="name=a.uff&dry_run=1", body=TWO_FAULTS),
    _upload("an answer as CSV", 406, query="name=a", headers={"Accept": "text/csv"}),
    _upload("PUT of a file", 405, query="name=a", method="PUT"),
)
REQUESTS: Final = (
    *(*_CALLERS, *_PAGES, *_IDENTIFIERS, *_FILTERS, *_NOWHERE),
    *(*_METHODS, *_FIGURES, *_UPLOADS),
)
