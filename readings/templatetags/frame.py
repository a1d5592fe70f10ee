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

_READINGS = ("readings.view_meterpoint", "readings.view_reading")
#: Name, view, and required permissions of each link. Only staff see the link to the admin.
PLACES = (
    ("Start", "start", ("readings.view_flowfile",)),
    ("Readings", "readings", _READINGS),
    ("Files", "flow-files", ("readings.view_flowfile", "readings.view_reading")),
    ("Inbox", "inbox", ("watcher.view_inbox",)),
    ("Consumption", "summary", ("readings.view_meterpoint", "readings.view_intervalday")),
    ("Upload", "upload", ("readings.add_flowfile",)),
    ("Trail", "trail", ("readings.read_trail",)),
    ("Administration", "admin:index", ()),
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
    for name, view, permissions in PLACES:
        is_open = isinstance(user, AbstractUser) and (user.is_staff or not view.startswith("admin:"))
        if is_open and user.has_perms(permissions):
            address = reverse(view)
            yield Place(name, address, request.path == address)
