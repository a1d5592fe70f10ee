"""Steps of a journey at which a test ends a watcher."""

from __future__ import annotations

from typing import Final

from tests.running.box import Function
from watcher.journey.intake import Intake

BEFORE_THE_COMMIT: Final[tuple[Function, str, int]] = (Intake._is_unchanged, "call", 2)
