"""A deadline for what a page asks of the database: a server that has stopped must not hold the workers."""

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

#: Seconds for all of a page. What streams afterwards, and imports of uploads, have none.
DEADLINE: Final = 10.0
#: Seconds to connect; DATABASE_URL may say otherwise.
CONNECT_TIMEOUT: Final = 5


class DatabaseDeadline:
    """Cuts the connection to PostgreSQL where a page waits too long: the page then answers 503."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        database = connections["default"]
        if database.vendor != "postgresql":
            raise MiddlewareNotUsed
        database.settings_dict["OPTIONS"].setdefault("connect_timeout", CONNECT_TIMEOUT)
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer before the deadline, or fail."""
        if request.path == reverse("upload"):
            return self.get_response(request)
        timer = Timer(DEADLINE, _cut, [connections["default"]])
        timer.daemon = True
        timer.start()
        try:
            return self.get_response(request)
        finally:
            timer.cancel()


def _cut(wrapper: object) -> None:
    """Shut the socket of a connection, so that whoever waits for it is told that it is lost."""
    raw = getattr(wrapper, "connection", None)
    if raw is None or raw.closed:
        return
    with suppress(OSError), socket.socket(fileno=os.dup(raw.fileno())) as copied:
        copied.shutdown(socket.SHUT_RDWR)
