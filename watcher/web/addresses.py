"""Addresses of the lists of readings."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse


def of_list(view: str, **filters: str) -> str:
    """Return the address of a list with its filters; empty if there is no such list."""
    try:
        address = reverse(view)
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode(filters)}" if filters else address
