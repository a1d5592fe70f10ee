"""A token never may more than its user; each role may in the API what it may on the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from readings.models.api_tokens import ApiToken, Scope
from readings.models.roles import ADMINISTRATOR, ANALYST, LEAD, OPERATOR, ROLES, SUPPORT
from tests.making.dtc import flow, mpan, reading_of
from tests.running.api import Program, problem_details
from tests.running.imported import deliver
from tests.running.pages import client_of

pytestmark = pytest.mark.django_db

#: Roles that export.
EXPORTING = {ANALYST, LEAD, ADMINISTRATOR}
EVERYTHING = ("readings", "flow-files/", "meter-points", "meters")


@pytest.fixture
def sha256() -> str:
    return deliver(flow(*reading_of(1)), "one.uff").sha256


def addresses(sha256: str) -> list[str]:
    """Return the addresses that every role reads."""
    file, point = f"flow-files/{sha256}", f"meter-points/{mpan(1)}"
    parts = [f"{file}/problems", f"{file}/readings"]
    parts += [f"{point}/{part}" for part in ("meters", "readings", "advances", "intervals", "consumption")]
    return [*EVERYTHING, file, point, *parts, "summary"]


@pytest.mark.slow
@pytest.mark.parametrize("role", ["", *ROLES])
def test_role_reads_and_exports_as_on_the_pages(role: str, sha256: str) -> None:
    program = Program(role)
    for address in addresses(sha256):
        program.get(address, status=200 if role else 403)
    for address in EVERYTHING:
        program.get(address, status=200 if role in EXPORTING else 403, headers={"Accept": "text/csv"})
    # The bytes are in no folder, which only those learn who may read them.
    program.get(f"flow-files/{sha256}/content", status=404 if role in EXPORTING else 403)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_session_reads_like_a_token(role: str, sha256: str) -> None:
    client = client_of(role)
    for address in addresses(sha256):
        assert client.get(f"/api/{address}").status_code == 200
    as_csv = client.get("/api/readings", headers={"Accept": "text/csv"})
    assert as_csv.status_code == (200 if role in EXPORTING else 403)


def test_token_loses_what_its_user_loses_at_once(sha256: str) -> None:
    program = Program(ANALYST)
    program.get("readings", headers={"Accept": "text/csv"})
    program.user.groups.clear()
    program.get("readings", status=403)
    program.user.user_permissions.add(*Permission.objects.filter(codename__in=("view_meterpoint", "view_reading")))
    program.get("readings")
    program.get("readings", status=403, headers={"Accept": "text/csv"})
    program.get("flow-files/", status=403)
    assert problem_details(program.get(f"flow-files/{sha256}/content", status=403))["errors"] == []


def test_token_of_a_user_who_is_deactivated_between_two_pages_is_refused(sha256: str) -> None:
    deliver(flow(*reading_of(2), identifier="TWO"), "two.uff")
    program = Program()
    following = program.get("readings", {"limit": 1}).json()["next"]
    program.user.is_active = False
    program.user.save()
    response = program.get(following, status=401)
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="Meterbox", error="invalid_token"'
    program.user.is_active = True
    program.user.save()
    program.get(following)


def test_session_of_a_user_who_is_deactivated_is_refused(sha256: str) -> None:
    client = client_of(SUPPORT)
    assert client.get("/api/readings").status_code == 200
    User.objects.update(is_active=False)
    response = client.get("/api/readings")
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, 'Bearer realm="Meterbox"')
    assert problem_details(response)["detail"].startswith("Send a token")


def test_revoked_and_expired_tokens_are_refused_alike(sha256: str) -> None:
    program = Program()
    unknown = problem_details(program.client.get("/api/readings", headers={"Authorization": "Bearer mbx_x"}))
    for column in ("revoked_at", "expires_at"):
        ApiToken.objects.update(revoked_at=None, expires_at=timezone.now() + timedelta(1))
        program.get("readings")
        ApiToken.objects.update(**{column: timezone.now()})
        assert problem_details(program.get("readings", status=401)) == unknown


def test_upload_token_reads_nothing(sha256: str) -> None:
    program = Program(ADMINISTRATOR, Scope.UPLOAD)
    for address in addresses(sha256):
        response = program.get(address, status=403)
        assert 'error="insufficient_scope", scope="read"' in response.headers["WWW-Authenticate"]


def test_wrong_token_is_refused_beside_a_session(sha256: str) -> None:
    client = client_of(OPERATOR)
    refused = client.get("/api/readings", headers={"Authorization": "Bearer mbx_wrong"})
    assert refused.status_code == 401
    assert client.get("/api/readings").status_code == 200


def test_nobody_learns_what_is_stored(sha256: str) -> None:
    program = Program("")
    for stored, other in ((sha256, "0" * 64), (mpan(1), mpan(2))):
        kind = "flow-files" if stored == sha256 else "meter-points"
        answers = [program.get(f"{kind}/{name}", status=403).content for name in (stored, other)]
        assert answers[0] == answers[1]
