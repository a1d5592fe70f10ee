"""Every page in a browser: it fits, axe finds nothing against it, and the console is silent.

    METERBOX_SHOTS=FOLDER .venv/bin/pytest --database sqlite -n 0 -m slow tests/web/test_every_page.py

With METERBOX_SHOTS, each page is also stored as a picture: wide and narrow, light and dark, and as printed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, reverse
from playwright.sync_api import Browser, Page
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from readings.models import Arrival, Channel, FlowFile
from readings.web.urls import urlpatterns as addresses
from tests.making.dtc import flow, reading_of
from tests.running.browser import WORD, log_in, open_page
from tests.running.furnished import DISPUTED, EXCHANGED, REFUSED, ZIP, furnish
from watcher.web.urls import urlpatterns as watcher_addresses

SHOTS = os.environ.get("METERBOX_SHOTS", "")
SCREENS = list(product((1280, 360), ("light", "dark"))) if SHOTS else [(1280, "light"), (360, "dark")]
#: Addresses that only a form asks for, and the log-in, which needs no user.
LEFT_OUT = {"log-in", "log-out", "put-back", "put-selected-back", "import-sample", "revoke-token"}
#: Pages with the status 404, which the console reports.
MISSING = {"not-found": "/nowhere", "meter-point-missing": "/meter-points/1012345678906/"}
#: Parts that axe looks at: all but the description of the API, which a library draws.
OURS = {"exclude": [["#operations"]]}
#: Options of axe: it need not load the style sheets again.
OPTIONS = {"resultTypes": ["violations"], "preload": False}


def pages() -> dict[str, str]:
    """Return the address of each page that needs a user, by its name."""
    return {
        **{str(pattern.name): reverse(str(pattern.name)) for pattern in plain()},
        "search-found": reverse("search") + "?q=3190001042118",
        "search-nothing": reverse("search") + "?q=nothing",
        "meter-point": reverse("meter-point", args=[DISPUTED]),
        "meter-point-exchange": reverse("meter-point", args=[EXCHANGED]),
        "meter-point-nmi": reverse("meter-point", args=["6123456789"]),
        "meter-point-consumer": reverse("meter-point", args=["3000"]),
        "consumption": reverse("consumption", args=["CONSUMER", "3000"]),
        "consumption-nmi": reverse("consumption", args=["NMI", "6123456789"]),
        "consumption-stopped": reverse("consumption-completeness") + "?list=stopped",
        "flow-file": _address("d0010_correction.uff"),
        "flow-file-refused": _address(REFUSED),
        "flow-file-wrong-throughout": _address("D0010_wrong_throughout.usr"),
        "flow-file-code": _address("D0010_wrong_throughout.usr") + "?code=invalid-code",
        "flow-file-zip": _address(ZIP),
        "flow-file-other": _address("D0086_417.usr"),
        "flow-file-intervals": _address("NEM12_february.csv"),
        "upload-results": f"{reverse('upload')}?arrival={','.join(map(str, uploads()))}",
        "admin": "/admin/",
        "admin-readings": "/admin/readings/reading/",
        "api-docs": reverse("api:openapi-view"),
    }


def uploads() -> list[int]:
    """Return the keys of the arrivals of uploads."""
    return list(Arrival.objects.filter(channel=Channel.UPLOAD).values_list("pk", flat=True))


def _upload(user: User) -> None:
    """Upload a file that is imported, its content again, and one that is rejected."""
    contents = {
        "new.uff": flow(*reading_of(6)),
        "again.uff": flow(*reading_of(6)),
        "cut.uff": flow(*reading_of(7))[:-12],
    }
    files = [SimpleUploadedFile(name, content) for name, content in contents.items()]
    client = Client()
    client.force_login(user)
    assert client.post(reverse("upload"), {"files": files}).status_code == 303


def _address(name: str) -> str:
    return reverse("flow-file", args=[FlowFile.objects.get(arrivals__name=name).sha256])


def plain() -> list[URLPattern]:
    """Return the addresses of pages that have no parts to fill in; those with a dot are files."""
    patterns = [*addresses, *watcher_addresses]
    return [
        it
        for it in patterns
        if not it.pattern.regex.groups and "." not in str(it.pattern) and it.name not in LEFT_OUT
    ]


@pytest.fixture
def admin(live_server: LiveServer, tmp_path: Path, settings: Settings) -> User:
    """Fill the store, and return an administrator."""
    furnish(tmp_path)
    for name in ("inbox", "archive", "rejected"):
        setattr(settings, f"{name.upper()}_DIR", tmp_path / name)
    user = User.objects.create_superuser("ann", password=WORD)
    _upload(user)
    return user


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, admin: User) -> Iterator[Page]:
    with open_page(browser, live_server.url) as page:
        yield page


@pytest.mark.slow
@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_every_page_fits_and_is_accessible(
    browser: Browser, page: Page, live_server: LiveServer, width: int, scheme: str
) -> None:
    complaints: list[str] = []
    complaints += _look(page, {"log-in": live_server.url + reverse("log-in")}, width, scheme)
    log_in(page, live_server.url + reverse("log-in"), "ann")
    complaints += _look(page, {name: live_server.url + address for name, address in pages().items()}, width, scheme)
    missing = browser.new_context(storage_state=page.context.storage_state()).new_page()
    complaints += _look(missing, {name: live_server.url + path for name, path in MISSING.items()}, width, scheme)
    assert not complaints, "\n".join(complaints)


def _look(page: Page, addresses: dict[str, str], width: int, scheme: str) -> Iterator[str]:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for name, address in addresses.items():
        page.goto(address)
        for text in _complaints(page, is_ours="/admin/" not in address and "/api/" not in address):
            yield f"{name}: {text}"
        _shoot(page, f"{name}-{width}-{scheme}")


def _complaints(page: Page, *, is_ours: bool) -> Iterator[str]:
    if is_ours and page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        yield "is wider than the screen"
    for violation in Axe().run(page, OURS, OPTIONS).response["violations"]:
        places = ", ".join(str(node["target"]) for node in violation["nodes"][:3])
        yield f"{violation['id']} ({violation['impact']}): {violation['help']}: {places}"


def _shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
        page.emulate_media(media="print")
        page.screenshot(path=f"{SHOTS}/{name}-print.png", full_page=True)
        page.emulate_media(media="screen")
