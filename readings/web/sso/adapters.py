"""Decisions on log-ins: administrators create accounts, and a provider only proves whose an account is."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from readings.web.log_in import remember_browser
from readings.web.sso import refusals

log = logging.getLogger(__name__)


class IdentityAdapter(DefaultSocialAccountAdapter):
    """Finds the account of an identity by its link, or by its verified e-mail address, and then links it."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Link the identity to an active account, or refuse it."""
        if not sociallogin.is_existing:
            users = accounts_of(sociallogin)
            if len(users) != 1:
                raise ImmediateHttpResponse(refusals.unknown(request, sociallogin, is_ambiguous=bool(users)))
            sociallogin.connect(request, users[0])
        if not (sociallogin.user and sociallogin.user.is_active):
            raise ImmediateHttpResponse(refusals.inactive(request))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Refuse to create an account."""
        return False

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Show a page of ours in place of allauth's."""
        if exception:
            log.warning("log-in through %s failed: %r", provider, exception)
            raise ImmediateHttpResponse(refusals.unavailable(request))
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(refusals.cancelled(request))
        raise ImmediateHttpResponse(refusals.stale(request))


class AccountAdapter(DefaultAccountAdapter):
    """Ends each log-in, by password or through the provider."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse to create an account."""
        return False

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """Refuse a user whose account an administrator has closed."""
        return refusals.inactive(request)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **about: Any) -> HttpResponse:
        """Remember the browser, now that the second factor is checked."""
        response = super().post_login(request, user, **about)
        remember_browser(response, user)
        return response


class SecondFactorAdapter(DefaultMFAAdapter):
    """Draws the code that a phone scans into the page itself: the content security policy allows no data URL."""

    def build_totp_svg(self, url: str) -> str:
        """Return an SVG element, without the declaration of a document of its own."""
        svg = super().build_totp_svg(url)
        return svg[svg.index("<svg") :]


def accounts_of(sociallogin: SocialLogin) -> list[User]:
    """Return the active accounts with a verified e-mail address of an identity."""
    emails = {address.email.lower() for address in sociallogin.email_addresses if address.verified}
    users = [user for email in sorted(emails) for user in User.objects.filter(email__iexact=email, is_active=True)]
    # A database may take different letters for the same, such as «ı» and «i».
    return [user for user in users if user.email.lower() in emails]
