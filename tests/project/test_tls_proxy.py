"""The web pages behind the documented TLS server: log-in, upload, cookies, headers, limits."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from tests.running.box import Box
from tests.running.browser import WORD
from tests.running.commands import BAD
from tests.running.places import ROOT, SAMPLES
from tests.running.postgresql import free_port, migrate, postgresql
from tests.running.tls import HOST, NGINX, tls_server, web_pages

pytestmark = [
    pytest.mark.slow,
    pytest.mark.only_on("sqlite"),
    pytest.mark.skipif(not Path(NGINX).exists(), reason="needs nginx"),
]

MAKE_USER = f"""
from django.contrib.auth.models import User
User.objects.create_superuser("admin", password={WORD!r})
User.objects.create_user("ann", password={WORD!r})
"""


class Site(NamedTuple):
    """Ports of the pages: with TLS for people, with HTTP for the TLS server only."""

    box: Box
    secure: int
    plain: int


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Site]:
    plain = free_port()
    (tmp_path / "nginx").mkdir()
    with tls_server(tmp_path / "nginx", plain) as secure:
        box = Box(tmp_path, database_url, PUBLIC_URL=f"https://{HOST}:{secure}", SECRET_KEY="a" * 60 + "bcdef")
        assert box.manage("shell", "-c", MAKE_USER).code == 0
        with web_pages(box.environment, plain, tmp_path / "web.log"):
            yield Site(box, secure, plain)


class Client:
    """Client with TLS and cookies, like a browser without scripts."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, **headers: str
    ) -> tuple[int, str, list[str]]:
        """Return status, body and the cookies that were set."""
        connection = HTTPSConnection(HOST, self.port, context=ssl._create_unverified_context(), timeout=30)
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **headers}
        body = None
        if form is not None:
            sent |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Referer": f"https://{HOST}:{self.port}/",
            }
            body = urlencode(form)
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        set_cookies = [value for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        for cookie in set_cookies:
            name, _, value = cookie.strip().partition(";")[0].partition("=")
            self.cookies[name] = value
        text = answer.read().decode()
        connection.close()
        return answer.status, text, set_cookies

    def log_in(self, name: str, password: str, **headers: str) -> tuple[int, str, list[str]]:
        """Send the log-in form."""
        _, page, _ = self.ask("GET", "/log-in/")
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', page)
        assert token
        form = {"csrfmiddlewaretoken": token[1], "username": name, "password": password}
        return self.ask("POST", "/log-in/", form, **headers)


def test_people_log_in_upload_put_back_and_log_out_in_a_browser(site: Site, browser: Browser) -> None:
    site.box.drop("bad.uff", BAD)
    assert site.box.once()[0] == 1
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.goto(f"https://{HOST}:{site.secure}/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(WORD)
    page.get_by_role("button", name="Log in").click()
    page.goto(f"https://{HOST}:{site.secure}/upload")
    page.set_input_files("input[type=file]", SAMPLES / "d0010.uff")
    page.get_by_role("button", name="Upload and import").click()
    page.get_by_text("imported: 5 meter points").wait_for()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Inbox").click()
    page.get_by_role("button", name="Put bad.uff back into the inbox").click()
    page.get_by_text("The file bad.uff is back in the inbox.").wait_for()
    assert (site.box.inbox / "bad.uff").read_bytes() == BAD
    cookies = {cookie["name"]: cookie for cookie in context.cookies()}
    assert {"csrftoken", "sessionid", "device"} <= set(cookies) <= {"csrftoken", "sessionid", "device", "messages"}
    assert all(cookie["secure"] for cookie in cookies.values())
    assert cookies["sessionid"]["httpOnly"]
    assert cookies["device"]["httpOnly"]
    page.get_by_role("button", name="Log out").click()
    page.get_by_label("Username").wait_for()
    assert site.box.count_readings() == 10
    context.close()


def test_tls_answers_have_hsts_and_plain_http_is_redirected(site: Site) -> None:
    connection = HTTPSConnection(HOST, site.secure, context=ssl._create_unverified_context(), timeout=30)
    connection.request("GET", "/log-in/")
    assert connection.getresponse().headers["Strict-Transport-Security"] == "max-age=31536000"
    plain = HTTPConnection("127.0.0.1", site.plain, timeout=30)
    plain.request("GET", "/log-in/", headers={"Host": HOST})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}:{site.secure}/log-in/")
    answer.read()
    plain.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
    assert plain.getresponse().status == 200


def test_deployment_check_reports_no_issue(site: Site) -> None:
    check = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    environment = {**site.box.environment}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the tests of browsers set it, and the check reports it
    ended = subprocess.run(check, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "System check identified no issues (2 silenced).\n"), ended.stderr


def test_strangers_do_not_lock_out_a_known_browser_and_unlock_works(site: Site) -> None:
    at_home = Client(site.secure)
    assert at_home.log_in("admin", WORD)[0] == 302
    stranger = [Client(site.secure).log_in("admin", f"wrong {number}")[0] for number in range(12)]
    assert stranger == [200] * 10 + [429] * 2
    # Behind the proxy, all of them have one address; a browser that logged in before is not locked out.
    assert Client(site.secure).log_in("admin", WORD)[0] == 429
    again = Client(site.secure)
    again.cookies["device"] = at_home.cookies["device"]
    assert again.log_in("admin", WORD)[0] == 302
    assert Client(site.secure).log_in("ann", WORD)[0] == 302
    assert site.box.manage("unlock", "admin").out == "admin: 10 wrong attempts forgotten.\n"
    assert Client(site.secure).log_in("admin", WORD)[0] == 302


def test_client_cannot_choose_its_address(site: Site) -> None:
    codes = [
        Client(site.secure).log_in("admin", f"wrong {number}", **{"X-Forwarded-For": f"192.0.2.{number}"})[0]
        for number in range(12)
    ]
    assert codes == [200] * 10 + [429] * 2


def test_wrong_origin_and_expired_form_have_different_messages(site: Site) -> None:
    client = Client(site.secure)
    status, page, _ = client.log_in("admin", WORD, Origin="https://elsewhere.example")
    assert status == 403
    assert "https://elsewhere.example" in page
    assert "PUBLIC_URL" in page
    client.cookies.clear()
    status, page, _ = client.ask("POST", "/log-in/", {"username": "admin", "password": WORD})
    assert status == 403
    assert "PUBLIC_URL" not in page


# --- limits, without the TLS server ---


@pytest.fixture
def port(tmp_path: Path, database_url: str) -> Iterator[int]:
    number = free_port()
    box = Box(tmp_path, database_url)
    with web_pages(box.environment, number, tmp_path / "web.log"):
        yield number


def status_of(port: int, method: str, path: str, **headers: str) -> int:
    """Send a request without its body; return the status."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest(method, path)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/log-in/", {"Content_Length": "100000"}, 413),
        ("/upload", {"Content_Length": str(600 * 2**20), "Content_Type": "multipart/form-data; boundary=x"}, 413),
        ("/admin/login/", {"Content_Length": "100000"}, 413),
        ("/nowhere", {"Content_Length": "100000"}, 413),
        ("/log-in/", {"Transfer_Encoding": "chunked"}, 411),
        ("/log-in/", {}, 411),
        ("/log-in/", {"Content_Length": "many"}, 400),
    ],
    ids=["a form", "an upload", "the admin", "no page", "no length, in chunks", "no length", "no number"],
)
def test_large_body_without_a_log_in_is_refused_unread(
    port: int, tmp_path: Path, path: str, headers: dict[str, str], status: int
) -> None:
    assert status_of(port, "POST", path, **headers) == status


def test_unfinished_bodies_delay_no_other_request(port: int) -> None:
    slow = []
    for _ in range(12):
        each = socket.create_connection(("127.0.0.1", port))
        each.sendall(b"POST /log-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nusername=")
        slow.append(each)
    began = time.monotonic()
    assert [status_of(port, "GET", path) for path in ("/healthz", "/readyz", "/log-in/")] == [200] * 3
    assert time.monotonic() - began < 10
    for each in slow:
        each.settimeout(60)
        assert each.recv(100).startswith(b"HTTP/1.1 408 ")
        each.close()


def test_wrong_host_is_explained_only_to_this_machine(port: int) -> None:
    def page(**headers: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/log-in/", headers={"Host": "meters.example", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    status, text = page()
    assert status == 400
    assert "PUBLIC_URL" in text
    assert "meters.example" in text
    status, text = page(**{"X-Forwarded-For": "192.0.2.1"})
    assert status == 400
    assert "PUBLIC_URL" not in text


def test_invalid_public_url_stops_the_start() -> None:
    for url in ("http://meters.example", "meters.example", "https://meters.example/pages"):
        ended = subprocess.run(
            [sys.executable, "manage.py", "check"],
            env={**os.environ, "PUBLIC_URL": url},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 2
        assert "PUBLIC_URL" in ended.stderr
        assert "https://meters.example" in ended.stderr


def test_disconnected_clients_do_not_affect_the_pages(port: int) -> None:
    for _ in range(3):
        each = socket.create_connection(("127.0.0.1", port))
        each.sendall(b"POST /log-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nx")
        each.close()
    assert status_of(port, "GET", "/log-in/") == 200


def test_pages_answer_503_only_while_the_database_is_stopped(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("needs Linux, to find the processes of the server")
    with postgresql() as server:
        migrate(server.url)
        box, port = Box(tmp_path, server.url), free_port()
        with web_pages(box.environment, port, tmp_path / "web.log"):
            cookie = {"Cookie": "sessionid=" + "a" * 32}  # requires a query for the session
            assert status_of(port, "GET", "/", **cookie) == 302
            server.signal(signal.SIGSTOP)
            try:
                began = time.monotonic()
                assert status_of(port, "GET", "/healthz") == 200
                assert time.monotonic() - began < 5
                assert [status_of(port, "GET", path, **cookie) for path in ("/", "/readyz")] == [503, 503]
                assert time.monotonic() - began < 60
            finally:
                server.signal(signal.SIGCONT)
            assert status_of(port, "GET", "/", **cookie) == 302
            assert status_of(port, "GET", "/readyz") == 200
