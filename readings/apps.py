"""The app that imports, stores and displays readings."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class ReadingsConfig(AppConfig):
    name = "readings"
    verbose_name = "Meterbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Update the permissions of the roles after each migration; let SQLite add exactly."""
        from readings.models.consumption.exact import register_functions  # needs all apps to be loaded
        from readings.models.roles import grant_roles

        post_migrate.connect(grant_roles, sender=self, dispatch_uid="grant_roles_of_readings")
        connection_created.connect(register_functions, dispatch_uid="register_functions_of_readings")
