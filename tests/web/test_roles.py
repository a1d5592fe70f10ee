"""Access to every address, by role and method. docs/access.md holds the table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django.fixtures import Settings

from readings.models.roles import ADMINISTRATOR, ANALYST, LEAD, OPERATOR, ROLES, SUPPORT, give_role, role_of
from tests.running.imported import deliver_sample
from tests.running.pages import logged_in, nav
from tests.running.places import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

TABLE = ROOT / "docs" / "access.md"
NOBODY, WITHOUT_ROLE = "not logged in", "no role"
#: Values for the parts of addresses.
PARTS = {"scheme": "NMI", "identifier": "6123456789", "app_label": "readings", "url": "nowhere"}
#: Whether the menu of a role has the inbox, and uploads.
MENUS = {
    SUPPORT: (False, False),
    ANALYST: (False, False),
    OPERATOR: (True, True),
    LEAD: (True, False),
    ADMINISTRATOR: (True, True),
}
EXPORTING = {ANALYST, LEAD, ADMINISTRATOR}
CONSUMPTION = "/consumption/NMI/6123456789/"
OTHER_METHODS = ("PUT", "PATCH", "DELETE", "TRACE")


def addresses(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield the address, as its route, and the pattern of every view."""
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, route)
        else:
            yield re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", route), pattern


def filled(route: str, rows: Mapping[str, str]) -> str:
    """Return an address with a value for each part of its route."""
    model = re.match(r"admin/(\w+)/(\w+)/", route)
    key = rows.get(f"{model[1]}.{model[2]}", "1") if model else "1"
    values = {**PARTS, "sha256": rows["sha256"], "object_id": key, "id": key, "content_type_id": "1"}
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda part: values[part[1]], route)


@pytest.fixture
def users() -> dict[str, User | None]:
    """Return a user for each role, one without a role, and None for nobody."""
    users: dict[str, User | None] = {NOBODY: None, WITHOUT_ROLE: User.objects.create_user("ann")}
    for role in ROLES:
        user = User.objects.create_user(role)
        give_role(user, role)
        users[role] = user
    return users


@pytest.fixture
def rows(settings: Settings, tmp_path: Path) -> dict[str, str]:
    """Return the key of one stored row of each table, by label, and the SHA-256 of a file."""
    for name, folder in (("inbox", "in"), ("archive", "archive"), ("rejected", "rejected")):
        (tmp_path / folder).mkdir()
        setattr(settings, f"{name.upper()}_DIR", tmp_path / folder)
    keys = {"sha256": deliver_sample("d0010.uff").sha256}
    for name in ("d0010_all_groups.uff", "d0010_two_faults.uff", "nem12.csv", "nem13.csv"):
        deliver_sample(name)
    for model in apps.get_models():
        if model._meta.managed and (row := model._default_manager.order_by("pk").first()):
            keys[model._meta.label_lower] = str(row.pk)
    return keys


@pytest.fixture
def clients(users: dict[str, User | None]) -> dict[str, Client]:
    """Return a client for each user, and one that is not logged in."""
    return {role: logged_in(user) if user else Client() for role, user in users.items()}


def status(client: Client, method: str, address: str) -> int:
    """Return the status of a request; the changes that it makes are rolled back."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        answer = client.generic(method, address)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer.status_code


@pytest.mark.slow
@pytest.mark.only_on("sqlite")
def test_access_to_every_address_is_as_documented(clients: dict[str, Client], rows: dict[str, str]) -> None:
    lines = [
        "| " + " | ".join(["Address", *clients]) + " |",
        "|---" * (len(clients) + 1) + "|",
    ]
    for route, _ in addresses(get_resolver()):
        address = filled(route, rows)
        cells = [f"{status(each, 'GET', address)} / {status(each, 'POST', address)}" for each in clients.values()]
        lines.append(f"| `/{route}` | " + " | ".join(cells) + " |")
    table = [line for line in TABLE.read_text().splitlines() if line.startswith("|")]
    assert lines == table, "\n".join(lines)


@pytest.mark.slow
@pytest.mark.only_on("sqlite")
def test_other_methods_never_open_more_than_get(clients: dict[str, Client], rows: dict[str, str]) -> None:
    for route, _ in addresses(get_resolver()):
        address = filled(route, rows)
        for client in (clients[NOBODY], clients[WITHOUT_ROLE]):
            closed = {status(client, "GET", address), 403, 405}
            assert {status(client, method, address) for method in OTHER_METHODS} <= closed, address


@pytest.mark.parametrize("role", ROLES)
def test_every_link_of_the_menu_opens_without_staff_status(role: str) -> None:
    user = User.objects.create_user("ann")
    give_role(user, role)
    User.objects.filter(pk=user.pk).update(is_staff=False)
    client = logged_in(User.objects.get(pk=user.pk))
    html = client.get("/").content.decode()
    links = re.findall(r'<li><a href="([^"]+)"', html.partition("<nav")[2].partition("</nav>")[0])
    assert links
    assert [client.get(link).status_code for link in links] == [200] * len(links)
    assert ("Inbox" in nav(html), "Upload" in nav(html)) == MENUS[role]


def test_export_links_are_shown_only_to_roles_that_export(users: dict[str, User | None]) -> None:
    file = deliver_sample("d0010.uff")
    deliver_sample("nem12.csv")
    links = {}
    for role, user in users.items():
        if user and role != WITHOUT_ROLE:
            client = logged_in(user)
            pages = ["/meter-points/3190001042118/", f"/flow-files/{file.sha256}/", "/search?q=none", CONSUMPTION]
            links[role] = ["CSV" in client.get(page, follow=True).content.decode() for page in pages]
    assert links == {role: [role in EXPORTING] * 4 for role in ROLES}


def test_roles_are_granted_again_after_each_migration() -> None:
    support = Group.objects.get(name="support")
    support.permissions.clear()
    call_command("migrate", verbosity=0)
    assert support.permissions.filter(codename="view_reading").exists()
    assert not support.permissions.exclude(codename__startswith="view_").exists()


def test_role_of_a_user_is_its_group_or_administrator(users: dict[str, User | None]) -> None:
    assert {name: role_of(user) for name, user in users.items() if user} == {
        WITHOUT_ROLE: "",
        **{role: role for role in ROLES},
    }
