"""A real browser that can reach only this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The browser resolves no other name.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
#: Password of all test users.
WORD = "correct horse battery"


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start a browser, or skip the test if there is none.

    Its driver runs an event loop in this thread, which Django would take for asynchronous code.
    """
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"needs a browser: one of {', '.join(NAMES)}")
    expect.set_options(timeout=60_000)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS, timeout=180_000)
        yield browser
        browser.close()


@contextmanager
def open_page(browser: Browser, home: str) -> Iterator[Page]:
    """Open a page; a console warning or error, or a request to another server, fails the test."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("warning", "error", "assert"):
            complaints.append(message.text)

    def ask(url: str) -> None:
        if not url.startswith(home):
            complaints.append(f"asks for {url}")

    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: ask(request.url))
    yield page
    page.close()
    assert not complaints, complaints


def log_in(page: Page, address: str, name: str) -> None:
    """Open a page, and log in as a user whose password is WORD."""
    page.goto(address)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(WORD)
    page.get_by_role("button", name="Log in").click()
