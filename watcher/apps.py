"""The app that watches the inbox."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class WatcherConfig(AppConfig):
    name = "watcher"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Update the permissions of the roles after each migration."""
        from readings.models.roles import grant_roles  # needs all apps to be loaded

        post_migrate.connect(grant_roles, sender=self, dispatch_uid="grant_roles_of_the_inbox")
