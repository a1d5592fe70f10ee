"""Common parts of all pages: log-in, policy, navigation, style, error pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import URLPattern, path, reverse
from django.views.defaults import server_error
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django import DjangoAssertNumQueries
from pytest_django.live_server_helper import LiveServer

from config.urls import urlpatterns as all_addresses
from readings.models.roles import ROLES
from readings.templatetags.frame import PLACES
from readings.web.urls import urlpatterns as addresses
from tests.running.browser import WORD, log_in, open_page
from tests.running.imported import deliver_sample
from tests.running.pages import client_of, logged_in, nav, support_client, text_of
from tests.running.places import ROOT

OPEN = {"log-in", "log-out"}
#: Pages about the user, which need no permission.
OWN = {"password", "tokens", "revoke-token"}
STYLE_SHEET = ROOT / "readings" / "static" / "readings" / "pages.css"
#: Pages that a small screen must hold.
SMALL = (
    "/",
    "/search?q=nothing",
    "/upload",
    "/meter-points/3190001042118/",
    "/readings/?kind=actual",
    "/flow-files/",
)
#: Values for the parts of addresses.
PARTS = {"scheme": "MPAN", "identifier": "3190001042118", "sha256": "0" * 64, "id": 1}


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault of ours")


urlpatterns = [*all_addresses, path("fault", fail)]


def address_of(pattern: URLPattern) -> str:
    parts = {*pattern.pattern.converters, *pattern.pattern.regex.groupindex}
    return reverse(pattern.name or "", kwargs={part: PARTS[part] for part in parts})


@pytest.mark.parametrize("pattern", [it for it in addresses if it.name not in OPEN], ids=lambda it: it.name)
@pytest.mark.django_db
def test_every_page_requires_a_log_in(pattern: URLPattern) -> None:
    for response in (Client().get(address_of(pattern)), Client().post(address_of(pattern))):
        assert response.status_code == 302
        assert response["Location"].startswith("/log-in/?next=")


@pytest.mark.parametrize("pattern", [it for it in addresses if it.name not in OPEN | OWN], ids=lambda it: it.name)
@pytest.mark.django_db
def test_every_page_requires_a_permission(pattern: URLPattern) -> None:
    response = logged_in(User.objects.create_user("ann", is_staff=True)).get(address_of(pattern))
    assert response.status_code == 403
    assert "The account ann lacks the permission for this page." in text_of(response.content.decode())


@pytest.mark.parametrize(
    ("address", "status"),
    [
        *(("/", 200), ("/admin/", 200), ("/admin/readings/reading/", 200), ("/log-in/", 200), ("/upload", 403)),
        *(("/nowhere", 404), ("/healthz", 200), ("/metrics", 200), ("/static/readings/pages.css", 200)),
        *(("/admin/login/", 302), ("/log-out/", 405)),
    ],
)
@pytest.mark.django_db
def test_every_answer_has_the_policy(address: str, status: int) -> None:
    response = support_client().get(address)
    assert response.status_code == status
    directives = response["Content-Security-Policy"].split("; ")
    assert "default-src 'self'" in directives
    assert "frame-ancestors 'none'" in directives
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "data:" not in response["Content-Security-Policy"]


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.django_db
def test_error_page_has_the_policy_and_no_details() -> None:
    client = support_client()
    client.raise_request_exception = False
    response = client.get("/fault")
    assert response.status_code == 500
    assert response["Content-Security-Policy"]
    assert "a fault of ours" not in response.content.decode()
    assert "This page cannot be shown" in response.content.decode()


def test_error_page_needs_no_database() -> None:
    response = server_error(RequestFactory().get("/"))
    assert b'<link rel="stylesheet" href="/static/readings/pages.css">' in response.content


@pytest.mark.parametrize(
    "address",
    ["/nowhere", "/meter-points/3190001042118/", f"/flow-files/{'0' * 64}/", "/consumption/MPAN/3190001042118/"],
)
@pytest.mark.django_db
def test_unknown_address_is_not_found_and_links_to_the_start_page(address: str) -> None:
    response = support_client().get(address)
    assert response.status_code == 404
    html = response.content.decode()
    assert 'role="search"' in html
    assert nav(html) == ["Start", "Readings", "Files", "Consumption", "Administration"]
    assert "matches the given query" not in html


@pytest.mark.django_db
def test_not_found_page_has_no_navigation_without_a_log_in() -> None:
    html = Client().get("/nowhere").content.decode()
    assert "<nav" not in html
    assert "<form" not in html


@pytest.mark.django_db
def test_expired_form_is_explained() -> None:
    response = Client(enforce_csrf_checks=True).post("/log-in/", {"username": "ann", "password": WORD})
    assert response.status_code == 403
    assert "Nothing was changed." in text_of(response.content.decode())
    assert "<style" not in response.content.decode()


@pytest.mark.django_db
def test_navigation_links_only_to_permitted_pages() -> None:
    ann = User.objects.create_user("ann")
    assert nav(logged_in(ann).get("/nowhere").content.decode()) == []
    ann.groups.add(Group.objects.get(name="support"))
    lists = ["Start", "Readings", "Files"]
    assert nav(logged_in(ann).get("/").content.decode()) == [*lists, "Consumption"]
    ann.user_permissions.add(Permission.objects.get(codename="add_flowfile"))
    assert nav(logged_in(ann).get("/").content.decode()) == [*lists, "Consumption", "Upload"]
    User.objects.filter(pk=ann.pk).update(is_staff=True, is_superuser=True)
    root = User.objects.get(pk=ann.pk)
    html = logged_in(root).get("/upload").content.decode()
    assert nav(html) == [*lists, "Inbox", "Consumption", "Upload", "Trail", "Administration"]
    assert re.findall(r'aria-current="page">([^<]+)', html) == ["Upload"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "section"),
    [
        ("/meter-points/3190001042118/", ["Readings"]),
        ("/meters/", ["Readings"]),
        ("/arrivals/", ["Files"]),
        ("/consumption/CONSUMER/3000/", ["Consumption"]),
        ("/admin/readings/reading/", ["Administration"]),
        ("/tokens/", []),
    ],
)
def test_menu_marks_the_section_of_a_page(address: str, section: list[str]) -> None:
    html = logged_in(User.objects.create_superuser("ann")).get(address).content.decode()
    menu = html.partition('aria-label="Main"')[2].partition("</nav>")[0]
    assert re.findall(r'aria-current="true">([^<]+)', menu) == section


@pytest.mark.django_db
def test_every_role_opens_every_link_of_its_menu() -> None:
    for role in ROLES:
        client = client_of(role, role)
        menu = client.get("/nowhere").content.decode().partition("<nav")[2].partition("</nav>")[0]
        links = re.findall(r'href="([^"]*)"', menu)
        assert {address: client.get(address).status_code for address in links} == dict.fromkeys(links, 200)


@pytest.mark.django_db
def test_frame_runs_four_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = support_client()
    with django_assert_num_queries(4):  # session, user, and both kinds of permissions
        client.get("/nowhere")


@pytest.mark.parametrize("address", ["/", "/nowhere", "/search", "/log-in/", "/meter-points/3190001042118/"])
@pytest.mark.django_db
def test_pages_have_no_script_or_style_of_their_own(address: str) -> None:
    deliver_sample("d0010.uff")
    html = support_client().get(address).content.decode()
    assert "<main" in html
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\s(?:src=|type=\"application/json))", html) == []
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//', html) == []


def test_style_sheet_defines_every_class() -> None:
    overview, rules = STYLE_SHEET.read_text().split("*/", 1)
    selectors = re.sub(r"/\*.*?\*/|\{[^{}]*\}", " ", rules, flags=re.DOTALL)
    styled = set(re.findall(r"\.([a-z][\w-]*)", selectors))
    listed = set(re.findall(r"\.([a-z][\w-]*)", overview.replace("meterbox.css", "")))
    of_the_frame = {"band", "brand", "skip", "log-out", "head", "out-of-sight"}
    assert styled - listed - of_the_frame == set()
    assert listed - styled == set()


def test_no_class_is_named_for_a_color() -> None:
    names = re.findall(r"\.([a-z][\w-]*)", STYLE_SHEET.read_text())
    colors = {"red", "green", "blue", "yellow", "orange", "amber", "gray", "grey", "black", "white", "purple"}
    assert colors & set(chain.from_iterable(name.split("-") for name in names)) == set()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """Yield the summary page of a superuser."""
    User.objects.create_superuser("ann", password=WORD)
    deliver_sample("d0010.uff")
    with open_page(browser, live_server.url) as page:
        log_in(page, live_server.url, "ann")
        expect(page.get_by_role("button", name="Log out")).to_be_visible()
        yield page


@pytest.mark.slow
def test_admin_works_under_the_policy(page: Page, live_server: LiveServer) -> None:
    user, group = User.objects.get().pk, Group.objects.get(name="support").pk
    forms = (f"auth/user/{user}/change/", f"auth/group/{group}/change/")
    for address in ("", "readings/reading/", "password_change/", *forms):
        page.goto(f"{live_server.url}/admin/{address}", wait_until="networkidle")
        expect(page.get_by_role("button", name="Log out")).to_be_visible()
    # A script of the admin creates the widget with two lists.
    expect(page.locator(".selector-chosen").first).to_be_visible()


@pytest.mark.slow
def test_skip_link_moves_the_keyboard_to_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    assert page.get_by_role("link", name="Skip to the content").bounding_box()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


@pytest.mark.slow
@pytest.mark.parametrize("address", SMALL)
def test_pages_fit_a_small_screen(page: Page, live_server: LiveServer, address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(live_server.url + address)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.slow
def test_whole_menu_fits_one_line(page: Page, live_server: LiveServer) -> None:
    page.set_viewport_size({"width": 1280, "height": 740})
    page.goto(f"{live_server.url}/arrivals/")
    boxes = [each.bounding_box() for each in page.locator(".band nav a, .band .find, .log-out").all()]
    middles = [box["y"] + box["height"] / 2 for box in boxes if box]
    assert len(middles) == len(PLACES) + 2
    assert max(middles) - min(middles) < 5


def test_log_in_and_not_found_pages_fit_a_small_screen(browser: Browser, live_server: LiveServer) -> None:
    with narrow(browser) as context:
        page = context.new_page()
        for address in ("/log-in/", "/nowhere"):
            page.goto(live_server.url + address)
            assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.slow
def test_dark_scheme_is_dark_on_screen_and_white_on_paper(page: Page) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(paper)
    page.emulate_media(color_scheme="dark", media="print")
    assert (light, dark, page.evaluate(paper)) == ("rgb(246, 247, 248)", "rgb(18, 24, 29)", "rgb(255, 255, 255)")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()


def narrow(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 360, "height": 740})
