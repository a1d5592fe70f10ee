"""Search: one box for any identifier or a part of one, and for lists of up to 500."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required, login_required, permission_required
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from readings.models import MeterPoint, PastedList
from readings.models.trail import patience
from readings.presentation import links
from readings.presentation.csv_rows import row
from readings.web.exports import MAY_EXPORT
from readings.web.search.answer import MOST, answer_to, look_up
from readings.web.search.rows import COLUMNS, cells_of
from readings.web.trail.notes import note_export, note_look

MAY_SEARCH: Final = ("readings.view_meterpoint", "readings.view_reading")
#: Length of an address with a list in it, at most: proxies and servers refuse longer ones.
_LONGEST_ADDRESS: Final = 2_000
#: Milliseconds for which a list waits for a lock of SQLite before it is answered without an address.
_PATIENCE: Final = 2_000


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def search(request: HttpRequest) -> HttpResponse:
    """Show the matches of a text; redirect to a single meter point or file, and from a posted text to its address."""
    if request.method != "POST":
        return _show(request)
    return _keep(request) or _show(request)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def export_search(request: HttpRequest) -> HttpResponse:
    """Return the matches of a list of identifiers as CSV, one row for each; without a log-in, lead to its page."""
    if request.method == "POST" and not request.user.is_authenticated:
        return _keep(request) or redirect("search")
    return _export(request)


def _keep(request: HttpRequest) -> HttpResponse | None:
    """Redirect to the address of a posted text; None if it has none, because another program locks SQLite.

    The address outlives the log-in: who is not logged in comes back to it afterwards.
    """
    user = request.user if isinstance(request.user, User) else None
    if user and not user.has_perms(MAY_SEARCH):
        raise PermissionDenied
    text = request.POST.get("q", "").replace("\0", "").replace("\r\n", "\n").strip()
    query = urlencode({"q": text}) if text else ""
    if len(query) > _LONGEST_ADDRESS:
        try:
            with patience(_PATIENCE):
                query = urlencode({"list": PastedList.objects.keep(text, user, timezone.now())})
        except OperationalError:
            return None
    address = f"{reverse('search')}?{query}" if query else reverse("search")
    return redirect(address) if user else redirect_to_login(address)


@login_required
@permission_required(MAY_SEARCH, raise_exception=True)
def _show(request: HttpRequest) -> HttpResponse:
    text = _text(request)
    if text is None:
        return render(request, "readings/search.html", {"is_lost": True, "most": MOST}, status=404)
    found = look_up(text)
    match = found.only_match
    if isinstance(match, MeterPoint):
        return redirect(links.address_of(match))
    if match and request.user.has_perm("readings.view_flowfile"):
        return redirect(links.address_of_file(match))
    answer = answer_to(found)
    note_look(request, answer.meter_points, "search")
    return render(request, "readings/search.html", {"text": text, "answer": answer, "most": MOST})


@login_required
@permission_required((*MAY_SEARCH, MAY_EXPORT), raise_exception=True)
def _export(request: HttpRequest) -> HttpResponse:
    answer = answer_to(look_up(_text(request) or ""))
    if answer.left:
        text = f"The list has {MOST + answer.left} identifiers; look up at most {MOST} at once.\n"
        return HttpResponseBadRequest(text, content_type="text/plain; charset=utf-8")
    rows = [row(COLUMNS), *(row(cells_of(line)) for line in answer.lines)]
    rows = list(note_export(request, rows, "search.csv", meter_points=answer.meter_points))
    headers = {"Content-Disposition": 'attachment; filename="search.csv"'}
    return HttpResponse("".join(rows), content_type="text/csv; charset=utf-8; header=present", headers=headers)


def _text(request: HttpRequest) -> str | None:
    """Return the text of a request; None if its list is no longer kept."""
    if request.method == "POST":
        return request.POST.get("q", "").replace("\0", "")
    if key := request.GET.get("list", "").replace("\0", ""):
        assert isinstance(request.user, User)
        return PastedList.objects.text_for(key, request.user)
    return request.GET.get("q", "").replace("\0", "")
