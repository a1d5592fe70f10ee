"""Links to the pages of meter points and files, and the words that go with them."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.formats.dtc.catalogue import labels as dtc_labels
from readings.formats.text import NOT_SAID
from readings.models import Arrival, FlowFile, MeterPoint, Outcome, Scheme
from readings.presentation import badges, cells
from readings.queries import lists


def meter_point(row: MeterPoint) -> SafeString:
    """Link to the page of a meter point."""
    link = format_html('<a href="{}">{}</a>', address_of(row), row.identifier)
    return cells.together(link, badges.test_data()) if row.scheme == Scheme.TEST_MPAN else link


def address_of(row: MeterPoint) -> str:
    """Return the address of the page of a meter point; of test data it says so."""
    asked = "?" + urlencode({"scheme": row.scheme}) if row.scheme == Scheme.TEST_MPAN else ""
    return reverse("meter-point", args=[row.identifier]) + asked


def flow_file(row: FlowFile, text: str = "") -> SafeString:
    """Link to the page of a flow file."""
    return format_html('<a href="{}">{}</a>', address_of_file(row), text or lists.name_of(row))


def address_of_file(row: FlowFile) -> str:
    """Return the address of the page of a flow file, with its subject where it has one."""
    asked = "?" + urlencode({"subject": row.subject}) if row.subject else ""
    return reverse("flow-file", args=[row.sha256]) + asked


def place(arrival: Arrival) -> str:
    """Say where a file lies; what came in a zip leads to it."""
    if arrival.container:
        return format_html("in {}", flow_file(arrival.container.flow_file, arrival.container.name))
    return arrival.resting_place or NOT_SAID


def outcome(value: str) -> SafeString:
    """Mark what became of an upload; nothing did where that is empty."""
    return badges.outcome(value, str(Outcome(value).label)) if value else badges.badge("Not imported", badges.BAD)


def origin(row: FlowFile, line: int, *others: str) -> SafeString:
    """Lead to the file and line that state something."""
    return cells.lines(flow_file(row), badges.small(" · ".join((f"line {line:,}", *others))))


def sender(row: FlowFile) -> str:
    """Name who sent a file."""
    return dtc_labels.participant(row.sender, row.sender_role)


def zone_of(row: MeterPoint) -> str:
    """Say by which clock the times of a meter point are written."""
    if row.scheme == Scheme.NMI:
        return f"Times are NEM time, {settings.NEM_UTC_OFFSET}, all year."
    if row.scheme == Scheme.CONSUMER:
        return "Times are local clock time, as the files have them."
    return "Times are British clock time: GMT, or BST in summer."
