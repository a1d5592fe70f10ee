"""Rewriting of a whole content, plain or zipped, without what it states about erased meter points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import BinaryIO, Final, cast
from warnings import catch_warnings, simplefilter
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError

from readings.formats import zips
from readings.formats.content import CHUNK, survey
from readings.formats.recognition import recognize
from readings.imports.erasure.blanking import Blanking
from readings.imports.erasure.matching import Erased
from readings.imports.erasure.tails import end_with
from readings.imports.outcomes import subject_in
from readings.models import FlowFile
from readings.models.erasures import find_rewritten

#: Format of zips.
ZIP: Final = "ZIP"
FAULTS: Final = (BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError)
#: Number of bytes of a member that may be unpacked for each byte of the zip.
_RATIO: Final = 2000


class Unreadable(Exception):
    """A zip has members that cannot be read."""


@dataclass(slots=True, kw_only=True)
class Rewritten:
    """A content before and after it was rewritten."""

    flow_file: FlowFile | None
    #: Hash and subject of the original.
    old_sha256: str
    old_subject: str
    sha256: str = ""
    size: int = 0
    #: First and last number of consecutive changed lines.
    lines: list[tuple[int, int]] = field(default_factory=list)
    is_changed: bool = False
    members: list[Rewritten] = field(default_factory=list)

    def with_members(self) -> Iterator[Rewritten]:
        """Yield the content and the members of a zip that are stored as flow files."""
        yield self
        yield from self.members


def rewrite(
    stream: BinaryIO, name: str, erased: Erased, write: Callable[[bytes], object], flow_file: FlowFile | None = None
) -> Rewritten:
    """Write the rewritten content of a stream; return what changed. Raise Unreadable for a zip that cannot be read.

    `name` is the name under which the content came, and `flow_file` its row, which is looked up if it is not given.
    """
    content = survey(stream)
    if zips.recognizes(content.start):
        return _rewrite_zip(stream, name, erased, write, content.sha256)
    parser = recognize(content.start)
    subject = subject_in(parser, name)
    flow_file = flow_file or find_content(content.sha256, subject)
    if not subject and flow_file:
        subject = flow_file.subject
    blanking = Blanking(erased, parser, subject, write)
    blanking.run(stream)
    end_with(blanking, flow_file, content.sha256)
    return Rewritten(
        flow_file=flow_file,
        old_sha256=content.sha256,
        old_subject=subject,
        sha256=blanking.hash.hexdigest(),
        size=blanking.size,
        lines=blanking.ranges,
        is_changed=blanking.is_changed,
    )


def find_content(sha256: str, subject: str) -> FlowFile | None:
    """Return the flow file of a content, also of one that was rewritten; None if it is not stored."""
    return FlowFile.objects.filter(sha256=sha256, subject=subject).first() or find_rewritten(sha256, subject)


def _rewrite_zip(
    stream: BinaryIO, name: str, erased: Erased, write: Callable[[bytes], object], sha256: str
) -> Rewritten:
    result = Rewritten(flow_file=find_content(sha256, ""), old_sha256=sha256, old_subject="")
    with TemporaryFile() as target:
        with _opened(stream) as source, ZipFile(target, "w") as zipped, catch_warnings():
            simplefilter("ignore")  # Two members may have one name.
            for info in source.infolist():
                _rewrite_member(source, info, name, erased, zipped, result)
            zipped.comment = erased.without_words(source.comment.decode("latin-1")).encode("latin-1")
        final = cast(BinaryIO, target) if result.is_changed else stream
        new = survey(final)
        while piece := final.read(CHUNK):
            write(piece)
    result.sha256, result.size = new.sha256, new.size
    return result


def _rewrite_member(
    source: ZipFile, info: ZipInfo, name: str, erased: Erased, zipped: ZipFile, result: Rewritten
) -> None:
    copy = ZipInfo(erased.without_names(info.filename), info.date_time)
    copy.compress_type, copy.external_attr = info.compress_type, info.external_attr
    if info.is_dir():
        zipped.writestr(copy, b"")
    else:
        with unpacked(source, info) as member, TemporaryFile() as file:
            rewritten = rewrite(member, f"{name}/{info.filename}", erased, file.write)
            file.seek(0)
            with zipped.open(copy, "w", force_zip64=rewritten.size > 1 << 30) as target:
                while piece := file.read(CHUNK):
                    target.write(piece)
        result.members += list(rewritten.with_members()) if rewritten.flow_file else []
        result.is_changed |= rewritten.is_changed
    result.is_changed |= copy.filename != info.filename


@contextmanager
def _opened(stream: BinaryIO) -> Iterator[ZipFile]:
    try:
        with ZipFile(stream) as source:
            yield source
    except FAULTS as error:
        raise Unreadable(str(error)) from error


@contextmanager
def unpacked(source: ZipFile, info: ZipInfo) -> Iterator[BinaryIO]:
    """Open the unpacked bytes of a member; raise Unreadable if it cannot be read."""
    if info.file_size > max(zips.HARMLESS, _RATIO * info.compress_size):
        raise Unreadable("a member is too compressed")
    with TemporaryFile() as file:
        try:
            with source.open(info) as member:
                while piece := member.read(CHUNK):
                    file.write(piece)
        except FAULTS as error:
            raise Unreadable(str(error)) from error
        file.seek(0)
        yield cast(BinaryIO, file)
