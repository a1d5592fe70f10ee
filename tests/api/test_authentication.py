"""Who may call the API. Routes of these tests return who calls them."""

from __future__ import annotations

import logging
from datetime import timedelta
from math import ceil
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, path
from django.utils import timezone
from ninja import NinjaAPI
from ninja.errors import HttpError, Throttled
from pytest_django.fixtures import Settings

from config.urls import urlpatterns as pages
from readings.api.authentication import READING, UPLOADING, challenge, require
from readings.api.throttling import PER_CALLER
from readings.models import ApiToken
from readings.models.api_tokens import Scope
from readings.models.roles import OPERATOR, SUPPORT
from tests.running.pages import logged_in
from tests.running.tokens import bearer, token_of, user_with

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__), pytest.mark.slow_on_postgresql]

api = NinjaAPI(urls_namespace="tests-of-authentication", throttle=[PER_CALLER])


@api.exception_handler(HttpError)
def refuse(request: HttpRequest, error: HttpError) -> HttpResponse:
    response = HttpResponse(str(error), status=error.status_code)
    if header := challenge(error):
        response.headers["WWW-Authenticate"] = header
    if isinstance(error, Throttled) and error.wait:
        response.headers["Retry-After"] = str(ceil(error.wait))
    return response


@api.get("read", auth=READING)
def read(request: HttpRequest) -> str:
    require(request, "readings.view_meterpoint", "readings.view_reading")
    return request.user.get_username()


@api.post("upload", auth=UPLOADING)
def upload(request: HttpRequest) -> int:
    require(request, "readings.add_flowfile")
    return len(request.read())


@api.get("open", auth=None)
def everybody(request: HttpRequest) -> str:
    return "everybody"


checks = path("check/", api.urls)
for pattern in checks.url_patterns:
    if isinstance(pattern, URLPattern):
        pattern.callback = login_not_required(pattern.callback)
urlpatterns = [checks, *pages]


def get(text: str, client: Client | None = None) -> Any:
    return (client or Client()).get("/check/read", headers=bearer(text))


def test_token_lets_in_its_user_and_its_use_is_noted() -> None:
    token, text = token_of(user_with(SUPPORT))
    response = get(text)
    assert (response.status_code, response.json()) == (200, "ann")
    token.refresh_from_db()
    assert token.last_used_at
    assert timezone.now() - token.last_used_at < timedelta(minutes=1)


@pytest.mark.parametrize("header", ["", "Basic YW5uOmFubg==", "Token mbx_x", "Bearer"])
def test_request_without_a_token_is_refused_with_a_hint(header: str) -> None:
    response = Client().get("/check/read", headers={"Authorization": header} if header else {})
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith('Bearer realm="Meterbox"')
    assert "token" in response.content.decode()


@pytest.mark.parametrize("fault", ["unknown", "without prefix", "expired", "revoked", "user inactive", "two"])
def test_wrong_token_is_refused(fault: str) -> None:
    token, text = token_of(user_with(SUPPORT), days=0 if fault == "expired" else 1)
    if fault == "revoked":
        ApiToken.objects.update(revoked_at=timezone.now())
    if fault == "user inactive":
        User.objects.update(is_active=False)
    sent = {"unknown": text[:-1], "without prefix": text[4:], "two": f"{text} {text}"}.get(fault, text)
    response = get(sent)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="Meterbox", error="invalid_token"'
    token.refresh_from_db()
    assert token.last_used_at is None


def test_token_of_the_other_scope_is_refused_and_the_right_scope_named() -> None:
    token, text = token_of(user_with(OPERATOR), Scope.UPLOAD)
    response = get(text)
    assert response.status_code == 403
    assert response["WWW-Authenticate"] == 'Bearer realm="Meterbox", error="insufficient_scope", scope="read"'
    assert response.content.decode() == (
        f"The token {token.start}… has the scope upload: use one with the scope read."
    )
    assert Client().post("/check/upload", "abc", "text/plain", headers=bearer(text)).json() == 3


def test_token_may_do_no_more_than_its_user() -> None:
    reader = user_with(SUPPORT)
    _, text = token_of(reader, Scope.UPLOAD)
    response = Client().post("/check/upload", "abc", "text/plain", headers=bearer(text))
    assert response.status_code == 403
    assert response.content.decode() == "The user ann may not upload files: ask an administrator."
    _, text = token_of(reader)
    reader.groups.clear()
    assert get(text).content.decode() == "The user ann may not view meter points: ask an administrator."


def test_wrong_token_is_refused_even_beside_a_session() -> None:
    client = logged_in(user_with(SUPPORT))
    assert client.get("/check/read").json() == "ann"
    assert get("mbx_wrong", client).status_code == 401


def test_session_needs_the_permissions_too() -> None:
    response = logged_in(User.objects.create_user("ann", is_staff=True)).get("/check/read")
    assert response.status_code == 403
    assert "may not view meter points" in response.content.decode()


def test_session_changes_something_only_with_the_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user_with(OPERATOR))
    client.get("/password/")
    secret = client.cookies["csrftoken"].value
    refused = client.post("/check/upload", "abc", "text/plain")
    assert refused.status_code == 403
    assert "X-CSRFToken" in refused.content.decode()
    in_the_form = client.post("/check/upload", {"csrfmiddlewaretoken": secret})
    assert in_the_form.status_code == 403
    accepted = client.post("/check/upload", "abc", "text/plain", headers={"X-CSRFToken": secret})
    assert (accepted.status_code, accepted.json()) == (200, 3)


def test_check_against_forged_requests_leaves_the_body_unread() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user_with(OPERATOR))
    client.get("/password/")
    headers = {"X-CSRFToken": client.cookies["csrftoken"].value}
    response = client.post("/check/upload", {"csrfmiddlewaretoken": "other", "field": "x" * 5000}, headers=headers)
    assert response.status_code == 200
    assert response.json() > 5000


def test_token_needs_no_csrf_token_even_beside_a_session() -> None:
    user = user_with(OPERATOR)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    _, text = token_of(user, Scope.UPLOAD)
    assert client.post("/check/upload", "abc", "text/plain", headers=bearer(text)).status_code == 200


@pytest.mark.parametrize("kind", ["Bearer", "Token", "bearer"])
def test_token_is_never_logged(
    kind: str, settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = True
    monkeypatch.setattr(logging.getLogger("django"), "propagate", True)
    _, text = token_of(user_with(SUPPORT), days=0)
    with caplog.at_level(logging.DEBUG):
        assert Client().get("/check/read", headers={"Authorization": f"{kind} {text}"}).status_code == 401
    assert "Unauthorized: /check/read" in caplog.text
    assert text[10:] not in caplog.text


def test_flood_of_wrong_tokens_is_throttled_and_locks_out_no_valid_one(settings: Settings) -> None:
    settings.API_RATE = (3, 60)
    _, text = token_of(user_with(SUPPORT))
    assert [get(f"mbx_{number}").status_code for number in range(5)] == [401, 401, 401, 429, 429]
    assert 0 < int(get("mbx_more")["Retry-After"]) <= 60
    assert get(text).status_code == 200
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert get("mbx_more", elsewhere).status_code == 401


def test_requests_are_counted_per_token_and_per_user_of_the_pages(settings: Settings) -> None:
    settings.API_RATE = (2, 3600)
    user = user_with(SUPPORT)
    texts = [token_of(user)[1] for _ in range(2)]
    assert [get(text).status_code for text in texts * 3] == [200] * 4 + [429] * 2
    client = logged_in(user)
    assert [client.get("/check/read").status_code for _ in range(3)] == [200, 200, 429]
    refused = get(texts[0], Client(REMOTE_ADDR="192.0.2.7"))
    assert refused.status_code == 429
    assert 3590 <= int(refused["Retry-After"]) <= 3600


def test_route_for_everybody_counts_nobody(settings: Settings) -> None:
    settings.API_RATE = (1, 3600)
    assert [Client().get("/check/open").status_code for _ in range(3)] == [200] * 3


def test_every_route_of_the_api_is_throttled(settings: Settings) -> None:
    settings.API_RATE = (1, 60)
    _, text = token_of(user_with(SUPPORT))
    first, second = (Client().get("/api/readings", headers=bearer(text)) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    assert second["Content-Type"] == "application/problem+json"
    assert 0 < int(second["Retry-After"]) <= 60
    wrong = [Client().get("/api/readings", headers=bearer("mbx_wrong")) for _ in range(2)]
    assert [response.status_code for response in wrong] == [401, 429]
    assert int(wrong[1]["Retry-After"]) > 0
