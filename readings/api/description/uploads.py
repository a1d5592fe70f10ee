"""The description of uploads: both forms of the body, their headers, and an example of each answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from readings.api.description.answers import MEANINGS
from readings.api.errors import ProblemDetails
from readings.api.pages import JSON
from readings.api.reports import Rejection, UploadReport, Waiting

_SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_ADDRESS: Final = f"/api/flow-files/{_SHA256}"
_CONTENT: Final = """\
ZHV|SAMPLE0001|D0010002|D|ZZDC|X|ZZSU|20250303061500||||OPER|
026|3190001042118|V|
028|K12B 04567|R|
030|S|20250101000000|20417.0|||T|P|
ZPT|SAMPLE0001|3||1|20250303061502|
"""
_IMPORTED: Final[dict[str, Any]] = {
    **{"name": "d0010.uff", "sha256": _SHA256, "format": "D0010", "outcome": "imported", "duplicate_of": ""},
    **{"meter_points": 1, "meters": 1, "registers": 1, "readings": 1, "accumulations": 0, "interval_days": 0},
    **{"intervals": 0, "repeats": 0, "superseded": 0, "withdrawn": 0, "completed": 0, "seconds": 0.021},
    **{"errors": 0, "warnings": 0, "problems": [], "unlisted": [], "members": []},
    **{"dry_run": False, "flow_file": _ADDRESS, "first_arrival": None},
}
_DUPLICATE: Final = {
    **_IMPORTED,
    **{"outcome": "duplicate", "duplicate_of": "monday.uff"},
    **dict.fromkeys(("meter_points", "meters", "registers", "readings"), 0),
    "first_arrival": {"name": "monday.uff", "received_at": "2026-01-05T06:15:09+00:00"},
}
_PROBLEM: Final = {
    **{"severity": "ERROR", "line": 2, "record": "026", "field": "MPAN Core", "code": "wrong-check-digit"},
    **{
        "value": "3190001042119",
        "message": "the check digit of these 12 digits is 8",
        "scheme": "",
        "identifier": "",
    },
}
_REJECTED: Final = {
    **_DUPLICATE,
    **{"outcome": "rejected", "duplicate_of": "", "first_arrival": None, "errors": 1, "problems": [_PROBLEM]},
}
_OTHER: Final = {
    **_REJECTED,
    **{"format": "D0150", "outcome": "other-flow", "errors": 0, "warnings": 1},
    "problems": [
        {
            **_PROBLEM,
            **{
                "severity": "WARNING",
                "line": 1,
                "record": "",
                "field": "",
                "code": "other-flow",
                "value": "D0150002",
            },
            "message": "is not read here; set aside, nothing was stored",
        }
    ],
}


def _problem(status: int, detail: str, **more: Any) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail, "errors": [], **more}


_ANSWERS: Final[dict[int, tuple[Any, str, Any]]] = {
    200: (UploadReport, "The same content was imported before; or, with `dry_run=1`, the verdict.", _DUPLICATE),
    201: (UploadReport, "Imported.", _IMPORTED),
    202: (
        Waiting,
        "The file is in the inbox: the watcher imports it.",
        {"name": "d0010.uff", "sha256": _SHA256, "status": "received", "flow_file": _ADDRESS},
    ),
    400: (ProblemDetails, "No file.", "Send one file: as the part `file` of a form, or as the body."),
    401: (ProblemDetails, "No valid token.", MEANINGS[401].detail),
    403: (
        ProblemDetails,
        "The token or its user may not upload.",
        "The user ann may not upload files: ask an administrator.",
    ),
    406: (ProblemDetails, "`Accept` excludes JSON.", MEANINGS[406].detail),
    408: (ProblemDetails, "The body did not arrive in time.", MEANINGS[408].detail),
    409: (
        ProblemDetails,
        "With `respond-async`: another file of this name is in the inbox.",
        MEANINGS[409].detail,
    ),
    411: (ProblemDetails, "The request has no Content-Length.", MEANINGS[411].detail),
    413: (
        ProblemDetails,
        "The file is larger than MAX_BYTES; it was not read.",
        "The body is too large: send a smaller one.",
    ),
    415: (
        Rejection,
        "Another flow; `detail` names it. Without `report`, the body has the media type of a form without files.",
        "d0150.uff: D0150002 is not read here; set aside, nothing was stored",
    ),
    422: (
        Rejection,
        "The file was rejected; `report` has all problems. Without `report`, a parameter is wrong.",
        "bad.uff: rejected: 1 error, 0 warnings; nothing was stored",
    ),
    429: (ProblemDetails, "Too many requests with this token.", MEANINGS[429].detail),
    500: (ProblemDetails, "An internal error.", MEANINGS[500].detail),
    503: (
        ProblemDetails,
        "The database or the disk does not answer, or another importer has the content. The file is not at fault.",
        "The database is unavailable: the file was not checked. Send it again later.",
    ),
}
_REPORTS: Final = {415: _OTHER, 422: _REJECTED}
_LOCATION: Final = {"description": "Address of the flow file.", "schema": {"type": "string"}}
_APPLIED: Final = {"description": "`respond-async`", "schema": {"type": "string"}}
_HEADERS: Final[dict[int, dict[str, Any]]] = {
    200: {"Location": _LOCATION},
    201: {"Location": _LOCATION},
    202: {"Location": _LOCATION, "Preference-Applied": _APPLIED},
}


def _described(status: int) -> dict[str, Any]:
    _, description, example = _ANSWERS[status]
    if isinstance(example, str):
        more = {"report": _REPORTS[status]} if status in _REPORTS else {}
        example = _problem(status, example, **more)
    answer = {"description": description, "content": {JSON: {"example": example}}}
    return {**answer, "headers": _HEADERS[status]} if status in _HEADERS else answer


#: Statuses with their schemas.
RESPONSES: Final = {status: schema for status, (schema, _, _) in _ANSWERS.items()}
#: The rest of the description.
EXTRA: Final[dict[str, Any]] = {
    "parameters": [
        {
            "in": "header",
            "name": "Prefer",
            "required": False,
            "description": "`respond-async` leaves the import to the watcher; other preferences are ignored.",
            "schema": {"type": "string"},
            "example": "respond-async",
        },
        {
            "in": "header",
            "name": "Content-Disposition",
            "required": False,
            "description": "Name of a file that is sent as the body: `attachment; filename=d0010.uff`.",
            "schema": {"type": "string"},
            "example": "attachment; filename=d0010.uff",
        },
    ],
    "requestBody": {
        "description": "The file, as the part `file` of a form, or as the body itself with its name in "
        "`Content-Disposition` or `name`; the body may have any other media type than that of a form.",
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary", "minLength": 1}},
                },
                "example": {"file": _CONTENT},
            },
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary", "minLength": 1},
                "example": _CONTENT,
            },
        },
    },
    "responses": {status: _described(status) for status in _ANSWERS},
}
