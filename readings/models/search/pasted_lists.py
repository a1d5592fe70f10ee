"""Lists that were pasted into the search, so that their results have an address."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Q

from readings.formats.spelling import searchable_form

#: Number of characters of a list, at most.
LONGEST_LIST: Final = 100_000
#: Time for which a list is kept, and number of lists of a user, and of all who were not logged in, at most.
KEPT_FOR: Final = timedelta(days=14)
MOST_LISTS: Final = 20
MOST_OF_STRANGERS: Final = 200
#: Random bytes of a key: a list that was pasted before the log-in belongs to whoever knows its key.
_BYTES: Final = 16


class PastedListQuerySet(models.QuerySet["PastedList"]):
    """Lists: the newest of each user."""

    def keep(self, text: str, user: User | None, at: datetime) -> str:
        """Store a list and return its key; remove old lists, and those beyond the most."""
        with transaction.atomic():
            key = secrets.token_urlsafe(_BYTES)
            self.create(key=key, text=text[:LONGEST_LIST], user=user, at=at)
            most = MOST_LISTS if user else MOST_OF_STRANGERS
            beyond = self.filter(user=user).order_by("-pk")[most:].values_list("pk", flat=True)
            self.filter(Q(pk__in=list(beyond)) | Q(at__lt=at - KEPT_FOR)).delete()
        return key

    def text_for(self, key: str, user: User) -> str | None:
        """Return a list that a user has pasted, perhaps before the log-in; None if there is none."""
        rows = self.filter(Q(user=user) | Q(user=None), key=key)
        return rows.values_list("text", flat=True).first()

    def forget(self, identifier: str, *, is_word: bool) -> None:
        """Remove the lists with an erased identifier; unless `is_word`, it may be a part of other identifiers."""
        for each in self.only("text").iterator():
            names = [searchable_form(name) for name in re.split(r"[\n\r,;\t]+", each.text)]
            is_found = any(identifier.upper() in name for name in names)
            if is_found if is_word else identifier.upper() in {*names, *each.text.upper().split()}:
                each.delete()


class PastedList(models.Model):
    """A list of a user, or of somebody who was not logged in."""

    key = models.CharField(max_length=22, unique=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()

    objects = PastedListQuerySet.as_manager()

    class Meta:
        #: Only its user opens it.
        default_permissions = ()

    def __str__(self) -> str:
        return self.key
