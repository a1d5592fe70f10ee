"""Statistics of the database that its tables have outgrown, renewed between two scans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from django.db import Error, connections

from readings.imports.planner.outgrown import renew_outgrown
from readings.queries.upkeep.database import describe_error
from watcher.service.database import drop_cut_connection

#: Seconds between two looks; many small files outgrow the statistics together.
PAUSE: Final = 5.0
#: Seconds until the next look after a failure: a statement that takes too long would take as long again.
LONG_PAUSE: Final = 600.0

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Outgrown:
    """Renews statistics after imports of all doors; a failure disturbs nobody, as the server does it, too."""

    #: Clock in seconds that never goes back.
    monotonic: Callable[[], float]
    #: Time of the next look, by the clock that never goes back.
    next_at: float = 0.0

    def renew(self) -> None:
        """Renew what is outgrown, if it is time to look."""
        if self.monotonic() >= self.next_at:
            self.renew_now()

    def renew_now(self) -> None:
        """Renew what is outgrown."""
        try:
            drop_cut_connection()
            renew_outgrown()
        except Error as error:
            log.warning("cannot renew statistics", error=str(describe_error(error)))
            connections.close_all()
            self.next_at = self.monotonic() + LONG_PAUSE
        else:
            self.next_at = self.monotonic() + PAUSE
