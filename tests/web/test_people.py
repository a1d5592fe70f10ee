"""What support and operations do in a day, in a browser from the log-in to the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from readings.models.roles import ANALYST, LEAD, OPERATOR, SUPPORT, give_role
from tests.making.dtc import mpan
from tests.running.browser import WORD, log_in, open_page
from tests.running.furnished import furnish
from tests.running.places import SAMPLES
from watcher.operators.settings import folders_in_settings

pytestmark = [pytest.mark.slow, pytest.mark.only_on("sqlite")]

MPAN = "3190001042118"


@pytest.fixture
def home(live_server: LiveServer, tmp_path: Path, settings: Settings) -> str:
    """Fill the store and the folders; return the address of the pages."""
    furnish(tmp_path)
    for name in ("inbox", "archive", "rejected"):
        setattr(settings, f"{name.upper()}_DIR", tmp_path / name)
    return str(live_server.url)


@contextmanager
def page_of(browser: Browser, home: str, role: str) -> Iterator[Page]:
    """Open the start page of a new user of a role."""
    give_role(User.objects.create_user(role, password=WORD), role)
    with open_page(browser, home) as page:
        log_in(page, f"{home}/", role)
        expect(page.get_by_role("heading", name="Start")).to_be_visible()
        page.wait_for_load_state()  # The script that listens to keys is loaded after the page.
        yield page


def status(page: Page, address: str) -> int:
    """Open an address; return the status of the answer."""
    answer = page.goto(address)
    return answer.status if answer else 0


@pytest.mark.parametrize("role", [SUPPORT, OPERATOR, LEAD])
def test_user_opens_every_link_of_the_menu(browser: Browser, home: str, role: str) -> None:
    with page_of(browser, home, role) as page:
        links = page.get_by_role("navigation", name="Main").get_by_role("link")
        addresses = [str(link.get_attribute("href")) for link in links.all()]
        assert len(addresses) > 4
        for address in addresses:
            assert status(page, f"{home}{address}") == 200, address
            below = page.locator("nav[aria-label=Lists] a")
            for further in [str(link.get_attribute("href")) for link in below.all()]:
                assert status(page, f"{home}{further}") == 200, further


def test_refused_upload_is_put_back(browser: Browser, home: str, tmp_path: Path) -> None:
    refused = (SAMPLES / "d0010_two_faults.uff").read_bytes().replace(b"SAMPLE", b"UPLOAD")
    (tmp_path / "corrected.uff").write_bytes(refused)
    with page_of(browser, home, OPERATOR) as page:
        page.get_by_role("link", name="Upload", exact=True).click()
        page.get_by_label("Files").set_input_files(tmp_path / "corrected.uff")
        page.get_by_role("button", name="Import").click()
        expect(page.get_by_text("Rejected", exact=True).first).to_be_visible()
        page.get_by_role("link", name="corrected.uff").first.click()
        expect(page.get_by_role("heading", name="corrected.uff")).to_be_visible()
        expect(page.locator("mark").first).to_have_text("3690005901427")
        page.get_by_role("button", name="Put back").click()
        expect(page.get_by_text("The file corrected.uff is back in the inbox.")).to_be_visible()
    assert (tmp_path / "inbox" / "corrected.uff").read_bytes() == refused


def test_strip_is_on_every_page_while_no_watcher_runs(browser: Browser, home: str, settings: Settings) -> None:
    settings.WATCHER_ELSEWHERE = False
    warning = "The watcher is not running"
    with page_of(browser, home, SUPPORT) as page:
        for address in ("/", "/readings/", "/flow-files/", f"/meter-points/{MPAN}/"):
            page.goto(f"{home}{address}")
            expect(page.get_by_text(warning).first).to_be_visible()
        descriptor = folders_in_settings().hold_inbox(alone=True)
        for _ in range(30):  # The light is looked at every few seconds.
            page.wait_for_timeout(1_000)
            page.reload()
            if not page.get_by_text(warning).count():
                break
        expect(page.get_by_text(warning)).to_have_count(0)
        os.close(descriptor)


def test_back_after_a_pasted_list_shows_it_again(browser: Browser, home: str) -> None:
    words = [MPAN, *(mpan(number) for number in range(300, 450))]
    with page_of(browser, home, SUPPORT) as page:
        page.goto(f"{home}/search")
        page.get_by_label("MPANs, NMIs").fill("\n".join(words))
        page.get_by_role("button", name="Look up").click()
        expect(page.get_by_text("1 of 151 found.")).to_be_visible()
        page.get_by_role("link", name=MPAN).first.click()
        expect(page.get_by_role("heading", name=f"MPAN {MPAN}")).to_be_visible()
        page.go_back()
        expect(page.get_by_text("1 of 151 found.")).to_be_visible()
        assert page.get_by_label("MPANs, NMIs").input_value().split() == words


def test_keyboard_alone_leads_from_search_to_a_csv(browser: Browser, home: str) -> None:
    with page_of(browser, home, ANALYST) as page:
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
        page.keyboard.type(MPAN)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=f"MPAN {MPAN}")).to_be_visible()
        for _ in range(200):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent") == "Export readings as CSV":
                break
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        assert MPAN in Path(download.value.path()).read_text()
