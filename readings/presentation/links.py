"""Links to the pages of meter points and files, and the words that go with them."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.formats.dtc.catalogue import labels as dtc_labels
from readings.formats.text import NO_VALUE
from readings.models import Arrival, FlowFile, MeterPoint, Outcome, Reading, Scheme
from readings.presentation import badges, cells
from readings.queries import lists


def meter_point(row: MeterPoint) -> SafeString:
    """Return a link to the page of a meter point."""
    link = format_html('<a href="{}">{}</a>', address_of(row), row.identifier)
    return cells.together(link, badges.test_data()) if row.scheme == Scheme.TEST_MPAN else link


def address_of(row: MeterPoint) -> str:
    """Return the address of the page of a meter point, with the scheme of test data."""
    query = "?" + urlencode({"scheme": row.scheme}) if row.scheme == Scheme.TEST_MPAN else ""
    return reverse("meter-point", args=[row.identifier]) + query


def address_of_reading(row: Reading) -> str:
    """Return the address of a reading on the page of its meter point: of the readings from there on."""
    key = lists.MomentKey(row.read_at + timedelta(seconds=1), 0)
    address, _, scheme = address_of(row.meter_point).partition("?")
    return f"{address}?{'&'.join(filter(None, (scheme, urlencode({'before': key.text}))))}#readings"


def flow_file(row: FlowFile, text: str = "") -> SafeString:
    """Return a link to the page of a flow file."""
    return format_html('<a href="{}">{}</a>', address_of_file(row), text or lists.name_of(row))


def address_of_file(row: FlowFile, view: str = "flow-file") -> str:
    """Return the address of the page of a flow file, or of a download, with its subject if it has one."""
    query = "?" + urlencode({"subject": row.subject}) if row.subject else ""
    return reverse(view, args=[row.sha256]) + query


def to_list(name: str, text: str, **filters: str) -> SafeString:
    """Return a link to a list with filters."""
    return format_html('<a href="{}">{}</a>', listing(name, **filters), text)


def listing(name: str, **filters: str) -> str:
    """Return the address of a list with its filters; empty ones are left out."""
    params = urlencode({key: value for key, value in filters.items() if value})
    return f"{reverse(name)}?{params}".removesuffix("?")


def search(text: str, words: str) -> SafeString:
    """Return a link to the search for a text, which finds parts of names, too."""
    return format_html('<a href="{}?{}">{}</a>', reverse("search"), urlencode({"q": text}), words)


def place(arrival: Arrival) -> str:
    """Return the location of a file; for a member of a zip, a link to the zip."""
    if arrival.container:
        return format_html("in {}", flow_file(arrival.container.flow_file, arrival.container.name))
    return arrival.resting_place or NO_VALUE


def outcome(value: str) -> SafeString:
    """Return the badge of an upload's outcome; an empty outcome means not imported."""
    return badges.outcome(value, str(Outcome(value).label)) if value else badges.badge("Not imported", badges.BAD)


def origin(row: FlowFile, line: int, *others: str) -> SafeString:
    """Return a link to a file, with the line of a statement and further notes."""
    return cells.lines(flow_file(row), badges.small(" · ".join((f"line {line:,}", *others))))


def sender(row: FlowFile) -> str:
    """Return the sender of a file in words."""
    return dtc_labels.participant(row.sender, row.sender_role)


def zone_of(row: MeterPoint) -> str:
    """Return the time zone of a meter point's page in words."""
    if row.scheme == Scheme.NMI:
        return f"Times are NEM time, {settings.NEM_UTC_OFFSET}, all year."
    if row.scheme == Scheme.CONSUMER:
        return "Times are local clock time, as in the files."
    return "Times are British clock time: GMT, or BST in summer."
