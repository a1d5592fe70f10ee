"""The ways in, and what can happen on the way: contents that arrive by all doors, with disturbances between."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from io import BytesIO, StringIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias
from zipfile import ZipFile

#: Function that imports a content under a name.
Door: TypeAlias = Callable[[bytes, str], None]


class Interruption(Exception):
    """A stop in the middle of an import."""


def deliver(contents: Sequence[bytes], name: str, random: Random, *, kills: bool) -> Iterator[bytes]:
    """Import contents in this order, each by some door, with disturbances between; yield each content that arrives.

    `kills` also kills importers: of a store that other processes see, so not inside the transaction of a test.
    """
    disturbances = (_rehearsed, _interrupted, by_zip, *([_killed] if kills else []))
    for place, content in enumerate(contents):
        for disturb in disturbances:
            if random.random() < 0.1:
                disturb(content, name)
        random.choice(DOORS)(content, name)
        yield content
        if random.random() < 0.2:
            again = random.choice(contents[: place + 1])
            random.choice(DOORS)(again, name)
            yield again


def by_function(content: bytes, name: str) -> None:
    """Import a content like any door."""
    from tests.running.imported import imported

    imported(content, name)


def by_command(content: bytes, name: str) -> None:
    """Import a content by the command."""
    from django.core.management import call_command

    with TemporaryDirectory() as folder, suppress(SystemExit):
        path = Path(folder) / name
        path.write_bytes(content)
        call_command("import_flow", str(path), stdout=StringIO())


def by_upload(content: bytes, name: str) -> None:
    """Import a content by the page for uploads."""
    from django.contrib.auth.models import User
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client, override_settings

    user, _ = User.objects.get_or_create(username="uploader", is_superuser=True)
    client = Client()
    client.force_login(user)
    with TemporaryDirectory() as folder:
        folders = {f"{kind}_DIR": Path(folder) / kind for kind in ("INBOX", "ARCHIVE", "REJECTED")}
        with override_settings(**folders):
            response = client.post("/upload", {"files": SimpleUploadedFile(name, content)}, secure=True)
    assert response.status_code == 303, response


def by_zip(content: bytes, name: str) -> None:
    """Import a content as the member of a zip."""
    from tests.running.imported import imported

    archive = BytesIO()
    with ZipFile(archive, "w") as file:
        file.writestr(name, content)
    imported(archive.getvalue(), "all.zip")


DOORS: Final[tuple[Door, ...]] = (by_function, by_function, by_function, by_command, by_upload, by_zip)


def _rehearsed(content: bytes, name: str) -> None:
    from tests.running.imported import imported

    imported(content, name, dry_run=True)


def _interrupted(content: bytes, name: str) -> None:
    from tests.running.imported import imported

    def stop(position: int, _values: int) -> None:
        if position:
            raise Interruption

    with suppress(Interruption):
        imported(content, name, on_progress=stop, max_attempts=None)


def _killed(content: bytes, name: str) -> None:
    """Kill a process that imports a content, before it commits."""
    from django.db import connection

    from tests.running.imported import imported

    connection.close()  # A child must not share it.
    if child := os.fork():
        os.waitpid(child, 0)
        _wait_for_its_session()
        return

    def die(position: int, _values: int) -> None:
        if position:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        imported(content, name, on_progress=die, max_attempts=None)
    finally:
        os._exit(1)


def _wait_for_its_session() -> None:
    """Wait until the server has noticed that a client is dead, and released its locks."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        cursor.execute(others)
        while cursor.fetchone():
            time.sleep(0.01)
            cursor.execute(others)
