"""Pages for log-ins that the provider, or we, refuse."""

from __future__ import annotations

from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from readings.web.guards.refusals import RETRY_AFTER


def unknown(request: HttpRequest, sociallogin: SocialLogin, *, is_ambiguous: bool) -> HttpResponse:
    """Answer 403 to a person without an account, or with several."""
    addresses = sociallogin.email_addresses
    context = {
        "is_ambiguous": is_ambiguous,
        "verified": next((address.email for address in addresses if address.verified), ""),
        "unverified": next((address.email for address in addresses if not address.verified), ""),
        "identity": sociallogin.account.uid,
    }
    return _refuse(request, "unknown", 403, context)


def inactive(request: HttpRequest) -> HttpResponse:
    """Answer 403 to a person whose account is closed."""
    return _refuse(request, "inactive", 403)


def cancelled(request: HttpRequest) -> HttpResponse:
    """Answer 403 after a log-in that the person or the provider has cancelled."""
    return _refuse(request, "cancelled", 403)


def stale(request: HttpRequest) -> HttpResponse:
    """Answer 403 to a log-in that this browser did not begin, or began too long ago."""
    return _refuse(request, "stale", 403)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Answer 503 while the provider fails."""
    response = _refuse(request, "unavailable", 503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _refuse(request: HttpRequest, reason: str, status: int, context: dict[str, object] | None = None) -> HttpResponse:
    about = {"reason": reason, "provider": settings.SSO_NAME, **(context or {})}
    return render(request, "sso/refused.html", about, status=status)
