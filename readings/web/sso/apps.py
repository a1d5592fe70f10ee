"""The app of the log-in through a provider; it has no tables of its own."""

from __future__ import annotations

from django.apps import AppConfig


class SsoConfig(AppConfig):
    name = "readings.web.sso"
    label = "sso"
    verbose_name = "Log-in"
