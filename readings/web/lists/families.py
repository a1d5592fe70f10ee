"""The lists beside a list: a row of links on each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest
from django.urls import reverse

#: Lists that belong together: name of the address, words, and the permissions that it needs.
FAMILIES: Final = ((("readings", "Readings", ("readings.view_meterpoint", "readings.view_reading")),),)


@dataclass(frozen=True, slots=True)
class Member:
    """A link to a list."""

    words: str
    address: str
    is_here: bool


def family_of(name: str, request: HttpRequest) -> list[Member]:
    """Return the lists beside a list that the user may open; nothing if there is only this one."""
    user = request.user
    family = next((each for each in FAMILIES if any(name == member[0] for member in each)), ())
    members = [
        Member(words, reverse(address), address == name)
        for address, words, permissions in family
        if isinstance(user, AbstractUser) and user.has_perms(permissions)
    ]
    return members if len(members) > 1 else []
