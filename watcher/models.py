"""The permissions of the inbox page. There is no table: the folder is the queue."""

from __future__ import annotations

from django.db import models


class Inbox(models.Model):
    """The inbox; only its permissions are stored."""

    class Meta:
        managed = False
        default_permissions = ("view",)
        permissions = (("retry_rejected", "Can put rejected files back into the inbox"),)
        verbose_name_plural = "inbox"

    def __str__(self) -> str:
        return "inbox"
