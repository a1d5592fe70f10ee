"""Buttons that put rejected files back into the inbox: one of any page, or many of the inbox page."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import Error as DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from readings.formats.text import count
from readings.models import Arrival
from readings.models.trail import Door
from readings.queries.upkeep import put_away
from readings.queries.upkeep.database import describe_error
from watcher.operators.retry import StaysRejected, put_back
from watcher.operators.settings import folders_in_settings

MAY_PUT_BACK: Final = "watcher.retry_rejected"
#: Number of files that one request puts back, at most: each is moved durably, in a transaction of its own.
MOST: Final = 100
#: Number of files whose failure is named.
_NAMED: Final = 3


@require_POST
@permission_required(MAY_PUT_BACK, raise_exception=True)
def put_file_back(request: HttpRequest) -> HttpResponse:
    """Put back the last rejected file of a name and a content; return to the local address in `next`."""
    name, sha256 = _text(request, "name"), _text(request, "sha256")
    arrival = put_away.rejected_arrivals(sha256).filter(name=name).last() if sha256 else None
    if arrival is None:
        messages.error(request, f"The file {name} is no longer rejected.")
    elif trouble := _trouble(request, arrival):
        messages.error(request, f"The file {name} {trouble}.")
    else:
        messages.success(request, f"The file {name} is back in the inbox.")
    return HttpResponseRedirect(_next(request))


@require_POST
@permission_required(MAY_PUT_BACK, raise_exception=True)
def put_selected_back(request: HttpRequest) -> HttpResponse:
    """Put back the selected files, or all with a code, and count them in messages."""
    arrivals = list(_selected(request)[: MOST + 1])
    if not arrivals:
        messages.error(request, "No rejected file is selected.")
    tried = [(each.name, _trouble(request, each)) for each in arrivals[:MOST]]
    troubles = [(name, trouble) for name, trouble in tried if trouble]
    returned = [name for name, trouble in tried if not trouble]
    if returned:
        subject = f"The file {returned[0]} is" if len(returned) == 1 else f"{len(returned)} files are"
        messages.success(request, f"{subject} back in the inbox.")
    for name, trouble in troubles[:_NAMED]:
        messages.error(request, f"The file {name} {trouble}.")
    if len(troubles) > _NAMED:
        messages.error(request, f"{count(len(troubles) - _NAMED, 'other file stays', 'other files stay')} rejected.")
    if len(arrivals) > MOST:
        messages.warning(request, f"Only the first {MOST} files were tried: press the button again for the others.")
    return HttpResponseRedirect(reverse("inbox"))


def _text(request: HttpRequest, name: str) -> str:
    """Return a field of a form without NUL, which PostgreSQL does not look up."""
    return request.POST.get(name, "").replace("\0", "")


def _selected(request: HttpRequest) -> QuerySet[Arrival]:
    form, rows = request.POST, put_away.rejected_arrivals()
    if form.get("do") == "code":
        code = _text(request, "code")
        return put_away.rejected_arrivals(code=code) if code else rows.none()
    keys = [form["only"]] if "only" in form else form.getlist("arrival")
    return rows.filter(pk__in=[int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 19])


def _trouble(request: HttpRequest, arrival: Arrival) -> str:
    """Put a file back; return why that failed, or an empty text."""
    try:
        name = request.user.get_username()
        put_back(folders_in_settings(), arrival, door=Door.PAGE, by_whom=name, at=timezone.now())
    except StaysRejected as error:
        return str(error)
    except OSError as error:
        return f"stays rejected: {error.strerror}"
    except DatabaseError as error:
        return f"stays rejected: {describe_error(error).summary}"
    return ""


def _next(request: HttpRequest) -> str:
    """Return the local address to return to."""
    address = request.POST.get("next", "")
    is_local = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_local else reverse("inbox")
