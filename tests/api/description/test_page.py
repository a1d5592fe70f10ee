"""The page that shows the description of the API, in a browser that fails at any complaint or foreign request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from readings.models.api_tokens import ApiToken, Scope
from readings.models.roles import give_role
from tests.running.browser import WORD, log_in, open_page
from tests.running.imported import deliver_sample
from tests.running.places import SAMPLES
from tests.running.tokens import token_of

SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
pytestmark = [pytest.mark.slow, pytest.mark.only_on("sqlite"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ann() -> User:
    user = User.objects.create_user("ann", password=WORD)
    give_role(user, "analyst")
    return user


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, ann: User) -> Iterator[Page]:
    """Yield the page; the CSP violations of the browser are among its complaints."""
    deliver_sample("d0010.uff")
    with open_page(browser, live_server.url) as page:
        log_in(page, f"{live_server.url}/api/docs", "ann")
        expect(page.locator(".opblock").first).to_be_visible()
        yield page


def opened(page: Page, operation: str) -> Locator:
    """Open an operation by the keyboard, and let requests try it out."""
    block = page.locator(f"[id$=-{operation}]")
    block.locator(".opblock-summary-control").press("Enter")
    block.get_by_role("button", name="Try it out").click()
    return block


def executed(block: Locator) -> Locator:
    """Send the request; return the table with its answer."""
    block.get_by_role("button", name="Execute").click()
    return block.locator(".live-responses-table")


def test_page_is_in_our_frame_and_needs_a_log_in(ann: User) -> None:
    client = Client()
    assert urlsplit(client.get("/api/docs").headers["Location"]).path == "/log-in/"
    client.force_login(ann)
    answer = client.get("/api/docs")
    assert "<title>API · Meterbox</title>" in answer.content.decode()
    policies = [client.get(path).headers["Content-Security-Policy"] for path in ("/api/docs", "/password/")]
    assert policies[0] == f"{policies[1]}; img-src 'self' data:"


def test_page_lists_each_operation_wide_and_narrow_light_and_dark(page: Page) -> None:
    described = page.evaluate("fetch('/api/openapi.json').then(answer => answer.json())")
    assert page.locator(".opblock").count() == sum(map(len, described["paths"].values()))
    expect(page.get_by_role("link", name="Meterbox", exact=True)).to_be_visible()
    block = opened(page, "listReadings")
    expect(executed(block).get_by_text("200", exact=True)).to_be_visible()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    ink, paper = page.evaluate(
        "[block => getComputedStyle(block).color, block => getComputedStyle(document.body).backgroundColor]"
        ".map(color => color(document.querySelector('.opblock-description-wrapper')))"
    )
    assert (ink, paper) == ("rgb(223, 230, 234)", "rgb(18, 24, 29)")
    headers = block.locator(".response .headers td").evaluate_all(
        "cells => cells.map(c => getComputedStyle(c).color)"
    )
    assert set(headers) == {ink}


def test_a_request_without_a_token_uses_the_session(page: Page) -> None:
    block = opened(page, "listReadings")
    expect(executed(block).get_by_text("3190001042118").first).to_be_visible()
    assert "Authorization" not in block.locator(".curl-command").inner_text()


def test_a_request_after_authorize_uses_the_token(page: Page, ann: User) -> None:
    token, text = token_of(ann, Scope.READ)
    block = opened(page, "listMeters")
    page.get_by_role("button", name="Authorize").first.click()
    dialog = page.locator(".modal-ux")
    # One for each scope; the browser sends the cookie of the session itself.
    expect(dialog.locator("h4")).to_contain_text(["ReadToken", "UploadToken"])
    dialog.locator("input").first.fill(text)
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Close").last.click()
    expect(executed(block).get_by_text("K12B 04567").first).to_be_visible()
    expect(block.locator(".curl-command")).to_contain_text("Authorization: Bearer mbx_")
    assert ApiToken.objects.get(pk=token.pk).last_used_at


def test_an_upload_with_the_session_sends_the_csrf_token(page: Page, ann: User) -> None:
    give_role(ann, "operator")
    block = opened(page, "upload")
    block.locator("[data-param-name=dry_run] select").select_option("1")
    block.locator("input[type=file]").set_input_files(SAMPLES / "nem12.csv")
    expect(executed(block)).to_contain_text('"dry_run": true')
