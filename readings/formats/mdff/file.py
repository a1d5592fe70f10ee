"""One pass over a meter data file of AEMO: where its 100 and 900 are, and what stands out of place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from readings.formats.content import BYTE_ORDER_MARK, STRANGE, Lines, damage_in, lines_of
from readings.formats.contract import ERROR, WARNING, Batch, ParseContext
from readings.formats.mdff.catalogue.fields import Field, text
from readings.formats.mdff.dates import Stamps
from readings.formats.mdff.envelope import LineEnds, is_end
from readings.formats.mdff.records import Reader, Records
from readings.formats.statements import Header

#: The records of each version. A record of the other is out of place.
RECORDS: Final = {"NEM12": ("200", "300", "400", "500"), "NEM13": ("250", "550")}

#: What is noted once a file, with how many records of it have it.
_COUNTED: Final = {
    "line-feed": "lines end in a line feed alone, expected carriage return and line feed",
    "blank-line": "blank lines stand inside the file; they were left out",
    "byte-order-mark": "the file begins with a byte order mark; it was left out",
    "quoted-field": "records have fields in quotes, which the format does not know; they were taken off",
    "padded-field": "records have fields with outer blanks; they were left out",
    "padded-record": "records have empty fields after their last; has the file been through a spreadsheet?",
    "absent-field": "records lack their last, optional field; a comma is required even where nothing follows",
    "no-participant": "headers lack a sender or a recipient",
}
_PARTICIPANT: Final = text(10, kept=40)


class MeterDataFile:
    """One pass over a file of one version."""

    def __init__(self, version: str, records: Records, stamps: Stamps) -> None:
        self.version = version
        self.records = records
        self.creation = Field("DateTime", stamps.date_time(WARNING, empty=WARNING, length=12))
        envelope: dict[str, Reader] = {"100": self._read_header, "900": self._read_end, "": self._read_blank}
        #: Readers by record indicator, between a 100 and its 900 and outside of that.
        self.inside = {**envelope, **records.readers}
        self.outside = envelope
        self.readers = self.outside
        self.header: Header | None = None
        self.lines = 0
        #: Line of the 900 behind which nothing stands so far; 0 where there is none.
        self.end_line = 0
        #: Records that had been opened when the block began.
        self.opened_before = 0
        self.is_stopped = False

    def batches(self, stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
        """Read the whole file, a batch for about each megabyte."""
        ends = LineEnds(stream)
        encoding = context.encoding
        for lines in lines_of(ends.as_stream(), encoding):
            if encoding != "ascii" and self._has_other_characters(lines, context.encoding):
                encoding = "ascii"  # Once is enough.
            self._read(lines)
            if self.is_stopped:
                break
            yield self._take()
        self.records.close()
        if not self.end_line and not self.is_stopped:
            message = "the file ends without a whole 900 record: it was cut, or is still on its way"
            self._report(ERROR, "truncated", self.lines, message)
        if ends.bare:
            self.records.count("line-feed", ends.first_bare, ends.bare)
        for code, (first, times) in self.records.counted.items():
            self._report(WARNING, code, first, f"{_COUNTED[code]} ({times:,} in all, this is the first)")
        yield self._take()

    def _take(self) -> Batch:
        batch, self.records.batch = self.records.batch, Batch()
        batch.lines, batch.header = self.lines, self.header
        batch.problems.sort(key=lambda problem: problem.line)
        return batch

    def _read(self, lines: Lines) -> None:
        if lines.too_long:
            self.lines, self.is_stopped = lines.first, True
            message = "the line is longer than any record; this is no text"
            return self._report(ERROR, "line-too-long", lines.first, message)
        if lines.strange:
            self._look_for_strange_characters(lines)
        for number, line in enumerate(lines.texts, lines.first):
            texts = line.split(",")
            if '"' in line or " " in line or (number == 1 and line.startswith(BYTE_ORDER_MARK)):
                texts = self._cleaned(number, texts)
            if lines.unterminated and not is_end(line) and any(texts):
                self.end_line = 0  # Whatever it was to be, it was cut: the end of the file says so.
            else:
                self.readers.get(texts[0], self._read_other)(number, texts)
        self.lines = lines.first + len(lines.texts) - 1

    def _cleaned(self, number: int, texts: list[str]) -> list[str]:
        """Take off what stands around fields and does not belong to them."""
        if number == 1 and texts[0].startswith(BYTE_ORDER_MARK):
            texts[0] = texts[0].removeprefix(BYTE_ORDER_MARK)
            self.records.count("byte-order-mark", number)
        cleaned = [text.strip(" ") for text in texts]
        if cleaned != texts and any(cleaned):
            self.records.count("padded-field", number)
        if any(text.startswith('"') or text.endswith('"') for text in cleaned):
            cleaned = self._without_quotes(number, cleaned)
        return cleaned

    def _without_quotes(self, number: int, texts: list[str]) -> list[str]:
        bare = [text[1:-1].strip(" ") if len(text) > 1 and text[0] == text[-1] == '"' else text for text in texts]
        if bare != texts and any(bare):
            self.records.count("quoted-field", number)
        opening = next((place for place, text in enumerate(bare) if text.startswith('"')), len(bare))
        if any(text.endswith('"') for text in bare[opening + 1 :]):
            message = "holds a comma inside quotes, where no field may hold one; ask the sender to leave it out"
            self.records.report(ERROR, bare[0], "quoted-comma", number, message, value=",".join(texts[opening:]))
        return bare

    def _read_blank(self, number: int, texts: list[str]) -> None:
        if any(texts):
            self._read_other(number, texts)
        elif not self.end_line:
            self.records.count("blank-line", number)

    def _read_header(self, number: int, texts: list[str]) -> None:
        self.records.close()
        if self.header:
            message = "is a second header; one file holds one 100 and one 900: read on as one file"
            self.records.report(WARNING, "100", "second-header", number, message)
        self.readers, self.end_line, self.opened_before = self.inside, 0, self.records.opened
        fields = texts if len(texts) == 5 else self.records.fit(number, texts, 5, 3)
        header = self._header(number, fields) if fields else None
        self.header = self.header or header or Header(flow=self.version, version="")

    def _header(self, number: int, texts: list[str]) -> Header:
        _, version, created, sender, recipient = texts
        if version.upper() != self.version:
            message = f"stands in a {self.version} file, which holds nothing else; split it"
            self.records.report(ERROR, "100", "unknown-version-header", number, message, "VersionHeader", version)
        elif version != self.version:
            message = f"is not in capitals; read as {self.version}"
            self.records.report(WARNING, "100", "lower-case-code", number, message, "VersionHeader", version)
        created_at, faults = self.creation.read(created)
        self.records.report_faults("100", number, self.creation.name, created, faults)
        if not (sender and recipient):
            self.records.count("no-participant", number)
        for name, value in (("FromParticipant", sender), ("ToParticipant", recipient)):
            self.records.report_faults("100", number, name, value, _PARTICIPANT(value)[1])
        return Header(
            flow=self.version,
            version="",
            sender=STRANGE.sub("\ufffd", sender)[:40],
            recipient=STRANGE.sub("\ufffd", recipient)[:40],
            created_at=created_at,
        )

    def _read_end(self, number: int, texts: list[str]) -> None:
        if any(texts[1:]):
            message = "has fields behind 900, expected none"
            return self.records.report(ERROR, "900", "wrong-field-count", number, message, value=",".join(texts))
        if self.readers is self.outside:
            self._begin_without_header(number, texts)
        self.records.close()
        if len(texts) > 1:
            self.records.count("padded-record", number)
        if self.records.opened == self.opened_before:
            message = "ends a block without readings: there is nothing between it and its 100"
            self.records.report(WARNING, "900", "no-data", number, message)
        self.readers, self.end_line = self.outside, number

    def _begin_without_header(self, number: int, texts: list[str]) -> None:
        """Begin a block that has no 100: the whole file has none, or it goes on behind a 900."""
        if self.header:
            message = "stands behind the 900 record, which ends a file; read on as one file"
            self.records.report(WARNING, texts[0], "data-after-trailer", number, message)
        else:
            # Downloads for customers begin so, and leave no doubt about what they are.
            severity = WARNING if texts[0] == "200" else ERROR
            message = f"is the first record, expected a 100; taken as {self.version}, of nobody, to nobody"
            self.records.report(severity, texts[0], "no-header", number, message)
            self.header = Header(flow=self.version, version="")
        self.readers, self.end_line, self.opened_before = self.inside, 0, self.records.opened

    def _read_other(self, number: int, texts: list[str]) -> None:
        if self.readers is self.outside:
            self._begin_without_header(number, texts)
            return self.readers.get(texts[0], self._read_other)(number, texts)
        version = next((name for name, records in RECORDS.items() if texts[0] in records), "")
        if version:
            message = f"is a record of {version}; this is a {self.version} file, and a file is one or the other"
            return self.records.report(ERROR, texts[0], "other-format-record", number, message)
        message = f"is no record of {self.version}"
        if self.records.broken_line:
            message += f"; it seems to be a part of the record in line {self.records.broken_line}, which is broken"
        self._report(ERROR, "unknown-record", number, message, ",".join(texts))

    def _has_other_characters(self, lines: Lines, encoding: str) -> bool:
        name = "UTF-8" if encoding == "utf-8" else "Windows-1252, as it is not UTF-8"
        for number, line in enumerate(lines.texts, lines.first):
            if not line.removeprefix(BYTE_ORDER_MARK).isascii():
                message = f"has characters that are not ASCII; the file was read as {name}"
                self._report(WARNING, "non-ascii", number, message)
                return True
        return False

    def _look_for_strange_characters(self, lines: Lines) -> None:
        for number, line in enumerate(lines.texts, lines.first):
            if message := damage_in(line):
                self._report(ERROR, "control-character", number, message, ascii(line))

    def _report(self, severity: str, code: str, number: int, message: str, value: str = "") -> None:
        self.records.report(severity, "", code, number, message, value=value)
