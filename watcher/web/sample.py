"""The sample: a generated D0010 with which a new user sees readings at once."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from readings.formats.samples import d0010
from readings.formats.text import count
from readings.imports.attempts import Rules
from readings.imports.loading.locks import BeingImported
from readings.imports.reports import ImportReport
from readings.imports.uploads import Uploads
from readings.models import Channel, Outcome

FORMAT: Final = "D0010"
NAME: Final = "sample-d0010.uff"
#: Flag in its header that makes it test data: it is stored apart from live data, and each page marks it.
_TEST_FLAG: Final = "TR01"
#: Number of invented meter points, which include every kind, and of the days on which they are read.
_METER_POINTS: Final = 50
_DAYS: Final = 14


@require_POST
@permission_required("readings.add_flowfile", raise_exception=True)
def import_sample(request: HttpRequest) -> HttpResponse:
    """Import the sample like an upload; name the MPAN to search for."""
    if request.POST.get("format") != FORMAT:
        return HttpResponseBadRequest(f"expected format={FORMAT}", content_type="text/plain")
    content, mpan = sample()
    try:
        report = _take(content, request.user.get_username())
    except BeingImported:
        messages.error(request, "Another user is importing the sample: reload the page in a few seconds.")
    except (OSError, DatabaseError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the database is unavailable"
        messages.error(request, f"The sample was not imported: {reason}. Try again later.")
    else:
        say = messages.error if report.outcome == Outcome.REJECTED else messages.success
        say(request, _result(report, mpan))
    return HttpResponseRedirect(reverse("start"))


def sample() -> tuple[bytes, str]:
    """Return the content of the sample, and the MPAN of its first readings."""
    lines = list(d0010(_METER_POINTS, readings_per_meter_point=_DAYS, test_flag=_TEST_FLAG))
    mpan = next(line.split("|")[1] for line in lines if line.startswith("026|"))
    return "".join(lines).encode(), mpan


def _take(content: bytes, by_whom: str) -> ImportReport:
    rules = Rules(max_bytes=settings.MAX_BYTES, max_attempts=None, nem_time=settings.NEM_UTC_OFFSET)
    uploads = Uploads(archive=settings.ARCHIVE_DIR, rejected=settings.REJECTED_DIR, rules=rules, clock=timezone.now)
    return uploads.take(BytesIO(content), name=NAME, channel=Channel.UPLOAD, by_whom=by_whom)


def _result(report: ImportReport, mpan: str) -> SafeString:
    file = reverse("flow-file", args=[report.sha256])
    if report.outcome == Outcome.REJECTED:
        return format_html('The sample was rejected: see <a href="{}">its problems</a>.', file)
    if report.outcome == Outcome.DUPLICATE:
        what = format_html('The <a href="{}">sample</a> was imported before.', file)
    else:
        readings = count(report.readings, "reading")
        what = format_html('The <a href="{}">sample</a> is imported: {}, marked as test data.', file, readings)
    find = f"{reverse('search')}?q={mpan}"
    return format_html('{} Search for the MPAN <a href="{}">{}</a> to see some of them.', what, find, mpan)
