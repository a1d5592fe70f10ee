"""Search for an erased meter point: in all files below our folders, in all tables, in the bytes of the database."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final
from zipfile import ZipFile

from django.db import connection, models

from readings.formats import zips
from readings.formats.content import CHUNK, END, survey
from readings.formats.recognition import recognize
from readings.formats.text import printable
from readings.imports.disk import NotRegular, open_regular
from readings.imports.erasure.blanking import Blanking
from readings.imports.erasure.matching import Erased
from readings.imports.erasure.rewriting import FAULTS, Unreadable, unpacked
from readings.imports.erasure.rows import NAMES, text_columns
from readings.imports.erasure.sanitizing import sanitized
from readings.imports.outcomes import subject_in
from readings.models import MeterPoint, Problem

#: Ending of a report, and of a file that is put away.
REPORT: Final = re.compile(rb"\.report(?:\.[0-9]+)?\.(?:json|txt)$")
PUT_AWAY: Final = re.compile(rb"\.[0-9a-f]{12}(?:\.[0-9]+)?$")


@dataclass(slots=True)
class Search:
    """One search; it counts what it searched."""

    erased: Erased
    #: Schemes of the meter point.
    schemes: tuple[str, ...]
    files: int = 0
    columns: int = 0
    #: Paths of the files that could not be searched.
    unsearched: list[str] = field(default_factory=list)

    def files_below(self, roots: Iterable[Path]) -> Iterator[bytes]:
        """Yield the paths of the files with the meter point, in their bytes or their names."""
        for root in roots:
            for folder, _, names in os.walk(os.fsencode(root)):
                yield from self.among(os.path.join(folder, name) for name in sorted(names))

    def among(self, paths: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the paths of the files with the meter point that exist."""
        for path in paths:
            self.files += 1
            if os.path.lexists(path) and (self._is_in_name(os.path.basename(path)) or self._is_in(path)):
                yield path

    def _is_in_name(self, name: bytes) -> bool:
        text = printable(PUT_AWAY.sub(b"", REPORT.sub(b"", name)))
        return self.erased.without_names(text) != text

    def _is_in(self, path: bytes) -> bool:
        try:
            with suppress(NotRegular), open(open_regular(path), "rb") as stream:
                return self._is_in_stream(stream, os.path.basename(path))
        except FileNotFoundError:  # a watcher has moved it
            return False
        except (OSError, Unreadable):
            self.unsearched.append(printable(path))
        return False

    def _is_in_stream(self, stream: BinaryIO, name: bytes) -> bool:
        start = stream.read(END)
        if zips.recognizes(start):
            return self._is_in_zip(stream)
        if self.erased.is_word:
            return is_in_bytes(stream, self.erased.needles)
        return self._is_in_report(stream) if REPORT.search(name) else self._is_stated(stream, name)

    def _is_in_zip(self, stream: BinaryIO) -> bool:
        if self.erased.is_word and is_in_bytes(stream, self.erased.needles):
            return True
        try:
            with ZipFile(stream) as source:
                for info in source.infolist():
                    if self.erased.without_names(info.filename) != info.filename:
                        return True
                    if not info.is_dir():
                        with unpacked(source, info) as member:
                            if self._is_in_stream(member, info.filename.encode("utf-8", "surrogateescape")):
                                return True
        except FAULTS as error:
            raise Unreadable(str(error)) from error
        return False

    def _is_stated(self, stream: BinaryIO, name: bytes) -> bool:
        """Return whether a format finds the meter point in a content; a short identifier may be a value elsewhere."""
        content = survey(stream)
        parser = recognize(content.start)
        subject = subject_in(parser, printable(name))
        blanking = Blanking(self.erased, parser, subject, lambda piece: None)
        blanking.run(stream)
        return blanking.is_changed

    def _is_in_report(self, stream: BinaryIO) -> bool:
        stream.seek(0)
        try:
            report = json.load(stream)
        except ValueError:
            return False
        return bool(sanitized(report, self.erased) != {"members": [], "problems": [], **report})

    def tables(self) -> Iterator[str]:
        """Yield the columns in which the identifier is found, with the number of rows."""
        if not self.erased.is_word:
            yield from self._rows_about()
            return
        for model, name in text_columns():
            self.columns += 1
            rows = models.QuerySet[models.Model](model).filter(**{f"{name}__icontains": self.erased.stem})
            if number := rows.count():
                yield f"{model._meta.db_table}.{name}: {number:,} rows"

    def _rows_about(self) -> Iterator[str]:
        """Yield the columns that name the meter point; elsewhere a short identifier is only a number."""
        for model in (MeterPoint, Problem):
            self.columns += 1
            rows = model._default_manager.filter(identifier=self.erased.identifier, scheme__in=self.schemes)
            if number := rows.count():
                yield f"{model._meta.db_table}.identifier: {number:,} rows"
        for named, name in NAMES:
            self.columns += 1
            found = models.QuerySet[models.Model](named).filter(**{f"{name}__icontains": self.erased.identifier})
            texts = list(found.values_list(name, flat=True))
            if number := sum(self.erased.without_names(text) != text for text in texts):
                yield f"{named._meta.db_table}.{name}: {number:,} rows"

    def database_files(self) -> Iterator[bytes]:
        """Yield the files of a SQLite database."""
        name = str(connection.settings_dict["NAME"])
        if connection.vendor == "sqlite" and self.erased.is_word and os.path.isfile(name):
            yield from (path for path in (os.fsencode(name), os.fsencode(f"{name}-wal")) if os.path.exists(path))

    def database_bytes(self) -> Iterator[str]:
        """Yield the files of a SQLite database that hold the identifier in their bytes."""
        for path in self.database_files():
            self.files += 1
            with open(path, "rb") as stream:
                if is_in_bytes(stream, self.erased.needles):
                    yield printable(path)


def is_in_bytes(stream: BinaryIO, needles: Sequence[bytes]) -> bool:
    """Return whether a stream holds one of some bytes, in capitals or not."""
    stream.seek(0)
    rest = b""
    while chunk := stream.read(CHUNK):
        chunk = rest + chunk.lower()
        if any(needle in chunk for needle in needles):
            return True
        rest = chunk[-max(map(len, needles)) :]
    return False
