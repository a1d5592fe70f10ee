"""Roles of users: groups with permissions. docs/operations.md says who does what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.apps import AppConfig
from django.apps.registry import Apps
from django.apps.registry import apps as installed
from django.contrib.auth.models import Group, User
from django.db import transaction

SUPPORT: Final = "support"
ANALYST: Final = "analyst"
OPERATOR: Final = "operator"
LEAD: Final = "lead"
#: May do everything; a superuser, not a group.
ADMINISTRATOR: Final = "administrator"

GROUPS: Final = (SUPPORT, ANALYST, OPERATOR, LEAD)
ROLES: Final = (*GROUPS, ADMINISTRATOR)
#: What each role may do, for forms and commands.
DUTIES: Final = (
    "support views; an analyst also exports; an operator uploads files and puts rejected ones back; "
    "a lead exports, views the inbox and reads the trail; an administrator does everything"
)
#: Roles that work with the lists of the admin; the pages of every role are outside it.
IN_ADMIN: Final = (SUPPORT, ANALYST, LEAD, ADMINISTRATOR)
#: Permissions of each role by app, in addition to viewing what readings stores.
PERMISSIONS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "readings": {
        ANALYST: ("export_readings",),
        OPERATOR: ("add_flowfile",),
        LEAD: ("export_readings", "read_trail"),
    },
    "watcher": {OPERATOR: ("view_inbox", "retry_rejected"), LEAD: ("view_inbox",)},
}
#: What the user of a permission may do; other permissions let their users view rows.
_WORDS: Final = {
    "readings.add_flowfile": "upload files",
    "readings.export_readings": "export readings",
    "readings.read_trail": "view the trail",
    "watcher.view_inbox": "view the inbox",
    "watcher.retry_rejected": "put rejected files back",
}


def give_role(user: User, role: str) -> None:
    """Give a stored user a role."""
    with transaction.atomic():
        user.is_staff = role in IN_ADMIN
        user.is_superuser = role == ADMINISTRATOR
        user.save(update_fields=("is_staff", "is_superuser"))
        if role != ADMINISTRATOR:
            user.groups.add(Group.objects.get(name=role))


def role_of(user: User) -> str:
    """Return the role of a user, or several separated by commas; empty without a role."""
    if user.is_superuser:
        return ADMINISTRATOR
    names = {group.name for group in user.groups.all()}
    return ", ".join(role for role in GROUPS if role in names)


def in_words(permission: str) -> str:
    """Return what a permission allows, such as `view meter points` for `readings.view_meterpoint`."""
    if words := _WORDS.get(permission):
        return words
    app_label, _, codename = permission.partition(".")
    action, _, model = codename.partition("_")
    return f"{action} {installed.get_model(app_label, model)._meta.verbose_name_plural}"


def grant_roles(app_config: AppConfig, using: str, apps: Apps = installed, **rest: Any) -> None:
    """Create the groups, and add the permissions of each for an app.

    Runs after every migration, so that all roles can view new tables. Permissions are never removed.
    """
    from django.contrib.auth.management import create_permissions  # needs all apps to be loaded

    try:
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
    except LookupError:
        return  # These tables do not exist yet.
    create_permissions(app_config, verbosity=0, using=using, apps=apps)
    permissions = permission_model._default_manager.using(using).filter(content_type__app_label=app_config.label)
    may_view = permissions.filter(codename__startswith="view_") if app_config.label == "readings" else ()
    for role in GROUPS:
        group, _ = group_model._default_manager.using(using).get_or_create(name=role)
        group.permissions.add(
            *may_view, *permissions.filter(codename__in=PERMISSIONS[app_config.label].get(role, ()))
        )
