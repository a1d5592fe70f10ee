from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, Permission, User
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from readings.imports.arrivals import Delivery
from readings.imports.operations import import_flow
from readings.models import Channel
from tests.making.dtc import flow, mpan, reading_of
from tests.running.browser import WORD, log_in, open_page
from tests.running.imported import NOON, RULES, deliver, deliver_sample
from tests.running.places import SAMPLES

TWO_FAULTS = SAMPLES / "d0010_two_faults.uff"


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, tmp_path: Path, settings: Settings) -> Iterator[Page]:
    """Yield the search page of an analyst who may upload."""
    settings.ARCHIVE_DIR, settings.REJECTED_DIR = tmp_path / "archive", tmp_path / "rejected"
    ann = User.objects.create_user("ann", password=WORD)
    ann.groups.add(Group.objects.get(name="analyst"))
    ann.user_permissions.add(Permission.objects.get(codename="add_flowfile"))
    for name in ("d0010.uff", "d0010_all_groups.uff", "nem12.csv", "nem13.csv"):
        deliver_sample(name)
    months = [
        f"030|S|{2024 + month // 12}{month % 12 + 1:02}01000000|{99_000 + month * 50}.0|||T|P|" for month in range(15)
    ]
    deliver(flow(f"026|{mpan(1)}|V|", "028|K000001|R|", *months), "months.uff")
    with open_page(browser, live_server.url) as page:
        log_in(page, f"{live_server.url}/search", "ann")
        yield page


def fits(page: Page, width: int) -> bool:
    """Return whether the page fits; tables may scroll inside their boxes."""
    page.set_viewport_size({"width": width, "height": 900})
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.slow
def test_search_box_opens_a_meter_point_and_then_its_file(page: Page) -> None:
    page.get_by_label("MPAN, NMI, serial number or file name").fill("k12b04567")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="MPAN 3190001042118")).to_be_visible()
    page.get_by_role("link", name="d0010.uff").first.click()
    expect(page.get_by_role("heading", name="d0010.uff")).to_be_visible()
    page.get_by_role("link", name="3490004013850").first.click()
    expect(page.get_by_role("heading", name="MPAN 3490004013850")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize("identifier", [mpan(1), "3190007000016", "3190007000052", "6123456789"])
def test_a_meter_point_fits_wide_and_narrow(page: Page, live_server: LiveServer, identifier: str) -> None:
    page.goto(f"{live_server.url}/meter-points/{identifier}/")
    assert fits(page, 1280)
    assert page.evaluate(
        "[...document.querySelectorAll('.scrolls')].every(box => box.scrollWidth <= box.clientWidth)"
    )
    assert fits(page, 360)


@pytest.mark.slow
def test_readings_are_blocks_on_a_narrow_screen(page: Page, live_server: LiveServer) -> None:
    copy = flow(*reading_of(2, status="U", value="150.0"), identifier="B", created="20260306061500", sender="X|ZZAL")
    deliver(flow(*reading_of(2), created="20260305061500"), "a.uff")
    deliver(copy, "b.uff")
    page.goto(f"{live_server.url}/meter-points/{mpan(2)}/")
    readings = page.locator("div[aria-label=Readings]")
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert readings.evaluate("box => box.scrollWidth <= box.clientWidth")
        expect(readings.get_by_text("Counts", exact=True)).to_be_visible()
        expect(readings.get_by_text("Supplier ZZAL states 150.0 (not validated).")).to_be_visible()
        expect(readings.get_by_text("it is validated, this one is not validated.")).to_be_visible()


@pytest.mark.slow
def test_chart_of_use_is_inside_its_box(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/meter-points/{mpan(1)}/")
    box, canvas = page.locator("figure.chart-box"), page.locator("figure.chart-box canvas").first
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        expect(canvas).to_be_visible()
        outer, inner = box.bounding_box(), canvas.bounding_box()
        assert outer
        assert inner
        assert outer["x"] <= inner["x"]
        assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]
        assert fits(page, width)
    page.get_by_text("Values of this chart").click()
    expect(page.get_by_role("region", name="Values of the chart").get_by_role("row")).to_have_count(15)


@pytest.mark.slow
def test_pasted_list_is_looked_up_and_downloaded(page: Page) -> None:
    page.get_by_label("MPANs, NMIs, serial numbers").fill(f"{mpan(1)}\n3190001042119\n6123456789")
    page.get_by_role("button", name="Look up").click()
    expect(page.get_by_text("2 of 3 found.")).to_be_visible()
    assert fits(page, 360)
    page.get_by_role("link", name=mpan(1)).click()
    expect(page.get_by_role("heading", name=mpan(1))).to_be_visible()
    page.go_back()
    expect(page.get_by_text("2 of 3 found.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").click()
    assert download.value.suggested_filename == "search.csv"
    assert len(Path(download.value.path()).read_text().splitlines()) == 4


def test_keyboard_upload_shows_the_fault_in_its_line(page: Page) -> None:
    page.get_by_role("link", name="Upload", exact=True).click()
    page.get_by_label("Files").set_input_files([TWO_FAULTS, SAMPLES / "d0010.uff"])
    page.get_by_label("Files").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("duplicate: the same content was imported as d0010.uff")).to_be_visible()
    assert fits(page, 360)
    page.get_by_role("link", name="d0010_two_faults.uff").click()
    expect(page.locator("mark").first).to_have_text("3690005901427")
    assert fits(page, 360)


@pytest.mark.slow
def test_long_line_of_a_file_does_not_widen_the_page(page: Page, live_server: LiveServer, tmp_path: Path) -> None:
    content = (SAMPLES / "nem12.csv").read_bytes().replace(b"0.147", b"x.147")
    place = tmp_path / "nem12.csv"
    place.write_bytes(content)
    delivery = Delivery(name="bad.csv", channel=Channel.COMMAND, resting_place=str(place))
    report = import_flow(BytesIO(content), delivery, clock=lambda: NOON, rules=RULES)
    page.goto(f"{live_server.url}/flow-files/{report.sha256}/")
    expect(page.locator("pre.raw-line").first).to_contain_text("x.147")
    assert fits(page, 360)
