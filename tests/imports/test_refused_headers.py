"""Headers of contents that are refused or set aside, in their rows."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from readings.models import FlowFile, Status
from tests.making.dtc import block, fixed_file, flow, other_flow, pool_file, reading
from tests.making.mdff import channel, day, nem12
from tests.running.imported import codes, imported

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

D0010 = flow(block(reading("1.0")))
NEM12 = nem12(channel(day()))
MADE = datetime(2026, 3, 5, 6, 15, tzinfo=timezone.utc)


def stored(content: bytes, **options: Any) -> FlowFile:
    imported(content, **options)
    return FlowFile.objects.get()


@pytest.mark.parametrize(
    ("content", "code", "options"),
    [
        (D0010.replace(b"D0010002", b"D0010001"), "unknown-version", {}),
        (D0010.replace(b"OPER|", b"OPER|x|"), "wrong-field-count", {}),
        (D0010.replace(b"|V|", b"|Q|"), "invalid-code", {}),
        (D0010[:-10], "truncated", {}),
        (D0010.replace(b"|3||1|", b"|4||1|"), "wrong-total-group-count", {}),
        (D0010 + D0010, "data-after-trailer", {}),
        (D0010.replace(b"K12B", b"\0\0\0\0"), "control-character", {}),
        (D0010, "too-large", {"max_bytes": 10}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_header_of_a_refused_d0010_is_stored(content: bytes, code: str, options: dict[str, Any]) -> None:
    row = stored(content, **options)
    assert row.status == Status.REJECTED
    assert code in row.problems.values_list("code", flat=True)
    assert (row.format, row.file_identifier, row.sender, row.recipient) == ("D0010", "TEST000001", "ZZDC", "ZZSU")
    assert (row.sender_role, row.recipient_role, row.created_at, row.test_flag) == ("D", "X", MADE, "OPER")


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (NEM12.replace(b"\n900", b""), {}),
        (NEM12.replace(b"100,NEM12", b"100,NEM19"), {}),
        (NEM12, {"max_bytes": 10}),
        (NEM12.replace(b"\n200,", b"\n299,"), {}),
    ],
    ids=["truncated", "unknown version", "too large", "unknown record"],
)
def test_header_of_a_refused_meter_data_file_is_stored(content: bytes, options: dict[str, Any]) -> None:
    row = stored(content, **options)
    assert row.status == Status.REJECTED
    assert row.format in ("NEM12", "NEM19")
    assert row.sender
    assert row.recipient
    assert row.created_at


@pytest.mark.parametrize(
    ("content", "flow_and_version", "route"),
    [
        (other_flow("D0086002"), "D0086002", ("ZZDC", "ZZSU")),
        (fixed_file("D0052001"), "D0052001", ("ZZSU", "ZZMO")),
        (pool_file("P0135001"), "P0135001", ("ZZSU", "POOL")),
    ],
)
def test_header_of_another_flow_is_stored(content: bytes, flow_and_version: str, route: tuple[str, str]) -> None:
    row = stored(content)
    assert (row.status, row.errors, row.format + row.version) == (Status.OTHER_FLOW, 0, flow_and_version)
    assert ((row.sender, row.recipient), row.created_at) == (route, MADE)


def test_another_flow_in_a_dry_run_has_the_same_outcome() -> None:
    report = imported(other_flow(), dry_run=True)
    assert (report.outcome, report.format, codes(report)) == ("OTHER_FLOW", "D0086", ["other-flow"])
    assert not FlowFile.objects.exists()


def test_another_flow_sent_again_is_set_aside_again_and_no_duplicate() -> None:
    outcomes = [imported(other_flow(), name).outcome for name in ("a.usr", "b.usr")]
    assert outcomes == ["OTHER_FLOW", "OTHER_FLOW"]
    assert FlowFile.objects.get().problems.count() == 1
