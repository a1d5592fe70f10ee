"""The reverse proxy: its headers count only if it is trusted."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

#: Headers in which a proxy names the client.
_FORWARDED: Final = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


class TrustedProxy:
    """Sets REMOTE_ADDR to the client that a trusted proxy reports; removes these headers from any other sender."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request with the address of its client."""
        peer = request.META.get("REMOTE_ADDR", "")
        if is_trusted(peer):
            request.META["REMOTE_ADDR"] = client_behind(peer, request.META.get("HTTP_X_FORWARDED_FOR", ""))
        else:
            for name in _FORWARDED:
                request.META.pop(name, None)
        return self.get_response(request)


def is_trusted(address: str) -> bool:
    """Return whether an address is that of a trusted proxy; a Unix socket has no address, and is trusted."""
    parsed = _parsed(address)
    if parsed is None:
        return address in ("", "b''")
    return any(parsed in network for network in settings.TRUSTED_PROXIES)


def client_behind(peer: str, forwarded: str) -> str:
    """Return the last address that is not a trusted proxy; each proxy appends the address of its client."""
    for hop in reversed([hop.strip() for hop in forwarded.split(",") if hop.strip()]):
        if _parsed(hop) is None:
            break
        if not is_trusted(hop):
            return hop
        peer = hop
    return peer


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None
