from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client, override_settings
from freezegun import freeze_time

from readings.models import LogInFailure
from tests.running.imported import NOON
from tests.running.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

RIGHT = "correct horse battery"
LIMIT = 10
OFFICE = "192.0.2.7"


@pytest.fixture(autouse=True)
def people() -> Iterator[None]:
    # These tests try hundreds of passwords.
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        for name in ("ann", "bob"):
            User.objects.create_user(name, password=RIGHT)
        yield


def attempt(name: str, password: str, address: str = "127.0.0.1", **form: str) -> HttpResponse:
    """Log in like a browser without cookies."""
    sent = {"username": name, "password": password, **form}
    response = Client(REMOTE_ADDR=address).post("/log-in/", sent)
    assert isinstance(response, HttpResponse)
    return response


def guess(times: int, name: str = "ann", **form: str) -> list[int]:
    return [attempt(name, f"wrong {number}", **form).status_code for number in range(times)]


def test_right_password_leads_to_the_requested_page() -> None:
    response = Client().get("/search", {"q": "3190001042118"})
    assert response["Location"] == "/log-in/?next=/search%3Fq%3D3190001042118"
    assert attempt("ann", RIGHT, next="/search?q=3190001042118")["Location"] == "/search?q=3190001042118"
    assert attempt("ann", RIGHT)["Location"] == "/"


def test_log_in_never_redirects_to_another_site() -> None:
    assert attempt("ann", RIGHT, next="https://meterbox.example/")["Location"] == "/"


def test_wrong_password_is_reported() -> None:
    response = attempt("ann", "wrong")
    assert response.status_code == 200
    assert "Please enter a correct username and password." in text_of(response.content.decode())


def test_right_password_is_not_checked_after_ten_wrong_ones() -> None:
    with freeze_time(NOON) as clock:
        assert guess(LIMIT) == [200] * LIMIT
        clock.tick(timedelta(minutes=3))
        response = attempt("ann", RIGHT)
    assert response.status_code == 429
    assert response["Retry-After"] == "720"
    assert "Too many wrong attempts. Try again in 12 minutes." in text_of(response.content.decode())
    assert "sessionid" not in response.cookies


def test_limit_of_one_name_does_not_affect_other_names() -> None:
    guess(LIMIT + 1)
    assert attempt("bob", RIGHT).status_code == 302


def test_unknown_name_has_the_same_limit() -> None:
    assert guess(LIMIT + 1, "nobody") == [200] * LIMIT + [429]


def test_right_password_logs_in_after_15_minutes() -> None:
    with freeze_time(NOON) as clock:
        guess(LIMIT)
        clock.tick(timedelta(minutes=14, seconds=59))
        assert attempt("ann", RIGHT).status_code == 429
        clock.tick(timedelta(seconds=1))
        assert attempt("ann", RIGHT).status_code == 302


def test_refused_attempts_do_not_extend_the_wait() -> None:
    with freeze_time(NOON) as clock:
        guess(LIMIT)
        for _ in range(14):
            clock.tick(timedelta(minutes=1))
            assert guess(1) == [429]
        clock.tick(timedelta(minutes=1))
        assert attempt("ann", RIGHT).status_code == 302


def test_right_password_resets_the_count() -> None:
    guess(LIMIT - 1)
    assert attempt("ann", RIGHT).status_code == 302
    assert guess(LIMIT) == [200] * LIMIT


def test_right_password_does_not_reset_the_count_of_other_names() -> None:
    guess(LIMIT, "bob")
    attempt("ann", RIGHT)
    assert attempt("bob", RIGHT).status_code == 429


@override_settings(LOG_IN_ATTEMPTS=4)
def test_address_that_tries_many_names_is_limited() -> None:
    tried = [attempt(f"name {number}", "123456", OFFICE).status_code for number in range(10 * 4)]
    assert tried == [200] * 10 * 4
    assert attempt("ann", RIGHT, OFFICE).status_code == 429
    assert attempt("ann", RIGHT, "192.0.2.8").status_code == 302


@override_settings(LOG_IN_ATTEMPTS=1)
def test_right_password_does_not_reset_the_count_of_its_address() -> None:
    for number in range(10):
        assert attempt(f"name {number}", "123456", OFFICE).status_code == 200
        if number < 9:
            assert attempt("ann", RIGHT, OFFICE).status_code == 302
    assert attempt("ann", RIGHT, OFFICE).status_code == 429


@override_settings(LOG_IN_ATTEMPTS=1)
def test_only_names_are_limited_behind_a_proxy_on_this_machine() -> None:
    for number in range(11):
        attempt(f"name {number}", "123456", "::1")
    assert attempt("ann", RIGHT, "::1").status_code == 302


@pytest.mark.parametrize("address", ["", "unix:"])
def test_log_in_without_an_ip_address_succeeds(address: str) -> None:
    assert attempt("ann", RIGHT, address).status_code == 302


def test_typed_name_is_stored_only_as_a_hash() -> None:
    attempt(RIGHT, "ann", OFFICE)
    keys = [row.key for row in LogInFailure.objects.all()]
    assert len(keys) == 3
    assert all(re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", key) for key in keys)


def test_attempts_that_no_longer_count_are_deleted() -> None:
    with freeze_time(NOON) as clock:
        guess(LIMIT)
        clock.tick(timedelta(minutes=15))
        guess(1, "bob")
    assert LogInFailure.objects.count() == 1


def test_form_with_an_empty_field_does_not_count() -> None:
    assert attempt("ann", "").status_code == 200
    assert attempt("", "wrong").status_code == 200
    assert not LogInFailure.objects.exists()


def test_admin_uses_the_log_in_of_all_pages() -> None:
    client = Client()
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1] == ("/log-in/?next=%2Fadmin%2F", 302)
    response = client.post("/admin/login/", {"username": "ann", "password": RIGHT})
    assert (response.status_code, response["Location"]) == (302, "/log-in/")
    assert "sessionid" not in client.cookies


def test_user_without_staff_status_is_asked_by_the_admin_for_another_log_in() -> None:
    client = Client()
    client.force_login(User.objects.get(username="ann"))
    response = client.get("/admin/", follow=True)
    assert response.status_code == 200
    assert "You are logged in as ann, who may not view that page." in text_of(response.content.decode())


@pytest.mark.parametrize("path", ["/log-out/", "/admin/logout/"])
def test_log_out_redirects_to_the_log_in(path: str) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    response = client.post(path, follow=True)
    assert response.redirect_chain[-1] == ("/log-in/", 302)
    assert client.get("/")["Location"] == "/log-in/?next=/"


def test_log_out_without_a_log_in_redirects_to_the_log_in() -> None:
    assert Client().post("/log-out/")["Location"] == "/log-in/"


def test_administrator_sees_and_unlocks_a_locked_user() -> None:
    administrator = Client()
    administrator.force_login(User.objects.create_superuser("root"))
    guess(LIMIT)
    address = "/admin/auth/user/"
    page = text_of(administrator.get(address).content.decode())
    assert page.count("Locked until") == 1, page
    assert page.index("ann ") < page.index("Locked until"), page
    ann = User.objects.get(username="ann").pk
    form = {"action": "unlock", "_selected_action": [ann]}
    answer = administrator.post(address, form, follow=True)
    assert f"{LIMIT} wrong attempts forgotten." in text_of(answer.content.decode())
    assert attempt("ann", RIGHT).status_code == 302


def test_strangers_do_not_lock_out_a_browser_that_logged_in_before() -> None:
    browser = Client()
    browser.post("/log-in/", {"username": "ann", "password": RIGHT})
    device = browser.cookies["device"].value
    assert guess(LIMIT + 1)[-1] == 429
    again = Client()
    again.cookies["device"] = device
    assert again.post("/log-in/", {"username": "ann", "password": RIGHT}).status_code == 302
    other = Client()
    other.cookies["device"] = device
    assert other.post("/log-in/", {"username": "bob", "password": "wrong"}).status_code == 200
    forged = Client()
    forged.cookies["device"] = device[:-1] + ("A" if device[-1] != "A" else "B")
    assert forged.post("/log-in/", {"username": "ann", "password": RIGHT}).status_code == 429


def test_browser_that_logged_in_before_has_the_same_limit() -> None:
    browser = Client()
    browser.post("/log-in/", {"username": "ann", "password": RIGHT})
    device = browser.cookies["device"].value
    codes = []
    for number in range(LIMIT + 1):
        other = Client()
        other.cookies["device"] = device
        codes.append(other.post("/log-in/", {"username": "ann", "password": f"wrong {number}"}).status_code)
    assert codes == [200] * LIMIT + [429]
