"""Sums of consumption, brought up to date while no file waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from django.db import Error, connections

from readings.imports.summing.update import bring_up_to_date
from readings.queries.upkeep.database import describe_error

#: Seconds between two scans that go into sums, at most about.
LONGEST: Final = 1.0

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Sums:
    """Brings the stored sums up to date; a failure disturbs nobody, as each page tries again."""

    #: Clock in seconds that never goes back.
    monotonic: Callable[[], float]

    def update(self) -> None:
        """Sum some of what is stale."""
        end = self.monotonic() + LONGEST
        self.finish(lambda: self.monotonic() < end)

    def finish(self, has_time: Callable[[], bool] = lambda: True) -> None:
        """Sum what is stale while there is time."""
        try:
            bring_up_to_date(has_time)
        except Error as error:
            log.warning("cannot sum the consumption", error=str(describe_error(error)))
            connections.close_all()
