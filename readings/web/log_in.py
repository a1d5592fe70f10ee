"""The log-in, and its limit of wrong attempts, which docs/operations.md describes."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from math import ceil
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone

from readings.formats.text import count
from readings.models import LogInFailure
from readings.models.log_ins import limited_keys, time_to_wait

#: Cookie of a browser that has logged in before: strangers cannot lock it out.
DEVICE_COOKIE: Final = "device"
DEVICE_AGE: Final = timedelta(days=180)


class LimitedForm(AuthenticationForm):
    """Form for name and password; after too many wrong attempts it checks no password."""

    #: Time until the next password is checked; zero if this one was checked.
    wait = timedelta()

    def clean(self) -> dict[str, Any]:
        """Check the password, unless there were too many wrong attempts."""
        name = self.cleaned_data.get("username")
        if not (name and self.cleaned_data.get("password")):
            return super().clean()
        now = timezone.now()
        device = self.request.COOKIES.get(DEVICE_COOKIE, "") if self.request else ""
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        keys = limited_keys(
            name,
            address="" if _is_shared(address) else address,
            device=device if _is_known(device, name) else "",
            limit=settings.LOG_IN_ATTEMPTS,
        )
        # Counted as wrong before the check: simultaneous attempts must not exceed the limit.
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
    """Log-in page of all pages, including those of the admin."""

    template_name = "registration/log_in.html"
    authentication_form = LimitedForm

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Log in, and set the cookie of the browser."""
        response = super().form_valid(form)
        response.set_cookie(
            DEVICE_COOKIE,
            signing.dumps(form.get_user().get_username(), salt=DEVICE_COOKIE),
            max_age=DEVICE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the errors; answer 429 if no password was checked."""
        response = super().form_invalid(form)
        if isinstance(form, LimitedForm) and form.wait:
            response.status_code = 429
            response.headers["Retry-After"] = str(ceil(form.wait.total_seconds()))
        return response


def _is_known(device: str, name: str) -> bool:
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
