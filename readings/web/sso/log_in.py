"""The ways in: a password with a second factor, and a provider."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from readings.web.log_in import LogIn
from readings.web.sso import refusals

log = logging.getLogger(__name__)

#: Errors of a provider that does not answer, or answers with something other than its configuration.
_FAILURES = (RequestException, LookupError, TypeError, ValueError)


class LogInWithSecondFactor(LogIn):
    """Asks users with a second factor for a code, and offers the log-in through the provider."""

    template_name = "sso/log_in.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add the name of the provider."""
        return super().get_context_data(provider=settings.SSO_NAME, **context)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Log in after a right password, or ask for a code first. LogIn would log in at once."""
        user = form.get_user()
        # The page that asks for the code refuses users who are logged in.
        logout(self.request)
        login = Login(user=user, redirect_url=self.get_success_url())
        return perform_password_login(self.request, {"username": user.get_username()}, login)


@login_not_required
@require_POST
@never_cache
def to_provider(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider.

    A page forwards, not a redirect: `form-action` of the content security policy applies to all redirects after a
    form, and the further hosts to which a provider redirects are unknown.
    """
    target = request.POST.get(REDIRECT_FIELD_NAME, "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    try:
        provider = get_adapter(request).get_provider(request, provider=settings.SSO_ISSUER)
        answer: HttpResponse = provider.redirect(request, AuthProcess.LOGIN, next_url=target if is_ours else None)
    except _FAILURES as error:
        return _failed(request, error)
    if not isinstance(answer, HttpResponseRedirect):
        return answer
    return render(request, "sso/to_provider.html", {"address": answer.url, "provider": settings.SSO_NAME})


@login_not_required
@require_safe
@never_cache
def from_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Log in the person that the provider sends back."""
    try:
        answer: HttpResponse = openid_connect.callback(request, provider_id)
    except _FAILURES as error:
        return _failed(request, error)
    return answer


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    log.warning("log-in through %s failed: %r", settings.SSO_NAME, error)
    return refusals.unavailable(request)
