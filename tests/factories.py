"""Flow files made by hand, imported as every door imports them."""

from __future__ import annotations

from datetime import datetime, timezone
from io import BytesIO

from readings.formats.dtc.catalogue.mpan import mpan_check_digit
from readings.imports.arrivals import Delivery
from readings.imports.attempts import Rules
from readings.imports.operations import import_flow
from readings.imports.reports import ImportReport
from readings.models import Channel, FlowFile
from tests.running.places import SAMPLES

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
RULES = Rules(max_bytes=10**9, max_attempts=3)


def deliver(content: bytes, name: str, by_whom: str = "ann") -> ImportReport:
    """Import a content under a name."""
    delivery = Delivery(name=name, channel=Channel.COMMAND, by_whom=by_whom, resting_place=f"archive/{name}")
    return import_flow(BytesIO(content), delivery, clock=lambda: NOON, rules=RULES)


def deliver_sample(name: str) -> FlowFile:
    """Import one of the samples."""
    report = deliver((SAMPLES / name).read_bytes(), name)
    return FlowFile.objects.get(sha256=report.sha256)


def mpan(number: int) -> str:
    """Make an MPAN core, a different one for each number."""
    digits = f"31{number:010}"
    return digits + mpan_check_digit(digits)


def d0010(*groups: str, file_identifier: str = "MADEBYHAND", test_flag: str = "OPER") -> bytes:
    """Write a D0010 around some groups."""
    flows = sum(group.startswith("026") for group in groups)
    lines = (
        f"ZHV|{file_identifier}|D0010002|D|ZZDC|X|ZZSU|20260228061500||||{test_flag}|",
        *groups,
        f"ZPT|{file_identifier}|{len(groups)}||{flows}|20260228061500|",
    )
    return "".join(f"{line}\n" for line in lines).encode()


def reading_of(
    number: int,
    *,
    serial_number: str = "",
    day: str = "20260201",
    value: str = "100.0",
    reading_type: str = "R",
    status: str = "V",
    flag: str = "T",
    register_id: str = "S",
) -> tuple[str, ...]:
    """Write the groups that state one reading."""
    return (
        f"026|{mpan(number)}|{status}|",
        f"028|{serial_number or f'K{number:06}'}|{reading_type}|",
        f"030|{register_id}|{day}000000|{value}|||{flag}|P|",
    )
