"""The settings of django-allauth, used if SSO_ISSUER is set; docs/sso.md describes their effect."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured

APPS: Final = (
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    # After them: it changes their pages of the admin.
    "readings.web.sso",
)
MIDDLEWARE: Final = "allauth.account.middleware.AccountMiddleware"

#: Names of the packages that the extra `sso` installs, as imported.
_PACKAGES: Final = ("allauth", "fido2", "jwt", "oauthlib", "qrcode", "requests")


def require(**companions: str) -> None:
    """Raise ImproperlyConfigured with the cure if a package or another setting is missing."""
    if missing := [package for package in _PACKAGES if find_spec(package) is None]:
        raise ImproperlyConfigured(
            f"SSO_ISSUER is set, but {', '.join(missing)} cannot be imported: "
            "run .venv/bin/pip install '.[sso]', or unset SSO_ISSUER"
        )
    if unset := [name for name, value in companions.items() if not value]:
        raise ImproperlyConfigured(
            f"SSO_ISSUER is set, but {' and '.join(unset)} is not: set what the provider gave you, or none of them"
        )


def settings(issuer: str, client_id: str, client_secret: str, name: str) -> dict[str, Any]:
    """Return the settings of allauth by name."""
    provider = {
        # An identity belongs to its issuer: after a change of SSO_ISSUER, it leads to no account.
        "provider_id": issuer,
        "name": name,
        "client_id": client_id,
        "secret": client_secret,
        "settings": {"server_url": issuer, "oauth_pkce_enabled": True},
    }
    forms = "readings.web.sso.forms"
    return {
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"APPS": [provider]}},
        "SOCIALACCOUNT_ADAPTER": "readings.web.sso.adapters.IdentityAdapter",
        "ACCOUNT_ADAPTER": "readings.web.sso.adapters.AccountAdapter",
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_REAUTHENTICATION_METHODS": ("password", "mfa"),
        # Our own limits apply, in the database: see readings/web/log_in.py.
        "ACCOUNT_RATE_LIMITS": False,
        "ACCOUNT_FORMS": {"reauthenticate": f"{forms}.LimitedPassword"},
        "MFA_ADAPTER": "readings.web.sso.adapters.SecondFactorAdapter",
        "MFA_FORMS": {"authenticate": f"{forms}.LimitedCode", "reauthenticate": f"{forms}.LimitedCodeAgain"},
        "MFA_TOTP_ISSUER": "Meterbox",
        # The clock of a phone may be half a minute wrong.
        "MFA_TOTP_TOLERANCE": 1,
    }
