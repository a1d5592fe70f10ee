"""Pages for refused requests: a wrong host, a wrong origin, an old form, a database that does not answer."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import bad_request as plain_bad_request
from django.views.defaults import server_error as plain_server_error

from readings.web.guards.proxy import is_trusted

#: Seconds after which the database may answer again.
RETRY_AFTER = 10


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400; for a wrong host, requests from this machine get the settings to change."""
    is_here = is_trusted(request.META.get("REMOTE_ADDR", "")) and "HTTP_X_FORWARDED_FOR" not in request.META
    if isinstance(exception, DisallowedHost) and is_here:
        context = {"host": request.META.get("HTTP_HOST", "")[:200], "hosts": ", ".join(settings.ALLOWED_HOSTS)}
        return HttpResponse(render_to_string("400_host.html", context), status=400)
    return plain_bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 if the database is the cause, else 500."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        response = HttpResponse(render_to_string("503.html"), status=503)
        response.headers["Retry-After"] = str(RETRY_AFTER)
        return response
    return plain_server_error(request)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403, with the cause: a wrong origin or an expired form."""
    context = {
        "is_wrong_origin": reason.startswith(("Origin checking failed", "Referer checking failed")),
        "origin": (request.META.get("HTTP_ORIGIN") or request.META.get("HTTP_REFERER") or "")[:200],
        "public_url": settings.PUBLIC_URL,
    }
    return render(request, "403_csrf.html", context, status=403)
