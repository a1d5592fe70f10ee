"""The app that imports, stores and displays readings."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ReadingsConfig(AppConfig):
    name = "readings"
    verbose_name = "Meterbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Update the permissions of the roles after each migration."""
        from readings.models.roles import grant_roles  # needs all apps to be loaded

        post_migrate.connect(grant_roles, sender=self, dispatch_uid="grant_roles_of_readings")
