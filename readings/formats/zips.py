"""Members of a zip archive, in order, within limits.

`zipfile` reads the directory and decompresses; this module checks what `zipfile` trusts. A member name is never used
as a path.
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

from readings.formats.content import ends_of
from readings.formats.contract import ERROR, WARNING, Problem
from readings.formats.foreign import office_document
from readings.formats.text import printable

CHUNK: Final = 256 * 1024
#: Limit of the directory, which is read at once: that of 10,000 members takes about 1 MB.
LONGEST_DIRECTORY: Final = 4 * 1024 * 1024
#: Unpacked size below which the compression ratio is not checked: a small file of zeros is no bomb.
HARMLESS: Final = 1024 * 1024

_FIRST_RECORDS: Final = (b"PK\x03\x04", b"PK\x05\x06")
_END_RECORD: Final = re.compile(rb"(?s)(?=PK\x05\x06.{16}(..))")
_END_RECORD_SIZE: Final = 22
_LONGEST_END: Final = _END_RECORD_SIZE + 0x10000
_IS_ENCRYPTED: Final = 0x0001 | 0x0040
_IS_PATCH: Final = 0x0020
_IS_UTF_8: Final = 0x0800
_IS_FOLDER: Final = 0x10
#: Names of system files that macOS and Windows add.
_LEFT_OUT: Final = re.compile(rb"(?is)__MACOSX/.*|(?:.*/)?(?:\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one zip; sizes are unpacked bytes."""

    member_bytes: int
    total_bytes: int
    members: int = 10_000
    #: Highest ratio of the unpacked to the compressed size of a member.
    ratio: int = 200


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its name as in the zip, and its bytes, readable until the next member is requested."""

    name: bytes
    stream: BinaryIO


def recognizes(start: bytes) -> bool:
    """Return whether the first bytes look like a zip."""
    return start.startswith(_FIRST_RECORDS)


def is_complete(end: bytes) -> bool:
    """Return whether the last bytes hold the whole last record of a zip, including its comment."""
    comments = {match.start() + _END_RECORD_SIZE: match[1] for match in _END_RECORD.finditer(end)}
    return any(len(end) - place == int.from_bytes(size, "little") for place, size in comments.items())


def members(
    stream: BinaryIO, limits: Limits, spool: Callable[[], BinaryIO], is_wanted: Callable[[ZipInfo], bool] = bool
) -> Iterator[Member | Problem]:
    """Yield each wanted member in order, or the problem with it.

    Problems in the directory come first; after an error of the whole zip, no member follows. `spool` makes an empty
    file for the bytes of one member. Raises OSError if the stream or that file fails.
    """
    zipped = _Zipped(stream)
    try:
        archive = ZipFile(zipped)
    except _DirectoryTooLong:
        message = f"the directory is too long for {limits.members:,} members; split the zip into several"
        yield _error("too-many-members", "", message)
        return
    except _FAULTS:
        if zipped.os_error:  # zipfile mistakes any OSError for a fault of the zip.
            raise zipped.os_error from None
        yield _error("damaged-zip", "", "the file is not a valid zip; ask the sender to send it again")
        return
    with archive:
        directory = _Directory(archive.infolist(), zipped.size, limits)
        yield from directory.problems
        for info in filter(is_wanted, directory.members):
            with spool() as file:
                yield _unpack(archive, info, file) or Member(name_of(info), file)


class _Outside(OSError):
    """An offset in the zip is outside the zip."""


class _DirectoryTooLong(BadZipFile):
    """The directory at the end of the zip is too long to be read at once."""


#: Exceptions that zipfile raises for bad content.
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
    """Bounded stream for zipfile: no offset outside the zip, no long read, and OSErrors are recorded."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.size = stream.seek(0, SEEK_END)
        self.os_error: OSError | None = None

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        """Seek to an offset; raise `_Outside` if it is not in the zip."""
        place = offset + {SEEK_SET: 0, SEEK_CUR: self.stream.tell(), SEEK_END: self.size}[whence]
        if not 0 <= place <= self.size:
            raise _Outside(place)
        return self.stream.seek(place)

    def tell(self) -> int:
        """Return the current offset."""
        return self.stream.tell()

    def seekable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read bytes; zipfile reads to the end only near the end."""
        if size > LONGEST_DIRECTORY:
            raise _DirectoryTooLong
        try:
            return self.stream.read(size if size >= 0 else _LONGEST_END)
        except OSError as error:
            self.os_error = error
            raise


class _Directory:
    """Directory of a zip: the members that may be read, in order, and the problems of the others."""

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
        for name, number in Counter(map(name_of, wanted)).items():
            if number > 1:
                message = f"{number} members have this name; all of them were read"
                self.problems.append(_problem(WARNING, "duplicate-member", printable(name), message))

    def _leave_out(self, info: ZipInfo) -> bool:
        if not _LEFT_OUT.fullmatch(name_of(info)):
            return False
        message = "is a system file of macOS or Windows; it was skipped"
        self.problems.append(_problem(WARNING, "left-out", _escaped_name(info), message))
        return True


def _fault_of_all(wanted: list[ZipInfo], size: int, limits: Limits) -> Problem | None:
    total = sum(info.file_size for info in wanted)
    if not wanted:
        return _error("empty-zip", "", "the zip contains no file; ask the sender to send it again")
    if len(wanted) > limits.members:
        message = f"has {len(wanted):,} members, at most {limits.members:,} are allowed; split the zip into several"
        return _error("too-many-members", "", message)
    if sum(info.compress_size for info in wanted) > size:
        return _error("damaged-zip", "", "the members of the zip overlap; ask the sender to send it again")
    if total > limits.total_bytes:
        message = f"has {total:,} bytes unpacked, at most {limits.total_bytes:,} are allowed; split the zip"
        return _error("too-large", "", message)
    return None


def _fault_of_one(info: ZipInfo, limits: Limits) -> Problem | None:
    name = _escaped_name(info)
    if info.flag_bits & _IS_ENCRYPTED:
        return _error("encrypted-member", name, "is encrypted; ask the sender to send it without a password")
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or info.flag_bits & _IS_PATCH:
        message = f"is compressed by method {info.compress_type}, expected 8 (deflate) or 0 (stored); zip it again"
        return _error("unknown-compression", name, message)
    if info.file_size > limits.member_bytes:
        message = f"has {info.file_size:,} bytes unpacked, MAX_BYTES allows {limits.member_bytes:,}; split the file"
        return _error("too-large", name, message)
    if info.file_size > max(HARMLESS, limits.ratio * info.compress_size):
        message = f"expands to more than {limits.ratio} times its size in the zip; import it unpacked"
        return _error("too-compressed", name, message)
    return None


def _unpack(archive: ZipFile, info: ZipInfo, file: BinaryIO) -> Problem | None:
    """Write the bytes of a member into the file, and rewind it; return the problem if there is one."""
    expected = info.file_size
    info.file_size += 1  # Else zipfile silently drops bytes beyond the size in the directory.
    try:
        with archive.open(info) as source:
            while chunk := source.read(CHUNK):
                file.write(chunk)
    except _FAULTS:
        return _error("damaged-member", _escaped_name(info), "is damaged; ask the sender to send the zip again")
    if file.tell() != expected:
        message = f"has {file.tell():,} bytes, expected {expected:,}; ask the sender to send the zip again"
        return _error("damaged-member", _escaped_name(info), message)
    start, end = ends_of(file)
    if recognizes(start) and not office_document(start, end):
        return _error("nested-zip", _escaped_name(info), "is itself a zip; unpack it and import its files")
    return None


def _is_folder(info: ZipInfo) -> bool:
    return not info.file_size and (info.filename.endswith("/") or bool(info.external_attr & _IS_FOLDER))


def name_of(info: ZipInfo) -> bytes:
    """Return the name of a member as in the zip."""
    return info.orig_filename.encode("utf-8" if info.flag_bits & _IS_UTF_8 else "cp437")


def _escaped_name(info: ZipInfo) -> str:
    return printable(name_of(info))


def _error(code: str, value: str, message: str) -> Problem:
    return _problem(ERROR, code, value, message)


def _problem(severity: str, code: str, value: str, message: str) -> Problem:
    return Problem(severity=severity, line=0, code=code, value=value[:200], message=message)
