"""A deadline for the database queries of a page: a stopped server must not occupy the workers."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Timer
from typing import Final

from django.core.exceptions import MiddlewareNotUsed
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from readings.web.guards.uploaders import PROGRAMS

#: Seconds for a page. Streamed exports and imports of uploads have no deadline.
DEADLINE: Final = 10.0
#: Seconds to connect; DATABASE_URL overrides them.
CONNECT_TIMEOUT: Final = 5


class DatabaseDeadline:
    """Cuts the connection to PostgreSQL if a page waits too long: the page then answers 503."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        database = connections["default"]
        if database.vendor != "postgresql":
            raise MiddlewareNotUsed
        database.settings_dict["OPTIONS"].setdefault("connect_timeout", CONNECT_TIMEOUT)
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request; raise OperationalError after the deadline."""
        if request.method == "POST" and request.path in (reverse("upload"), PROGRAMS):
            return self.get_response(request)
        timer = Timer(DEADLINE, _cut, [connections["default"]])
        timer.daemon = True
        timer.start()
        try:
            return self.get_response(request)
        finally:
            timer.cancel()


def _cut(wrapper: object) -> None:
    """Shut the socket of a connection, so that the thread that waits for it gets an error."""
    raw = getattr(wrapper, "connection", None)
    if raw is None or raw.closed:
        return
    with suppress(OSError), socket.socket(fileno=os.dup(raw.fileno())) as copied:
        copied.shutdown(socket.SHUT_RDWR)
