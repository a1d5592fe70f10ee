"""The trail: who did what, and who looked at which meter point."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn

from django.db import models
from django.db.models import Q


class Action(models.TextChoices):
    IMPORT = "IMPORT", "Imported a file"
    UPLOAD = "UPLOAD", "Uploaded a file"
    PUT_BACK = "PUT_BACK", "Put a file back"
    EXPORT = "EXPORT", "Exported rows"
    VIEW = "VIEW", "Looked at a meter point"
    MAKE_TOKEN = "MAKE_TOKEN", "Made a token"
    REVOKE_TOKEN = "REVOKE_TOKEN", "Revoked a token"
    ERASE = "ERASE", "Erased a meter point"


class Door(models.TextChoices):
    PAGE = "PAGE", "Page"
    COMMAND = "COMMAND", "Command"
    API = "API", "API"
    INBOX = "INBOX", "Inbox"


class TrailQuerySet(models.QuerySet["Trail"]):
    """The trail: rows are added, and leave only by `drop_before`."""

    def update(self, **values: Any) -> NoReturn:
        """Raise TypeError: entries never change."""
        raise TypeError("the trail is append-only")

    def delete(self) -> NoReturn:
        """Raise TypeError: entries leave only by `drop_before`."""
        raise TypeError("the trail is append-only")

    def drop_before(self, moment: datetime) -> int:
        """Delete the entries that are older than the retention time; return their number."""
        return super().filter(at__lt=moment)._raw_delete(self.db)

    def erase(self, scheme: str, identifier: str, digest: str) -> int:
        """Put a keyed digest in the place of a meter point's identifier; return the number of entries."""
        return models.QuerySet.update(self.filter(scheme=scheme, identifier=identifier), identifier=digest)


class Trail(models.Model):
    """One entry: an action of a person or a program. Empty fields do not concern the action."""

    at = models.DateTimeField()
    action = models.CharField(max_length=12, choices=Action.choices)
    door = models.CharField(max_length=7, choices=Door.choices)
    #: User name; empty for the watcher.
    by_whom = models.CharField(max_length=150, default="", blank=True)
    #: Meter point that was looked at or erased; a keyed digest takes the place of an erased identifier.
    scheme = models.CharField(max_length=10, default="", blank=True)
    identifier = models.CharField(max_length=64, default="", blank=True)
    #: SHA-256 of the content that the action concerns.
    sha256 = models.CharField("SHA-256", max_length=64, default="", blank=True)
    #: Name of the file or token, or what was exported.
    subject = models.CharField(max_length=1024, default="", blank=True)
    #: Outcome of an import.
    outcome = models.CharField(max_length=9, default="", blank=True)
    #: Number of exported rows.
    rows = models.PositiveBigIntegerField(null=True, blank=True)

    objects = TrailQuerySet.as_manager()

    class Meta:
        verbose_name = "entry"
        verbose_name_plural = "trail"
        #: Only leads and administrators view it: `roles.PERMISSIONS`.
        default_permissions = ()
        permissions = (("read_trail", "Can read the trail"),)
        constraints = (
            models.CheckConstraint(condition=Q(action__in=Action.values), name="an_entry_has_an_action"),
            models.CheckConstraint(condition=Q(door__in=Door.values), name="an_entry_has_a_door"),
        )
        indexes = (
            models.Index(fields=("at",), name="trail_by_time"),
            models.Index(fields=("identifier", "at"), condition=Q(identifier__gt=""), name="trail_by_meter_point"),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.get_action_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the entry; raise TypeError if it is stored already."""
        if not self._state.adding:
            raise TypeError("the trail is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise TypeError: entries leave only by `drop_before`."""
        raise TypeError("the trail is append-only")
