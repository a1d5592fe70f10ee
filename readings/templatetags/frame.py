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


#: Beginnings of addresses that belong to a link without being below it.
BELONGING = {
    "readings": ("/meter-points/", "/meters/", "/accumulations/", "/interval-days/"),
    "flow-files": ("/arrivals/", "/problems/"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A link of the navigation."""

    name: str
    address: str
    #: Value of `aria-current`: page, or true for a page that belongs to the link; empty elsewhere.
    current: str


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
            yield Place(name, address, _current(view, address, request.path))


def _current(view: str, address: str, path: str) -> str:
    if path == address:
        return "page"
    below = (address,) if address.endswith("/") and address != "/" else ()
    return "true" if path.startswith((*below, *BELONGING.get(view, ()))) else ""
