"""Files of flows that are not read here, by day, flow and sender."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from django.db.models import BooleanField, Case, Count, When

from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.models import Arrival, Channel, Outcome

#: Format of zips, which are not counted beside their members.
_ZIP: Final = "ZIP"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """Number of the files of one flow and sender that were set aside."""

    flow: str
    #: Sender in the headers; empty if it could not be read.
    sender: str
    files: int


def set_aside(now: datetime) -> dict[str, list[SetAside]]:
    """Return what the inbox brought today and yesterday and was set aside, most frequent first.

    The keys are `today` and `yesterday`, by British clock time.
    """
    today = now.astimezone(BRITISH_CLOCK_TIME).date()
    midnight, before = (
        datetime.combine(day, time(), BRITISH_CLOCK_TIME) for day in (today, today - timedelta(days=1))
    )
    rows = Arrival.objects.filter(received_at__gte=before, outcome=Outcome.OTHER_FLOW, channel=Channel.INBOX)
    groups = (
        rows.exclude(flow_file__format=_ZIP)
        .annotate(is_new=Case(When(received_at__gte=midnight, then=True), default=False, output_field=BooleanField()))
        .values_list("is_new", "flow_file__format", "flow_file__sender")
        .annotate(files=Count("pk"))
        .order_by("-files", "flow_file__format", "flow_file__sender")
    )
    days: dict[str, list[SetAside]] = {"today": [], "yesterday": []}
    for is_new, flow, sender, files in groups:
        days["today" if is_new else "yesterday"].append(SetAside(flow=flow, sender=sender, files=files))
    return days
