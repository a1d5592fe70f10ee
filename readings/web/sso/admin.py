"""Pages of the admin: links between accounts and identities, and the removal of second factors."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

for model in (Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken):
    # The provider comes from the settings, and allauth's page of a second factor shows its secret.
    admin.site.unregister(model)


@admin.register(SocialAccount)
class IdentityAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # at run time it takes none
    """Links of accounts to identities at the provider; one can be added by hand."""

    list_display = ("user", "uid", "provider", "last_login")
    search_fields = ("user__username", "uid")
    fields = ("user", "provider", "uid")
    raw_id_fields = ("user",)


@admin.register(Authenticator)
class SecondFactorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # at run time it takes none
    """Second factors, without their secrets; an administrator removes the one of a lost phone."""

    list_display = ("user", "type", "created_at", "last_used_at")
    search_fields = ("user__username",)
    fields = ("user", "type", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: users set up their second factors themselves."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        """Refuse: a second factor can only be removed."""
        return False

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        """Remove the second factor of a user with the recovery codes."""
        Authenticator.objects.filter(user=obj.user).delete()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Authenticator]) -> None:
        """Remove the second factors of users with the recovery codes."""
        Authenticator.objects.filter(user__in=[*queryset.values_list("user", flat=True)]).delete()
