"""The 100 record of a meter data file of any version, read as far as it can be read, without judging it."""

from __future__ import annotations

import re
from datetime import tzinfo
from typing import Final

from readings.formats.content import BYTE_ORDER_MARK
from readings.formats.mdff.dates import Stamps
from readings.formats.mdff.envelope import PADDING
from readings.formats.statements import Header

_VERSION: Final = re.compile(r"[A-Z0-9]{1,10}")
_PARTICIPANT: Final = re.compile(r"[!-~]{1,10}")


def header_in(start: bytes, nem_time: tzinfo) -> Header | None:
    """Return what can be read of a 100 record in the first bytes; None without one."""
    text = start.decode("latin-1").removeprefix(BYTE_ORDER_MARK.encode().decode("latin-1")).lstrip("\r\n" + PADDING)
    texts = [each.strip(" \r" + PADDING) for each in text.partition("\n")[0].split(",")]
    texts += [""] * 5
    version = texts[1].upper()
    if texts[0] != "100" or not _VERSION.fullmatch(version):
        return None
    sender, recipient = (each if _PARTICIPANT.fullmatch(each) else "" for each in texts[3:5])
    created_at = Stamps(nem_time).instant(f"{texts[2]}00") if len(texts[2]) == 12 else None
    return Header(flow=version, version="", sender=sender, recipient=recipient, created_at=created_at)
