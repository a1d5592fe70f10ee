"""The page for uploads, with the importer and the report of the command."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Final, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from readings.formats.text import printable
from readings.imports.arrivals import reports_of
from readings.imports.attempts import Rules
from readings.imports.loading.locks import BeingImported
from readings.imports.reports import ImportReport, as_text
from readings.imports.uploads import Uploads
from readings.models import Arrival, Channel, Outcome
from readings.models.trail import Action, Door, note
from readings.presentation import links
from readings.web.guards.gate import FORM_BYTES
from readings.web.guards.uploaders import MAY_UPLOAD

#: Number of lines of a report that the page of results shows, at most.
MOST_LINES: Final = 5


class SeeOther(HttpResponseRedirect):
    """Redirect of a form: the browser asks for the other address with GET."""

    status_code = 303


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Result of one upload."""

    name: str
    #: Report of the import; None if the import failed without a fault of the file.
    report: ImportReport | None = None
    #: Reason why there is no report.
    trouble: str = ""

    @property
    def text(self) -> str:
        """Return the text that the command prints."""
        return as_text(self.report) if self.report else f"{self.name}: not imported: {self.trouble}"


@csrf_exempt  # The check reads the whole form: `_uploaded` runs it, after the size is checked here.
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required(MAY_UPLOAD, raise_exception=True)
def upload(request: HttpRequest) -> HttpResponse:
    """Show the form and results, or import the uploaded files; refuse a form that is too large before reading it."""
    if request.method == "POST" and _length(request) > settings.MAX_BYTES + FORM_BYTES:
        return _page(request, [], is_too_large=True, status=413)
    try:
        return _uploaded(request)
    except TooManyFilesSent:
        return _page(request, [], has_too_many=True, status=413)


@csrf_protect
def _uploaded(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, _own_results(request))
    files = request.FILES.getlist("files")
    results = [_import(file, request.user.get_username()) for file in files]
    for result in results:
        if not result.report:
            _note_upload(request, result.name)
    if not results:
        return _page(request, [], is_empty=True, status=400)
    reports = [result.report for result in results if result.report]
    if len(reports) < len(results):  # The trouble is not stored: another address could not show it.
        return _page(request, results, status=503)
    for report in reports:
        if report.outcome == Outcome.DUPLICATE and report.superseded:
            messages.info(request, as_text(report))
    arrivals = ",".join(str(report.arrival_id) for report in reports)
    return SeeOther(f"{reverse('upload')}?{urlencode({'arrival': arrivals}, safe=',')}")


def _own_results(request: HttpRequest) -> list[Result]:
    """Return the results of the user's own uploads that an address names."""
    numbers = [int(text) for text in request.GET.get("arrival", "").split(",") if text.isdecimal() and len(text) < 19]
    own = Arrival.objects.filter(channel=Channel.UPLOAD, by_whom=request.user.get_username(), container=None)
    most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
    keys = list(own.filter(pk__in=numbers[:most]).values_list("pk", flat=True)) if numbers else []
    return [Result(name=report.name, report=report) for report in reports_of(keys)] if keys else []


def _note_upload(request: HttpRequest, name: str) -> None:
    """Note an upload that was not imported; the import of any other is in the trail."""
    by_whom = request.user.get_username()
    note(Action.UPLOAD, at=timezone.now(), door=Door.PAGE, by_whom=by_whom, subject=name, may_wait=True)


def _page(request: HttpRequest, results: list[Result], *, status: int = 200, **faults: bool) -> HttpResponse:
    context = {
        "results": [_row(result) for result in results],
        **faults,
        "max_bytes": settings.MAX_BYTES,
        "max_files": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
    }
    return render(request, "readings/upload.html", context, status=status)


def _length(request: HttpRequest) -> int:
    with suppress(ValueError):
        return int(request.META.get("CONTENT_LENGTH") or 0)
    return 0


def _import(file: UploadedFile[bytes], by_whom: str) -> Result:
    name = printable((file.name or "upload").encode("utf-8", "surrogateescape"))
    stream = cast(BinaryIO, file.file)
    try:
        report = _uploads().take(stream, name=name, channel=Channel.UPLOAD, by_whom=by_whom)
    except BeingImported:
        return Result(name=name, trouble="another importer is importing the same content; upload it again later")
    except (OSError, DatabaseError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the database is unavailable"
        return Result(name=name, trouble=f"{reason}; the file was not checked: upload it again later")
    return Result(name=name, report=report)


def _uploads() -> Uploads:
    rules = Rules(max_bytes=settings.MAX_BYTES, max_attempts=None, nem_time=settings.NEM_UTC_OFFSET)
    return Uploads(archive=settings.ARCHIVE_DIR, rejected=settings.REJECTED_DIR, rules=rules, clock=timezone.now)


def _row(result: Result) -> dict[str, object]:
    report, (summary, *lines) = result.report, result.text.split("\n")
    return {
        "summary": summary,
        "lines": "\n".join(lines[:MOST_LINES]),
        "more": f"{len(lines) - MOST_LINES:,}" if len(lines) > MOST_LINES else "",
        "name": result.name,
        "badge": links.outcome(report.outcome if report else ""),
        "address": reverse("flow-file", args=[report.sha256]) if report else "",
    }
