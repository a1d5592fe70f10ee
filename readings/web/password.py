"""The page on which users change their own password."""

from __future__ import annotations

from django.contrib.auth.views import PasswordChangeView
from django.contrib.messages.views import SuccessMessageMixin
from django.urls import reverse_lazy


class ChangePassword(SuccessMessageMixin, PasswordChangeView):  # type: ignore[type-arg]  # at run time it takes none
    """Changes the password of the user who is logged in; other sessions of the user end."""

    template_name = "registration/password.html"
    success_url = reverse_lazy("password")
    success_message = "Your password is changed."
