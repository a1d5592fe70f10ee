from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running.box import Box
from tests.running.browser import WORD
from tests.running.person import Person
from tests.running.places import ROOT
from tests.running.postgresql import free_port
from tests.running.provider import CLIENT_ID, CLIENT_SECRET, provider
from tests.running.tls import web_pages

PREPARE = f"""
from django.contrib.auth.models import User
from django.core.management import call_command
call_command("migrate", verbosity=0)
User.objects.create_superuser("root", password={WORD!r})
User.objects.create_user("ann", "ann@meters.example", {WORD!r})
User.objects.create_user("una", "una@meters.example", {WORD!r})
User.objects.create_user("closed", "closed@meters.example", {WORD!r}, is_active=False)
User.objects.create_user("castor", "twin@meters.example")
User.objects.create_user("pollux", "twin@meters.example")
"""


class Site:
    """Pages with a provider; `box` runs commands with their settings."""

    def __init__(self, box: Box, home: str) -> None:
        self.box = box
        self.home = home

    def person(self) -> Person:
        """Return a person with a new browser."""
        return Person(self.home)

    def manage(self, *arguments: str) -> str:
        """Run a command, not in a fork of a process without these settings; return its output."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.check_output(command, env=self.box.environment, cwd=ROOT, text=True)

    def users(self) -> list[str]:
        """Return the names of all users."""
        return [name for (name,) in self.box.rows("SELECT username FROM auth_user ORDER BY username")]

    def links(self) -> list[tuple[str, str]]:
        """Return user and provider of each link."""
        query = (
            "SELECT username, provider FROM socialaccount_socialaccount AS link "
            "JOIN auth_user ON auth_user.id = link.user_id ORDER BY username"
        )
        return [(name, issuer) for name, issuer in self.box.rows(query)]


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Site]:
    port = free_port()
    home = f"http://localhost:{port}"
    with provider(tmp_path / "provider", f"{home}/log-in/provider/callback/") as issuer:
        box = Box(
            tmp_path,
            database_url,
            SSO_ISSUER=issuer,
            SSO_CLIENT_ID=CLIENT_ID,
            SSO_CLIENT_SECRET=CLIENT_SECRET,
            SSO_NAME="the office",
            LOG_IN_ATTEMPTS="4",
        )
        site = Site(box, home)
        site.manage("shell", "-c", PREPARE)
        with web_pages(box.environment, port, tmp_path / "web.log"):
            yield site
