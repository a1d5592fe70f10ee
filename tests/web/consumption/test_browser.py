"""Charts in a real browser."""

import hashlib
import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.making.consumption import consumer, days, users
from tests.running.browser import WORD, log_in, open_page
from tests.running.places import ROOT

VENDORED = ROOT / "readings" / "static" / "readings" / "uplot"


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """Yield the summary page of a member of support."""
    ann = User.objects.create_user("ann", password=WORD, is_staff=True)
    ann.groups.add(Group.objects.get(name="support"))
    users()
    for number in range(3):
        rows = days("2016-08-20", 20, value=f"{number + 1}00.0")
        consumer(f"300{number}", *(row for row in rows if not row[0].startswith("2016-08-25 0")))
    with open_page(browser, live_server.url) as page:
        log_in(page, f"{live_server.url}/consumption/", "ann")
        expect(page.get_by_role("heading", name="Consumption")).to_be_visible()
        yield page


def width(page: Page) -> float:
    """Return the hours that the chart of half hours shows."""
    first, last = str(page.locator("#chart-half-hours .plot").get_attribute("data-shown")).split()
    return (float(last) - float(first)) / 3_600


@pytest.mark.slow
def test_every_chart_of_the_summary_is_drawn(page: Page) -> None:
    for name in ("Month", "Half hour", "Typical day", "Day"):
        page.get_by_role("navigation", name="Chart").get_by_role("link", name=name, exact=True).click()
        expect(page.locator(".plot[data-drawn] canvas")).to_have_count(1)
        expect(page.locator(".zoom")).to_have_count(int(name in ("Half hour", "Day")))


@pytest.mark.slow
def test_a_year_of_half_hours_is_zoomed_down_to_hours(page: Page) -> None:
    page.get_by_role("link", name="3001").click()
    expect(page.locator(".plot[data-drawn] canvas")).to_have_count(6)
    chart = page.locator("#chart-half-hours")
    assert width(page) > 19 * 24
    chart.scroll_into_view_if_needed()
    box = chart.locator(".u-over").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + box["width"] / 20, box["y"] + 60, steps=4)
    page.mouse.up()
    assert 12 < width(page) < 36
    chart.locator(".plot").focus()
    for _ in range(5):
        page.keyboard.press("+")
    assert width(page) <= 2
    page.keyboard.press("Escape")
    assert width(page) > 19 * 24
    chart.get_by_role("button", name="Zoom in").click()
    assert width(page) < 11 * 24


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_small_screen(page: Page, scheme: str) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for address in ("/consumption/", "/consumption/?chart=typical-day", "/consumption/CONSUMER/3001/"):
        page.goto(re.sub(r"(https?://[^/]*)/.*", rf"\1{address}", page.url))
        expect(page.locator(".plot[data-drawn] canvas").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.slow
def test_tables_show_the_values_without_scripts(browser: Browser, page: Page) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto(page.url)
    plain.get_by_text("Values of this chart").click()
    expect(plain.get_by_role("cell", name="28.8000", exact=True).first).to_be_visible()
    plain.get_by_role("link", name="3002").click()
    expect(plain.get_by_text("Days by half hours")).to_be_visible()
    context.close()


def test_vendored_files_equal_the_published_ones() -> None:
    lines = (line.split() for line in (VENDORED / "SHA256SUMS").read_text().splitlines())
    sums = {name: digest for digest, name in lines}
    assert sorted(sums) == ["LICENSE", "uPlot.iife.min.js", "uPlot.min.css"]
    for name, expected in sums.items():
        assert hashlib.sha256((VENDORED / name).read_bytes()).hexdigest() == expected
