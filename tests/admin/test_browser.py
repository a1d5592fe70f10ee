from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.making.dtc import flow, mpan, reading_of
from tests.running.browser import WORD, log_in, open_page
from tests.running.imported import deliver, deliver_sample

pytestmark = pytest.mark.slow


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """Yield the start page of a member of support."""
    ann = User.objects.create_user("ann", password=WORD, is_staff=True)
    ann.groups.add(Group.objects.get(name="support"))
    deliver_sample("d0010.uff")
    deliver(flow(*reading_of(1)), "DTC5259515123502080915D0010.uff")
    with open_page(browser, live_server.url) as page:
        log_in(page, f"{live_server.url}/admin/", "ann")
        expect(link(page, "Readings")).to_be_visible()
        yield page


def link(page: Page, name: str) -> Locator:
    """Return a link of the content: the menu above has links of the same names."""
    return page.locator("#content").get_by_role("link", name=name, exact=True)


def search(page: Page, text: str) -> None:
    box = page.get_by_role("searchbox")
    box.fill(text)
    box.press("Enter")
    page.wait_for_url("**/reading/?q=*")


@pytest.mark.parametrize("text", ["3290002209572", "S95204418", "S95 204418"])
def test_support_finds_a_reading_from_the_start_page(page: Page, text: str) -> None:
    search(page, text)
    rows = page.locator("#result_list tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("27 Feb 2025 00:00:00 GMT")
    expect(rows).to_contain_text("8120")


def test_support_opens_a_file_by_its_name_and_returns(page: Page) -> None:
    name = "DTC5259515123502080915D0010.uff"
    search(page, name)
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    page.locator("#result_list").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_role("row", name=mpan(1)).get_by_role("cell", name="100.0", exact=True)).to_be_visible()
    page.get_by_role("link", name=mpan(1), exact=True).click()
    expect(page.get_by_role("heading", name=f"MPAN {mpan(1)}")).to_be_visible()
    readings = page.get_by_role("region", name="Readings")
    readings.get_by_role("row", name="01 Feb 2026 00:00:00 GMT").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_file_name_is_visible_on_a_screen_1280_wide(page: Page) -> None:
    link(page, "Readings").click()
    cell = page.get_by_role("cell", name="DTC5259515123502080915D0010.uff").bounding_box()
    assert cell is not None
    assert cell["x"] + cell["width"] <= 1280
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_every_list_opens_from_the_start_page_and_fits_the_screen(page: Page) -> None:
    for name in ("Flow files", "Meter points", "Meters", "Site visits", "Problems", "Arrivals"):
        link(page, name).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        page.get_by_role("link", name="Home").click()


def test_pages_offer_no_action_that_changes_rows(page: Page) -> None:
    link(page, "Readings").click()
    page.get_by_role("link", name="27 Feb 2025 00:00:00 GMT").click()
    expect(page.get_by_role("heading", name="3290002209572")).to_be_visible()
    for word in ("Save", "Delete", "Add", "History"):
        expect(page.get_by_text(word)).to_have_count(0)
