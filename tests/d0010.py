"""Small D0010 files for tests, with right counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from io import BytesIO
from typing import Any

from readings.imports.arrivals import Delivery
from readings.imports.operations import import_flow
from readings.imports.reports import ImportReport
from readings.models import Channel
from tests.factories import RULES

NOON = datetime(2026, 3, 5, 12, tzinfo=timezone.utc)
MPAN = "3190001042118"
OTHER_MPAN = "3290002209572"


def block(
    *readings: str, mpan: str = MPAN, status: str = "V", meter: str = "K12B 04567", kind: str = "R"
) -> list[str]:
    """Return the lines of one meter point with one meter."""
    return [f"026|{mpan}|{status}|", f"028|{meter}|{kind}|", *readings]


def reading(value: str, *, at: str = "20260301000000", register: str = "S", flag: str = "T") -> str:
    """Return a 030."""
    return f"030|{register}|{at}|{value}|||{flag}|N|"


def flow(
    *blocks: list[str], identifier: str = "TEST000001", created: str = "20260305061500", test_flag: str = "OPER"
) -> bytes:
    """Return a whole file."""
    groups = [line for lines in blocks for line in lines]
    flows = sum(line.startswith("026|") for line in groups)
    lines = [
        f"ZHV|{identifier}|D0010002|D|ZZDC|X|ZZSU|{created}||||{test_flag}|",
        *groups,
        f"ZPT|{identifier}|{len(groups)}||{flows}|{created}|",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def imported(content: bytes, name: str = "test.uff", **options: Any) -> ImportReport:
    """Import a content as the command does; options are those of the rules, and those of the importer."""
    delivery = Delivery(name=name, channel=Channel.COMMAND, resting_place=f"/somewhere/{name}")
    rules = replace(RULES, **{name: options.pop(name) for name in RULES.__slots__ if name in options})
    return import_flow(BytesIO(content), delivery, rules=rules, **{"clock": lambda: NOON, **options})
