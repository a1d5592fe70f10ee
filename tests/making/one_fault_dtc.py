"""Files with one fault each, made from a valid one; the counts in the trailer are correct unless they are the fault.

Severities follow the specification of the D0010: ERROR if a file, a block or a reading is unusable.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import NamedTuple

from readings.formats.contract import ERROR, WARNING

GOOD = (
    "ZHV|ONEFAULT01|D0010002|D|ZZDC|X|ZZSU|20250303061500||||OPER|",
    "026|3190001042118|V|",
    '027|20|Nobody "at" home|',
    "028|K12B 04567|R|",
    "029|16|New seal|",
    "030|S|20250301000000|20998.2|||F|P|",
    "032|27|T|",
    "033|11|Dial moved|",
    "026|3290002209572|V|",
    "028|M14C 22091|R|",
    "030|01|20250228000000|91234.5|||T|P|",
    "030|MD|20250228000000|42.7|20250228000000|1|T|P|",
    "ZPT|ONEFAULT01|11||2|20250303061500|",
)
ZHV, ZPT = 1, 13
# Lines of the first block, by group number.
G026, G027, G028, G029, G030, G032, G033 = range(2, 9)
# Lines of the second block.
BLOCK, METER, READING, MAXIMUM_DEMAND = range(9, 13)


class Place(NamedTuple):
    """Field of the valid file: its line, its position after the code, its record and name."""

    line: int
    position: int
    name: str


FILE_IDENTIFIER = Place(ZHV, 1, "ZHV File Identifier")
FLOW = Place(ZHV, 2, "ZHV Data Flow and Version")
FROM_ROLE = Place(ZHV, 3, "ZHV From Role Code")
FROM_PARTICIPANT = Place(ZHV, 4, "ZHV From Participant")
TO_ROLE = Place(ZHV, 5, "ZHV To Role Code")
TO_PARTICIPANT = Place(ZHV, 6, "ZHV To Participant")
CREATED_AT = Place(ZHV, 7, "ZHV File Creation Timestamp")
SENDING_APPLICATION = Place(ZHV, 8, "ZHV Sending Application")
RECEIVING_APPLICATION = Place(ZHV, 9, "ZHV Receiving Application")
BROADCAST = Place(ZHV, 10, "ZHV Broadcast")
TEST_FLAG = Place(ZHV, 11, "ZHV Test Data Flag")
LAST_IDENTIFIER = Place(ZPT, 1, "ZPT File Identifier")
GROUP_COUNT = Place(ZPT, 2, "ZPT Total Group Count")
CHECKSUM = Place(ZPT, 3, "ZPT Checksum")
FLOW_COUNT = Place(ZPT, 4, "ZPT Flow Count")
COMPLETED_AT = Place(ZPT, 5, "ZPT File Completion Timestamp")
MPAN_CORE = Place(BLOCK, 1, "026 MPAN Core")
VALIDATION_STATUS = Place(BLOCK, 2, "026 BSC Validation Status")
METER_ID = Place(METER, 1, "028 Meter Id (Serial Number)")
READING_TYPE = Place(METER, 2, "028 Reading Type")
REGISTER_ID = Place(READING, 1, "030 Meter Register Id")
TIME = Place(READING, 2, "030 Reading Date & Time")
VALUE = Place(READING, 3, "030 Register Reading")
FLAG = Place(READING, 6, "030 Meter Reading Flag")
METHOD = Place(READING, 7, "030 Reading Method")
RESET_TIME = Place(MAXIMUM_DEMAND, 4, "030 MD Reset Date & Time")
RESETS = Place(MAXIMUM_DEMAND, 5, "030 Number of MD Resets")
REASON = Place(G032, 1, "032 Meter Reading Reason Code")
STATUS = Place(G032, 2, "032 Meter Reading Status")
VISIT_027 = Place(G027, 1, "027 Site Visit Check Code")
VISIT_029 = Place(G029, 1, "029 Site Visit Check Code")
VISIT_033 = Place(G033, 1, "033 Site Visit Check Code")
TEXT_027 = Place(G027, 2, "027 Additional Information")
TEXT_029 = Place(G029, 2, "029 Additional Information")
TEXT_033 = Place(G033, 2, "033 Additional Information")


@dataclass(frozen=True, kw_only=True)
class OneFaultFile:
    name: str
    content: bytes
    severity: str = ERROR
    line: int = 0
    record: str = ""
    field: str = ""
    code: str = ""
    #: Codes of the problems that follow from the fault.
    also: tuple[str, ...] = ()


def written(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def counted(*lines: str) -> bytes:
    """Return the lines with correct counts in the trailer."""
    groups = [line for line in lines if line.strip() and not line.startswith(("ZHV", "ZPT"))]
    flows = sum(line.startswith("026") for line in groups)
    return written(*lines[:-1], f"ZPT|ONEFAULT01|{len(groups)}||{flows}|20250303061500|")


def line(number: int, text: str) -> bytes:
    """Return the valid file with another text of a line."""
    return written(*GOOD[: number - 1], text, *GOOD[number:])


def field(place: Place, text: str) -> bytes:
    """Return the valid file with another text of a field."""
    texts = GOOD[place.line - 1].split("|")
    texts[place.position] = text
    return line(place.line, "|".join(texts))


def after(number: int, *texts: str) -> bytes:
    """Return the valid file with lines inserted after a line."""
    return counted(*GOOD[:number], *texts, *GOOD[number:])


def only(*numbers: int) -> bytes:
    """Return only these lines of the valid file, in this order, between header and trailer."""
    return counted(GOOD[0], *(GOOD[number - 1] for number in numbers), GOOD[-1])


def wrong(
    name: str, content: bytes, code: str, where: int = 0, what: str = "", also: tuple[str, ...] = ()
) -> OneFaultFile:
    """Return a file that is rejected. `what` is the record and, after a blank, the field with the fault."""
    record, _, field = what.partition(" ")
    return OneFaultFile(name=name, content=content, code=code, line=where, record=record, field=field, also=also)


def warned(name: str, content: bytes, code: str, where: int = 0, what: str = "") -> OneFaultFile:
    """Return a file that is imported with a warning."""
    record, _, field = what.partition(" ")
    return OneFaultFile(
        name=name, content=content, severity=WARNING, code=code, line=where, record=record, field=field
    )


def bad(name: str, place: Place, text: str, code: str, also: tuple[str, ...] = ()) -> OneFaultFile:
    """Return a file that is rejected for the text of a field."""
    return wrong(name, field(place, text), code, place.line, place.name, also)


def doubtful(name: str, place: Place, text: str, code: str) -> OneFaultFile:
    """Return a file that is imported with a warning about the text of a field."""
    return warned(name, field(place, text), code, place.line, place.name)


WHOLE = written(*GOOD)
ONE_GROUP_TOO_MANY = "ZPT|ONEFAULT01|12||2|20250303061500|"
ONE_FLOW_TOO_MANY = "ZPT|ONEFAULT01|11||3|20250303061500|"
STRAY_CARRIAGE_RETURN = WHOLE.replace(b"Dial moved", b"Dial\rmoved")

WHOLE_FILE = (
    wrong("an empty file", b"", "empty"),
    wrong("only blank lines", b"\n\n \n", "unknown-format", 1),
    wrong("a web server's answer", b"404: Not Found\n" + WHOLE, "unknown-format", 1),
    wrong("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image"),
    wrong("only NUL bytes", b"\0" * 5000, "unknown-format", 1),
    wrong("groups without a header", written(*GOOD[1:]), "unknown-format", 1),
    wrong("a header in lower case", WHOLE.replace(b"ZHV", b"zhv"), "unknown-format", 1),
    wrong("a blank before the header", b" " + WHOLE, "unknown-format", 1),
    wrong("gzip", gzip.compress(WHOLE), "gzip"),
    wrong("XML", b'<?xml version="1.0"?>\n<D0010/>\n', "xml"),
    wrong("lines that end with a carriage return alone", WHOLE.replace(b"\n", b"\r"), "carriage-return"),
    wrong("UTF-16 with a byte order mark", WHOLE.decode().encode("utf-16"), "utf-16"),
    wrong("UTF-16 without a byte order mark", WHOLE.decode().encode("utf-16-le"), "utf-16"),
    wrong("UTF-16, big-endian", WHOLE.decode().encode("utf-16-be"), "utf-16"),
    wrong("a fixed-length file", WHOLE.replace(b"ZHV|", b"ZHF "), "other-file-format", 1),
    wrong("a pool file", WHOLE.replace(b"ZHV", b"ZHD"), "other-file-format", 1),
    wrong("cut within a group", WHOLE[: WHOLE.index(b"|91234.5")], "truncated", READING),
    wrong("cut between two groups", written(*GOOD[:-1]), "truncated", 12),
    wrong("cut within the trailer", WHOLE[:-5], "truncated", ZPT),
    wrong("cut before the last pipe", WHOLE[:-2], "truncated", ZPT),
    wrong("cut within the header", WHOLE[:20], "truncated", 1),
    wrong("only a header", written(GOOD[0]), "truncated", 1),
    warned("a byte order mark", b"\xef\xbb\xbf" + WHOLE, "byte-order-mark", 1),
    warned("text in Windows-1252", WHOLE.replace(b"New seal", b"Caf\xe9"), "non-ascii", 0),
    warned("text in UTF-8", WHOLE.replace(b"New seal", "Café".encode()), "non-ascii", G029),
    wrong(
        "an undecodable byte",
        WHOLE.replace(b"New seal", b"Caf\x81"),
        "control-character",
        G029,
        also=("non-ascii",),
    ),
    wrong("a hole of NUL bytes", WHOLE.replace(b"Dial moved", b"\0" * 10), "control-character", G033),
    wrong("NUL in a meter id", field(METER_ID, "\0" * 11), "control-character", METER, "", ("wrong-length",)),
    wrong("NUL in a test flag", field(TEST_FLAG, "\0OPE"), "control-character", 1, "", ("wrong-characters",)),
    wrong("a tab", WHOLE.replace(b"Dial moved", b"Dial\tmoved"), "control-character", G033),
    wrong("an escape character", WHOLE.replace(b"Dial moved", b"\x1b[31m"), "control-character", G033),
    wrong("a stray carriage return", STRAY_CARRIAGE_RETURN, "control-character", G033),
    warned("a blank line between groups", after(G033, ""), "blank-line", 9),
    warned("a line of blanks between groups", after(G033, "   "), "blank-line", 9),
    warned("no data", counted(GOOD[0], GOOD[-1]), "no-data", 2),
)

HEADER = (
    wrong("a flow in lower case", field(FLOW, "d0010002"), "no-flow", 1),
    wrong("no flow", field(FLOW, ""), "no-flow", 1),
    wrong("version 001", field(FLOW, "D0010001"), "unknown-version", 1),
    wrong("version 003", field(FLOW, "D0010003"), "unknown-version", 1),
    wrong("flow and version in two fields", field(FLOW, "D0010|002"), "no-version", 1, "", ("wrong-field-count",)),
    wrong("too few fields in the header", line(ZHV, GOOD[0].replace("||||", "|||")), "wrong-field-count", 1, "ZHV"),
    wrong("too many fields in the header", line(ZHV, GOOD[0] + "x|"), "wrong-field-count", 1, "ZHV"),
    bad("no file identifier", FILE_IDENTIFIER, "", "missing-value"),
    bad("no role of the sender", FROM_ROLE, "", "missing-value"),
    bad("no sender", FROM_PARTICIPANT, "", "missing-value"),
    bad("no role of the recipient", TO_ROLE, "", "missing-value"),
    bad("no recipient", TO_PARTICIPANT, "", "missing-value"),
    bad("no creation time", CREATED_AT, "", "missing-value"),
    bad("a file identifier of 11 characters", FILE_IDENTIFIER, "ONEFAULT012", "wrong-length"),
    bad("a blank in the file identifier", FILE_IDENTIFIER, "ONE FAULT1", "wrong-characters"),
    doubtful("a sender's role of two characters", FROM_ROLE, "DD", "long-role-code"),
    bad("a sender's role of three characters", FROM_ROLE, "DDD", "wrong-length"),
    bad("a sender of five characters", FROM_PARTICIPANT, "ZZDCX", "wrong-length"),
    doubtful("a recipient's role of two characters", TO_ROLE, "XX", "long-role-code"),
    bad("a recipient of five characters", TO_PARTICIPANT, "ZZSUX", "wrong-length"),
    bad("a creation date without its time", CREATED_AT, "20250303", "not-a-date-time"),
    bad("a sending application of six characters", SENDING_APPLICATION, "SENDER", "wrong-length"),
    bad("a receiving application of six characters", RECEIVING_APPLICATION, "SENDER", "wrong-length"),
    bad("a broadcast of two characters", BROADCAST, "BB", "wrong-length"),
    bad("a test flag of five characters", TEST_FLAG, "OPERA", "wrong-length"),
    doubtful("test data", TEST_FLAG, "TR01", "test-data"),
    doubtful("no test flag", TEST_FLAG, "", "no-test-flag"),
    warned("a route from a distributor to a supplier", field(FROM_ROLE, "R"), "unusual-route", 1, "ZHV To Role Code"),
    warned("no last pipe in the header", line(ZHV, GOOD[0][:-1]), "missing-last-pipe", 1, "ZHV"),
    wrong("a second header", after(G033, GOOD[0]), "second-header", 9),
)

TRAILER = (
    wrong("a lost group", line(ZPT, ONE_GROUP_TOO_MANY), "wrong-total-group-count", ZPT, "ZPT Total Group Count"),
    wrong("a lost flow", line(ZPT, ONE_FLOW_TOO_MANY), "wrong-flow-count", ZPT, "ZPT Flow Count"),
    bad("the trailer of another file", LAST_IDENTIFIER, "ONEFAULT02", "wrong-file-identifier"),
    bad("no file identifier in the trailer", LAST_IDENTIFIER, "", "missing-value"),
    bad("no group count", GROUP_COUNT, "", "missing-value"),
    bad("no flow count", FLOW_COUNT, "", "missing-value"),
    bad("no completion time", COMPLETED_AT, "", "missing-value"),
    bad("a group count of 11 digits", GROUP_COUNT, "00000000011", "not-a-number"),
    bad("a group count in words", GROUP_COUNT, "eleven", "not-a-number"),
    bad("a flow count of 9 digits", FLOW_COUNT, "000000002", "not-a-number"),
    bad("a checksum of 11 digits", CHECKSUM, "12345678901", "not-a-number"),
    bad("a completion time of 15 digits", COMPLETED_AT, "202503030615000", "not-a-date-time"),
    bad("a checksum in letters", CHECKSUM, "none", "not-a-number"),
    doubtful("a checksum", CHECKSUM, "1234567890", "checksum-not-verified"),
    wrong(
        "a missing pipe in the trailer",
        line(ZPT, "ZPT|ONEFAULT01|11|2|20250303061500|"),
        "wrong-field-count",
        ZPT,
        "ZPT",
    ),
    wrong("no last pipe in the trailer", line(ZPT, GOOD[-1][:-1]), "missing-last-pipe", ZPT, "ZPT"),
    wrong("an invented trailer, ZTT", line(ZPT, "ZTT|11|"), "unknown-group", ZPT, "", ("truncated",)),
    wrong("an invented trailer, ZTR", line(ZPT, "ZTR|11|"), "unknown-group", ZPT, "", ("truncated",)),
    wrong("a group after the trailer", WHOLE + written(GOOD[10]), "data-after-trailer", 14),
    wrong("a second file after the first", WHOLE + WHOLE, "data-after-trailer", 14),
    wrong("a repeated trailer", WHOLE + written(GOOD[-1]), "data-after-trailer", 14),
)

STRUCTURE = (
    wrong("a 027 without a 026", only(G027, *range(9, 13)), "no-parent", 2, "027"),
    wrong("a 028 without a 026", only(METER, READING), "no-parent", 2, "028"),
    wrong("a 029 without a 028", only(BLOCK, G029, METER, READING), "no-parent", 3, "029"),
    wrong("a 030 without a 028", only(*range(2, 9), BLOCK, READING, METER), "no-parent", 10, "030"),
    wrong("a 032 without a 030", only(BLOCK, METER, G032, READING), "no-parent", 4, "032"),
    wrong("a 033 without a 030", only(BLOCK, METER, G033, READING), "no-parent", 4, "033"),
    wrong("a 032 for the previous meter", only(BLOCK, METER, READING, METER, G032), "no-parent", 6, "032"),
    wrong("a 033 for the previous block", after(METER, GOOD[7]), "no-parent", 11, "033"),
    wrong("a 026 without a 028", after(ZHV, GOOD[8]), "no-meter", 2, "026"),
    wrong("a last 026 without a 028", after(12, GOOD[8]), "no-meter", 13, "026"),
    wrong("two 032 for one reading", after(G032, GOOD[6]), "second-validation-result", 8, "032"),
    warned("a 032 after a 033", only(2, 3, 4, 5, 6, 8, 7), "out-of-order", 8, "032"),
    warned("a 027 after a 028", only(2, 4, 3, 5, 6, 7, 8), "out-of-order", 4, "027"),
    warned("a 029 after a 030", only(2, 3, 4, 6, 7, 8, 5), "out-of-order", 8, "029"),
    wrong("a group 031", after(G030, "031|S|"), "unknown-group", 7),
    wrong("a group of the D0086", after(12, "199|11||"), "unknown-group", 13),
    wrong("a group code without its leading zero", line(READING, GOOD[10][1:]), "unknown-group", READING),
    wrong("a blank before a group", line(READING, " " + GOOD[10]), "unknown-group", READING),
    wrong("a code without fields", after(12, "030"), "unknown-group", 13),
    wrong("too few fields in a 026", line(BLOCK, "026|3290002209572|"), "wrong-field-count", BLOCK, "026"),
    wrong("too many fields in a 028", line(METER, "028|M14C 22091|R|T|"), "wrong-field-count", METER, "028"),
    wrong(
        "too few fields in a 030",
        line(READING, "030|01|20250228000000|91234.5||T|P|"),
        "wrong-field-count",
        READING,
        "030",
    ),
    wrong(
        "too many fields in a 030",
        line(READING, "030|01|20250228000000|91234.5||||T|P|"),
        "wrong-field-count",
        READING,
        "030",
    ),
    wrong("too few fields in a 032", line(G032, "032|27|"), "wrong-field-count", G032, "032"),
    wrong("too few fields in a 033", line(G033, "033|11|"), "wrong-field-count", G033, "033"),
    wrong("a pipe in text", line(G033, "033|11|Dial|moved|"), "wrong-field-count", G033, "033"),
    warned("no last pipe in a 026", line(BLOCK, GOOD[8][:-1]), "missing-last-pipe", BLOCK, "026"),
    warned("no last pipe in a 030", line(READING, GOOD[10][:-1]), "missing-last-pipe", READING, "030"),
    warned("no last pipe in a 033", line(G033, GOOD[7][:-1]), "missing-last-pipe", G033, "033"),
    warned("padding after a 030", line(READING, GOOD[10] + " | |"), "blank-padding", READING, "030"),
    warned("padding after the trailer", line(ZPT, GOOD[12] + " | |"), "blank-padding", ZPT, "ZPT"),
)

BLOCKS = (
    bad("no MPAN core", MPAN_CORE, "", "missing-value"),
    bad("an MPAN core of blanks", MPAN_CORE, " " * 13, "missing-value"),
    bad("an MPAN core of 12 digits", MPAN_CORE, "329000220957", "not-an-mpan-core"),
    bad("an MPAN core of 14 digits", MPAN_CORE, "32900022095722", "not-an-mpan-core"),
    bad(
        "an MPAN core of full-width digits",
        MPAN_CORE,
        "３２９０００２２０９５７２",
        "not-an-mpan-core",
        ("non-ascii",),
    ),
    bad("an MPAN core with blanks inside", MPAN_CORE, "32 9000 22095", "not-an-mpan-core"),
    bad("an MPAN core as a spreadsheet writes it", MPAN_CORE, "3.2900022E+12", "not-an-mpan-core"),
    bad("a wrong check digit", MPAN_CORE, "3290002209573", "wrong-check-digit"),
    bad("an AMSID 77 with a wrong check digit", MPAN_CORE, "7712345678902", "wrong-check-digit"),
    doubtful("an unknown distributor", MPAN_CORE, "9900000000015", "unknown-distributor"),
    doubtful("a blank before the MPAN core", MPAN_CORE, " 3290002209572", "padded-field"),
    bad("no validation status", VALIDATION_STATUS, "", "missing-value"),
    bad("a validation status X", VALIDATION_STATUS, "X", "invalid-code"),
    bad("a validation status in lower case", VALIDATION_STATUS, "v", "lower-case-code"),
    bad("two validation statuses", VALIDATION_STATUS, "VF", "wrong-length"),
    bad("no meter id", METER_ID, "", "missing-value"),
    bad("a meter id of 11 characters", METER_ID, "M14C  22091", "wrong-length"),
    doubtful("a blank after the meter id", METER_ID, "M14C22091 ", "padded-field"),
    bad("no reading type", READING_TYPE, "", "missing-value"),
    bad("a reading type in lower case", READING_TYPE, "r", "lower-case-code"),
    bad("two reading types", READING_TYPE, "RC", "wrong-length"),
    doubtful("a reading type that is not listed", READING_TYPE, "B", "unknown-code"),
    doubtful("a reading type of the D0071", READING_TYPE, "O", "unknown-code"),
)

READINGS = (
    bad("no register id", REGISTER_ID, "", "missing-value"),
    bad("a register id of 3 characters", REGISTER_ID, "001", "wrong-length"),
    bad("a register id of a hyphen", REGISTER_ID, "-1", "wrong-characters"),
    bad("no time", TIME, "", "missing-value"),
    bad("a time of 8 digits", TIME, "20250228", "not-a-date-time"),
    bad("a time of 12 digits", TIME, "202502280000", "not-a-date-time"),
    bad("a time of 15 digits", TIME, "202502280000000", "not-a-date-time"),
    bad("a time of ISO 8601", TIME, "2025-02-28 0:0", "not-a-date-time"),
    bad("a time of full-width digits", TIME, "２０２５０２２８００００００", "not-a-date-time", ("non-ascii",)),
    bad("hour 24", TIME, "20250228240000", "not-a-date-time"),
    bad("minute 60", TIME, "20250228006000", "not-a-date-time"),
    bad("second 60", TIME, "20250228000060", "not-a-date-time"),
    bad("the 30th of February", TIME, "20250230000000", "not-a-date-time"),
    bad("the 29th of February outside a leap year", TIME, "20250229000000", "not-a-date-time"),
    bad("month 13", TIME, "20251301000000", "not-a-date-time"),
    bad("the day before the month", TIME, "28022025000000", "not-a-date-time"),
    bad("the year 1949", TIME, "19491231235959", "not-a-date-time"),
    bad("the year 2200", TIME, "22000101000000", "not-a-date-time"),
    warned(
        "midnight in a file of a half-hourly data collector",
        only(BLOCK, METER, READING).replace(b"|D0010002|D|", b"|D0010002|C|"),
        "hhdc-midnight",
        4,
        TIME.name,
    ),
    doubtful("a time after the file was made", TIME, "20250304000000", "future-reading"),
    doubtful("a time in the repeated hour", TIME, "20241027013000", "repeated-hour"),
    doubtful("a time in the missing hour", TIME, "20240331013000", "missing-hour"),
    bad("no value", VALUE, "", "missing-value"),
    bad("two decimals", VALUE, "12345.67", "too-many-digits"),
    bad("three decimals", VALUE, "123456.789", "too-many-digits"),
    bad("ten digits", VALUE, "1234567890", "too-many-digits"),
    bad("nine digits before the point", VALUE, "123456789.0", "too-many-digits"),
    bad("a negative value", VALUE, "-1.0", "not-a-number"),
    bad("a value with a plus", VALUE, "+1.0", "not-a-number"),
    bad("a value with an exponent", VALUE, "1E5", "not-a-number"),
    bad("a decimal comma", VALUE, "91234,5", "not-a-number"),
    bad("a thousands comma", VALUE, "91,234.5", "not-a-number"),
    bad("a thousands blank", VALUE, "91 234.5", "not-a-number"),
    bad("two points", VALUE, "9.123.4", "not-a-number"),
    bad("a point alone", VALUE, ".", "not-a-number"),
    bad("not a number", VALUE, "NaN", "not-a-number"),
    bad("full-width digits", VALUE, "９１２３４.５", "not-a-number", ("non-ascii",)),
    doubtful("a point at the end", VALUE, "56311.", "bare-point"),
    doubtful("a point at the start", VALUE, ".5", "bare-point"),
    doubtful("a blank before the value", VALUE, " 91234.5", "padded-field"),
    bad("a reset on the 31st of April", RESET_TIME, "20240431000000", "not-a-date-time"),
    bad("a reset without its time", RESET_TIME, "20250228", "not-a-date-time"),
    warned(
        "a number of resets without a reset time", field(RESET_TIME, ""), "incomplete-md-reset", MAXIMUM_DEMAND, "030"
    ),
    warned(
        "a reset time without a number of resets", field(RESETS, ""), "incomplete-md-reset", MAXIMUM_DEMAND, "030"
    ),
    bad("a thousand resets", RESETS, "1000", "not-a-number"),
    bad("a negative number of resets", RESETS, "-1", "not-a-number"),
    bad("a flag Y", FLAG, "Y", "invalid-code"),
    bad("a flag in lower case", FLAG, "t", "lower-case-code"),
    bad("a flag of two characters", FLAG, "TF", "wrong-length"),
    doubtful("a flag of a blank", FLAG, " ", "padded-field"),
    doubtful("a suspect reading without a reason", FLAG, "F", "suspect-without-reason"),
    doubtful("no reading method", METHOD, "", "no-reading-method"),
    doubtful("a reading method that is not listed", METHOD, "R", "unknown-code"),
    bad("a reading method in lower case", METHOD, "n", "lower-case-code"),
    bad("two reading methods", METHOD, "NP", "wrong-length"),
)

RESULTS_AND_VISITS = (
    bad("no reason code", REASON, "", "missing-value"),
    bad("a reason code without its leading zero", REASON, "5", "wrong-length"),
    doubtful("a reason code that is not listed", REASON, "28", "unknown-code"),
    bad("no reading status", STATUS, "", "missing-value"),
    bad("a reading status V", STATUS, "V", "invalid-code"),
    warned("a suspect reading in a validated block", field(STATUS, "F"), "suspect-in-validated", G032, "032"),
    bad("no check code in a 027", VISIT_027, "", "missing-value"),
    bad("no check code in a 029", VISIT_029, "", "missing-value"),
    bad("no check code in a 033", VISIT_033, "", "missing-value"),
    bad("a check code of 3 characters", VISIT_029, "016", "wrong-length"),
    doubtful("a check code that is not listed", VISIT_027, "12", "unknown-code"),
    bad("a text of 201 characters in a 027", TEXT_027, "x" * 201, "wrong-length"),
    bad("a text of 201 characters in a 029", TEXT_029, "x" * 201, "wrong-length"),
    bad("a line of 100 kB", TEXT_033, "x" * 100_000, "wrong-length"),
    doubtful("a blank after text", TEXT_033, "Dial moved ", "padded-field"),
)

ONE_FAULT_FILES = (
    *WHOLE_FILE,
    *HEADER,
    *TRAILER,
    *STRUCTURE,
    *BLOCKS,
    *READINGS,
    *RESULTS_AND_VISITS,
)

#: Valid files that look faulty, by name.
FAULTLESS_FILES = {
    "the valid file": WHOLE,
    "CRLF": WHOLE.replace(b"\n", b"\r\n"),
    "mixed line ends": WHOLE.replace(b"\n", b"\r\n", 5),
    "no line end after the trailer": WHOLE[:-1],
    "blank lines at the end": WHOLE + b"\n \r\n\n",
    "a quote without its pair": WHOLE.replace(b'"at"', b'"at'),
    "200 characters of text": field(TEXT_033, "x" * 200),
    "no text": field(TEXT_033, ""),
    "an AMSID 78, which has no check digit": field(MPAN_CORE, "7812345678901"),
    "an AMSID 77 with its check digit": field(MPAN_CORE, "7712345678901"),
    "a validation status F": field(VALIDATION_STATUS, "F"),
    "a validation status U": field(VALIDATION_STATUS, "U"),
    "a meter id of 10 characters": field(METER_ID, "M14C 22 91"),
    "a meter id in lower case": field(METER_ID, "m14c 22091"),
    "a withdrawal": field(READING_TYPE, "W"),
    "a register id of one digit": field(REGISTER_ID, "1"),
    "a midnight sent as 235959": field(TIME, "20250227235959"),
    "a reading of 1950": field(TIME, "19500101000000"),
    "a value without a point": field(VALUE, "91234"),
    "a value of zero": field(VALUE, "0"),
    "a value with leading zeros": field(VALUE, "00091234"),
    "the largest value": field(VALUE, "99999999.9"),
    "nine digits": field(VALUE, "999999999"),
    "no flag": field(FLAG, ""),
    "no resets": field(RESETS, "0"),
    "two visits in a row": after(G033, GOOD[7]),
    "a visit without a reading": only(G026, G027, G028),
    "two meters at a meter point": only(BLOCK, METER, READING, G028, G030, G032),
}
