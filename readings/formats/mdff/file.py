"""One pass over an AEMO meter data file: 100 and 900 records, and records out of place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from readings.formats.content import BYTE_ORDER_MARK, STRANGE, Lines, damage_in, lines_of
from readings.formats.contract import ERROR, WARNING, Batch, ParseContext
from readings.formats.mdff.catalogue.fields import NOT_UPPER_CASE, Field, text
from readings.formats.mdff.dates import Stamps
from readings.formats.mdff.envelope import LineEnds, is_end
from readings.formats.mdff.records import Reader, Records
from readings.formats.statements import Header

#: Records of each version. A record of the other version is an error.
RECORDS: Final = {"NEM12": ("200", "300", "400", "500"), "NEM13": ("250", "550")}

_PARTICIPANT: Final = text(10, limit=40)


class MeterDataFile:
    """One pass over a file of one version."""

    def __init__(self, version: str, records: Records, stamps: Stamps) -> None:
        self.version = version
        self.records = records
        self.creation = Field("DateTime", stamps.date_time(WARNING, empty=WARNING, length=12))
        envelope: dict[str, Reader] = {"100": self._read_header, "900": self._read_end, "": self._read_blank}
        #: Readers by record indicator, between a 100 and its 900, and outside.
        self.inside = {**envelope, **records.readers}
        self.outside = envelope
        self.readers = self.outside
        self.header: Header | None = None
        self.lines = 0
        #: Line of the 900 that is the last record so far; 0 if there is none.
        self.end_line = 0
        #: Value of `records.opened` when the block began.
        self.opened_before = 0
        self.is_stopped = False
        #: Whether there is a 100, and whether the last line is cut.
        self.has_header = self.is_cut = False

    def batches(self, stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
        """Yield the whole file, a batch for about each megabyte."""
        ends = LineEnds(stream)
        encoding = context.encoding
        for lines in lines_of(ends.as_stream(), encoding):
            if encoding != "ascii" and self._has_other_characters(lines, context.encoding):
                encoding = "ascii"  # Reported once.
            self._read(lines)
            if self.is_stopped:
                break
            yield self._take()
        self.records.close()
        if not self.end_line and not self.is_stopped:
            self._report_missing_end()
        if ends.bare:
            self.records.count("line-feed", ends.first_bare, ends.bare)
        if ends.doubled:
            self.records.count("doubled-carriage-return", ends.first_doubled, ends.doubled)
        self.records.batch.problems += self.records.form.take()
        yield self._take()

    def _report_missing_end(self) -> None:
        """Report a file without its last 900. Downloads for consumers have neither a 100 nor a 900."""
        if self.has_header or self.is_cut or not self.header:
            message = "the file ends without a whole 900 record: it is incomplete; ask the sender to send it again"
            return self._report(ERROR, "truncated", self.lines, message)
        message = "the file has neither a 100 nor a 900 record, so nothing shows whether its end is missing"
        self._report(WARNING, "no-end", self.lines, message)

    def _take(self) -> Batch:
        batch, self.records.batch = self.records.batch, Batch()
        batch.lines, batch.header = self.lines, self.header
        batch.problems.sort(key=lambda problem: problem.line)
        return batch

    def _read(self, lines: Lines) -> None:
        if lines.too_long:
            self.lines, self.is_stopped = lines.first, True
            message = "the line is too long for a record; ask the sender for a text file"
            return self._report(ERROR, "line-too-long", lines.first, message)
        if lines.strange:
            self._look_for_strange_characters(lines)
        read_plain, inside = self.records.read_plain, self.inside
        for number, line in enumerate(lines.texts, lines.first):
            if self.readers is inside and not lines.unterminated and read_plain(number, line):
                continue
            texts = line.split(",")
            if '"' in line or " " in line or (number == 1 and line.startswith(BYTE_ORDER_MARK)):
                texts = self._cleaned(number, texts)
            if lines.unterminated and not is_end(line) and any(texts):
                self.end_line, self.is_cut = 0, True  # Reported as a truncated file.
            else:
                self.readers.get(texts[0], self._read_other)(number, texts)
        self.lines = lines.first + len(lines.texts) - 1

    def _cleaned(self, number: int, texts: list[str]) -> list[str]:
        """Return the fields without byte order mark, outer blanks and quotes."""
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
            message = "has a comma inside quotes, which no field may contain; ask the sender to remove it"
            value = ",".join(texts[opening:])
            self.records.report(ERROR, bare[0], "quoted-comma", number, message, value=value, is_open=False)
        return bare

    def _read_blank(self, number: int, texts: list[str]) -> None:
        if any(texts):
            self._read_other(number, texts)
        elif not self.end_line:
            self.records.count("blank-line", number)

    def _read_header(self, number: int, texts: list[str]) -> None:
        self.records.close()
        if self.header:
            message = "is a second header: a file has one 100 and one 900; read as one file"
            self.records.report(WARNING, "100", "second-header", number, message)
        self.readers, self.end_line, self.opened_before = self.inside, 0, self.records.opened
        self.has_header = True
        fields = texts if len(texts) == 5 else self.records.fit(number, texts, 5, 3)
        header = self._header(number, fields) if fields else None
        self.header = self.header or header or Header(flow=self.version, version="")

    def _header(self, number: int, texts: list[str]) -> Header:
        _, version, created, sender, recipient = texts
        if version.upper() != self.version:
            message = f"is the header of another version in a {self.version} file; split the file"
            self.records.report(ERROR, "100", "unknown-version-header", number, message, "VersionHeader", version)
        elif version != self.version:
            message = f"{NOT_UPPER_CASE}; read as {self.version}"
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
            message = "has fields after 900, expected none"
            return self.records.report(ERROR, "900", "wrong-field-count", number, message, value=",".join(texts))
        if self.readers is self.outside:
            self._begin_without_header(number, texts)
        self.records.close()
        if len(texts) > 1:
            self.records.count("padded-record", number)
        if self.records.opened == self.opened_before:
            message = "follows its 100 directly: the file has no data between them"
            self.records.report(WARNING, "900", "no-data", number, message)
        self.readers, self.end_line = self.outside, number

    def _begin_without_header(self, number: int, texts: list[str]) -> None:
        """Begin a block without a 100: the file has none, or it continues after a 900."""
        if self.header:
            message = "follows the 900 record, which ends a file; read as one file"
            self.records.report(WARNING, texts[0], "data-after-trailer", number, message)
        else:
            # Downloads for consumers begin with a 200, which makes the version certain.
            severity = WARNING if texts[0] == "200" else ERROR
            message = f"is the first record, expected a 100; read as {self.version} without sender and recipient"
            self.records.report(severity, texts[0], "no-header", number, message)
            self.header = Header(flow=self.version, version="")
        self.readers, self.end_line, self.opened_before = self.inside, 0, self.records.opened

    def _read_other(self, number: int, texts: list[str]) -> None:
        if self.readers is self.outside:
            self._begin_without_header(number, texts)
            return self.readers.get(texts[0], self._read_other)(number, texts)
        version = next((name for name, records in RECORDS.items() if texts[0] in records), "")
        if version:
            message = f"is a {version} record in a {self.version} file; split the file"
            return self.records.report(ERROR, texts[0], "other-format-record", number, message)
        message = f"is not a record of {self.version}"
        if self.records.broken_line:
            message += f": it may continue the broken record in line {self.records.broken_line}"
        message += "; ask the sender to correct the file"
        self._report(ERROR, "unknown-record", number, message, ",".join(texts))

    def _has_other_characters(self, lines: Lines, encoding: str) -> bool:
        name = "UTF-8" if encoding == "utf-8" else "Windows-1252"
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
