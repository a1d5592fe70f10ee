"""The members of a zip archive, one after the other, within limits.

`zipfile` reads the directory and undoes the compression; what it would take on trust is checked here. No name of a
member is ever used as a path.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import SEEK_CUR, SEEK_END, SEEK_SET
from typing import BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError

from readings.formats.contract import ERROR, WARNING, Problem
from readings.formats.text import shown

CHUNK: Final = 256 * 1024
#: The longest directory that is read, as it is read at once: that of 10,000 members has about 1 MB.
LONGEST_DIRECTORY: Final = 4 * 1024 * 1024
#: So much may come out of any member: a bomb is larger, and a small file of zeros is none.
HARMLESS: Final = 1024 * 1024

_FIRST_RECORDS: Final = (b"PK\x03\x04", b"PK\x05\x06")
_END_RECORD: Final = re.compile(rb"(?s)(?=PK\x05\x06.{16}(..))")
_END_RECORD_SIZE: Final = 22
_LONGEST_END: Final = _END_RECORD_SIZE + 0x10000
_IS_ENCRYPTED: Final = 0x0001 | 0x0040
_IS_PATCH: Final = 0x0020
_IS_UTF_8: Final = 0x0800
_IS_FOLDER: Final = 0x10
#: What computers put beside the files of people.
_LEFT_OUT: Final = re.compile(rb"(?is)__MACOSX/.*|(?:.*/)?(?:\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may come out of one zip."""

    member_bytes: int
    total_bytes: int
    members: int = 10_000
    #: How many times its compressed size a member may have.
    ratio: int = 200


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its name as in the zip, and its bytes, to be read until the next member is asked for."""

    name: bytes
    stream: BinaryIO


def recognizes(start: bytes) -> bool:
    """Tell from the first bytes whether the content is meant to be a zip."""
    return start.startswith(_FIRST_RECORDS)


def is_complete(end: bytes) -> bool:
    """Tell from the last bytes whether the zip has its whole last record, comment and all."""
    comments = {found.start() + _END_RECORD_SIZE: found[1] for found in _END_RECORD.finditer(end)}
    return any(len(end) - place == int.from_bytes(size, "little") for place, size in comments.items())


def members(stream: BinaryIO, limits: Limits, spool: Callable[[], BinaryIO]) -> Iterator[Member | Problem]:
    """Give each member in order, or what is wrong with it.

    What the directory of the zip tells of any member comes first; after an error of the whole zip, no member comes.
    `spool` makes an empty file for the bytes of one member. OSError of the stream or of that file passes through.
    """
    zipped = _Zipped(stream)
    try:
        archive = ZipFile(zipped)
    except _DirectoryTooLong:
        message = f"its directory is longer than that of {limits.members:,} members; send several zips"
        yield _error("too-many-members", "", message)
        return
    except _FAULTS:
        if zipped.trouble:  # zipfile takes any OSError for a fault of the zip
            raise zipped.trouble from None
        yield _error("damaged-zip", "", "the zip is damaged, or is none; have it sent again")
        return
    with archive:
        directory = _Directory(archive.infolist(), zipped.size, limits)
        yield from directory.problems
        for info in directory.members:
            with spool() as file:
                yield _unpack(archive, info, file) or Member(_name(info), file)


class _Outside(OSError):
    """The zip points to a place outside itself."""


class _DirectoryTooLong(BadZipFile):
    """The directory at the end of the zip is too long to be read at once."""


#: What zipfile raises where content is at fault.
_FAULTS: Final = (
    BadZipFile,
    ZlibError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    UnicodeDecodeError,
    _Outside,
)


class _Zipped:
    """The bytes of a zip, for zipfile: no place outside them, not too many at once, and trouble is kept."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.size = stream.seek(0, SEEK_END)
        self.trouble: OSError | None = None

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        """Go to a place."""
        place = offset + {SEEK_SET: 0, SEEK_CUR: self.stream.tell(), SEEK_END: self.size}[whence]
        if not 0 <= place <= self.size:
            raise _Outside(place)
        return self.stream.seek(place)

    def tell(self) -> int:
        """Return the place."""
        return self.stream.tell()

    def seekable(self) -> bool:
        """Say that any place can be gone to."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read some bytes; zipfile asks for all the rest only near the end."""
        if size > LONGEST_DIRECTORY:
            raise _DirectoryTooLong
        try:
            return self.stream.read(size if size >= 0 else _LONGEST_END)
        except OSError as error:
            self.trouble = error
            raise


class _Directory:
    """What the directory says: the members that may be read, in order, and what is wrong with others."""

    def __init__(self, entries: list[ZipInfo], size: int, limits: Limits) -> None:
        self.problems: list[Problem] = []
        self.members: list[ZipInfo] = []
        files = [info for info in entries if not _is_folder(info)]
        wanted = [info for info in files if not self._leave_out(info)]
        if problem := _fault_of_all(wanted, size, limits):
            self.problems.append(problem)
            return
        for info in wanted:
            if problem := _fault_of_one(info, limits):
                self.problems.append(problem)
            else:
                self.members.append(info)
        for name, number in Counter(map(_name, wanted)).items():
            if number > 1:
                message = f"{number} members have this name; each was read"
                self.problems.append(_problem(WARNING, "duplicate-member", shown(name), message))

    def _leave_out(self, info: ZipInfo) -> bool:
        if not _LEFT_OUT.fullmatch(_name(info)):
            return False
        message = "is what a computer keeps beside the files of people; it was left out"
        self.problems.append(_problem(WARNING, "left-out", _shown(info), message))
        return True


def _fault_of_all(wanted: list[ZipInfo], size: int, limits: Limits) -> Problem | None:
    total = sum(info.file_size for info in wanted)
    if not wanted:
        return _error("empty-zip", "", "the zip holds no file; send it again")
    if len(wanted) > limits.members:
        message = f"has {len(wanted):,} members, and {limits.members:,} may be in a zip; send several"
        return _error("too-many-members", "", message)
    if sum(info.compress_size for info in wanted) > size:
        return _error("damaged-zip", "", "its members overlap; have it sent again")
    if total > limits.total_bytes:
        message = f"its members have {total:,} bytes, and {limits.total_bytes:,} may come out of a zip; send several"
        return _error("too-large", "", message)
    return None


def _fault_of_one(info: ZipInfo, limits: Limits) -> Problem | None:
    name = _shown(info)
    if info.flag_bits & _IS_ENCRYPTED:
        return _error("encrypted-member", name, "is encrypted; send it without a password")
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or info.flag_bits & _IS_PATCH:
        message = f"is compressed by method {info.compress_type}; expected deflate (8), or none (0)"
        return _error("unknown-compression", name, message)
    if info.file_size > limits.member_bytes:
        message = f"has {info.file_size:,} bytes unpacked, and {limits.member_bytes:,} are allowed"
        return _error("too-large", name, message)
    if info.file_size > max(HARMLESS, limits.ratio * info.compress_size):
        message = f"has more than {limits.ratio} times its size in the zip; send it unpacked"
        return _error("too-compressed", name, message)
    return None


def _unpack(archive: ZipFile, info: ZipInfo, file: BinaryIO) -> Problem | None:
    """Write the bytes of a member into the file, and leave it at its start."""
    expected = info.file_size
    info.file_size += 1  # else zipfile would leave out in silence what goes beyond the size in the directory
    try:
        with archive.open(info) as source:
            while chunk := source.read(CHUNK):
                file.write(chunk)
    except _FAULTS:
        return _error("damaged-member", _shown(info), "is damaged; have it sent again")
    if file.tell() != expected:
        message = f"has {file.tell():,} bytes, and the zip says {expected:,}; have it sent again"
        return _error("damaged-member", _shown(info), message)
    file.seek(0)
    if recognizes(file.read(4)):
        return _error("nested-zip", _shown(info), "is a zip itself; send what is inside")
    file.seek(0)
    return None


def _is_folder(info: ZipInfo) -> bool:
    return not info.file_size and (info.filename.endswith("/") or bool(info.external_attr & _IS_FOLDER))


def _name(info: ZipInfo) -> bytes:
    return info.orig_filename.encode("utf-8" if info.flag_bits & _IS_UTF_8 else "cp437")


def _shown(info: ZipInfo) -> str:
    return shown(_name(info))


def _error(code: str, value: str, message: str) -> Problem:
    return _problem(ERROR, code, value, message)


def _problem(severity: str, code: str, value: str, message: str) -> Problem:
    return Problem(severity=severity, line=0, code=code, value=value[:200], message=message)
