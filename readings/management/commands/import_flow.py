"""Import flow files in place, with the importer of the inbox; no file is moved."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.utils import timezone

from readings.formats.text import printable
from readings.imports.arrivals import Delivery
from readings.imports.attempts import ContentChanged, Rules
from readings.imports.erasure.finishing import finish_import
from readings.imports.loading.locks import BeingImported
from readings.imports.operations import import_flow
from readings.imports.planner.outgrown import renew_after, try_to_renew
from readings.imports.reports import ImportReport, as_json_text, as_text
from readings.imports.summing.update import bring_up_to_date
from readings.management.operator import operator
from readings.models import Channel, Outcome
from readings.queries.upkeep.database import describe_error

STANDARD_INPUT = "-"


class Command(BaseCommand):
    help = (
        "Import flow files: each completely or not at all, each content once. No file is moved. "
        "Exit codes: 0 all imported, now or earlier; 1 some rejected; 2 wrong usage or an error of the environment."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths",
            nargs="+",
            metavar="PATH",
            help="a file, a folder (including all of its subfolders), or - for standard input",
        )
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = set[str]()
        self.rules = Rules(
            max_bytes=settings.MAX_BYTES,
            max_attempts=None,
            nem_time=settings.NEM_UTC_OFFSET,
            is_strict=options["strict"],
        )
        for name in options["paths"]:
            try:
                outcomes |= {self._import(path, options) for path in _files(name)}
            except OSError as error:
                self.stderr.write(f"{_escaped_path(name)}: not completely imported: {error}")
                outcomes.add("")
        if not options["dry_run"]:
            try_to_renew()  # Many small files outgrow the statistics together, and bad plans slow the sums down.
            self._sum()
            try_to_renew()
        if "" in outcomes:
            sys.exit(2)
        if Outcome.REJECTED in outcomes:
            sys.exit(1)

    def _sum(self) -> None:
        """Bring the sums of consumption up to date; if that fails, pages and watcher do it later."""
        try:
            bring_up_to_date()
        except DatabaseError as error:
            self.stderr.write(f"sums of consumption are not up to date yet: {_trouble(error)}")

    def _import(self, path: str, options: dict[str, Any]) -> str:
        """Import a file and print its report; return the outcome, or "" if the import failed."""
        try:
            with _opened(path) as stream:
                report = _import_stream(stream, path, self.rules, dry_run=options["dry_run"])
        except (OSError, DatabaseError, BeingImported, ContentChanged) as error:
            self.stderr.write(f"{_escaped_path(path)}: not imported: {_trouble(error)}")
            return ""
        self.stdout.write(as_json_text(report) if options["format"] == "json" else as_text(report))
        return report.outcome


def add_options(parser: ArgumentParser) -> None:
    """Add the options of all commands that import files."""
    parser.add_argument(
        "--strict",
        action="store_true",
        help="reject deviations from the specification that are otherwise accepted with a warning",
    )
    parser.add_argument("--dry-run", action="store_true", help="report the same outcome, and store nothing")
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="json: one line with one object per file",
    )


def _files(name: str) -> Iterator[str]:
    if name != STANDARD_INPUT and Path(name).is_dir():
        # Not rglob: it silently skips unreadable folders.
        for folder, folders, files in os.walk(name, onerror=_raise):
            folders.sort()
            yield from (str(Path(folder, file)) for file in sorted(files))
    else:
        yield name


def _raise(error: OSError) -> None:
    raise error


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    """Open a file; copy standard input to a temporary file first, because it is read twice."""
    if path != STANDARD_INPUT:
        # Without blocking: a named pipe in a folder would stop the import of all other files.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise OSError("is not a regular file")
            yield stream
        return
    with tempfile.TemporaryFile() as stream:
        copyfileobj(sys.stdin.buffer, stream)
        stream.flush()
        yield stream


def _import_stream(stream: BinaryIO, path: str, rules: Rules, *, dry_run: bool) -> ImportReport:
    before = _identity(stream)
    is_file = path != STANDARD_INPUT
    delivery = Delivery(
        name=_escaped_path(Path(path).name if is_file else path),
        channel=Channel.COMMAND,
        by_whom=operator(),
        resting_place=_escaped_path(str(Path(path).absolute())) if is_file else "(standard input)",
    )
    report = import_flow(
        stream,
        delivery,
        clock=timezone.now,
        rules=rules,
        dry_run=dry_run,
        is_unchanged=lambda: _identity(stream) == before,
        on_progress=_progress(_escaped_path(path), before[1]),
    )
    if not dry_run:
        finish_import(report, (settings.ARCHIVE_DIR, settings.REJECTED_DIR), timezone.now())
        renew_after(report)
    report.name = _escaped_path(path)
    return report


def _identity(stream: BinaryIO) -> tuple[int, int, int]:
    status = os.fstat(stream.fileno())
    return status.st_ino, status.st_size, status.st_mtime_ns


def _escaped_path(path: str) -> str:
    return printable(os.fsencode(path))


def _trouble(error: Exception) -> str:
    if isinstance(error, DatabaseError):
        return str(describe_error(error))
    return f"{error}; run the command again" if isinstance(error, BeingImported | ContentChanged) else str(error)


def _progress(name: str, size: int) -> Callable[[int, int], None]:
    """Return a function that shows the progress on a terminal; elsewhere it does nothing."""
    if not sys.stderr.isatty():
        return lambda position, values: None

    def show(position: int, _values: int) -> None:
        ending = "\r" if position < size else "\r\x1b[K"
        sys.stderr.write(f"{name}: {100 * position // max(size, 1)} %{ending}")
        sys.stderr.flush()

    return show
