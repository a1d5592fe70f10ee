"""Users with their roles, and those locked out by wrong passwords."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from readings.formats.text import count
from readings.models.log_ins import locked_names, unlock
from readings.models.roles import DUTIES, GROUPS, ROLES, SUPPORT, give_role, role_of
from readings.presentation import badges, cells

admin.site.unregister(User)


def _choice_of(roles: Iterable[str]) -> forms.ChoiceField:
    choices = [(role, role.capitalize()) for role in roles]
    return forms.ChoiceField(choices=choices, initial=SUPPORT, help_text=f"{DUTIES.capitalize()}.")


class NewMemberForm(AdminUserCreationForm):  # type: ignore[type-arg]  # at run time it takes none
    """Asks for name, password and role."""

    role = _choice_of(GROUPS)


class NewUserForm(NewMemberForm):
    """Offers every role; for administrators."""

    role = _choice_of(ROLES)


@admin.register(User)
class LockedUserAdmin(UserAdmin):  # type: ignore[type-arg]  # at run time it takes none
    """Django's users, with the state of their log-in."""

    list_display = ("username", "first_name", "last_name", "role", "log_in")
    actions = ("unlock",)
    add_form = NewUserForm
    add_fieldsets = ((None, {"fields": ("username", "usable_password", "password1", "password2", "email", "role")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return the users with their groups."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form; only an administrator can create another."""
        if obj is None and not request.user.is_superuser:
            kwargs["form"] = NewMemberForm
        return super().get_form(request, obj, change=change, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Store the role of a new user with it."""
        super().save_related(request, form, formsets, change)
        if not change:
            give_role(form.instance, form.cleaned_data["role"])

    @admin.display(description="Role")
    def role(self, user: User) -> str:
        """Show the role of a user."""
        return role_of(user) or "None"

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Return the page of users, each with until when it is locked out."""
        page = super().get_changelist_instance(request)
        names = [user.username for user in page.result_list]
        locked = locked_names(names, timezone.now(), settings.LOG_IN_ATTEMPTS)
        for user in page.result_list:
            user.locked_until = locked.get(user.username)
        return page

    @admin.display(description="Log-in")
    def log_in(self, user: User) -> SafeString | str:
        """Show until when a user is locked out from at least one address."""
        until = getattr(user, "locked_until", None)
        return badges.badge(f"Locked until {cells.instant(until)}", badges.CARE) if until else "Open"

    @admin.action(description="Unlock the selected users")
    def unlock(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Forget the wrong attempts with the names of users."""
        forgotten = sum(unlock(name) for name in users.values_list("username", flat=True))
        self.message_user(request, f"{count(forgotten, 'wrong attempt')} forgotten.")
