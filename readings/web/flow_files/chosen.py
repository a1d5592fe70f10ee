"""The flow file that an address names."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest

from readings.models import FlowFile
from readings.queries import details

#: Permissions to view a flow file.
MAY_VIEW: Final = ("readings.view_flowfile", "readings.view_reading")


def candidates(request: HttpRequest, sha256: str) -> list[FlowFile]:
    """Return the files with a start of a hash, and the subject of a request if it states one; raise Http404."""
    subject = request.GET.get("subject")
    rows = [row for row in details.flow_files_of(sha256.lower()) if subject in (None, row.subject)]
    if not rows:
        raise Http404("No flow file has this hash.")
    return rows
