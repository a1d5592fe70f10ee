"""A small store of each format, its files in the archive and among the rejected ones."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.conf import settings

from tests.making.dtc import flow, reading_of
from tests.running.imported import put_away
from tests.running.places import SAMPLES

#: Identifiers in the samples.
MPAN: Final = "3190001042118"
NMI: Final = "6123456789"
CONSUMER: Final = "3000"
METER: Final = "K12B 04567"
#: Samples that are imported, and one that is rejected.
IMPORTED: Final = (
    *("d0010.uff", "d0010_all_groups.uff", "d0010_change_nights.uff", "d0010_correction.uff"),
    *("d0010_test_flag.uff", "d0010_withdrawal.uff", "nem12.csv", "nem13.csv"),
    *("consumption/3000.csv", "user_data.csv"),
)
REJECTED: Final = "d0010_two_faults.uff"
#: Number of readings in a file of its own, so that lists have several pages.
MANY: Final = 30


def fill() -> list[str]:
    """Import the samples, and put them away into the folders of the settings; return their hashes."""
    from readings.models import FlowFile

    for name in IMPORTED:
        path = SAMPLES / name
        put_away(path.name, path.read_bytes(), Path(settings.ARCHIVE_DIR))
    put_away(REJECTED, (SAMPLES / REJECTED).read_bytes(), Path(settings.REJECTED_DIR))
    many = flow(*(line for number in range(MANY) for line in reading_of(number)), identifier="MANY")
    put_away("many.uff", many, Path(settings.ARCHIVE_DIR))
    return list(FlowFile.objects.order_by("pk").values_list("sha256", flat=True))
