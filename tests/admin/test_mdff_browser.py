import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from readings.formats.mdff.catalogue.nmi import nmi_check_digit
from tests.making import mdff
from tests.running.browser import WORD, log_in, open_page
from tests.running.imported import deliver

LONG_NAME = "nem13#0123456789012345678901234567#MDPAMDPAMD#RETBRETBRE.csv"


pytestmark = pytest.mark.slow


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """Yield the start page of a member of support."""
    ann = User.objects.create_user("ann", password=WORD, is_staff=True)
    ann.groups.add(Group.objects.get(name="support"))
    estimate = mdff.accumulation(serial_number="WWWWWWWWWWWW", current_quality="E64,,", quantity="123456.5")
    deliver(mdff.nem13(mdff.accumulation(), estimate), LONG_NAME)
    deliver(
        mdff.nem12(mdff.channel(mdff.day(quality="V", count=288), "400,1,100,A,,", "400,101,288,E52,,", length=5)),
        "nem12.csv",
    )
    with open_page(browser, live_server.url) as page:
        log_in(page, f"{live_server.url}/admin/", "ann")
        yield page


def rows(page: Page, number: int) -> None:
    expect(page.locator("#result_list tbody tr")).to_have_count(number)


def fits(page: Page) -> bool:
    """Return whether the page and its list fit without horizontal scrolling."""
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth <= 1280 && [...document.querySelectorAll('.results, .scrolls')]"
            ".every(each => each.scrollWidth <= each.clientWidth)"
        )
    )


def test_support_opens_readings_accumulations_and_intervals_of_an_nmi(page: Page) -> None:
    box = page.get_by_role("searchbox")
    box.fill(mdff.NMI + nmi_check_digit(mdff.NMI))
    box.press("Enter")
    rows(page, 4)
    assert fits(page)
    page.get_by_role("link", name="accumulations").click()
    rows(page, 2)
    assert fits(page)
    page.get_by_role("link", name="27 Feb 2026 10:15:00 UTC+10:00").first.click()
    expect(page.get_by_role("heading", name="Previous read")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="interval days").click()
    rows(page, 1)
    page.get_by_role("link", name="27 Feb 2026", exact=True).click()
    expect(page.get_by_role("img", name="The day in kWh; lowest 0.100, highest 28.8")).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name=mdff.NMI, exact=True).click()
    expect(page.get_by_role("heading", name="Latest accumulations")).to_be_visible()
    expect(page.get_by_role("heading", name="Latest days")).to_be_visible()
    latest_days = page.get_by_role("region", name="Latest days")
    expect(latest_days.get_by_role("row", name="4161.6 kWh")).to_contain_text("27 Feb 2026")
    assert fits(page)
    page.get_by_role("link", name="All intervals and charts").click()
    expect(page.get_by_role("img", name=re.compile("^Mean power by half hour in kW"))).to_be_visible()
    expect(page.get_by_text("4,161.6", exact=True).first).to_be_visible()
    assert fits(page)


def test_the_estimates_of_a_day_are_hatched(page: Page) -> None:
    page.get_by_role("link", name="Interval days").click()
    rows(page, 1)
    assert fits(page)
    page.get_by_role("link", name="27 Feb 2026", exact=True).click()
    plot = page.locator(".plot[data-drawn=clock]")
    expect(plot.locator("canvas")).to_be_visible()
    assert int(plot.get_attribute("data-hatched") or 0) > 0
    expect(page.locator(".legend .mark-E")).to_contain_text("Estimated")
    plot.focus()
    page.keyboard.press("End")
    expect(page.locator("[aria-live]")).to_have_text("23:55: 28.8 kWh, estimated")


def test_file_of_an_accumulation_is_visible_in_the_list(page: Page) -> None:
    page.get_by_role("link", name="Accumulations", exact=True).click()
    cell = page.get_by_role("cell", name=LONG_NAME).first.bounding_box()
    assert cell is not None
    assert cell["x"] + cell["width"] <= 1280
    assert fits(page)
