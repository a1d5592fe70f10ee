"""Pages of the admin, as support staff read them."""

from __future__ import annotations

import re
from html import unescape

from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client

from readings.models.roles import SUPPORT, give_role


def support_client() -> Client:
    """Return a client with a member of support logged in."""
    return client_of(SUPPORT)


def client_of(role: str, name: str = "ann") -> Client:
    """Return a client with a user of a role logged in."""
    user = User.objects.create_user(name)
    give_role(user, role)
    return logged_in(user)


def logged_in(user: User) -> Client:
    """Return a client with a user logged in."""
    client = Client()
    client.force_login(user)
    return client


def get(client: Client, path: str, **query: str) -> str:
    """Return the HTML of a page."""
    response = client.get(f"/admin/readings/{path}/", query, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def nav(html: str) -> list[str]:
    """Return the texts of the navigation links."""
    return re.findall(r"<li><a [^>]*>([^<]+)</a></li>", html.partition("<nav")[2].partition("</nav>")[0])


def text_of(html: str) -> str:
    """Return the text of a page."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def lines(html: str) -> list[str]:
    """Return the rows of the list on a page as text."""
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    return [text_of(row) for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL)]


def notes(html: str) -> str:
    """Return the message of a list about a search."""
    return text_of(html.partition('<ul class="notes"')[2].partition("</ul>")[0].partition(">")[2])


def page_of(client: Client, row: Model) -> str:
    """Return the text of the page of one object."""
    return text_of(get(client, f"{row._meta.model_name}/{row.pk}/change"))
