"""The log-in, and its limit of wrong attempts, which docs/operations.md describes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_address
from math import ceil
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from readings.formats.text import count
from readings.models import LogInFailure
from readings.models.log_ins import limited_keys, time_to_wait

#: Cookie of a browser that has logged in before: strangers cannot lock it out.
DEVICE_COOKIE: Final = "device"
DEVICE_AGE: Final = timedelta(days=180)


class TooManyAttempts(ValidationError):
    """The attempt is not checked, because too many earlier ones were wrong."""

    def __init__(self, wait: timedelta) -> None:
        minutes = count(ceil(wait / timedelta(minutes=1)), "minute")
        super().__init__(f"Too many wrong attempts. Try again in {minutes}.", code="limited")
        self.wait = wait


class LimitedForm(AuthenticationForm):
    """Form for name and password; after too many wrong attempts it checks no password."""

    #: Time until the next password is checked; zero if this one was checked.
    wait = timedelta()

    def clean(self) -> dict[str, Any]:
        """Check the password, unless there were too many wrong attempts."""
        name = self.cleaned_data.get("username")
        if not (name and self.cleaned_data.get("password")):
            return super().clean()
        try:
            with counted(password_keys(self.request, name)):
                return super().clean()
        except TooManyAttempts as refusal:
            self.wait = refusal.wait
            raise


class LogIn(LoginView):
    """Log-in page of all pages, including those of the admin."""

    template_name = "registration/log_in.html"
    authentication_form = LimitedForm

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Log in, and set the cookie of the browser."""
        response = super().form_valid(form)
        remember_browser(response, form.get_user())
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the errors; answer 429 if no password was checked."""
        response = super().form_invalid(form)
        if isinstance(form, LimitedForm) and form.wait:
            response.status_code = 429
            response.headers["Retry-After"] = str(ceil(form.wait.total_seconds()))
        return response


@contextmanager
def counted(keys: dict[str, int]) -> Iterator[None]:
    """Count an attempt as wrong, unless the block ends without an error; or raise TooManyAttempts before it."""
    now = timezone.now()
    # Counted as wrong before the check: simultaneous attempts must not exceed the limit.
    attempt = [row.pk for row in LogInFailure.objects.bulk_create(LogInFailure(key=key, at=now) for key in keys)]
    if wait := time_to_wait(keys, now, but=attempt):
        LogInFailure.objects.filter(pk__in=attempt).delete()
        raise TooManyAttempts(wait)
    yield
    LogInFailure.objects.filter(Q(pk__in=attempt) | Q(key=next(iter(keys)))).delete()


def password_keys(request: HttpRequest | None, name: str) -> dict[str, int]:
    """Return the keys that a password in a request counts against, each with its limit."""
    device = request.COOKIES.get(DEVICE_COOKIE, "") if request else ""
    address = request.META.get("REMOTE_ADDR", "") if request else ""
    return limited_keys(
        name,
        address="" if _is_shared(address) else address,
        device=device if _has_logged_in(device, name) else "",
        limit=settings.LOG_IN_ATTEMPTS,
    )


def remember_browser(response: HttpResponse, user: AbstractBaseUser) -> None:
    """Give a browser the cookie of one that has logged in."""
    response.set_cookie(
        DEVICE_COOKIE,
        signing.dumps(user.get_username(), salt=DEVICE_COOKIE),
        max_age=DEVICE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _has_logged_in(device: str, name: str) -> bool:
    """Return whether the cookie of a browser proves an earlier log-in under a name."""
    try:
        return bool(device) and signing.loads(device, salt=DEVICE_COOKIE, max_age=DEVICE_AGE) == name
    except signing.BadSignature:
        return False


def _is_shared(address: str) -> bool:
    """Return whether an address identifies nobody: behind an unknown proxy, all requests come from this machine."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return True
