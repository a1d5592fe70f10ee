"""The log-in, and the limit on wrong attempts; docs/operations.md says what it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_address
from math import ceil
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from readings.formats.text import count
from readings.models import LogInFailure

WINDOW: Final = timedelta(minutes=15)
#: From one address, so many times the attempts that one name has: an office may share an address.
ADDRESS_SHARE: Final = 10


class LimitedForm(AuthenticationForm):
    """Asks for name and password, and looks at no password after too many wrong ones."""

    #: Until an attempt is looked at again, where this one was not.
    wait = timedelta()

    def clean(self) -> dict[str, Any]:
        """Log in, or refuse to try."""
        name = self.cleaned_data.get("username")
        if not (name and self.cleaned_data.get("password")):
            return super().clean()
        now = timezone.now()
        keys = limited_keys(name, self.request.META.get("REMOTE_ADDR", "") if self.request else "")
        # Counted as wrong before it is looked at: many at once are no more than one after the other.
        attempt = [row.pk for row in LogInFailure.objects.bulk_create(LogInFailure(key=key, at=now) for key in keys)]
        self.wait = time_to_wait(keys, now, but=attempt)
        if self.wait:
            LogInFailure.objects.filter(pk__in=attempt).delete()
            minutes = count(ceil(self.wait / timedelta(minutes=1)), "minute")
            raise ValidationError(f"Too many wrong attempts. Try again in {minutes}.", code="limited")
        cleaned = super().clean()
        LogInFailure.objects.filter(Q(pk__in=attempt) | Q(key=next(iter(keys)))).delete()
        return cleaned


class LogIn(LoginView):
    """Logs in to all pages, those of the admin too."""

    template_name = "registration/log_in.html"
    authentication_form = LimitedForm

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show what is wrong; answer 429 where nothing was looked at."""
        response = super().form_invalid(form)
        if isinstance(form, LimitedForm) and form.wait:
            response.status_code = 429
            response.headers["Retry-After"] = str(ceil(form.wait.total_seconds()))
        return response


def limited_keys(name: str, address: str) -> dict[str, int]:
    """Return what an attempt counts against, the name first, each with how many may be wrong."""
    limits = {_key("name", name): settings.LOG_IN_ATTEMPTS}
    if not _is_of_all(address):
        limits[_key("address", address)] = ADDRESS_SHARE * settings.LOG_IN_ATTEMPTS
    return limits


def time_to_wait(limits: dict[str, int], now: datetime, but: list[int]) -> timedelta:
    """Return how long nothing is looked at under these keys, and forget what counts no more."""
    LogInFailure.objects.filter(at__lte=now - WINDOW).delete()
    longest = timedelta()
    for key, limit in limits.items():
        failures = LogInFailure.objects.filter(key=key).exclude(pk__in=but).order_by("-at")
        if at := failures.values_list("at", flat=True)[limit - 1 : limit].first():
            longest = max(longest, at + WINDOW - now)
    return longest


def _is_of_all(address: str) -> bool:
    # From this machine come all, where a web server stands before the pages; through a socket too.
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return True


def _key(kind: str, text: str) -> str:
    return salted_hmac(f"readings.login.{kind}", text, algorithm="sha256").hexdigest()
