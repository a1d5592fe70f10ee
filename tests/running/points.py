"""Functions at which several tests interrupt the program."""

from __future__ import annotations

from typing import Final

from tests.running.box import Function
from watcher.journey.intake import Intake

BEFORE_THE_COMMIT: Final[tuple[Function, str, int]] = (Intake._is_unchanged, "call", 2)
