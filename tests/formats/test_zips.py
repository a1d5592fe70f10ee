from __future__ import annotations

import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO, RawIOBase
from pathlib import Path
from random import Random
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

import pytest

from readings.formats.contract import ERROR, WARNING, Problem
from readings.formats.zips import Limits, is_complete, members, recognizes
from tests.running.places import SHARED

SAMPLES = SHARED / "nem"
ENOUGH = Limits(member_bytes=10_000_000, total_bytes=20_000_000)
FLOW = b"100,NEM13,200401101030,MDA1,Ret1\r\n900\r\n"
#: Offsets of the fields of a directory entry.
FLAGS, METHOD, CHECKSUM, COMPRESSED_SIZE, SIZE, PLACE = 8, 10, 16, 20, 24, 42


def zipped(*contents: tuple[str | ZipInfo, bytes], method: int = ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", method) as archive:
        archive.comment = comment
        for name, content in contents:
            archive.writestr(name, content, compress_type=method)
    return file.getvalue()


def with_entry(content: bytes, place: int, value: int, size: int = 4, entry: int = 0) -> bytes:
    """Return the zip with another value in a field of a directory entry."""
    start = -1
    for _ in range(entry + 1):
        start = content.index(b"PK\x01\x02", start + 1)
    offset = start + place
    return content[:offset] + value.to_bytes(size, "little") + content[offset + size :]


def read(content: bytes, limits: Limits = ENOUGH) -> tuple[dict[bytes, bytes], list[Problem]]:
    contents, problems = {}, []
    for member in members(BytesIO(content), limits, TemporaryFile):
        if isinstance(member, Problem):
            problems.append(member)
        else:
            contents[member.name] = member.stream.read()
    return contents, problems


def codes(problems: list[Problem]) -> list[tuple[str, str, str]]:
    assert {problem.line for problem in problems} <= {0}
    assert all(problem.message and len(problem.value) <= 200 for problem in problems)
    return [(problem.severity, problem.code, problem.value) for problem in problems]


@pytest.mark.parametrize("method", [ZIP_STORED, ZIP_DEFLATED])
def test_members_come_in_the_order_of_the_zip(method: int) -> None:
    contents = [("b.csv", FLOW), ("a.csv", b""), ("folder/c.csv", FLOW * 20_000)]
    output, problems = read(zipped(*contents, method=method))
    assert list(output.items()) == [(name.encode(), content) for name, content in contents]
    assert problems == []


def test_a_member_can_be_read_again_from_its_start() -> None:
    for member in members(BytesIO(zipped(("a.csv", FLOW))), ENOUGH, TemporaryFile):
        assert not isinstance(member, Problem)
        for _ in range(2):
            member.stream.seek(0)
            assert member.stream.read() == FLOW


def test_a_member_is_closed_when_the_next_is_requested() -> None:
    every = members(BytesIO(zipped(("a.csv", FLOW), ("b.csv", FLOW))), ENOUGH, TemporaryFile)
    first, _ = next(every), next(every)
    assert not isinstance(first, Problem)
    assert first.stream.closed


def test_seeking_in_the_zip_between_members_has_no_effect() -> None:
    stream, contents = BytesIO(zipped(("a.csv", FLOW), ("b.csv", FLOW * 2))), []
    for member in members(stream, ENOUGH, TemporaryFile):
        assert not isinstance(member, Problem)
        contents.append(member.stream.read())
        stream.seek(3)
    assert contents == [FLOW, FLOW * 2]


def test_a_zip_written_to_a_pipe_is_read() -> None:
    class Pipe(RawIOBase):
        content = b""

        def writable(self) -> bool:
            return True

        def write(self, some: Any) -> int:
            self.content += bytes(some)
            return len(some)

    pipe = Pipe()
    with ZipFile(cast(BinaryIO, pipe), "w", ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", FLOW)
    assert read(pipe.content) == ({b"a.csv": FLOW}, [])


def test_zip64_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10)
    content = zipped(("a.csv", FLOW), ("b.csv", FLOW * 100))
    assert b"PK\x06\x06" in content
    assert is_complete(content[-4096:])
    assert read(content) == ({b"a.csv": FLOW, b"b.csv": FLOW * 100}, [])


def test_folders_are_not_members() -> None:
    folder = ZipInfo("of windows")
    folder.external_attr = 0x10
    assert read(zipped(("of unix/", b""), (folder, b""), ("of unix/a.csv", FLOW))) == ({b"of unix/a.csv": FLOW}, [])


def test_system_files_are_skipped_with_a_warning() -> None:
    names = ["__MACOSX/._a.csv", "in/.DS_Store", "._a.csv", "Thumbs.db", "in/desktop.ini"]
    output, problems = read(zipped(*[(name, b"some") for name in names], ("a.csv", FLOW), ("a.DS_Store", FLOW)))
    assert list(output) == [b"a.csv", b"a.DS_Store"]
    assert codes(problems) == [(WARNING, "left-out", name) for name in names]


@pytest.mark.parametrize("contents", [[], [("folder/", b"")], [("__MACOSX/._a.csv", b"some")]])
def test_a_zip_without_a_file_is_an_error(contents: list[tuple[str, bytes]]) -> None:
    output, problems = read(zipped(*contents))
    assert output == {}
    assert codes(problems)[-1] == (ERROR, "empty-zip", "")


def test_two_members_of_one_name_are_both_read_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = zipped(("a.csv", FLOW), ("b.csv", FLOW), ("a.csv", FLOW * 2))
    every = list(members(BytesIO(content), ENOUGH, TemporaryFile))
    assert codes([each for each in every if isinstance(each, Problem)]) == [(WARNING, "duplicate-member", "a.csv")]
    assert [each.name for each in every if not isinstance(each, Problem)] == [b"a.csv", b"b.csv", b"a.csv"]


def test_names_are_bytes_and_escaped_in_problems() -> None:
    nested = zipped(("a.csv", FLOW))
    output, problems = read(zipped(("Zähler.csv", FLOW), ("../../etc/passwd", FLOW), ("a\nb\x1b[2J.csv", nested)))
    assert list(output) == ["Zähler.csv".encode(), b"../../etc/passwd"]
    assert codes(problems) == [(ERROR, "nested-zip", "a\\x0ab\\x1b[2J.csv")]


def test_a_name_that_is_not_utf_8_keeps_its_bytes() -> None:
    content = zipped(("Zaehler.csv", FLOW)).replace(b"Zaehler", b"Z\xe4\x81\xffler")
    assert read(content) == ({b"Z\xe4\x81\xffler.csv": FLOW}, [])


def test_an_encrypted_member_is_rejected_and_the_others_are_read() -> None:
    content = with_entry(zipped(("a.csv", FLOW), ("b.csv", FLOW)), FLAGS, 1, size=2)
    output, problems = read(content)
    assert list(output) == [b"b.csv"]
    assert codes(problems) == [(ERROR, "encrypted-member", "a.csv")]


@pytest.mark.parametrize("method", [ZIP_BZIP2, ZIP_LZMA])
def test_bzip2_and_lzma_are_rejected(method: int) -> None:
    output, problems = read(zipped(("a.csv", FLOW), method=method))
    assert output == {}
    assert codes(problems) == [(ERROR, "unknown-compression", "a.csv")]


def test_an_unknown_compression_method_is_rejected() -> None:
    _, problems = read(with_entry(zipped(("a.csv", FLOW)), METHOD, 98, size=2))
    assert codes(problems) == [(ERROR, "unknown-compression", "a.csv")]
    assert "method 98" in problems[0].message


def test_a_nested_zip_is_rejected_under_any_name() -> None:
    output, problems = read(zipped(("inner.csv", zipped(("a.csv", FLOW))), ("inner.zip", FLOW)))
    assert output == {b"inner.zip": FLOW}
    assert codes(problems) == [(ERROR, "nested-zip", "inner.csv")]


def test_a_member_that_is_too_large_is_rejected() -> None:
    limits = Limits(member_bytes=len(FLOW), total_bytes=1_000)
    output, problems = read(zipped(("a.csv", FLOW + b" "), ("b.csv", FLOW)), limits)
    assert list(output) == [b"b.csv"]
    assert codes(problems) == [(ERROR, "too-large", "a.csv")]


def test_members_that_are_too_large_together_are_rejected() -> None:
    limits = Limits(member_bytes=len(FLOW), total_bytes=2 * len(FLOW) - 1)
    output, problems = read(zipped(("a.csv", FLOW), ("b.csv", FLOW)), limits)
    assert output == {}
    assert codes(problems) == [(ERROR, "too-large", "")]


def test_too_many_members_are_rejected() -> None:
    content = zipped(*[(f"{number}.csv", b"") for number in range(4)], method=ZIP_STORED)
    assert len(read(content, Limits(member_bytes=1, total_bytes=1, members=4))[0]) == 4
    output, problems = read(content, Limits(member_bytes=1, total_bytes=1, members=3))
    assert output == {}
    assert codes(problems) == [(ERROR, "too-many-members", "")]


def test_an_overlong_directory_is_not_read() -> None:
    entry = zipped(("a" * 5_000, b""))
    start, end = entry.index(b"PK\x01\x02"), entry.index(b"PK\x05\x06")
    directory = entry[start:end] * 1_000
    last = entry[end:][:12] + struct.pack("<II", len(directory), start) + b"\0\0"
    content = entry[:start] + directory + last
    assert is_complete(content)
    assert codes(read(content)[1]) == [(ERROR, "too-many-members", "")]


def test_a_bomb_is_rejected_and_a_small_file_of_zeros_is_read() -> None:
    contents = [("small.csv", bytes(1_000_000)), ("bomb.csv", bytes(5_000_000))]
    output, problems = read(zipped(*contents))
    assert list(output) == [b"small.csv"]
    assert codes(problems) == [(ERROR, "too-compressed", "bomb.csv")]
    assert read(zipped(contents[1]), Limits(member_bytes=10**7, total_bytes=10**7, ratio=2_000))[1] == []


def test_a_bomb_with_a_false_compressed_size_is_rejected() -> None:
    content = with_entry(zipped(("bomb.csv", bytes(5_000_000))), COMPRESSED_SIZE, 5_000_000)
    assert codes(read(content)[1]) == [(ERROR, "damaged-zip", "")]


def test_overlapping_members_are_rejected() -> None:
    content = zipped(*[(f"{number}.csv", Random(1).randbytes(1_000)) for number in range(2)])
    overlapping = content[: content.index(b"PK\x03\x04", 4)] + content[content.index(b"PK\x01\x02") :]
    end = overlapping.rindex(b"PK\x05\x06")
    start = overlapping.index(b"PK\x01\x02")
    overlapping = overlapping[: end + 16] + struct.pack("<IH", start, 0)
    overlapping = with_entry(overlapping, PLACE, 0, entry=1)
    assert codes(read(overlapping)[1]) == [(ERROR, "damaged-zip", "")]


@pytest.mark.parametrize("method", [ZIP_STORED, ZIP_DEFLATED])
@pytest.mark.parametrize("missing", [1, -1])
def test_a_member_with_a_false_size_and_a_right_checksum_is_damaged(method: int, missing: int) -> None:
    content = zipped(("a.csv", FLOW), method=method)
    checked = FLOW[:-1] if missing == 1 else FLOW
    altered = with_entry(content, SIZE, len(FLOW) - missing)
    altered = with_entry(altered, CHECKSUM, zipfile.crc32(checked))  # type: ignore[attr-defined]
    output, problems = read(altered)
    assert output == {}
    assert codes(problems) == [(ERROR, "damaged-member", "a.csv")]


def test_a_member_with_a_wrong_checksum_is_damaged_and_the_others_are_read() -> None:
    content = with_entry(zipped(("a.csv", FLOW), ("b.csv", FLOW)), CHECKSUM, 0)
    output, problems = read(content)
    assert output == {b"b.csv": FLOW}
    assert codes(problems) == [(ERROR, "damaged-member", "a.csv")]


def test_a_member_that_cannot_be_inflated_is_damaged() -> None:
    content = bytearray(zipped(("a.csv", FLOW)))
    content[35:45] = b"\xff" * 10
    assert codes(read(bytes(content))[1]) == [(ERROR, "damaged-member", "a.csv")]


def test_a_member_with_an_offset_outside_the_zip_is_damaged() -> None:
    content = with_entry(zipped(("a.csv", FLOW)), PLACE, 0x7FFF_FFFF)
    assert codes(read(content)[1]) == [(ERROR, "damaged-member", "a.csv")]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(17), FLOW, bytes(100_000)])
def test_content_that_is_not_a_zip_is_a_damaged_zip(content: bytes) -> None:
    assert codes(read(content)[1]) == [(ERROR, "damaged-zip", "")]


def test_a_zip_cut_anywhere_is_incomplete_and_damaged() -> None:
    content = zipped(("a.csv", FLOW), ("b.csv", FLOW), comment=b"a comment")
    for size in range(len(content)):
        assert not is_complete(content[:size][-4096:])
    for size in range(len(content) - len(b"a comment")):
        assert codes(read(content[:size])[1]) == [(ERROR, "damaged-zip", "")]


@pytest.mark.parametrize("comment", [b"", b"why", b"x" * 4_074, b"PK\x05\x06" + bytes(30)])
def test_a_zip_is_complete_with_its_end_record_and_comment(comment: bytes) -> None:
    content = zipped(("a.csv", FLOW), comment=comment)
    assert is_complete(content[-4096:])
    assert not is_complete(content[-4096:] + b"\0")


def test_a_zip_is_recognized_by_its_first_record() -> None:
    assert recognizes(zipped(("a.csv", FLOW)))
    assert recognizes(zipped())
    assert not recognizes(FLOW)
    assert not recognizes(b"PK")
    assert not recognizes(b"")


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_zip_never_raises_nor_yields_other_content(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(seed)
    if seed % 2:
        monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10)
    method = random.choice([ZIP_STORED, ZIP_DEFLATED])
    contents = [(f"{number}é.csv", random.choice([FLOW * 50, random.randbytes(500)])) for number in range(3)]
    whole = zipped(*contents, method=method, comment=b"PK\x05\x06" + random.randbytes(20))
    originals = {content for _, content in contents}
    for _ in range(400):
        damaged = bytearray(whole)
        for _ in range(random.choice([1, 1, 2, 8])):
            damaged[random.randrange(len(damaged))] = random.choice([0, 1, 0xFF, random.randrange(256)])
        output, problems = read(bytes(damaged))
        assert output.keys() or problems
        if not any(problem.severity == ERROR for problem in problems):
            assert set(output.values()) <= originals


class BadDisk(BytesIO):
    """Stream that raises OSError after a number of reads."""

    def __init__(self, content: bytes, reads: int) -> None:
        super().__init__(content)
        self.reads = reads

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads -= 1
        if self.reads < 0:
            raise OSError(5, "Input/output error")
        return super().read(size)


@pytest.mark.parametrize("reads", range(8))
def test_a_disk_error_while_reading_the_zip_is_raised(reads: int) -> None:
    content = zipped(("a.csv", FLOW), ("b.csv", FLOW))
    with pytest.raises(OSError, match="Input/output error"):
        list(members(BadDisk(content, reads), ENOUGH, TemporaryFile))


def test_a_full_disk_while_unpacking_is_raised() -> None:
    full = partial(open, "/dev/full", "w+b", buffering=0)
    with pytest.raises(OSError, match="No space left"):
        list(members(BytesIO(zipped(("a.csv", FLOW))), ENOUGH, cast(Callable[[], BinaryIO], full)))


def test_memory_does_not_grow_with_the_size_of_a_member(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive, archive.open("large.csv", "w") as file:
        for number in range(100):
            file.write(Random(number % 3).randbytes(1_000).hex().encode() * 100)
    limits = Limits(member_bytes=10**8, total_bytes=10**8)
    tracemalloc.start()
    try:
        with path.open("rb") as stream:
            sizes = [size_of(member.stream) for member in of_zip(stream, limits)]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sizes == [20_000_000]
    assert peak < 3_000_000


def of_zip(stream: BinaryIO, limits: Limits = ENOUGH) -> Iterator[Any]:
    for member in members(stream, limits, TemporaryFile):
        assert not isinstance(member, Problem), member
        yield member


def size_of(stream: BinaryIO) -> int:
    return stream.seek(0, 2)


@pytest.mark.skipif(not SAMPLES.exists(), reason="needs ../shared")
def test_every_aemo_zip_has_one_member() -> None:
    paths = [path for path in sorted(SAMPLES.iterdir()) if path.suffix.lower() == ".zip"]
    assert len(paths) == 14
    for path in paths:
        content = path.read_bytes()
        assert recognizes(content[:4096])
        assert is_complete(content[-4096:])
        with path.open("rb") as stream:
            (flow,) = [member.stream.read() for member in of_zip(stream)]
        assert flow.startswith((b"100,NEM1", b"\r\n200", b"200", b"\n200")), flow[:20]
