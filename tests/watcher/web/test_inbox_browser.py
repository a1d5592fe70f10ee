import time
from collections.abc import Iterator
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
