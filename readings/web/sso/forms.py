"""Forms of allauth with our limit on wrong attempts."""

from __future__ import annotations

from allauth.account.forms import ReauthenticateForm as PasswordForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.conf import settings
from django.contrib.auth.models import User

from readings.models.log_ins import code_keys
from readings.web.log_in import counted, password_keys


class LimitedCode(AuthenticateForm):
    """Asks for the second factor of a log-in."""

    def clean_code(self) -> str:
        """Return the code if it is right, or refuse to check it."""
        with counted(_code_keys(self.user)):
            return super().clean_code()


class LimitedCodeAgain(ReauthenticateForm):
    """Asks for the second factor before a change of it."""

    def clean_code(self) -> str:
        """Return the code if it is right, or refuse to check it."""
        with counted(_code_keys(self.user)):
            return super().clean_code()


class LimitedPassword(PasswordForm):
    """Asks for the password before a change of the second factor."""

    def clean_password(self) -> str:
        """Return the password if it is right, or refuse to check it."""
        with counted(password_keys(context.request, self.user.get_username())):
            return super().clean_password()


def _code_keys(user: User) -> dict[str, int]:
    return code_keys(user.get_username(), limit=settings.LOG_IN_ATTEMPTS)
