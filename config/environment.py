"""Settings from the environment; an invalid value stops the program with a message."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_SECONDS = {"s": 1, "min": 60, "hour": 3600}
_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}


def setting(name: str, default: T, read: Callable[[str], T], expected: str) -> T:
    """Return a setting, or its default if it is empty; raise ImproperlyConfigured with the expected form."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    try:
        return read(text)
    except (ValueError, KeyError):
        raise ImproperlyConfigured(f"{name}={text!r} is not understood: expected {expected}") from None


def folder(name: str, default: Path) -> Path:
    """Return the path of a folder."""
    return setting(name, default, lambda text: Path(text).expanduser().resolve(), "a folder")


def switch(name: str, *, default: bool) -> bool:
    """Return a setting that is on or off."""
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    return setting(name, default, lambda text: words[text.lower()], "1 or 0")


def seconds(name: str, default: float) -> float:
    """Return a time span in seconds, above zero."""
    return setting(name, default, lambda text: _above_zero(float(text)), "a number of seconds above 0")


def count(name: str, default: int) -> int:
    """Return a whole number above zero."""
    return setting(name, default, lambda text: int(_above_zero(int(text))), "a whole number above 0")


def rate(name: str, default: str) -> tuple[int, int]:
    """Return a number of requests, and the seconds in which they may be made, from a text such as `600/min`."""

    def read(text: str) -> tuple[int, int]:
        number, _, unit = (part.strip() for part in text.partition("/"))
        return int(_above_zero(int(number))), _SECONDS[unit]

    return setting(name, read(default), read, "requests per s, min or hour, such as 600/min")


def days(name: str, default: int) -> int:
    """Return a number of days, at most a century."""
    return setting(name, default, lambda text: int(_above_zero(range(36_501).index(int(text)))), "1 to 36500")


def port(name: str) -> int:
    """Return the number of a port; 0, the default, means no port."""
    return setting(name, 0, lambda text: range(2**16).index(int(text)), "a port from 1 to 65535, or 0 for none")


def hidden_name(name: str) -> str:
    """Return the name of a hidden file, or an empty text by default."""

    def read(text: str) -> str:
        if "/" in text or not text.startswith(".") or not text.strip("."):
            raise ValueError(text)
        return text

    return setting(name, "", read, "the name of a hidden file, such as .mounted")


def size(name: str, default: int) -> int:
    """Return a size in bytes; the units K, M and G (with or without iB) are powers of 1024."""

    def read(text: str) -> int:
        number = text.upper().removesuffix("IB").removesuffix("B").strip()
        unit = number[-1:] if number[-1:] in "KMG" else ""
        return int(_above_zero(float(number.removesuffix(unit)) * _UNITS[unit]))

    return setting(name, default, read, "a size above 0, such as 2147483648 or 2 GiB")


def utc_offset(name: str, default: str) -> timezone:
    """Return a time zone without daylight saving, from a text such as `+10:00`."""

    def read(text: str) -> timezone:
        return timezone(datetime.strptime(text, "%z").utcoffset() or timedelta())

    return setting(name, read(default), read, "hours and minutes ahead of UTC, such as +10:00")


def public_url(name: str) -> str:
    """Return the address at which people open the pages: https, a host, and a port other than 443."""

    def read(text: str) -> str:
        parts = urlsplit(text.rstrip("/"))
        if parts.scheme != "https" or not parts.hostname or parts.path or parts.query or parts.username:
            raise ValueError(text)
        port = f":{parts.port}" if parts.port not in (None, 443) else ""
        return f"https://{parts.hostname}{port}"

    return setting(name, "", read, "https:// and a host, such as https://meters.example")


def issuer(name: str) -> str:
    """Read the address of a log-in provider: https, or http on this machine; without the slash at its end."""

    def read(text: str) -> str:
        parts = urlsplit(text.rstrip("/"))
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
        if not (is_safe and parts.hostname) or parts.username or parts.query or parts.fragment or len(text) > 200:
            raise ValueError(text)
        return parts.geturl()

    return setting(name, "", read, "https:// and the address of an OpenID Connect provider")


def networks(name: str, default: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return addresses and networks from a text with commas between them."""

    def read(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())

    return setting(name, read(default), read, "addresses or networks, such as 127.0.0.1, 10.0.0.0/8")


def secret_key(path: Path) -> str:
    """Return SECRET_KEY, or else a random key, created once in a file that only its owner can read."""
    if key := os.environ.get("SECRET_KEY", "").strip():
        return key
    if not path.exists():
        # Written to another file and linked: a second process that starts now reads the whole key or none.
        with NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text().strip()


def _above_zero(number: float) -> float:
    if not 0 < number < float("inf"):
        raise ValueError(number)
    return number
