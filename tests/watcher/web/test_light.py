"""The light of the watcher on the pages."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from readings.models.roles import LEAD, OPERATOR
from tests.making.numbered import bad_flow
from tests.running.box import Box, wait_until
from tests.running.imported import put_away
from tests.running.pages import client_of, logged_in, support_client, text_of
from tests.running.uploads import make_folders
from watcher.disk.holders import LOCKS
from watcher.operators.light import State
from watcher.operators.settings import folders_in_settings
from watcher.web import light

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow_on_postgresql,
    pytest.mark.skipif(not LOCKS.exists(), reason="needs the list of locks of Linux"),
]


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> Path:
    """Return the folders of an inbox for which a watcher is expected."""
    make_folders(settings, tmp_path)
    settings.WATCHER_ELSEWHERE = False
    return tmp_path


@pytest.fixture
def held(folders: Path) -> Iterator[None]:
    """Hold the inbox like a watcher."""
    descriptor = folders_in_settings().hold_inbox(alone=True)
    yield
    os.close(descriptor)


def strip(client: Client, address: str = "/nowhere") -> str:
    html = client.get(address).content.decode()
    return text_of(html.partition('<aside class="strip"')[2].partition(">")[2].partition("</aside>")[0])


def test_every_page_warns_while_no_watcher_runs() -> None:
    warning = "The watcher is not running: files in the inbox are not imported."
    client = client_of(OPERATOR)
    cure = "Start the service, or run manage.py watch_inbox. Inbox"
    for address in ("/", "/nowhere", "/search", "/inbox/", "/upload", "/consumption/"):
        assert strip(client, address) == f"{warning} {cure}", address
    User.objects.all().delete()
    assert strip(support_client()) == f"{warning} Tell an operator."


def test_log_in_page_and_strangers_get_no_warning() -> None:
    assert strip(Client(), "/log-in/") == strip(Client()) == ""


def test_pages_warn_of_a_missing_folder(folders: Path) -> None:
    (folders / "inbox").rmdir()
    assert str(folders) in strip(client_of(LEAD))
    User.objects.all().delete()
    assert strip(support_client()) == "The inbox cannot be used: no file is imported. Tell an operator."


def test_running_watcher_shows_no_strip(held: None) -> None:
    client = support_client()
    assert strip(client) == ""
    assert "Running The watcher is running." in text_of(client.get("/").content.decode())


def test_new_rejections_turn_the_light_on_the_start_page(held: None, folders: Path) -> None:
    put_away("bad.uff", bad_flow(1), folders / "rejected")
    text = text_of(support_client().get("/").content.decode())
    assert "Needs attention The watcher is running. Files were rejected since yesterday." in text


def test_light_costs_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = logged_in(User.objects.create_superuser("root"))
    with django_assert_num_queries(2):  # session and user
        assert strip(client)


def test_failing_look_breaks_no_page(settings: Settings) -> None:
    settings.INBOX_DIR = None
    assert strip(support_client()) == ""
    assert (light.current().state, light.current().words) == (
        State.UNKNOWN,
        "The state of the watcher cannot be read.",
    )


@pytest.mark.slow
@pytest.mark.only_on("sqlite")
def test_killed_watcher_turns_the_light_within_seconds(tmp_path: Path, database_url: str, settings: Settings) -> None:
    (tmp_path / "box").mkdir()
    box = Box(tmp_path / "box", database_url)
    settings.INBOX_DIR, settings.ARCHIVE_DIR, settings.REJECTED_DIR = box.inbox, box.archive, box.rejected
    client = support_client()
    with box.watcher() as child:
        wait_until(lambda: box.log("watching"))
        light.forget()
        assert strip(client) == ""
        child.send_signal(signal.SIGKILL)
        child.wait(60)
        wait_until(lambda: strip(client), seconds=4 * light.SECONDS)
    assert "is not running" in strip(client)
