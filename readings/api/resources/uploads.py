"""Uploads: a flow file is imported at once, only tried, or put into the inbox for the watcher."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from tempfile import TemporaryFile
from typing import BinaryIO, Final, Literal, NamedTuple, cast

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django.utils.http import parse_header_parameters
from ninja import Query, Schema
from ninja.errors import HttpError
from pydantic import Field

from readings.api.authentication import UPLOADING, require
from readings.api.description.uploads import EXTRA, RESPONSES
from readings.api.errors import WrongParameters, problem, unavailable
from readings.api.pages import JSON, preferred
from readings.api.reports import address_of, another_flow, upload_report
from readings.api.resources.flow_files import router as router
from readings.formats.content import CHUNK
from readings.imports.attempts import Rules
from readings.imports.loading.locks import BeingImported
from readings.imports.places import UNFINISHED, is_candidate
from readings.imports.reports import ImportReport, as_text
from readings.imports.uploads import Inbox, NameTaken, Uploads
from readings.models import Channel, FlowFile, Outcome, Status
from readings.models.api_tokens import NEEDS, Scope
from readings.models.trail import Action, Door, note

logger = logging.getLogger("django.request")

#: Bytes of a name, at most, as on most file systems.
LONGEST_NAME: Final = 255
#: Seconds to wait for another importer of the same content.
PATIENCE: Final = 30.0
#: Bytes around the file of a form, at most, which the gate allows too.
_FORM_BYTES: Final = 64 * 1024
_FORM: Final = "multipart/form-data"
_NO_FILE: Final = "Send one file: as the part `file` of a form, or as the body."


class UploadParameters(Schema):
    """How to take a file."""

    name: str = Field("", max_length=4096, description="Name of the file, in the place of the client's.")
    dry_run: Literal["0", "1"] = Field("0", description="`1`: return the same verdict, and store nothing.")


class Sent(NamedTuple):
    """A file of a request."""

    name: str
    stream: BinaryIO


@router.post("/flow-files/", auth=UPLOADING, response=RESPONSES, openapi_extra=EXTRA, summary="Upload a flow file")
def upload(request: HttpRequest, parameters: Query[UploadParameters]) -> HttpResponse:
    """Import a file completely, or reject it with all its problems, like the command `import_flow`.

    Each content is imported once, whatever its name. The file may be sent again after any error of the server. Of a
    path, the last part is the name; characters that do not print are dropped.
    """
    require(request, NEEDS[Scope.UPLOAD])
    preferred(request, JSON)
    try:
        with _sent(request, parameters.name) as sent:
            if parameters.dry_run == "1":
                return _answer(_uploads().rehearse(sent.stream, name=sent.name, channel=Channel.API))
            if _prefers_no_wait(request):
                return _put_into_inbox(request, sent)
            by_whom = request.user.get_username()
            return _answer(_uploads().take(sent.stream, name=sent.name, channel=Channel.API, by_whom=by_whom))
    except BeingImported:
        return unavailable("Another importer has the same content. Send it again later.")
    except (OSError, DatabaseError) as error:
        logger.error("An upload failed: %s", error, extra={"request": request})
        reason = (error.strerror or error) if isinstance(error, OSError) else "The database is unavailable"
        return unavailable(f"{reason}: the file was not checked. Send it again later.")


def _uploads() -> Uploads:
    return Uploads(
        archive=settings.ARCHIVE_DIR,
        rejected=settings.REJECTED_DIR,
        rules=Rules(max_bytes=settings.MAX_BYTES, max_attempts=None, nem_time=settings.NEM_UTC_OFFSET),
        clock=timezone.now,
        patience=PATIENCE,
    )


@contextmanager
def _sent(request: HttpRequest, name: str) -> Iterator[Sent]:
    """Yield the file of a request; raise HttpError without one, or if it is too large to be read."""
    text = request.META.get("CONTENT_LENGTH", "")
    length = int(text) if text.isdigit() else 0
    if length > settings.MAX_BYTES + (_FORM_BYTES if request.content_type == _FORM else 0):
        raise _too_large()
    if request.content_type == _FORM:
        yield _from_form(request, name)
    elif request.content_type == "application/x-www-form-urlencoded":
        raise HttpError(415, "Send the file as multipart/form-data, or as application/octet-stream.")
    elif not length:
        raise HttpError(400, _NO_FILE)
    else:
        own_name = file_name(name or _name_in_header(request))
        with TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as stream:
            while chunk := request.read(CHUNK):
                stream.write(chunk)
            yield Sent(own_name, cast(BinaryIO, stream))


def _from_form(request: HttpRequest, name: str) -> Sent:
    try:
        files = request.FILES.getlist("file")
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise HttpError(400, f"The form is not understood: {error}") from error
    if len(files) != 1:
        raise HttpError(400, _NO_FILE)
    if (files[0].size or 0) > settings.MAX_BYTES:
        raise _too_large()
    return Sent(file_name(name or files[0].name or ""), cast(BinaryIO, files[0].file))


def _too_large() -> HttpError:
    return HttpError(413, f"The file is larger than MAX_BYTES ({settings.MAX_BYTES:,} bytes).")


def _name_in_header(request: HttpRequest) -> str:
    header = request.headers.get("Content-Disposition", "").encode("latin-1", "replace").decode(errors="replace")
    try:
        _, parameters = parse_header_parameters(header)
    except ValueError:
        return ""
    return str(parameters.get("filename", ""))


def file_name(text: str) -> str:
    """Return the name of a file: the last part of a path, printable, not too long; raise WrongParameters for none."""
    printable = "".join(filter(str.isprintable, re.split(r"[/\\]", text)[-1])).strip()
    name = printable.encode()[:LONGEST_NAME].decode(errors="ignore")
    if name in ("", ".", ".."):
        expected = "name is missing: add ?name= to the address, or Content-Disposition: attachment; filename="
        raise WrongParameters(("name", expected))
    return name


def _prefers_no_wait(request: HttpRequest) -> bool:
    preferences = request.headers.get("Prefer", "").split(",")
    return any(each.partition(";")[0].strip().lower() == "respond-async" for each in preferences)


def _answer(report: ImportReport) -> HttpResponse:
    document = upload_report(report)
    if report.outcome in (Outcome.REJECTED, Outcome.OTHER_FLOW):
        other = another_flow(report)
        detail = other or as_text(report).partition("\n")[0]
        return problem(415 if other else 422, detail, members={"report": document})
    is_new = report.outcome == Outcome.IMPORTED and not document["dry_run"]
    response = JsonResponse(document, status=201 if is_new else 200)
    response.headers["Cache-Control"] = "no-store"
    if not document["dry_run"]:
        response.headers["Location"] = document["flow_file"]
    return response


def _put_into_inbox(request: HttpRequest, sent: Sent) -> HttpResponse:
    if not is_candidate(sent.name.encode()):
        endings = ", ".join(ending.decode() for ending in UNFINISHED)
        reason = f"name must not begin with a dot or end with {endings}: the watcher ignores such files"
        raise WrongParameters(("name", reason))
    inbox, at = Inbox(folder=settings.INBOX_DIR, marker=settings.INBOX_MARKER), timezone.now()
    remember = partial(_note, at=at, by_whom=request.user.get_username(), name=sent.name)
    try:
        flow_file = inbox.put(sent.stream, name=sent.name, at=at, note=remember)
    except NameTaken:
        detail = f"The inbox has another file named {sent.name}: send this one again when that one is imported."
        return problem(409, detail)
    address = address_of(flow_file.sha256, flow_file.subject)
    state = "imported" if flow_file.status == Status.IMPORTED else "received"
    document = {"name": sent.name, "sha256": flow_file.sha256, "status": state, "flow_file": address}
    headers = {"Location": address, "Preference-Applied": "respond-async", "Cache-Control": "no-store"}
    return JsonResponse(document, status=202, headers=headers)


def _note(flow_file: FlowFile, *, at: datetime, by_whom: str, name: str) -> None:
    note(Action.UPLOAD, at=at, door=Door.API, by_whom=by_whom, sha256=flow_file.sha256, subject=name)
