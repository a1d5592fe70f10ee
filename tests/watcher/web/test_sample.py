"""The button that imports a sample into an empty store."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from readings.models import Arrival, Channel, MeterPoint, Outcome, Scheme
from readings.models.roles import OPERATOR, give_role
from tests.running.browser import WORD, log_in, open_page
from tests.running.pages import client_of, support_client, text_of
from tests.running.uploads import files_below, make_folders
from watcher.web.sample import NAME, sample

ADDRESS = "/start/sample/"
FORM = {"format": "D0010"}


@pytest.fixture
def folders(settings: Settings, tmp_path: Path) -> Path:
    make_folders(settings, tmp_path)
    return tmp_path


def messages(html: str) -> str:
    return html.partition('<ul class="messages"')[2].partition("</ul>")[0]


@pytest.mark.django_db
def test_sample_is_archived_and_stored_as_test_data(folders: Path) -> None:
    client = client_of(OPERATOR)
    assert "Import a sample" in client.get("/").content.decode()
    answer = client.post(ADDRESS, FORM, follow=True)
    message = messages(answer.content.decode())
    assert answer.redirect_chain == [("/", 302)]
    assert "742 readings, marked as test data." in text_of(message)
    assert files_below(folders / "archive") == [sample()[0]]
    arrival = Arrival.objects.get()
    assert (arrival.name, arrival.channel, arrival.by_whom) == (NAME, Channel.UPLOAD, "ann")
    assert set(MeterPoint.objects.values_list("scheme", flat=True)) == {Scheme.TEST_MPAN}
    find = unescape(re.findall(r'href="(/search[^"]+)"', message)[0])
    page = text_of(client.get(find, follow=True).content.decode())
    assert "Test data" in page
    assert "5 Jan 2026" in page


@pytest.mark.django_db
def test_second_click_imports_nothing_twice(folders: Path) -> None:
    client = client_of(OPERATOR)
    client.post(ADDRESS, FORM)
    assert "was imported before" in messages(client.post(ADDRESS, FORM, follow=True).content.decode())
    assert list(Arrival.objects.order_by("pk").values_list("outcome", flat=True)) == [
        Outcome.IMPORTED,
        Outcome.DUPLICATE,
    ]


@pytest.mark.django_db
def test_folder_that_cannot_be_used_is_named_and_nothing_is_stored(folders: Path) -> None:
    (folders / "archive").rmdir()
    (folders / "archive").write_text("no folder")
    message = messages(client_of(OPERATOR).post(ADDRESS, FORM, follow=True).content.decode())
    assert "The sample was not imported: " in message
    assert not Arrival.objects.exists()


@pytest.mark.django_db
def test_sample_needs_permission_post_token_and_a_known_format(folders: Path) -> None:
    client = client_of(OPERATOR)
    assert client.get(ADDRESS).status_code == 405
    assert client.post(ADDRESS, {"format": "NEM12"}).status_code == 400
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(ADDRESS, FORM).status_code == 403
    User.objects.all().delete()
    client = support_client()
    assert client.post(ADDRESS, FORM).status_code == 403
    assert "Import a sample" not in client.get("/").content.decode()
    assert not Arrival.objects.exists()


@pytest.mark.slow
@pytest.mark.only_on("sqlite")
def test_empty_store_leads_by_keyboard_to_a_reading(browser: Browser, live_server: LiveServer, folders: Path) -> None:
    give_role(User.objects.create_user("olga", password=WORD), OPERATOR)
    with open_page(browser, live_server.url) as page:
        log_in(page, live_server.url, "olga")
        page.get_by_role("button", name="Import a sample").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Search for the MPAN")
        mpan = page.get_by_role("status").get_by_role("link").last.inner_text()
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
        page.keyboard.type(mpan)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text(mpan)
        expect(page.get_by_text("Test data").first).to_be_visible()
        expect(page.get_by_text("5 Jan 2026").first).to_be_visible()
