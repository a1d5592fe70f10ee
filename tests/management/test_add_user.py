"""New users: by command and in the admin."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User

from readings.models.roles import ADMINISTRATOR, OPERATOR, ROLES, SUPPORT, give_role, role_of
from tests.running.box import Box
from tests.running.commands import run
from tests.running.forks import Ended, manage
from tests.running.pages import lines, logged_in, text_of
from tests.running.places import ROOT

pytestmark = pytest.mark.slow_on_postgresql

PASSWORD = "four green meters"
FORM = "/admin/auth/user/add/"


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


def add(box: Box, *arguments: str, password: str = PASSWORD) -> Ended:
    return manage(["add_user", *arguments], box.environment, f"{password}\n".encode())


def test_command_creates_a_user_with_a_role(box: Box) -> None:
    done = add(box, "olga", "--role", "operator", "--email", "olga@meters.example")
    assert done == (0, "olga can log in as operator.\n", "")
    [(name, is_staff, email)] = box.rows("SELECT username, is_staff, email FROM auth_user")
    assert (name, bool(is_staff), email) == ("olga", False, "olga@meters.example")
    group = "SELECT name FROM auth_group JOIN auth_user_groups ON auth_group.id = group_id"
    assert box.rows(group) == [("operator",)]


@pytest.mark.parametrize(
    ("arguments", "password", "expected"),
    [
        (("ann", "--role", "support"), "short", "This password is too short"),
        (("ann", "--role", "support"), "", "This password is too short"),
        (("ann", "--role", "support"), "password123", "This password is too common"),
        (("an n", "--role", "support"), PASSWORD, "Enter a valid username"),
        (("ann", "--role", "support", "--email", "ann"), PASSWORD, "Enter a valid email address"),
    ],
)
def test_command_refuses_what_is_not_valid(
    box: Box, arguments: tuple[str, ...], password: str, expected: str
) -> None:
    done = add(box, *arguments, password=password)
    assert done.code == 1
    assert f"{arguments[0]} was not created: {expected}" in done.err
    assert box.rows("SELECT username FROM auth_user") == []


def test_command_refuses_a_name_that_is_taken(box: Box) -> None:
    assert add(box, "ann", "--role", "support").code == 0
    done = add(box, "ann", "--role", "administrator")
    assert (done.code, "already exists" in done.err) == (1, True)
    assert [bool(value) for (value,) in box.rows("SELECT is_superuser FROM auth_user")] == [False]


def test_command_names_the_roles(box: Box) -> None:
    ended = run(box, "add_user", "ann", "--role", "chief")
    assert ended.code != 0
    assert all(role in ended.err for role in ROLES)


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize(("again", "code"), [(PASSWORD, 0), ("another", 1)])
def test_command_asks_twice_at_a_terminal(box: Box, again: str, code: int) -> None:
    leader, follower = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "manage.py", "add_user", "ann", "--role", "support"],
        cwd=ROOT,
        env=box.environment,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    printed = b""
    for answer in (PASSWORD, again):
        while not printed.endswith(b": "):
            printed += os.read(leader, 1024)
        os.write(leader, f"{answer}\n".encode())
        printed = b""
    assert child.wait(60) == code
    os.close(leader)
    assert len(box.rows("SELECT username FROM auth_user")) == (code == 0)


def filled(role: str) -> dict[str, str]:
    return {
        "username": "new",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "email": "",
        "role": role,
    }


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.django_db
def test_form_creates_a_user_with_a_role(role: str) -> None:
    root = User.objects.create_superuser("root")
    response = logged_in(root).post(FORM, filled(role))
    assert response.status_code == 302
    user = User.objects.get(username="new")
    assert role_of(user) == role
    assert user.check_password(PASSWORD)


@pytest.mark.django_db
def test_form_offers_the_administrator_only_to_administrators() -> None:
    chief = User.objects.create_user("chief")
    give_role(chief, SUPPORT)
    chief.user_permissions.add(*Permission.objects.filter(content_type__app_label="auth"))
    client = logged_in(chief)
    assert "Administrator" not in text_of(client.get(FORM).content.decode())
    assert client.post(FORM, filled(ADMINISTRATOR)).status_code == 200
    assert not User.objects.filter(username="new").exists()
    assert client.post(FORM, filled(OPERATOR)).status_code == 302


@pytest.mark.django_db
def test_list_shows_the_role_of_each_user() -> None:
    root = User.objects.create_superuser("root")
    give_role(User.objects.create_user("olga"), OPERATOR)
    User.objects.create_user("nobody")
    rows = lines(logged_in(root).get("/admin/auth/user/").content.decode())
    assert [(row.split()[0], row.split()[-2]) for row in rows] == [
        ("nobody", "None"),
        ("olga", "operator"),
        ("root", "administrator"),
    ]
