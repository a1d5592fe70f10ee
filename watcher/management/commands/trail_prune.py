"""The command that removes old entries from the trail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from readings.formats.text import count
from readings.models import Trail
from readings.models.trail import DROPPED_AT_ONCE
from watcher.operators.settings import reporting_failures


class Command(BaseCommand):
    """Remove the entries of the trail that are older than TRAIL_DAYS."""

    help = (
        "Remove the entries of the trail that are older than TRAIL_DAYS, and print their number. The watcher does so "
        "once a day; watch_inbox --once does not. Exit codes: 0; 2 for wrong usage or a database error."
    )
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        """Remove the entries and print their number."""
        before, removed = timezone.now() - timedelta(settings.TRAIL_DAYS), 0
        with reporting_failures():
            while dropped := Trail.objects.drop_before(before):
                removed += dropped
                if dropped < DROPPED_AT_ONCE:
                    break
        entries = count(removed, "entry", "entries")
        self.stdout.write(f"removed {entries} older than {count(settings.TRAIL_DAYS, 'day')}")
