"""What is stored about a meter point while it is erased, or after it, by those who found it before."""

from __future__ import annotations

import pytest
from django.utils.timezone import now

from readings.formats.statements import MPAN as SCHEME
from readings.imports.erasure.matching import Erased
from readings.imports.erasure.rows import erase_rows
from readings.models import MeterPoint, Problem, RewrittenContent, Trail
from readings.models import trail as module
from readings.models.erasures import digest_of
from readings.models.trail import Action, Door, note
from tests.making.dtc import MPAN, OTHER_MPAN, block, flow, reading
from tests.running.imported import imported

pytestmark = pytest.mark.django_db

DIGEST = digest_of(SCHEME, MPAN)


def erase() -> None:
    erase_rows(Erased((), MPAN, [DIGEST]), [SCHEME], (), by_whom="olga", at=now())


def test_problems_found_before_the_erasure_are_not_stored_after_it() -> None:
    """The first batch of this file is rejected; the erasure happens while the rest is read."""
    many = [reading(f"{number}.0") for number in range(30_000)]
    content = flow(block(reading("much")), block(*many, mpan=OTHER_MPAN))
    report = imported(content, on_progress=lambda position, _: erase() if position else None)
    assert [(each.line, each.value, each.identifier) for each in report.problems][:1] == [(4, "", "")]
    assert not Problem.objects.filter(identifier=MPAN).exists()
    assert RewrittenContent.objects.filter(at=None).exists()


def test_look_that_waited_during_the_erasure_is_stored_with_a_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    imported(flow(block(reading("1.0"))))
    point = MeterPoint.objects.get()
    pending = module._Pending()
    pending.add([Trail(action=Action.VIEW, door=Door.PAGE, at=now(), scheme=point.scheme, identifier=MPAN)])
    monkeypatch.setattr(pending, "next_try", 0.1)  # The erasure holds the lock of SQLite.
    erase()
    assert pending.flush() == 0
    assert Trail.objects.get(action=Action.VIEW).identifier == DIGEST


def test_exports_lose_the_serial_number_that_only_the_erased_meter_point_has() -> None:
    imported(flow(block(reading("1.0")), block(reading("1.0"), mpan=OTHER_MPAN, meter="S95204418")))
    imported(flow(block(reading("2.0"), meter="COMMON"), block(reading("2.0"), mpan=OTHER_MPAN, meter="COMMON")))
    for words in ("from=2026-01-01 serial_number=k12b04567 reading_type=R", "serial_number=COMMON"):
        note(Action.EXPORT, at=now(), door=Door.PAGE, by_whom="ann", subject=f"readings.csv {words}")
    erase()
    subjects = Trail.objects.filter(action=Action.EXPORT).order_by("pk").values_list("subject", flat=True)
    assert list(subjects) == [
        "readings.csv from=2026-01-01 serial_number=XXXXXXXXX reading_type=R",
        "readings.csv serial_number=COMMON",
    ]
