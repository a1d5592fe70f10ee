"""Retention: old entries leave the trail once a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import Error, connections

from readings.models import Trail
from readings.models.trail import DROPPED_AT_ONCE
from readings.queries.upkeep.database import describe_error

DAY: Final = 24 * 60 * 60.0
HOUR: Final = 60 * 60.0

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Retention:
    """Removes the entries of the trail that are too old; a failure disturbs nobody and is repeated after an hour."""

    days: int
    clock: Callable[[], datetime]
    #: Clock in seconds that never goes back.
    monotonic: Callable[[], float]
    #: Time of the next removal, by the clock that never goes back; None for at once.
    next_at: float | None = None

    def enforce(self) -> None:
        """Remove some old entries if it is time to; log their number."""
        now = self.monotonic()
        if self.next_at is not None and now < self.next_at:
            return
        try:
            removed = Trail.objects.drop_before(self.clock() - timedelta(self.days))
        except Error as error:
            self.next_at = now + HOUR
            log.warning("keeps old entries of the trail", error=str(describe_error(error)))
            connections.close_all()
            return
        self.next_at = now + DAY if removed < DROPPED_AT_ONCE else None
        if removed:
            log.info("removed old entries of the trail", entries=removed)
