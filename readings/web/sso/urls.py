"""The addresses of the log-in through a provider and of the second factor: no other page of allauth has one."""

from __future__ import annotations

from allauth.account.views import reauthenticate
from django.conf import settings
from django.urls import include, path

from readings.web.sso.log_in import LogInWithSecondFactor, from_provider, to_provider

log_in = LogInWithSecondFactor.as_view()
#: Allauth asks for the addresses of a provider by its id, which is not part of ours.
provider = {"provider_id": settings.SSO_ISSUER}

urlpatterns = [
    path("log-in/", log_in, name="log-in"),
    path("log-in/", log_in, name="account_login"),
    path("log-in/provider/", to_provider, name="to-provider"),
    path("log-in/provider/callback/", from_provider, provider, name="openid_connect_callback"),
    path("account/confirm/", reauthenticate, name="account_reauthenticate"),
    path("account/2fa/", include("allauth.mfa.urls")),
]
