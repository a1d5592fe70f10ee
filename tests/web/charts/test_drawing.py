"""Charts of every kind in a real browser."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from readings.models.roles import ANALYST
from tests.running.browser import open_page
from tests.running.pages import client_of
from tests.web.charts import gallery

pytestmark = [pytest.mark.slow, pytest.mark.only_on("sqlite")]

#: Colors in a small square at the foot of what is read.
COLORS = """plot => {
    const [over, stripe, canvas] = [".u-over", ".stripe", "canvas"].map(name => plot.querySelector(name));
    const ratio = canvas.width / canvas.clientWidth;
    const left = (over.offsetLeft + stripe.offsetLeft + stripe.offsetWidth / 2 - 4) * ratio;
    const top = (over.offsetTop + over.offsetHeight - 12) * ratio;
    const pen = Object.assign(document.createElement("canvas"), { width: 8, height: 8 }).getContext("2d");
    pen.drawImage(canvas, left, top, 8, 8, 0, 0, 8, 8);
    const { data } = pen.getImageData(0, 0, 8, 8);
    return [...new Set(Array.from({ length: data.length / 4 }, (_, at) => data.slice(4 * at, 4 * at + 3).join()))];
}"""


#: Options of axe: it need not load the style sheets again.
OPTIONS = {"resultTypes": ["violations"], "preload": False}


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, settings: Settings) -> Iterator[Page]:
    """Yield the gallery of an analyst; a message of the console fails the test."""
    settings.ROOT_URLCONF = gallery.__name__
    session = client_of(ANALYST).cookies["sessionid"].value
    with open_page(browser, live_server.url) as page:
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page.goto(f"{live_server.url}/gallery/")
        expect(page.locator(".plot[data-drawn]")).to_have_count(len(list(gallery.figures())))
        yield page


def plot(page: Page, key: str) -> Locator:
    return page.locator(f".plot[data-key={key}]")


def read(page: Page, key: str, *keys: str) -> str:
    """Press keys on a chart, and return the reading that a screen reader hears."""
    plot(page, key).focus()
    for each in keys:
        page.keyboard.press(each)
    return page.locator(f"#chart-{key} [aria-live]").inner_text()


def test_charts_of_every_kind_are_drawn_and_read_by_keys(page: Page) -> None:
    assert page.locator(".plot canvas").count() == len(list(gallery.figures())) - 1
    expect(plot(page, "nothing")).to_have_text("No values.")
    loaded = "performance.getEntriesByType('resource').filter(each => each.name.endsWith('.json')).length"
    assert page.evaluate(loaded) == 1
    assert read(page, "day", "ArrowRight") == "Fri 03 Jan 2025: 12.0 kWh"
    assert read(page, "day", "ArrowRight") == "Sat 04 Jan 2025: 17.0 kWh"
    assert read(page, "month", "End") == "December 2025: North 13,949.5 MWh; South 6,277.3 MWh"
    assert read(page, "clock", "ArrowRight").startswith("00:00: All days: 10% 0.120 kWh; All days: 90% 0.600 kWh")
    assert read(page, "share", "End") == "100 %: 1.174 kW"
    assert read(page, "spans", "End", "ArrowLeft", "ArrowLeft").endswith(": 8.500 kWh, substituted")
    assert read(page, "time", "Home") == "Wed 01 Jan 2025 00:00: 1.200 kWh"
    assert read(page, "heat", "Home", "ArrowRight", "ArrowDown").startswith("Thu 02 Jan 2025 00:30: 1.3")
    assert read(page, "parts", "Home") == "Wed 01 Jan 2025: 12.0 kWh"
    words = "Thu 02 Jan 2025: 16.5 kWh, of which 1.000 kWh estimated and 0.500 kWh substituted"
    assert read(page, "parts", "ArrowRight") == words
    page.locator("#chart-two").get_by_role("button", name="Last year").click()
    assert read(page, "two", "Home").startswith("Wed 01 Jan 2025: This year no value")
    expect(page.locator("#chart-two .reading .value")).to_have_count(1)
    found = Axe().run(page, options=OPTIONS)
    assert found.violations_count == 0, found.generate_report()


def test_estimates_are_hatched_in_light_and_dark(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        read(page, "day", "Escape", "Home", "ArrowRight", "ArrowRight")
        (actual,) = plot(page, "day").evaluate(COLORS)
        assert actual == {"light": "43,118,153", "dark": "109,182,216"}[scheme]
        read(page, "day", *["ArrowRight"] * 18)
        assert page.locator("#chart-day [aria-live]").inner_text().endswith("kWh, estimated")
        assert len(plot(page, "day").evaluate(COLORS)) > 3
    assert plot(page, "day").get_attribute("data-hatched") == "11"
    expect(page.locator("#chart-day .mark-S")).to_have_text("Substituted: 13.1 % of 432.0 kWh")


def test_zoom_opens_where_the_data_is(page: Page) -> None:
    shown = "plot => plot.dataset.shown.split(' ').map(Number)"
    first, last = plot(page, "stray").evaluate(shown)
    assert (first, last - first) == (gallery.START, 60 * 5 * 3_600)
    rest = page.locator("#chart-stray .rest")
    expect(rest).to_have_text("1 value is far from the others, 1 value is beyond the edge: “All” shows them.")
    page.locator("#chart-stray").get_by_role("button", name="Show all").click()
    expect(rest).to_be_hidden()
    assert plot(page, "stray").evaluate(shown)[0] < gallery.START
    read(page, "day", "+", "+")
    first, last = plot(page, "day").evaluate(shown)
    assert last - first == 9 * gallery.DAY


def test_a_chart_is_saved_as_picture_and_as_csv(page: Page) -> None:
    for key in ("day", "heat"):
        with page.expect_download() as download:
            page.locator(f"#chart-{key}").get_by_role("button", name="Save this chart as a picture").click()
        assert download.value.suggested_filename == f"{key}.png"
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        assert int.from_bytes(content[16:20], "big") > 1_000
    with page.expect_download() as download:
        page.locator("#chart-day").get_by_role("link", name="CSV").click()
    rows = list(csv.reader(Path(download.value.path()).read_text().splitlines()))
    figure = next(gallery.figures())
    assert rows == [list(row) for row in (figure.columns, *figure.rows)]


def test_charts_are_printed_in_light_colors_and_without_buttons(page: Page) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".on-paper .plot")).to_have_count(len(list(gallery.figures())) - 1)
    expect(page.get_by_role("button", name="Zoom in").first).to_be_hidden()
    widths = page.evaluate("[...document.querySelectorAll('.plot canvas')].map(canvas => canvas.clientWidth)")
    assert max(widths) <= 38 * 16
