"""Entries that imports write."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest

from readings.imports.arrivals import Delivery
from readings.imports.attempts import ContentChanged
from readings.imports.operations import import_flow
from readings.models import Arrival, Channel, Trail
from tests.making.dtc import flow, reading_of
from tests.running.imported import NOON, RULES, deliver, imported

pytestmark = pytest.mark.django_db

GOOD = flow(*reading_of(1))


def entries() -> list[tuple[str, str, str]]:
    """Return by whom, name and outcome of each import in the trail, oldest first."""
    rows = Trail.objects.filter(action="IMPORT", at=NOON).order_by("pk")
    return list(rows.values_list("by_whom", "subject", "outcome"))


def test_each_arrival_is_noted_with_its_outcome_and_hash() -> None:
    first = deliver(GOOD, "a.uff")
    deliver(GOOD, "again.uff", "bob")
    deliver(b"404: Not Found\n", "page.html")
    assert entries() == [
        ("ann", "a.uff", "IMPORTED"),
        ("bob", "again.uff", "DUPLICATE"),
        ("ann", "page.html", "REJECTED"),
    ]
    assert Trail.objects.filter(sha256=first.sha256).count() == 2


@pytest.mark.parametrize(
    ("channel", "door"),
    [
        (Channel.INBOX, "INBOX"),
        (Channel.COMMAND, "COMMAND"),
        (Channel.UPLOAD, "PAGE"),
        (Channel.API, "API"),
    ],
)
def test_channel_decides_the_door(channel: Channel, door: str) -> None:
    import_flow(BytesIO(GOOD), Delivery(name="a.uff", channel=channel), clock=lambda: NOON, rules=RULES)
    assert Trail.objects.get().door == door


def test_members_of_a_zip_are_noted_and_so_is_the_zip() -> None:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("a.uff", GOOD)
        archive.writestr("page.html", b"404: Not Found\n")
    deliver(content.getvalue(), "all.zip")
    assert entries() == [
        ("ann", "all.zip/a.uff", "IMPORTED"),
        ("ann", "all.zip/page.html", "REJECTED"),
        ("ann", "all.zip", "REJECTED"),
    ]


def test_dry_run_and_given_up_import_note_nothing() -> None:
    imported(GOOD, dry_run=True)
    with pytest.raises(ContentChanged):
        imported(GOOD, is_unchanged=lambda: False)
    assert (Trail.objects.count(), Arrival.objects.count()) == (0, 0)
