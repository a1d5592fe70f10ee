"""Files put away: opened again for the pages, and uploads stored there."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final, cast
from zipfile import ZipInfo

from readings.formats import zips
from readings.formats.content import survey
from readings.formats.text import as_bytes, printable
from readings.imports.disk import NotRegular, copy, open_regular, sync_folder
from readings.imports.places import name_of_member, place_of
from readings.models import LEFT, Arrival, FlowFile

#: Size up to which a file is hashed: more takes too long for a page.
HASHED: Final = 64 * 1024 * 1024
#: Size up to which a member of a zip is unpacked for a page.
UNPACKED: Final = 128 * 1024 * 1024
#: Number of locations tried for one content, newest first; and of members of a zip.
TRIED: Final = 5


class NotThere(Exception):
    """The bytes cannot be shown; the message states the reason."""


def open_content(flow_file: FlowFile, arrivals: Iterable[Arrival], roots: Sequence[Path]) -> BinaryIO:
    """Return the open file of a content, from the locations of its arrivals; raise NotThere if there is none.

    Size and hash must match. A file too large to be hashed must be below one of the roots, to which only the watcher
    writes. A member of a zip is unpacked into a temporary file.
    """
    arrivals = list(arrivals)
    why = ""
    for arrival in [each for each in arrivals if _place(each).startswith("/")][: -TRIED - 1 : -1]:
        try:
            if arrival.container:
                return _open_member(flow_file, arrival.name, arrival.container, roots)
            return _open(as_bytes(arrival.resting_place), flow_file, roots)
        except NotThere as not_there:
            why = why or f"{_place(arrival)} {not_there}"
    raise NotThere(why or _why_nowhere(arrivals))


def _place(arrival: Arrival) -> str:
    """Return the location of a file; of a member of a zip that of the zip."""
    return (arrival.container or arrival).resting_place


def _why_nowhere(arrivals: list[Arrival]) -> str:
    left = [place for place in map(_place, arrivals) if place.startswith(LEFT)]
    return left[-1].removeprefix(LEFT).removesuffix(")") if left else "the file is not put away yet"


def _open(place: bytes, flow_file: FlowFile, roots: Sequence[Path]) -> BinaryIO:
    try:
        stream = os.fdopen(open_regular(place), "rb")
    except NotRegular:
        raise NotThere("is no longer a regular file") from None
    except OSError as error:
        raise NotThere(f"cannot be opened: {error.strerror}") from None
    try:
        _check(stream, place, flow_file, roots)
    except BaseException:
        stream.close()
        raise
    return stream


def _check(stream: BinaryIO, place: bytes, flow_file: FlowFile, roots: Sequence[Path]) -> None:
    status = os.fstat(stream.fileno())
    if status.st_size != flow_file.size:
        raise NotThere(f"was changed after the import: {status.st_size:,} bytes instead of {flow_file.size:,}")
    if status.st_size <= HASHED:
        if survey(stream).sha256 != flow_file.sha256:
            raise NotThere("was changed after the import: its SHA-256 differs")
    elif not any(root.resolve() in Path(os.fsdecode(place)).resolve().parents for root in roots):
        raise NotThere("is outside the archive and too large to be verified")


def _open_member(flow_file: FlowFile, name: str, container: Arrival, roots: Sequence[Path]) -> BinaryIO:
    """Return a temporary file with the bytes of a zip's member, found by its name, else by its size, and its hash."""
    if flow_file.size > UNPACKED:
        raise NotThere(f"contains the file, which is too large to be unpacked here: {flow_file.size:,} bytes")

    def has_size(info: ZipInfo) -> bool:
        return info.file_size == flow_file.size

    def has_name(info: ZipInfo) -> bool:
        return has_size(info) and name_of_member(container.name, printable(zips.name_of(info))) == name

    limits = zips.Limits(member_bytes=UNPACKED, total_bytes=sys.maxsize)
    with _open(as_bytes(container.resting_place), container.flow_file, roots) as stream:
        for is_wanted in (has_name, has_size):
            members = zips.members(stream, limits, cast(Callable[[], BinaryIO], TemporaryFile), is_wanted)
            for member in islice((each for each in members if isinstance(each, zips.Member)), TRIED):
                if survey(member.stream).sha256 == flow_file.sha256:
                    member.stream.seek(0)
                    return os.fdopen(os.dup(member.stream.fileno()), "rb")
    raise NotThere("does not contain the file any more")


def keep(stream: BinaryIO, root: Path, *, name: str, sha256: str, day: date) -> Path:
    """Copy a content durably to a free path below a folder; return the path."""
    sent = as_bytes(name).replace(b"/", b"_").lstrip(b".") or b"upload"
    places = (root / os.fsdecode(place_of(day, sent, sha256, number)) for number in count(1))
    place = next(place for place in places if _is_reserved(place))
    try:
        copy(stream, bytes(place))
    except BaseException:
        place.unlink()
        raise
    sync_folder(bytes(place.parent))
    stream.seek(0)
    return place


def _is_reserved(place: Path) -> bool:
    """Reserve a path with an empty file; return False if it is taken."""
    if os.path.lexists(place):
        return False
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        place.touch(exist_ok=False)
    except FileExistsError:  # another upload of the same content was faster
        return False
    return True


def forget(place: Path) -> None:
    """Remove the copy of an upload that was not imported, or that is stored elsewhere."""
    place.unlink()
    sync_folder(bytes(place.parent))
