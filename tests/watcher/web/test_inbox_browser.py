import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from tests.making.numbered import d0010
from tests.running.browser import WORD, log_in, open_page
from tests.running.commands import BAD
from tests.running.imported import put_away
from watcher.disk import under_way
from watcher.disk.under_way import UnderWay


@pytest.fixture
def inbox(tmp_path: Path, settings: Settings) -> Path:
    """Return an inbox with a complete and an incomplete file, beside one rejected and one imported file."""
    for name in ("inbox", "archive", "rejected"):
        (tmp_path / name).mkdir()
        setattr(settings, f"{name.upper()}_DIR", tmp_path / name)
    settings.QUIET_SECONDS = 0.001
    (tmp_path / "inbox" / "DTC5259515123502080915D0010.uff").write_bytes(d0010())
    (tmp_path / "inbox" / "DTC5259515123502080916D0010.uff").write_bytes(d0010()[:-20])
    return tmp_path / "inbox"


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, inbox: Path) -> Iterator[Page]:
    """Return the inbox page of a user who may put files back."""
    olga = User.objects.create_user("olga", password=WORD)
    olga.user_permissions.add(*Permission.objects.filter(content_type__app_label="watcher"))
    put_away("DTC5259515123502080914D0010.uff", BAD, inbox.parent / "rejected")
    put_away("d0010.uff", d0010("DONE"), inbox.parent / "archive")
    time.sleep(0.01)
    with open_page(browser, live_server.url) as page:
        log_in(page, f"{live_server.url}/inbox/", "olga")
        yield page


@pytest.mark.slow
def test_operator_puts_a_rejected_file_back_with_one_click(page: Page, inbox: Path) -> None:
    expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.get_by_role("button", name="Put DTC5259515123502080914D0010.uff back into the inbox").click()
    expect(page.get_by_text("The file DTC5259515123502080914D0010.uff is back in the inbox.")).to_be_visible()
    assert (inbox / "DTC5259515123502080914D0010.uff").read_bytes() == BAD


@pytest.mark.slow
@pytest.mark.only_on("sqlite")
def test_keyboard_puts_all_rejected_files_back(page: Page, inbox: Path) -> None:
    put_away("D0010_second.usr", BAD.replace(b"BAD", b"SAD"), inbox.parent / "rejected")
    page.reload()
    for name in ("DTC5259515123502080914D0010.uff", "D0010_second.usr"):
        page.get_by_role("checkbox", name=f"Select {name}").press("Space")
    page.get_by_role("button", name="Put selected back").press("Enter")
    expect(page.get_by_text("2 files are back in the inbox.")).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(0)


@pytest.mark.slow
@pytest.mark.only_on("sqlite")
def test_progress_renews_itself_and_the_page_when_it_ends(page: Page, inbox: Path) -> None:
    host, pid = under_way.this_process()
    note = UnderWay(
        name="big.uff", size=1000, position=100, values=20, seconds=2.0, at=time.time(), host=host, pid=pid
    )
    region = page.get_by_role("region", name="Importing now")
    expect(region).to_be_hidden()
    for position in (100, 420):
        under_way.write(bytes(inbox), replace(note, position=position, at=time.time()))
        expect(region).to_contain_text(f"big.uff: {position // 10} % of 1,000 bytes")
    page.get_by_role("checkbox").check()
    under_way.remove(bytes(inbox), note)
    expect(region.get_by_text("The import has ended")).to_be_visible()
    expect(page.get_by_role("checkbox")).to_be_checked()
    region.get_by_role("link", name="reload the page").click()
    expect(region).to_be_hidden()
