"""The settings of the log-in through a provider: off, on, and incomplete."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running.box import Box
from tests.running.places import ROOT
from tests.running.postgresql import free_port
from tests.running.provider import CLIENT_ID, provider

pytestmark = pytest.mark.only_on("sqlite")

ON = {"SSO_ISSUER": "https://login.example", "SSO_CLIENT_ID": "meterbox", "SSO_CLIENT_SECRET": "of meterbox"}
PAGES = ("/log-in/provider/", "/log-in/provider/callback/", "/account/2fa/", "/account/2fa/authenticate/")
SET_UP = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
"""
ASK_ALL = f"""{SET_UP}
user = User.objects.create_superuser("root")
client = Client(SERVER_NAME="localhost")
client.force_login(user)
print(*(client.get(path).status_code for path in {PAGES!r}))
page = client.get("/search").content.decode()
print("Second factor" in page, "Log in with" in Client(SERVER_NAME="localhost").get("/log-in/").content.decode())
print("allauth" in sys.modules)
"""
TABLES = f"""{SET_UP}
print(sum(name.startswith(("mfa_", "socialaccount_", "account_")) for name in connection.introspection.table_names()))
"""
LOG_IN = f"""{SET_UP}
call_command("migrate", verbosity=0)
client = Client(REMOTE_ADDR="127.0.0.1", HTTP_HOST="meters.example", HTTP_X_FORWARDED_PROTO="https")
answer = client.post("/log-in/provider/", {{"next": "https://elsewhere.example/"}})
print(answer.status_code, answer.content.decode())
"""
WITHOUT_A_PACKAGE = "import sys; sys.modules['fido2'] = None; from django.conf import settings; settings.DEBUG"


def run(program: str, **environment: str) -> tuple[str, str]:
    """Run a program with settings of its own; return its output and its errors."""
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": "for tests", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.stdout, ended.stderr


def test_without_an_issuer_nothing_of_allauth_is_there(database_url: str) -> None:
    assert run(ASK_ALL, DATABASE_URL=database_url)[0] == "404 404 404 404\nFalse False\nFalse\n"
    assert run(TABLES, DATABASE_URL=database_url)[0] == "0\n"


@pytest.mark.slow
def test_migrate_makes_the_tables_that_the_pages_need(tmp_path: Path, database_url: str) -> None:
    box = Box(tmp_path, database_url, **ON)
    subprocess.check_call([sys.executable, "manage.py", "migrate", "--verbosity=0"], env=box.environment, cwd=ROOT)
    assert int(run(TABLES, **box.environment)[0]) > 5
    assert run(ASK_ALL, **box.environment)[0] == "405 403 200 302\nTrue True\nTrue\n"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            {"SSO_ISSUER": "http://login.example"},
            "SSO_ISSUER='http://login.example' is not understood: expected https://",
        ),
        ({"SSO_ISSUER": "login.example"}, "SSO_ISSUER='login.example' is not understood: expected https://"),
        ({"SSO_CLIENT_ID": ""}, "SSO_ISSUER is set, but SSO_CLIENT_ID is not: set what the provider gave you"),
        (
            {"SSO_CLIENT_SECRET": " "},
            "SSO_ISSUER is set, but SSO_CLIENT_SECRET is not: set what",
        ),
    ],
)
def test_wrong_setting_ends_the_program_with_the_cure(wrong: dict[str, str], words: str) -> None:
    assert words in run("from django.conf import settings; settings.DEBUG", **{**ON, **wrong})[1]


def test_missing_package_ends_the_program_with_the_cure() -> None:
    words = "SSO_ISSUER is set, but fido2 cannot be imported: run .venv/bin/pip install '.[sso]'"
    assert words in run(WITHOUT_A_PACKAGE, **ON)[1]
    assert run(WITHOUT_A_PACKAGE) == ("", "")


@pytest.mark.parametrize("settings", [{}, ON], ids=["off", "on"])
def test_deployment_check_is_silent(settings: dict[str, str], database_url: str) -> None:
    safe = {"PUBLIC_URL": "https://meters.example", "SECRET_KEY": "a" * 60 + "bcdef", "DATABASE_URL": database_url}
    program = "from django.core.management import execute_from_command_line as run; run(['', 'check', '--deploy'])"
    assert run(program, **safe, **settings) == ("System check identified no issues (2 silenced).\n", "")


@pytest.mark.slow
def test_provider_sends_people_back_to_the_public_url(tmp_path: Path, database_url: str) -> None:
    callback = "https://meters.example/log-in/provider/callback/"
    with provider(tmp_path / "provider", callback) as issuer:
        settings = {**ON, "SSO_ISSUER": issuer, "PUBLIC_URL": "https://meters.example", "DATABASE_URL": database_url}
        page, errors = run(LOG_IN, **settings)
    assert page.startswith("200 "), errors
    assert f"url={issuer}/identity/o/authorize?client_id={CLIENT_ID}&amp;" in page
    assert "redirect_uri=https%3A%2F%2Fmeters.example%2Flog-in%2Fprovider%2Fcallback%2F&amp;" in page
    assert "code_challenge_method=S256" in page
    assert "elsewhere.example" not in page


@pytest.mark.slow
def test_provider_that_does_not_answer_leaves_the_password(database_url: str) -> None:
    settings = {**ON, "SSO_ISSUER": f"http://127.0.0.1:{free_port()}", "PUBLIC_URL": "https://meters.example"}
    page, errors = run(LOG_IN, **settings, DATABASE_URL=database_url)
    assert "log-in through single sign-on failed: ConnectionError(" in errors
    assert page.startswith("503 <!doctype html>")
    assert "Single sign-on does not answer" in page
    assert "log in with your password" in page
