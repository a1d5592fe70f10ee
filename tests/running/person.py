"""A person at the pages, with a browser without scripts: follows redirects and fills in forms."""

from __future__ import annotations

import re
from html import unescape
from typing import Final
from urllib.parse import urljoin

import requests

from tests.running.browser import WORD
from tests.running.pages import text_of

#: Seconds for an answer.
PATIENCE: Final = 60


class Person:
    """One session at the pages and at the provider; `page` is the last answer."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.session = requests.Session()
        # Neither a proxy nor a password of this machine's user.
        self.session.trust_env = False
        self.page = requests.Response()

    @property
    def text(self) -> str:
        """The text of the page."""
        return text_of(self.page.text)

    @property
    def where(self) -> str:
        """The path of the page, or the whole address where it is of somebody else."""
        return self.page.url.removeprefix(self.home).partition("?")[0]

    @property
    def status(self) -> int:
        """The status of the page."""
        return self.page.status_code

    def open(self, path: str) -> Person:
        """Open a page, and those that it forwards to."""
        self.page = self.session.get(urljoin(self.home, path), timeout=PATIENCE)
        return self._forwarded()

    def submit(self, button: str, **filled: str) -> Person:
        """Fill in the form with this button, and press it."""
        forms = re.findall(r"<form\b[^>]*>.*?</form>", self.page.text, re.DOTALL)
        pressed = re.compile(rf'>\s*{re.escape(button)}\s*<|<input type="submit" value="{re.escape(button)}"')
        form = next((form for form in forms if pressed.search(form)), None)
        assert form, f"no form has the button {button}: {self.text}"
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
        (target,) = re.findall(r'^<form[^>]*?action="([^"]*)"', form) or [""]
        values = {**{name: unescape(value) for name, value in hidden}, **filled}
        address = urljoin(self.page.url, unescape(target))
        self.page = self.session.post(address, values, headers={"Referer": self.page.url}, timeout=PATIENCE)
        return self._forwarded()

    def log_in(self, name: str, password: str = WORD) -> Person:
        """Log in with a password."""
        return self.open("/log-in/").submit("Log in", username=name, password=password)

    def log_in_by_provider(self, name: str, start: str = "/log-in/") -> Person:
        """Log in at the provider, and come back."""
        self.open(start).submit("Log in with the office")
        return self.submit("Sign In", login=name, password=WORD)

    def is_logged_in(self) -> bool:
        """Tell whether the start page is open."""
        return self.session.get(self.home, allow_redirects=False, timeout=PATIENCE).status_code != 302

    def _forwarded(self) -> Person:
        if match := re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', self.page.text):
            self.page = self.session.get(unescape(match[1]), timeout=PATIENCE)
        return self
