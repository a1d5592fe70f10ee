"""What is kept to slow down those who guess passwords."""

from __future__ import annotations

from django.db import models


class LogInFailure(models.Model):
    """One wrong attempt to log in, under one of the keys that are limited: a name, or an address."""

    #: Not what was typed, which may be a password in the wrong field.
    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()  # Nobody has to view it.
        indexes = [models.Index(fields=["key", "at"], name="log_in_failures_of_a_key")]

    def __str__(self) -> str:
        return f"{self.key[:12]} {self.at:%Y-%m-%d %H:%M:%S}"
