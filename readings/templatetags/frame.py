"""Tags and filters for the frame of every page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django import template
from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest
from django.urls import reverse

from readings import VERSION

register = template.Library()

#: Name, view, and required permission of each link. Only staff see links to the admin.
PLACES = (
    ("Summary", "summary", "readings.view_intervalday"),
    ("Readings", "admin:readings_reading_changelist", "readings.view_reading"),
    ("Flow files", "admin:readings_flowfile_changelist", "readings.view_flowfile"),
    ("Inbox", "inbox", "watcher.view_inbox"),
    ("Upload", "upload", "readings.add_flowfile"),
    ("Trail", "trail", "readings.read_trail"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A link of the navigation."""

    name: str
    address: str
    is_here: bool


@register.simple_tag
def version() -> str:
    """Return the version of the program."""
    return VERSION


@register.filter
def places(request: HttpRequest) -> Iterator[Place]:
    """Yield the navigation links that the user may open."""
    user = request.user
    for name, view, permission in PLACES:
        is_open = isinstance(user, AbstractUser) and (user.is_staff or not view.startswith("admin:"))
        if is_open and user.has_perm(permission):
            address = reverse(view)
            yield Place(name, address, request.path == address)
