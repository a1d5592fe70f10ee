"""Pasted lists, and the address that keeps them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils.timezone import now

from readings.models import PastedList
from readings.models.roles import ANALYST, SUPPORT, give_role
from readings.models.search.pasted_lists import KEPT_FOR, LONGEST_LIST, MOST_LISTS
from readings.web.search import page
from tests.making.dtc import flow, mpan, reading_of
from tests.running.imported import deliver
from tests.running.pages import logged_in, support_client, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

#: List that is too long for an address.
LONG = "\n".join(mpan(number) for number in range(400))
PASSWORD = "correct horse battery"


@pytest.fixture
def support() -> Client:
    return support_client()


@pytest.fixture
def ann() -> User:
    user = User.objects.create_user("ann")
    give_role(user, ANALYST)
    return user


@pytest.fixture
def ann_with_password(ann: User) -> User:
    ann.set_password(PASSWORD)
    ann.save()
    return ann


def address_after(client: Client, text: str, path: str = "/search") -> str:
    response = client.post(path, {"q": text})
    assert response.status_code == 302
    return response["Location"]


def log_in(client: Client, address: str) -> str:
    """Log in on the page to which an address leads, and return the address after it."""
    response = client.post(address, {"username": "ann", "password": PASSWORD, "next": client_next(client, address)})
    assert response.status_code == 302
    return response["Location"]


def client_next(client: Client, address: str) -> str:
    """Return the address that the form of a log-in page takes along."""
    next_address: str = client.get(address).context["next"]
    return next_address


def test_short_list_has_an_address_with_its_words(support: Client) -> None:
    address = address_after(support, f"{mpan(1)}\r\nx y, z")
    assert address == f"/search?q={mpan(1)}%0Ax+y%2C+z"
    assert PastedList.objects.count() == 0


def test_long_list_has_an_address_that_shows_it_again(support: Client) -> None:
    deliver(flow(*reading_of(1)), "f")
    address = address_after(support, LONG)
    assert address.startswith("/search?list=")
    for _ in range(2):
        html = support.get(address).content.decode()
        assert "1 of 400 found." in text_of(html)
        assert mpan(399) in html.partition("<textarea")[2]


def test_export_of_a_kept_list_has_its_rows(ann: User) -> None:
    deliver(flow(*reading_of(1)), "f")
    client = logged_in(ann)
    address = address_after(client, LONG)
    exported = client.get(address.replace("/search", "/search.csv"))
    assert exported.content.decode().count("\n") == 401


def test_list_of_another_user_is_not_found(ann: User) -> None:
    address = address_after(logged_in(ann), LONG)
    bob = User.objects.create_user("bob")
    give_role(bob, SUPPORT)
    assert logged_in(bob).get(address).status_code == 404


@pytest.mark.parametrize(("text", "path"), [("short", "/search"), (LONG, "/search"), (LONG, "/search.csv")])
@pytest.mark.usefixtures("ann_with_password")
def test_list_that_is_posted_without_a_log_in_is_there_after_it(text: str, path: str) -> None:
    client = Client()
    address = address_after(client, text, path)
    assert address.startswith("/log-in/?next=/search%3F")
    html = client.get(log_in(client, address)).content.decode()
    assert text.splitlines()[-1] in html.partition("<textarea")[2]


def test_address_of_a_list_outlives_the_log_in(ann_with_password: User) -> None:
    client = logged_in(ann_with_password)
    address = address_after(client, LONG)
    client.logout()
    log_in_page = client.get(address)["Location"]
    assert log_in(client, log_in_page) == address
    assert client.get(address).status_code == 200


@pytest.mark.only_on("sqlite")  # PostgreSQL locks no tables for imports.
@pytest.mark.django_db(transaction=True)
def test_long_list_during_an_import_is_answered_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    client = support_client()
    monkeypatch.setattr(page, "_PATIENCE", 50)
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        response = client.post("/search", {"q": LONG})
    assert "0 of 400 found." in text_of(response.content.decode())


def test_list_without_a_log_in_requires_the_token_of_a_form() -> None:
    response = Client(enforce_csrf_checks=True).post("/search", {"q": LONG})
    assert response.status_code == 403
    assert PastedList.objects.count() == 0


def test_list_of_a_user_without_permission_is_not_kept() -> None:
    assert logged_in(User.objects.create_user("bob")).post("/search", {"q": LONG}).status_code == 403
    assert PastedList.objects.count() == 0


def test_only_the_newest_lists_of_a_user_are_kept(ann: User) -> None:
    ann_keeps = [PastedList.objects.keep(str(number), ann, now()) for number in range(MOST_LISTS + 2)]
    PastedList.objects.keep("of a stranger", None, now())
    assert list(PastedList.objects.filter(user=ann).order_by("pk").values_list("key", flat=True)) == ann_keeps[2:]
    assert PastedList.objects.filter(user=None).count() == 1


def test_old_lists_are_removed_with_the_next(ann: User) -> None:
    old = PastedList.objects.keep("old", ann, now() - KEPT_FOR - timedelta(1))
    PastedList.objects.keep("new", None, now())
    response = logged_in(ann).get(f"/search?list={old}")
    assert response.status_code == 404
    assert "This list is not kept any longer" in text_of(response.content.decode())


def test_longest_list_is_bounded(ann: User) -> None:
    key = PastedList.objects.keep("x" * (LONGEST_LIST + 1), ann, now())
    assert PastedList.objects.text_for(key, ann) == "x" * LONGEST_LIST


@pytest.mark.parametrize("key", ["", "\0", "'", "x" * 5000])
def test_no_key_causes_an_error(support: Client, key: str) -> None:
    assert support.get("/search", {"list": key}).status_code in (200, 404)


@pytest.mark.parametrize(
    ("identifier", "is_word", "left"),
    [
        ("319000104211", True, ["123\n3000", "13000"]),
        ("3000", False, ["3190001042118", "31 9000 1042 118, x", "13000"]),
    ],
)
def test_lists_with_an_erased_meter_point_are_removed(
    ann: User, identifier: str, is_word: bool, left: list[str]
) -> None:
    for text in ("3190001042118", "31 9000 1042 118, x", "123\n3000", "13000"):
        PastedList.objects.keep(text, ann, now())
    PastedList.objects.forget(identifier, is_word=is_word)
    assert list(PastedList.objects.order_by("pk").values_list("text", flat=True)) == left
