"""Pages of flow files, with files in folders of their own."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from readings.formats.text import printable
from readings.imports.arrivals import Delivery
from readings.imports.operations import import_flow
from readings.models import Channel
from tests.running.imported import NOON, RULES


class Archive(NamedTuple):
    """The archive and the rejected folder of the pages."""

    archive: Path
    rejected: Path

    def put(self, content: bytes, name: str, channel: str = Channel.INBOX, *, is_rejected: bool = False) -> Path:
        """Write a content into a folder, and import it from there."""
        place = (self.rejected if is_rejected else self.archive) / name
        place.write_bytes(content)
        delivery = Delivery(
            name=printable(os.fsencode(name)), channel=channel, resting_place=printable(os.fsencode(place))
        )
        import_flow(BytesIO(content), delivery, clock=lambda: NOON, rules=RULES)
        return place
