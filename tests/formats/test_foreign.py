"""Contents that are no flow files are named, with what to do."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from readings.formats.content import END
from readings.formats.contract import ERROR, OTHER_FLOW, WARNING
from readings.formats.foreign import office_document
from readings.formats.recognition import is_complete, is_document
from readings.models import FlowFile
from tests.making.dtc import block, flow, reading
from tests.making.mdff import channel, day, nem12
from tests.running.imported import codes, imported
from tests.running.parsed import parsed

D0010 = flow(block(reading("1.0")))
NEM12 = nem12(channel(day()))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 3000
E_MAIL = b"Return-Path: <a@example.org>\r\nReceived: from b\r\nSubject: readings\r\n\r\nSee attachment.\r\n"


def tar() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("d0010.uff")
        member.size = len(D0010)
        archive.addfile(member, io.BytesIO(D0010))
    return packed.getvalue()


def office(*names: str, first: str = "[Content_Types].xml", last: str = "docProps/app.xml") -> bytes:
    """Return a file of Office since 2007 with some members."""
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name in (first, "_rels/.rels", *names, last):
            archive.writestr(name, "<x/>" * 200)
    return packed.getvalue()


def open_document(kind: str) -> bytes:
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", "<x/>")
    return packed.getvalue()


def ase_xml(body: str = "", group: str = "SORD") -> bytes:
    header = (
        "<Header><From>MDPQ</From><To>RETQ</To><MessageID>MSG-1</MessageID>"
        f"<MessageDate>2025-06-03T02:15:00+10:00</MessageDate><TransactionGroup>{group}</TransactionGroup></Header>"
    )
    text = f'<?xml version="1.0"?>\n<ase:aseXML xmlns:ase="urn:aseXML:r46">{header}<Transactions>{body}'
    return f"{text}</Transactions></ase:aseXML>\n".encode()


SHEET, LETTER = office("xl/workbook.xml", "xl/worksheets/sheet1.xml"), office("word/document.xml")
MANY_SHEETS = office("xl/workbook.xml", *(f"xl/worksheets/sheet{number}.xml" for number in range(200)))


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (gzip.compress(D0010), "gzip", "unpack it"),
        (bz2.compress(D0010), "archive", "bzip2; unpack it"),
        (lzma.compress(D0010), "archive", "xz; unpack it"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "archive", "7z archive; unpack it"),
        (b"Rar!\x1a\x07\x01\0", "archive", "RAR archive; unpack it"),
        (tar(), "archive", "tar archive; unpack it"),
        (b"%PDF-1.7\r%\xe2\xe3\xcf\xd3\r1 0 obj", "pdf", "PDF document; ask the sender"),
        (b"{\\rtf1\\ansi Hello}", "document", "ask the sender"),
        (OLE + "Workbook".encode("utf-16-le"), "spreadsheet", "ask the sender"),
        (OLE + "WordDocument".encode("utf-16-le"), "document", "ask the sender"),
        (OLE + "__substg1.0".encode("utf-16-le"), "e-mail", "save its attachment"),
        (OLE, "document", "Microsoft Office"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image", "a picture"),
        (b"GIF89a\1\0", "image", "a picture"),
        (b"<!DOCTYPE html>\n<html><body>Log in</body></html>", "html", "web page"),
        (b'<?xml version="1.0"?>\n<html xmlns="x"></html>', "html", "web page"),
        (b"\xef\xbb\xbf<HTML>\n</HTML>", "html", "web page"),
        (b"<!DOCTYPE html>\n<html><body>How to send aseXML</body></html>", "html", "web page"),
        (E_MAIL, "e-mail", "save its attachment"),
        (b'<?xml version="1.0"?>\n<D0010 version="002">\n</D0010>\n', "xml", "a D0010 as XML; set the gateway"),
        (b"<x:D0010002/>", "xml", "a D0010 as XML; set the gateway"),
        (b'<?xml version="1.0"?>\n<readings/>\n', "xml", "delimited text form"),
        (ase_xml(f"<CSVIntervalData>{NEM12.decode()}</CSVIntervalData>", "MTRD"), "xml", "import the CSV inside it"),
        (ase_xml(group="MTRD")[:-30], "truncated", "cut aseXML market message"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_foreign_content_is_named_with_its_cure(content: bytes, code: str, words: str) -> None:
    [problem] = parsed(content).problems
    assert (problem.severity, problem.line, problem.code) == (ERROR, 0, code)
    assert words in problem.message


@pytest.mark.parametrize(
    ("content", "flow_and_version"),
    [
        (b'<?xml version="1.0"?>\n<D0086 version="002">\n</D0086>\n', "D0086002"),
        (ase_xml(), "aseXML SORD"),
        (ase_xml(group="MTRD"), "aseXML MTRD"),
        (ase_xml()[:-30], "aseXML SORD"),
    ],
)
def test_other_flow_as_xml_is_noted(content: bytes, flow_and_version: str) -> None:
    [note] = parsed(content).problems
    assert (note.severity, note.code, note.value) == (WARNING, OTHER_FLOW, flow_and_version)


def test_meter_data_far_inside_a_message_are_found() -> None:
    body = "<Transaction/>" * 100_000 + "<CSVConsumptionData>100,NEM13</CSVConsumptionData>"
    assert [problem.code for problem in parsed(ase_xml(body, "MTRD")).problems] == ["xml"]


def test_header_of_a_market_message_is_read() -> None:
    header = parsed(ase_xml()).header
    assert header
    assert (header.flow, header.sender, header.recipient, header.file_identifier) == (
        *("ASEXML", "MDPQ", "RETQ"),
        "MSG-1",
    )
    assert header.created_at
    assert header.created_at.isoformat() == "2025-06-03T02:15:00+10:00"


@pytest.mark.parametrize(
    "moment", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2025-13-01T00:00:00", "2025-06-03", ""]
)
def test_market_message_of_an_impossible_time_is_set_aside_without_it(db: None, moment: str) -> None:
    content = ase_xml().replace(b"2025-06-03T02:15:00+10:00", moment.encode())
    assert imported(content).outcome == "OTHER_FLOW"
    created_at = FlowFile.objects.get().created_at
    assert created_at is None or (moment == "2025-06-03" and created_at.year == 2025)


@pytest.mark.parametrize("content", [ase_xml(), b"<D0086>\n</D0086>\n", b"<D0086/>"])
def test_xml_is_complete_with_its_last_tag(content: bytes) -> None:
    assert is_complete(content[:END], content[-END:]) is True
    assert is_complete(content[:END], content[:-4]) is False


def test_many_unclosed_tags_are_read_in_linear_time() -> None:
    assert parsed(ase_xml("<CSVData" * 200_000))
    assert parsed(b"<!--" * 1000 + b"--> <!-- " * 300)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (SHEET, "spreadsheet"),
        (MANY_SHEETS, "spreadsheet"),
        (office("xl/workbook.xml", first="xl/styles.xml", last="[Content_Types].xml"), "spreadsheet"),
        (open_document("spreadsheet"), "spreadsheet"),
        (LETTER, "document"),
        (open_document("text"), "document"),
        (office("ppt/presentation.xml"), "document"),
    ],
    ids=range(7),
)
def test_office_document_is_refused_as_such_and_not_as_a_zip(content: bytes, code: str) -> None:
    report = imported(content, "file.xlsx")
    assert (report.outcome, report.format, report.members, codes(report)) == ("REJECTED", "", [], [code])


def test_zip_of_flow_files_is_no_office_document() -> None:
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("xl/d0010.xml", D0010)
    assert office_document(packed.getvalue()[:END], packed.getvalue()[-END:]) is None


@pytest.mark.django_db
def test_office_documents_in_a_zip_are_letters_or_refused_as_spreadsheets() -> None:
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("d0010.uff", D0010)
        archive.writestr("letter.docx", LETTER)
    report = imported(packed.getvalue(), "a.zip")
    assert (report.outcome, codes(report)) == ("IMPORTED", ["left-out"])
    with ZipFile(packed, "a") as archive:
        archive.writestr("d0010.xlsx", SHEET)
    report = imported(packed.getvalue(), "b.zip")
    assert (report.outcome, codes(report)) == ("REJECTED", ["left-out", "member-rejected"])
    assert [codes(member) for member in report.members] == [[], ["spreadsheet"]]


def test_documents_are_known_by_name_unless_they_hold_records() -> None:
    assert is_document("letter.odt", open_document("text"))
    assert not is_document("letter.odt", D0010)
