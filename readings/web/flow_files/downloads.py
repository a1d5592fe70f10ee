"""Downloads of a flow file: its report as text and as JSON, and its bytes as sent."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from readings.imports.arrivals import report_of
from readings.imports.kept_files import NotThere, open_content
from readings.imports.reports import ImportReport, as_json_text, as_text
from readings.models import FlowFile, Outcome
from readings.models.trail import Action, Door, note
from readings.queries import details, lists
from readings.web.exports import MAY_EXPORT
from readings.web.flow_files.chosen import MAY_VIEW, candidates

HASH_DIGITS: Final = 64


@require_safe
@never_cache
@permission_required(MAY_VIEW, raise_exception=True)
def report_text(request: HttpRequest, sha256: str) -> HttpResponse:
    """Return the report of the last import as text."""
    report = _report(request, sha256)
    return _attached(as_text(report), f"{_file_name(report.name)}.report.txt", "text/plain; charset=utf-8")


@require_safe
@never_cache
@permission_required(MAY_VIEW, raise_exception=True)
def report_document(request: HttpRequest, sha256: str) -> HttpResponse:
    """Return the report of the last import as JSON."""
    report = _report(request, sha256)
    return _attached(as_json_text(report), f"{_file_name(report.name)}.report.json", "application/json")


@require_safe
@never_cache
@permission_required((*MAY_VIEW, MAY_EXPORT), raise_exception=True)
def original(request: HttpRequest, sha256: str) -> FileResponse:
    """Return the bytes as sent; note it in the trail."""
    row = _chosen(request, sha256)
    try:
        stream = open_content(row, details.arrivals_of(row), (settings.ARCHIVE_DIR, settings.REJECTED_DIR))
    except NotThere as not_there:
        raise Http404(f"The bytes are not there: {not_there}.") from None
    name, by_whom = lists.name_of(row), request.user.get_username()
    note(
        Action.EXPORT,
        at=timezone.now(),
        door=Door.PAGE,
        by_whom=by_whom,
        sha256=row.sha256,
        subject=name,
        may_wait=True,
    )
    return FileResponse(
        stream, as_attachment=True, filename=_file_name(name), content_type="application/octet-stream"
    )


def _report(request: HttpRequest, sha256: str) -> ImportReport:
    """Return the report of the last arrival that was no duplicate; raise Http404 if there is none."""
    row = _chosen(request, sha256)
    arrival = row.arrivals.exclude(outcome=Outcome.DUPLICATE).order_by("pk").last()
    if arrival is None:
        raise Http404("The file is not imported yet.")
    return report_of(arrival.pk)


def _chosen(request: HttpRequest, sha256: str) -> FlowFile:
    """Return the first file with a whole hash; of several subjects, all have the same bytes."""
    if len(sha256) != HASH_DIGITS:
        raise Http404("No flow file has this hash.")
    return candidates(request, sha256)[0]


def _attached(text: str, name: str, content_type: str) -> HttpResponse:
    disposition = content_disposition_header(True, name) or "attachment"
    return HttpResponse(f"{text}\n", content_type=content_type, headers={"Content-Disposition": disposition})


def _file_name(name: str) -> str:
    """Return the last part of a name, which is that of a member of a zip."""
    return name.rpartition("/")[2] or "flow-file"
