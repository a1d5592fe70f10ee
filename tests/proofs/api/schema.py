"""The whole description of the API against its answers, by schemathesis: drawn requests, right and wrong ones."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import requests
from schemathesis import Config, openapi
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.transport.wsgi import WSGI_TRANSPORT

from tests.proofs.api.filled import CONSUMER, METER, MPAN, NMI, fill

#: Statuses that a check takes for right in addition to its own, with the reasons.
EXPECTED: Final = {
    # Right by the description, and yet refused: a cursor that no page returned, an MPAN or NMI with a wrong check
    # digit, days that do not exist or are out of order, mpan beside nmi, a period of all readings (422); an Accept
    # that is drawn (406).
    "positive_data_acceptance": ["2xx", "3xx", "401", "403", "404", "406", "409", "415", "422", "429"],
    # Wrong by the description: also a body without a length or over the limit (411, 413).
    "negative_data_rejection": ["400", "401", "403", "404", "405", "406", "409", "411", "413", "415", "422", "429"],
    # 503 is documented, and is never answered while the database is there.
    "not_a_server_error": ["2xx", "3xx", "4xx"],
}
#: Seconds for an answer, at most.
SLOWEST: Final = 10
#: Failures that are printed, at most.
PRINTED: Final = 20


def configuration(headers: Mapping[str, str], hashes: Sequence[str], examples: int, seed: int) -> SchemathesisConfig:
    """Return the configuration of a caller: every check and phase, and values that the store has."""
    stored = {"hashes": list(hashes), "mpans": [MPAN], "nmis": [NMI], "consumers": [CONSUMER], "meters": [METER]}
    parameters = {
        **{"path.sha256": "hashes", "query.flow_file": "hashes", "path.identifier": "mpans", "query.mpan": "mpans"},
        **{"query.nmi": "nmis", "query.consumer": "consumers", "query.serial_number": "meters"},
    }
    return Config.from_dict(
        {
            "seed": seed,
            "workers": 1,
            "headers": dict(headers),
            "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
            "dictionaries": {name: {"values": values} for name, values in stored.items()},
            "parameters": {name: {"dictionary": values, "probability": 0.5} for name, values in parameters.items()},
            "checks": {
                "max_response_time": SLOWEST,
                **{name: {"expected-statuses": statuses} for name, statuses in EXPECTED.items()},
            },
        }
    )


class Exploration:
    """What schemathesis tried for one caller, and found."""

    def __init__(self) -> None:
        self.operations = set[str]()
        self.cases = 0
        self.statuses = Counter[int]()
        self.checks = Counter[str]()
        self.failures: dict[str, str] = {}

    def follow(self, stream: Iterator[Any]) -> None:
        """Count cases, and collect failures, until the end."""
        for event in stream:
            if isinstance(event, events.NonFatalError):
                self.failures[f"{event.label}: {event.info.title}"] = f"{event.info.message} {event.value!r}"
            if isinstance(event, events.ScenarioFinished):
                self._count(event)

    def _count(self, event: events.ScenarioFinished) -> None:
        recorder = event.recorder
        if recorder.cases and " /" in recorder.label:
            self.operations.add(recorder.label)
        self.cases += len(recorder.interactions)
        self.statuses.update(
            each.response.status_code for each in recorder.interactions.values() if each.response is not None
        )
        for key, checks in recorder.checks.items():
            answer = recorder.interactions[key].response if key in recorder.interactions else None
            for check in checks:
                self.checks[check.name] += 1
                if check.status is not Status.SUCCESS:
                    info = check.failure_info
                    text = f"{info.failure.title}: {info.failure.message}\n{info.code_sample}" if info else "crashed"
                    text += f"\n{answer.status_code} {answer.content[:500]!r}" if answer else ""
                    self.failures.setdefault(f"{recorder.label} {check.name}: {text.splitlines()[0]}", text)


def let_checks_send_requests() -> None:
    """Give the requests of checks a session: without one, schemathesis 4.32 passes options that WSGI lacks."""
    send = WSGI_TRANSPORT.send

    def with_session(case: Any, *, session: Any = None, **options: Any) -> Any:
        return send(case, session=session or requests.Session(), **options)

    WSGI_TRANSPORT.send = with_session  # type: ignore[method-assign]


def explore(headers: Mapping[str, str], hashes: Sequence[str], examples: int, seed: int) -> Exploration:
    """Explore all operations with the headers of a caller."""
    from config.wsgi import application

    schema = openapi.from_wsgi(
        "/api/openapi.json", application, config=configuration(headers, hashes, examples, seed)
    )
    exploration = Exploration()
    exploration.follow(iter(from_schema(schema).execute()))
    return exploration


def prove(examples: int, seed: int, *, is_short: bool) -> int:
    """Print what was tried and found for each caller; return the number of different failures."""
    from readings.models.api_tokens import Scope
    from readings.models.roles import LEAD, OPERATOR
    from tests.running.api import Program

    let_checks_send_requests()
    hashes = fill()
    reader = {"Authorization": f"Bearer {Program(LEAD, name='lee').secret}"}
    uploader = {"Authorization": f"Bearer {Program(OPERATOR, Scope.UPLOAD, name='olga').secret}"}
    callers = {"read token": reader, "upload token": uploader}
    if not is_short:
        callers |= {"anonymous": {}, "read token, CSV": {**reader, "Accept": "text/csv"}}
    found = 0
    for name, headers in callers.items():
        began = time.monotonic()
        result = explore(headers, hashes, examples, seed)
        found += len(result.failures)
        statuses = ", ".join(f"{status}: {number:,}" for status, number in sorted(result.statuses.items()))
        print(
            f"  {name}: {len(result.operations)} operations, {result.cases:,} cases,"
            f" {result.checks.total():,} checks in {time.monotonic() - began:.0f} s:"
            f" {len(result.failures)} failures; statuses {statuses}",
            flush=True,
        )
        for title, text in list(result.failures.items())[:PRINTED]:
            print(f"- {title}\n{text}\n", flush=True)
    return found
