"""Ends of rewritten contents, which keep their hashes between the same neighbors."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.utils.timezone import now

from readings.formats.statements import MPAN
from readings.imports.erasure.matching import Erased
from readings.imports.erasure.rewriting import Rewritten, rewrite
from readings.models import FlowFile, Status
from readings.models.erasures import digest_of
from tests.making.dtc import block, flow, mpan, reading
from tests.running.commands import digest

POINTS = [mpan(number) for number in range(4)]
ORIGINAL = flow(*(block(reading("1.0"), mpan=point) for point in POINTS))

pytestmark = pytest.mark.django_db


def stored(sha256: str, status: str = Status.IMPORTED) -> FlowFile:
    imported_at = now() if status == Status.IMPORTED else None
    return FlowFile.objects.create(sha256=sha256, size=1, received_at=now(), status=status, imported_at=imported_at)


def rewritten(content: bytes, flow_file: FlowFile, points: list[str]) -> tuple[Rewritten, bytes]:
    target = BytesIO()
    erased = Erased([digest_of(MPAN, point) for point in points])
    return rewrite(BytesIO(content), "d0010.uff", erased, target.write, flow_file), target.getvalue()


@pytest.mark.parametrize("original", [ORIGINAL, ORIGINAL + b"\n \r\n", ORIGINAL[:-1]], ids=["whole", "blanks", "cut"])
def test_original_becomes_the_content_that_several_erasures_have_left(original: bytes) -> None:
    place = int(digest(original), 16)
    for neighbor in (place - (1 << 248), place + (1 << 248)):
        stored(f"{neighbor:064x}")
    flow_file, content = stored(digest(original)), original
    for number in (1, 2, 3):
        result, content = rewritten(content, flow_file, POINTS[:number])
        assert abs(int(result.sha256, 16) - place) < 1 << 248
        FlowFile.objects.filter(pk=flow_file.pk).update(sha256=result.sha256)
        flow_file.refresh_from_db()
    assert rewritten(original, flow_file, POINTS[:3])[1] == content
    assert rewritten(content, flow_file, POINTS[:3])[1] == content


def test_cut_content_of_a_rejected_file_stays_cut() -> None:
    original = ORIGINAL[:-4]
    flow_file = stored(digest(original), Status.REJECTED)
    result, content = rewritten(original, flow_file, POINTS[:1])
    assert result.is_changed
    assert not content.endswith(b"\n")
