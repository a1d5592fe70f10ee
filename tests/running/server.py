"""The web pages and the API in their own process, and a program that uses them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from subprocess import Popen
from typing import Any, BinaryIO, NamedTuple

from tests.running.box import Box
from tests.running.postgresql import free_port
from tests.running.tls import web_pages

PATH = "/api/flow-files/"
_MAKE_USERS = """
import json
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from tests.running.uploads import token_of
tokens = {scope: token_of(scope, scope) for scope in ("read", "upload")}
user = User.objects.get(username="read")
session = SessionStore()
session["_auth_user_id"] = str(user.pk)
session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
session["_auth_user_hash"] = user.get_session_auth_hash()
session.create()
print(json.dumps({**tokens, "session": session.session_key}))
"""


class Keys(NamedTuple):
    """What lets a program in: tokens, and the key of a session."""

    read: str
    upload: str
    session: str


class Site(NamedTuple):
    """Running web pages with their folders and database."""

    box: Box
    port: int
    child: Popen[bytes]
    keys: Keys

    def ask(
        self, method: str, path: str, body: bytes | BinaryIO | None = None, **headers: str
    ) -> tuple[int, bytes, HTTPResponse]:
        """Send a request; return status, body and answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=600)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, names)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer
        finally:
            connection.close()

    def upload(self, body: bytes | BinaryIO, name: str, size: int = 0, **headers: str) -> tuple[int, Any]:
        """Upload a body; return status and document."""
        sent = {
            "Authorization": f"Bearer {self.keys.upload}",
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f"attachment; filename={name}",
            "Content-Length": str(size or len(body)),  # type: ignore[arg-type]
        }
        status, text, _ = self.ask("POST", PATH, body, **{**sent, **headers})
        return status, json.loads(text)


@contextmanager
def site(box: Box, folder: Path) -> Iterator[Site]:
    """Run the web pages of a box."""
    with web_pages(box.environment, port := free_port(), folder / "web.log") as child:
        yield Site(box, port, child, keys(box))


def keys(box: Box) -> Keys:
    """Create an operator with a token to read and a session, and another one with a token to upload."""
    ended = box.manage("shell", "-c", _MAKE_USERS)
    assert ended.code == 0, ended.err
    return Keys(**json.loads(ended.out.splitlines()[-1]))
