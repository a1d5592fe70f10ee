"""The app that imports, stores and displays readings."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps.registry import Apps
from django.apps.registry import apps as installed
from django.db.models.signals import post_migrate

#: Group of users who may view all tables of this app, and nothing else.
SUPPORT = "support"


class ReadingsConfig(AppConfig):
    name = "readings"
    verbose_name = "Meterbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Update the permissions of the group after each migration."""
        post_migrate.connect(let_support_view, sender=self, dispatch_uid="let_support_view")


def let_support_view(app_config: AppConfig, using: str, apps: Apps = installed, **rest: Any) -> None:
    """Create the group of support staff, and add the view permission of each table.

    Runs after every migration, so that the group can view new tables. Permissions are never removed.
    """
    from django.contrib.auth.management import create_permissions  # needs all apps to be loaded

    try:
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
    except LookupError:
        return  # These tables do not exist yet.
    create_permissions(app_config, verbosity=0, using=using, apps=apps)
    group, _ = group_model._default_manager.using(using).get_or_create(name=SUPPORT)
    may_view = permission_model._default_manager.using(using).filter(
        content_type__app_label=app_config.label, codename__startswith="view_"
    )
    group.permissions.add(*may_view)
