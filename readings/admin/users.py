"""Users, and who of them is locked out by wrong passwords."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from readings.formats.text import count
from readings.models.log_ins import locked_names, unlock
from readings.presentation import badges, cells

admin.site.unregister(User)


@admin.register(User)
class LockedUserAdmin(UserAdmin):  # type: ignore[type-arg]  # at run time it takes none
    """Django's users, with the state of their log-in."""

    list_display = ("username", "first_name", "last_name", "is_staff", "log_in")
    actions = ("unlock",)

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
