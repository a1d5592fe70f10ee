"""Wrong requests, and their answers: problem details that name the parameter, never a page or a traceback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.test import Client, override_settings
from django.utils import timezone

from readings.models.api_tokens import ApiToken, Scope
from readings.models.roles import OPERATOR, SUPPORT
from tests.proofs.api.wrong_table import (
    ANALYST,
    EXPIRED,
    FILE,
    GARBAGE,
    NO_ROLE,
    NO_TOKEN,
    OTHER_KIND,
    OTHER_UPLOADER,
    REQUESTS,
    REVOKED,
    UNKNOWN,
    UPLOADER,
    VIEWER,
    Wrong,
)
from tests.running.api import Program, problem_details

_HEADERS: Final = {OTHER_KIND: "Basic YW5uOmFubg==", GARBAGE: "Bearer abc", UNKNOWN: "Bearer mbx_abc"}


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
        detail = str(document.get("detail", "")).replace("|", "\\|").replace("\0", "\\0")
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
            OTHER_UPLOADER: Program(SUPPORT, Scope.UPLOAD, name="una"),
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
        self.places = {FILE: sha256, "{cursor}": cursor, "{changed}": _changed(cursor)}

    def ask(self, wrong: Wrong) -> Answer:
        """Send a request; return its answer."""
        address = wrong.address
        for place, text in self.places.items():
            address = address.replace(place, text)
        client = self.clients[wrong.caller]
        response = client.generic(wrong.method, address, wrong.body, wrong.kind, headers=dict(wrong.headers))
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
