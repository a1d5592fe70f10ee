"""Failed log-ins, stored to slow down password guessing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

#: Time for which a wrong attempt counts.
WINDOW: Final = timedelta(minutes=15)
#: Factor between the limit for one name from one address, and the limits for one name from all addresses and for one
#: address with all names: an office may share an address.
SHARE: Final = 10
_NAME_DIGITS: Final = 40
#: Kinds of secret that are tried with a name: passwords, and codes of the second factor.
_KINDS: Final = ("name", "code")


class LogInFailure(models.Model):
    """One failed log-in for a key with a limit: a name or an address."""

    #: Hash of the name or address: the typed name may be a password in the wrong field.
    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()  # Nobody needs to view it.
        indexes = [models.Index(fields=["key", "at"], name="log_in_failures_of_a_key")]

    def __str__(self) -> str:
        return f"{self.key[:12]} {self.at:%Y-%m-%d %H:%M:%S}"


def limited_keys(name: str, *, address: str, device: str, limit: int) -> dict[str, int]:
    """Return the keys that a password counts against, each with its limit; a success clears the first.

    `device` is the cookie of a browser that has logged in under this name: it counts for itself. Otherwise name and
    address count together, and each alone with a higher limit. An empty address identifies nobody.
    """
    of_name = _digest("name", name)[:_NAME_DIGITS]
    if device:
        return {_pair(of_name, "device", device): limit}
    from_there = _pair(of_name, "address", address)
    if not address:
        return {from_there: limit}
    return {from_there: limit, of_name: SHARE * limit, _digest("address", address): SHARE * limit}


def code_keys(name: str, *, limit: int) -> dict[str, int]:
    """Return the key for the codes of a second factor, with its limit; only a right code clears it.

    All addresses count together: without the password nobody reaches the second factor.
    """
    return {_pair(_digest("code", name)[:_NAME_DIGITS], "address", ""): limit}


def unlock(name: str) -> int:
    """Delete the wrong passwords and codes with a name; return their number."""
    of_name = Q()
    for kind in _KINDS:
        of_name |= Q(key__startswith=_digest(kind, name)[:_NAME_DIGITS])
    return LogInFailure.objects.filter(of_name).delete()[0]


def locked_names(names: Iterable[str], now: datetime, limit: int) -> dict[str, datetime]:
    """Return the names that are locked out, from at least one address or everywhere, and until when."""
    recent = LogInFailure.objects.filter(at__gt=now - WINDOW).order_by("-at").values_list("key", "at")
    times: dict[str, list[datetime]] = {}
    for key, at in recent:
        times.setdefault(key, []).append(at)
    by_name = {_digest(kind, name)[:_NAME_DIGITS]: name for name in names for kind in _KINDS}
    locked: dict[str, datetime] = {}
    for key, moments in times.items():
        needed = SHARE * limit if len(key) == _NAME_DIGITS else limit
        if (name := by_name.get(key[:_NAME_DIGITS])) and len(moments) >= needed:
            until = moments[needed - 1] + WINDOW
            locked[name] = max(until, locked.get(name, until))
    return locked


def time_to_wait(limits: dict[str, int], now: datetime, but: list[int]) -> timedelta:
    """Return the time until the next password is checked for these keys; delete attempts that no longer count."""
    LogInFailure.objects.filter(at__lte=now - WINDOW).delete()
    longest = timedelta()
    for key, limit in limits.items():
        failures = LogInFailure.objects.filter(key=key).exclude(pk__in=but).order_by("-at")
        if at := failures.values_list("at", flat=True)[limit - 1 : limit].first():
            longest = max(longest, at + WINDOW - now)
    return longest


def _pair(of_name: str, kind: str, text: str) -> str:
    """Return a key that begins with the key of a name and has the length of a digest."""
    return of_name + _digest(kind, text)[_NAME_DIGITS:]


def _digest(kind: str, text: str) -> str:
    return salted_hmac(f"readings.login.{kind}", text, algorithm="sha256").hexdigest()
