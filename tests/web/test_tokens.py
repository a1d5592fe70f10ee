"""The page of tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from readings.models import ApiToken, Trail
from readings.models.api_tokens import Scope, find_token
from readings.models.roles import ADMINISTRATOR, LEAD, OPERATOR, SUPPORT
from readings.models.trail import Action, Door
from tests.running.browser import WORD, log_in, open_page
from tests.running.pages import client_of, logged_in, text_of
from tests.running.tokens import token_of, user_with

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

PAGE = "/tokens/"
TOKEN = re.compile(r"mbx_[\w-]{30,}")


def filled(**values: str) -> dict[str, str]:
    return {"name": "monthly billing", "scope": "read", "days": "30", **values}


def html_of(client: Client) -> str:
    response = client.get(PAGE)
    assert response.status_code == 200
    return response.content.decode()


def test_new_token_is_shown_once_and_only_to_its_user() -> None:
    client = client_of(SUPPORT)
    response = client.post(PAGE, filled())
    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert "no-store" in response["Cache-Control"]
    first, second = client.get(PAGE), client.get(PAGE)
    [text] = TOKEN.findall(first.content.decode())
    assert "no-store" in first["Cache-Control"]
    assert TOKEN.findall(second.content.decode()) == []
    token = find_token(text, timezone.now())
    assert token
    assert (token.name, token.scope, token.user.get_username()) == ("monthly billing", Scope.READ, "ann")
    assert token.expires_at - token.created_at == timedelta(days=30)


def test_new_token_is_in_neither_the_session_nor_the_trail() -> None:
    client = client_of(SUPPORT)
    client.post(PAGE, filled())
    text = client.cookies["new_token"].value
    [session] = Session.objects.all()
    assert not any(text[10:] in f"{value}" for value in (session.get_decoded(), *Trail.objects.values_list()))
    [entry] = Trail.objects.all()
    subject = f"{text[:10]}… monthly billing (read, of ann)"
    assert (entry.action, entry.door, entry.by_whom, entry.subject) == (
        Action.MAKE_TOKEN,
        Door.PAGE,
        "ann",
        subject,
    )


@pytest.mark.parametrize("is_secure", [False, True])
def test_cookie_of_a_new_token_reaches_only_its_page(is_secure: bool, settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = is_secure
    client = client_of(SUPPORT)
    client.post(PAGE, filled())
    cookie = client.cookies["new_token"]
    kept = {name: cookie[name] for name in ("path", "httponly", "samesite", "max-age", "expires")}
    assert kept == {"path": PAGE, "httponly": True, "samesite": "Strict", "max-age": "", "expires": ""}
    assert bool(cookie["secure"]) is is_secure
    client.get(PAGE)
    assert client.cookies["new_token"].value == ""


def test_token_of_another_user_in_the_cookie_is_not_shown() -> None:
    _, text = token_of(User.objects.create_superuser("root"))
    client = client_of(ADMINISTRATOR)
    client.cookies["new_token"] = text
    assert text not in html_of(client)


@pytest.mark.parametrize(
    ("role", "offered"), [(SUPPORT, ["read"]), (LEAD, ["read"]), (OPERATOR, ["read", "upload"]), ("", [])]
)
def test_form_offers_the_scopes_that_the_user_can_use(role: str, offered: list[str]) -> None:
    client = client_of(role) if role else logged_in(User.objects.create_user("ann"))
    html = html_of(client)
    assert re.findall(r'<option value="([^"]*)"', html) == offered
    if not offered:
        assert "a token would be of no use" in text_of(html)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"scope": "upload"}, "Select a valid choice"),
        ({"scope": ""}, "This field is required."),
        ({"name": " "}, "This field is required."),
        ({"name": "n" * 101}, "at most 100 characters"),
        ({"name": "two\nlines"}, "Remove the character that cannot be printed."),
        ({"days": "0"}, "greater than or equal to 1"),
        ({"days": "3651"}, "less than or equal to 3650"),
        ({"days": "many"}, "Enter a whole number."),
    ],
)
def test_wrong_entry_makes_no_token(wrong: dict[str, str], expected: str) -> None:
    response = client_of(SUPPORT).post(PAGE, filled(**wrong))
    assert response.status_code == 400
    assert expected in text_of(response.content.decode())
    assert not ApiToken.objects.exists()


def test_user_without_a_role_makes_no_token() -> None:
    assert logged_in(User.objects.create_user("ann")).post(PAGE, filled()).status_code == 403
    assert not ApiToken.objects.exists()


def test_list_has_the_own_tokens_and_for_administrators_those_of_all() -> None:
    for name in ("olga", "sam"):
        token_of(user_with(OPERATOR, name))
    own, every = client_of(SUPPORT), logged_in(user_with(ADMINISTRATOR, "root"))
    assert re.findall(r'data-name="User">([^<]*)', html_of(own)) == []
    assert "/revoke/" not in html_of(own)
    assert re.findall(r'data-name="User">([^<]*)', html_of(every)) == ["sam", "olga"]


def test_list_shows_the_state_of_each_token() -> None:
    ann = user_with(SUPPORT)
    token_of(ann)
    token_of(ann, days=0)
    revoked, _ = token_of(ann)
    ApiToken.objects.filter(pk=revoked.pk).update(revoked_at=timezone.now())
    html = html_of(logged_in(ann))
    valid, others = html.partition("Tokens that no longer work")[::2]
    assert re.findall(r'class="badge \w+">(\w+)', valid) == ["Valid"]
    assert re.findall(r'class="badge \w+">(\w+)', others) == ["Revoked", "Expired"]
    assert len(re.findall(r'href="/tokens/\d+/revoke/"', html)) == 1
    assert "never" in text_of(html)


@pytest.mark.parametrize("role", [SUPPORT, ADMINISTRATOR])
def test_token_is_revoked_after_a_confirmation(role: str) -> None:
    client = client_of(role)
    owner = User.objects.get() if role == SUPPORT else user_with(SUPPORT, "olga")
    token, text = token_of(owner)
    address = f"/tokens/{token.pk}/revoke/"
    question = text_of(client.get(address).content.decode())
    assert "monthly billing" in question
    assert owner.get_username() in question
    assert find_token(text, timezone.now())
    response = client.post(address, follow=True)
    assert f"The token {token.start}… is revoked" in text_of(response.content.decode())
    assert find_token(text, timezone.now()) is None
    client.post(address)
    assert list(Trail.objects.values_list("action", "by_whom")) == [(Action.REVOKE_TOKEN, "ann")]


def test_user_can_neither_see_nor_revoke_a_token_of_another() -> None:
    token, text = token_of(user_with(OPERATOR, "olga"))
    client = client_of(LEAD)
    for method in ("GET", "POST"):
        assert client.generic(method, f"/tokens/{token.pk}/revoke/").status_code == 404
    assert find_token(text, timezone.now())


def test_forms_need_the_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user_with(SUPPORT))
    token, text = token_of(User.objects.get())
    assert client.post(PAGE, filled()).status_code == 403
    assert client.post(f"/tokens/{token.pk}/revoke/").status_code == 403
    assert find_token(text, timezone.now())


def test_every_page_links_to_it() -> None:
    client = logged_in(User.objects.create_user("ann"))
    assert 'href="/tokens/"' in client.get("/nowhere").content.decode()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """Yield the page of tokens on a small screen."""
    User.objects.create_superuser("ann", password=WORD)
    with open_page(browser, live_server.url) as page:
        page.set_viewport_size({"width": 360, "height": 740})
        log_in(page, live_server.url + PAGE, "ann")
        yield page


@pytest.mark.slow
def test_token_is_made_and_revoked_on_a_small_screen(page: Page) -> None:
    page.get_by_label("Used by").fill("monthly billing")
    page.get_by_role("button", name="Make token").click()
    expect(page.get_by_role("heading", name="New token: monthly billing")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert TOKEN.search(page.content())
    page.reload()
    assert not TOKEN.search(page.content())
    page.get_by_role("link", name="Revoke mbx_").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("status")).to_contain_text("is revoked")
