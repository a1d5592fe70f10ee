"""The app that reads, stores and shows readings."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps.registry import Apps
from django.apps.registry import apps as installed
from django.db.models.signals import post_migrate

#: May see everything that readings are about, and nothing else.
SUPPORT = "support"


class ReadingsConfig(AppConfig):
    name = "readings"
    verbose_name = "Meterbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep the group of support staff in step with the tables."""
        post_migrate.connect(let_support_view, sender=self, dispatch_uid="let_support_view")


def let_support_view(app_config: AppConfig, using: str, apps: Apps = installed, **rest: Any) -> None:
    """Make the group of support staff, and let it view every table there is.

    After every migration, so that it may see what is new as well; it takes nothing away.
    """
    from django.contrib.auth.management import create_permissions  # needs all apps to be loaded

    try:
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
    except LookupError:
        return  # These tables are not there yet.
    create_permissions(app_config, verbosity=0, using=using, apps=apps)
    group, _ = group_model._default_manager.using(using).get_or_create(name=SUPPORT)
    may_view = permission_model._default_manager.using(using).filter(
        content_type__app_label=app_config.label, codename__startswith="view_"
    )
    group.permissions.add(*may_view)
