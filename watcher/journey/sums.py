"""Sums of consumption, brought up to date while no file waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from django.db import Error, connections

from readings.imports.summing.update import bring_up_to_date
from readings.queries.upkeep.database import describe_error
from watcher.service.database import drop_cut_connection

#: Seconds between two scans that go into sums, at most about.
LONGEST: Final = 1.0
#: Seconds until the next look after everything was up to date, so that an idle watcher leaves the database alone.
PAUSE: Final = 5.0

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Sums:
    """Brings the stored sums up to date; a failure disturbs nobody, as each page tries again."""

    #: Clock in seconds that never goes back.
    monotonic: Callable[[], float]
    #: Time of the next look, by the clock that never goes back.
    next_at: float = 0.0

    def update(self) -> None:
        """Sum some of what is stale, if it is time to look."""
        now = self.monotonic()
        if now < self.next_at:
            return
        if self.finish(lambda: self.monotonic() < now + LONGEST):
            self.next_at = self.monotonic() + PAUSE

    def finish(self, has_time: Callable[[], bool] = lambda: True) -> bool:
        """Sum what is stale while there is time; return whether nothing is left to try now."""
        try:
            drop_cut_connection()
            return bring_up_to_date(has_time)
        except Error as error:
            log.warning("cannot sum the consumption", error=str(describe_error(error)))
            connections.close_all()
            return True
