from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from readings.models.api_tokens import ApiToken, Scope
from readings.models.roles import OPERATOR, SUPPORT
from readings.web.guards.uploaders import PROGRAMS, refuse_person, refuse_program
from tests.running.pages import client_of
from tests.running.uploads import token_of

pytestmark = pytest.mark.django_db(transaction=True)  # the functions close their connections


def scope(**headers: str) -> dict[str, Any]:
    """Return the ASGI scope of an upload with these headers."""
    return {
        "type": "http",
        "method": "POST",
        "path": PROGRAMS,
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "query_string": b"",
    }


def session(client: Client) -> dict[str, Any]:
    return scope(Cookie=f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")


def bearer(token: str) -> dict[str, Any]:
    return scope(Authorization=f"Bearer {token}")


def test_path_for_programs_is_that_of_the_api() -> None:
    assert reverse("api:upload") == PROGRAMS


def test_programs_upload_with_a_token_for_uploads_only() -> None:
    token = token_of()
    assert refuse_program(bearer(token)) == 0
    assert refuse_program(scope(Authorization=f"bearer  {token}")) == 0
    assert refuse_program(bearer(token + "x")) == 401
    assert refuse_program(bearer("")) == 401
    assert refuse_program(scope()) == 401
    assert refuse_program(scope(Authorization="Basic YTpi")) == 401
    assert refuse_program(bearer(token_of("ann", Scope.READ))) == 403
    assert refuse_program(bearer(token_of("ben", role=SUPPORT))) == 403


def test_session_key_with_a_zero_byte_is_nobody() -> None:
    odd = f'{settings.SESSION_COOKIE_NAME}="\\000abcdefghijk"'
    assert (refuse_program(scope(Cookie=odd)), refuse_person(scope(Cookie=odd))) == (401, 413)
    for path, status in (("/api/readings", 401), ("/", 302)):
        assert Client(headers={"Cookie": odd}).get(path).status_code == status


def test_revoked_token_and_token_of_a_user_who_left_are_refused() -> None:
    first, second = token_of(), token_of("ben")
    ApiToken.objects.filter(user__username="olga").update(revoked_at="2026-01-01T00:00:00Z")
    User.objects.filter(username="ben").update(is_active=False)
    assert [refuse_program(bearer(token)) for token in (first, second)] == [401, 401]


def test_users_upload_with_a_session() -> None:
    operator = client_of(OPERATOR)
    assert (refuse_program(session(operator)), refuse_person(session(operator))) == (0, 0)
    User.objects.all().delete()
    support = client_of(SUPPORT)
    assert (refuse_program(session(support)), refuse_person(session(support))) == (403, 413)
    assert (refuse_program(scope()), refuse_person(scope())) == (401, 413)


def test_wrong_token_beside_a_session_is_refused() -> None:
    wanted = session(client_of(OPERATOR))
    wanted["headers"].append((b"authorization", b"Bearer mbx_wrong"))
    assert refuse_program(wanted) == 401
