"""NEM12 and NEM13 files with one fault each, made from a valid file of each format.

Severities are those of a default import; `strict` is True if a strict import turns the warning into an error.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import NamedTuple

from readings.formats.contract import WARNING
from readings.formats.mdff.catalogue.nmi import nmi_check_digit
from tests.making.mdff import NMI as NMI_OF_THE_GOOD
from tests.making.mdff import accumulation, channel, day, written
from tests.making.one_fault_dtc import OneFaultFile

GOOD_NEM12 = (
    "100,NEM12,202603010215,MDPA,RETB",
    *channel(
        day("20260227", loaded="20260301031500"),
        day("20260228", quality="V"),
        "400,1,20,A,,",
        "400,21,44,F14,76,",
        "400,45,48,S14,0,Read by hand",
        "500,O,SO1234,20260228101500,001234.5",
        next_read="20260601",
    ),
    *channel(day("20260227", count=96), register="2", suffix="B1", stream="", unit="Wh", length=15),
    "900",
)
GOOD_NEM13 = (
    "100,NEM13,202602281230,MDPA,RETB",
    accumulation(current_quality="S62,0,Read by hand"),
    "550,N,,S,SO1234",
    accumulation("000950", "010015", "9065", register="2", suffix="41", stream="41", current_quality="E64,,"),
    "550,N,,E,",
    "900",
)
HEADER, CHANNEL, FIRST_DAY, VARIABLE_DAY, FIRST_EVENT, SECOND_EVENT, LAST_EVENT, READ, OTHER_CHANNEL = range(1, 10)
OTHER_DAY, END = 10, 11
ACTUAL, VISIT, ESTIMATE, ESTIMATE_VISIT, END_OF_NEM13 = range(2, 7)


class Place(NamedTuple):
    """Field of a valid file: the file, its line, its position after the indicator, its record and name."""

    good: tuple[str, ...]
    line: int
    position: int
    name: str


def nem12(line: int, position: int, name: str) -> Place:
    return Place(GOOD_NEM12, line, position, name)


def nem13(line: int, position: int, name: str) -> Place:
    return Place(GOOD_NEM13, line, position, name)


CREATED_AT = nem12(HEADER, 2, "100 DateTime")
FROM_PARTICIPANT = nem12(HEADER, 3, "100 FromParticipant")
TO_PARTICIPANT = nem12(HEADER, 4, "100 ToParticipant")
NMI = nem12(CHANNEL, 1, "200 NMI")
CONFIGURATION = nem12(CHANNEL, 2, "200 NMIConfiguration")
REGISTER_ID = nem12(CHANNEL, 3, "200 RegisterID")
SUFFIX = nem12(CHANNEL, 4, "200 NMISuffix")
DATA_STREAM = nem12(CHANNEL, 5, "200 MDMDataStreamIdentifier")
SERIAL_NUMBER = nem12(CHANNEL, 6, "200 MeterSerialNumber")
UNIT = nem12(CHANNEL, 7, "200 UOM")
LENGTH = nem12(CHANNEL, 8, "200 IntervalLength")
NEXT_READ = nem12(CHANNEL, 9, "200 NextScheduledReadDate")
DATE = nem12(FIRST_DAY, 1, "300 IntervalDate")
VALUE = nem12(FIRST_DAY, 8, "300 IntervalValue7")
QUALITY = nem12(FIRST_DAY, 50, "300 QualityMethod")
REASON = nem12(FIRST_DAY, 51, "300 ReasonCode")
DESCRIPTION = nem12(FIRST_DAY, 52, "300 ReasonDescription")
UPDATED_AT = nem12(FIRST_DAY, 53, "300 UpdateDateTime")
LOADED_AT = nem12(FIRST_DAY, 54, "300 MSATSLoadDateTime")
VARIABLE_REASON = nem12(VARIABLE_DAY, 51, "300 ReasonCode")
EVENT_START = nem12(SECOND_EVENT, 1, "400 StartInterval")
EVENT_END = nem12(SECOND_EVENT, 2, "400 EndInterval")
EVENT_QUALITY = nem12(SECOND_EVENT, 3, "400 QualityMethod")
EVENT_REASON = nem12(SECOND_EVENT, 4, "400 ReasonCode")
EVENT_DESCRIPTION = nem12(LAST_EVENT, 5, "400 ReasonDescription")
TRANS_CODE = nem12(READ, 1, "500 TransCode")
SERVICE_ORDER = nem12(READ, 2, "500 RetServiceOrder")
READ_AT = nem12(READ, 3, "500 ReadDateTime")
INDEX_READ = nem12(READ, 4, "500 IndexRead")

NMI_13 = nem13(ACTUAL, 1, "250 NMI")
CONFIGURATION_13 = nem13(ACTUAL, 2, "250 NMIConfiguration")
REGISTER_ID_13 = nem13(ACTUAL, 3, "250 RegisterID")
SUFFIX_13 = nem13(ACTUAL, 4, "250 NMISuffix")
SERIAL_NUMBER_13 = nem13(ACTUAL, 6, "250 MeterSerialNumber")
DIRECTION = nem13(ACTUAL, 7, "250 DirectionIndicator")
PREVIOUS = nem13(ACTUAL, 8, "250 PreviousRegisterRead")
PREVIOUS_AT = nem13(ACTUAL, 9, "250 PreviousRegisterReadDateTime")
PREVIOUS_QUALITY = nem13(ACTUAL, 10, "250 PreviousQualityMethod")
CURRENT = nem13(ACTUAL, 13, "250 CurrentRegisterRead")
CURRENT_AT = nem13(ACTUAL, 14, "250 CurrentRegisterReadDateTime")
CURRENT_QUALITY = nem13(ACTUAL, 15, "250 CurrentQualityMethod")
CURRENT_REASON = nem13(ACTUAL, 16, "250 CurrentReasonCode")
CURRENT_DESCRIPTION = nem13(ACTUAL, 17, "250 CurrentReasonDescription")
QUANTITY = nem13(ACTUAL, 18, "250 Quantity")
UNIT_13 = nem13(ACTUAL, 19, "250 UOM")
NEXT_READ_13 = nem13(ACTUAL, 20, "250 NextScheduledReadDate")
UPDATED_AT_13 = nem13(ACTUAL, 21, "250 UpdateDateTime")
LOADED_AT_13 = nem13(ACTUAL, 22, "250 MSATSLoadDateTime")
PREVIOUS_TRANS_CODE = nem13(VISIT, 1, "550 PreviousTransCode")
CURRENT_TRANS_CODE = nem13(VISIT, 3, "550 CurrentTransCode")
CURRENT_SERVICE_ORDER = nem13(VISIT, 4, "550 CurrentRetServiceOrder")


@dataclass(frozen=True, kw_only=True)
class OneFaultNem(OneFaultFile):
    #: Whether the specification forbids the fault, so that a strict import rejects the file.
    strict: bool = True


def line(good: tuple[str, ...], number: int, *texts: str) -> bytes:
    """Return a valid file with other lines instead of a line, or none."""
    return written(*good[: number - 1], *texts, *good[number:])


def after(good: tuple[str, ...], number: int, *texts: str) -> bytes:
    """Return a valid file with lines inserted after a line."""
    return written(*good[:number], *texts, *good[number:])


def field(place: Place, text: str) -> bytes:
    """Return a valid file with another text of a field."""
    texts = place.good[place.line - 1].split(",")
    texts[place.position] = text
    return line(place.good, place.line, ",".join(texts))


def values(*texts: str, date: str = "20260227") -> bytes:
    """Return a valid file with other values of the first day."""
    return line(GOOD_NEM12, FIRST_DAY, day(date, values=",".join(texts)))


def wrong(
    name: str, content: bytes, code: str, where: int = 0, what: str = "", also: tuple[str, ...] = ()
) -> OneFaultNem:
    """Return a file that is rejected. `what` is the record and, after a blank, the field with the fault."""
    record, _, field = what.partition(" ")
    return OneFaultNem(name=name, content=content, code=code, line=where, record=record, field=field, also=also)


def warned(
    name: str,
    content: bytes,
    code: str,
    where: int = 0,
    what: str = "",
    also: tuple[str, ...] = (),
    *,
    strict: bool = True,
) -> OneFaultNem:
    """Return a file that is imported with a warning."""
    record, _, field = what.partition(" ")
    return OneFaultNem(
        name=name,
        content=content,
        severity=WARNING,
        code=code,
        line=where,
        record=record,
        field=field,
        also=also,
        strict=strict,
    )


def bad(name: str, place: Place, text: str, code: str, also: tuple[str, ...] = ()) -> OneFaultNem:
    """Return a file that is rejected for the text of a field."""
    return wrong(name, field(place, text), code, place.line, place.name, also)


def doubtful(
    name: str, place: Place, text: str, code: str, also: tuple[str, ...] = (), *, strict: bool = True
) -> OneFaultNem:
    """Return a file that is imported with a warning about the text of a field."""
    return warned(name, field(place, text), code, place.line, place.name, also, strict=strict)


N12, N13 = GOOD_NEM12, GOOD_NEM13
WHOLE_12, WHOLE_13 = written(*N12), written(*N13)
ALL = [str(number) for number in range(1, 49)]
#: Day broken over two lines, as by an e-mail program; the second line begins with a value.
BROKEN_DAY = [N12[2][:97], N12[2][97:]]

WHOLE_FILE = (
    wrong("a version header of another format", WHOLE_12.replace(b"NEM12", b"NEM11"), "unknown-version-header", 1),
    wrong("a 250 without a header", written(*N13[1:]), "no-header", 1, "250"),
    warned("a 200 without a header", written(*N12[1:]), "no-header", 1, "200"),
    warned(
        "a 200 after a blank line without a header", written("", *N12[1:]), "no-header", 2, "200", ("blank-line",)
    ),
    warned(
        "a version header in lower case",
        WHOLE_12.replace(b"NEM12", b"nem12"),
        "lower-case-code",
        1,
        "100 VersionHeader",
    ),
    warned("NEM13 in lower case", WHOLE_13.replace(b"NEM13", b"nem13"), "lower-case-code", 1, "100 VersionHeader"),
    wrong("no 900 in a NEM12", written(*N12[:-1]), "truncated", 10),
    wrong("no 900 in a NEM13", written(*N13[:-1]), "truncated", 5),
    warned("neither a 100 nor a 900", written(*N12[1:-1]), "no-end", 9, also=("no-header",)),
    wrong("cut within a day", WHOLE_12[:150], "truncated", FIRST_DAY, also=("no-interval-day",)),
    wrong(
        "cut within an event",
        WHOLE_12[: WHOLE_12.index(b",44,F14")],
        "truncated",
        SECOND_EVENT,
        also=("gap-in-events",),
    ),
    wrong("cut within the 900", WHOLE_12[:-3], "truncated", END),
    wrong("cut within the 900 of a NEM13", WHOLE_13[:-3], "truncated", END_OF_NEM13),
    wrong("a field after the 900", line(N12, END, "900,x"), "wrong-field-count", END, "900", ("truncated",)),
    wrong("a header of 2 fields", line(N12, HEADER, "100,NEM12"), "wrong-field-count", HEADER, "100"),
    wrong(
        "a NEM13 after a NEM12",
        WHOLE_12 + written(N13[0], "900"),
        "unknown-version-header",
        12,
        "100 VersionHeader",
        ("second-header", "no-data"),
    ),
    wrong("a hole of NUL bytes", field(DESCRIPTION, "\0" * 5), "control-character", FIRST_DAY),
    wrong("a line of 100 kB", written(*N12[:READ]) + b"3" * 100_000, "line-too-long", 9),
    warned("text in UTF-8", field(DESCRIPTION, "Café"), "non-ascii", FIRST_DAY, strict=False),
    wrong("gzip", gzip.compress(WHOLE_12), "gzip"),
    wrong("UTF-16", WHOLE_12.decode().encode("utf-16"), "utf-16"),
    doubtful("a header without a time", CREATED_AT, "20260301", "not-a-date-time"),
    doubtful("a header time of 14 digits", CREATED_AT, "20260301021500", "not-a-date-time"),
    doubtful("no header time", CREATED_AT, "", "missing-value"),
    doubtful("a sender of 11 characters", FROM_PARTICIPANT, "METERREADER", "too-long"),
    doubtful("a recipient of 11 characters", TO_PARTICIPANT, "METERREADER", "too-long"),
    warned("no records between 100 and 900", written(N12[0], N12[-1]), "no-data", 2, "900", strict=False),
    warned("no records in a NEM13", written(N13[0], N13[-1]), "no-data", 2, "900", strict=False),
    warned(
        "a second file after the first",
        WHOLE_12 + WHOLE_12.replace(b"2026022", b"2026012"),
        "second-header",
        12,
        "100",
    ),
    warned(
        "a channel after the 900", written(*N12, *channel(day("20260301")), "900"), "data-after-trailer", 12, "200"
    ),
    warned("a repeated 900", written(*N12, "900"), "data-after-trailer", 12, "900", ("no-data",)),
    wrong("a 250 in a NEM12", after(N12, 10, accumulation()), "other-format-record", 11, "250"),
    wrong("a 550 in a NEM12", after(N12, 10, "550,N,,A,"), "other-format-record", 11, "550"),
    wrong("a 300 in a NEM13", after(N13, 5, day()), "other-format-record", 6, "300"),
    wrong("a record 600", after(N12, 10, "600,1,2"), "unknown-record", 11),
    wrong("a record 250 without a comma", after(N13, 5, "250"), "wrong-field-count", 6, "250"),
)

PADDING = (
    warned("CR CR LF line ends", WHOLE_12.replace(b"\r\n", b"\r\r\n"), "doubled-carriage-return", 1, strict=False),
    warned("LF line ends", WHOLE_12.replace(b"\r\n", b"\n"), "line-feed", 1, strict=False),
    warned("a byte order mark", b"\xef\xbb\xbf" + WHOLE_12, "byte-order-mark", 1, strict=False),
    warned("a byte order mark before a NEM13", b"\xef\xbb\xbf" + WHOLE_13, "byte-order-mark", 1, strict=False),
    warned("a blank line", after(N12, CHANNEL, ""), "blank-line", 3, strict=False),
    warned("a blank line in a NEM13", after(N13, VISIT, ""), "blank-line", 4, strict=False),
    warned("a line of commas", after(N13, VISIT, ",,,,"), "blank-line", 4, strict=False),
    warned("commas after every record", written(*(text + ",,,," for text in N13)), "padded-record", 1, strict=False),
    warned("commas after the 900", line(N12, END, "900,,,"), "padded-record", END, strict=False),
    warned("a blank before a time", field(UPDATED_AT_13, " 20260228120000"), "padded-field", ACTUAL, strict=False),
    warned("a blank after a value", field(VALUE, "0.7 "), "padded-field", FIRST_DAY, strict=False),
    warned("quotes", field(SERIAL_NUMBER, '"SN0012345"'), "quoted-field", CHANNEL, strict=False),
    warned("no sender", field(FROM_PARTICIPANT, ""), "no-participant", 1, strict=False),
    warned("no recipient", field(TO_PARTICIPANT, ""), "no-participant", 1, strict=False),
    wrong(
        "a comma in quotes",
        field(DESCRIPTION, '"Read,twice"'),
        "quoted-comma",
        FIRST_DAY,
        "300",
        ("wrong-field-count",),
    ),
)

BLOCKS = (
    wrong("a day without a channel", written(N12[0], *N12[2:3], *N12[8:]), "no-parent", 2, "300"),
    wrong("an event without a day", line(N12, FIRST_DAY, "400,1,48,A,,", N12[2]), "no-parent", 3, "400"),
    wrong(
        "an event after a read", after(N12, READ, "400,1,48,A,,"), "out-of-order", 9, "400", ("overlapping-events",)
    ),
    wrong("a read without a day", after(N12, OTHER_CHANNEL, N12[READ - 1]), "no-parent", 10, "500"),
    wrong("a visit without an accumulation", after(N13, HEADER, N13[VISIT - 1]), "no-parent", 2, "550"),
    wrong("a channel without a day", after(N12, OTHER_DAY, *channel()), "no-interval-day", 11, "200"),
    wrong(
        "too few fields in a 250",
        line(N13, ACTUAL, N13[1].rsplit(",", 2)[0]),
        "wrong-field-count",
        ACTUAL,
        "250",
    ),
    wrong("too many fields in a 250", line(N13, ACTUAL, N13[1] + "x,y"), "wrong-field-count", ACTUAL, "250"),
    wrong(
        "too few fields in a 200",
        line(N12, CHANNEL, "200,6123456789,E1B1,1,E1,N1,SN0012345,kWh"),
        "wrong-field-count",
        CHANNEL,
        "200",
    ),
    wrong("too many fields in a 200", line(N12, CHANNEL, N12[1] + ",x"), "wrong-field-count", CHANNEL, "200"),
    wrong("too few fields in a 500", line(N12, READ, "500,O,SO1234"), "wrong-field-count", READ, "500"),
    wrong("too few fields in a 400", line(N12, SECOND_EVENT, "400,21,44"), "wrong-field-count", SECOND_EVENT, "400"),
)

CHANNELS = (
    doubtful("an NMI of 3 characters", NMI, "123", "unusual-nmi"),
    doubtful(
        "an NMI with its check digit", NMI, NMI_OF_THE_GOOD + nmi_check_digit(NMI_OF_THE_GOOD), "nmi-with-check-digit"
    ),
    bad("an NMI with a wrong check digit", NMI, "61234567890", "wrong-check-digit"),
    bad("an NMI that a spreadsheet rounded", NMI, "6.12E+09", "rounded-nmi"),
    bad("an NMI with a dash", NMI, "6123-45678", "wrong-characters"),
    bad("an NMI of 9 digits", NMI, "612345678", "wrong-length"),
    doubtful("a short NMI with a letter", NMI, "NMI1", "unusual-nmi"),
    doubtful("an NMI with the letter I", NMI, "NMI3456789", "unusual-nmi"),
    doubtful("an NMI in lower case", NMI, "vabx210034", "unusual-nmi"),
    bad("no NMI", NMI, "", "missing-value"),
    bad("no NMI in a 250", NMI_13, "", "missing-value"),
    doubtful("no configuration", CONFIGURATION, "", "missing-value"),
    doubtful("a suffix outside the configuration", SUFFIX, "E2", "suffix-not-in-configuration"),
    doubtful("a suffix of a 250 outside the configuration", SUFFIX_13, "12", "suffix-not-in-configuration"),
    doubtful("a suffix in lower case", SUFFIX, "e1", "unusual-suffix"),
    doubtful("reactive energy in a channel of energy", UNIT, "kVArh", "unit-of-another-kind"),
    bad("no suffix", SUFFIX, "", "missing-value"),
    doubtful("an interval suffix in a 250", SUFFIX_13, "E1", "unusual-suffix", ("suffix-not-in-configuration",)),
    doubtful("a register id of 11 characters", REGISTER_ID, "12345678901", "too-long"),
    bad("a serial number of 41 characters", SERIAL_NUMBER, "S" * 41, "wrong-length"),
    doubtful("a serial number of 13 characters", SERIAL_NUMBER, "SN00123456789", "too-long"),
    doubtful("a serial number of 13 characters in a 250", SERIAL_NUMBER_13, "SN00123456789", "too-long"),
    doubtful("no serial number in a 250", SERIAL_NUMBER_13, "", "missing-value"),
    bad("no unit", UNIT, "", "missing-value"),
    bad("an unknown unit", UNIT, "kWx", "unknown-unit"),
    bad("an unknown unit in a 250", UNIT_13, "therm", "unknown-unit"),
    warned(
        "intervals of 10 minutes",
        written(N12[0], *channel(day(count=144), length=10), "900"),
        "unusual-interval-length",
        CHANNEL,
        "200 IntervalLength",
    ),
    warned(
        "intervals of a minute",
        written(N12[0], *channel(day(count=1440), length=1), "900"),
        "unusual-interval-length",
        CHANNEL,
        "200 IntervalLength",
    ),
    bad("intervals of 7 minutes", LENGTH, "7", "wrong-interval-length"),
    bad("intervals of no minutes", LENGTH, "0", "wrong-interval-length"),
    bad("intervals in words", LENGTH, "half", "wrong-interval-length"),
    bad("no interval length", LENGTH, "", "missing-value"),
    doubtful("a next read on the 31st of June", NEXT_READ, "20260631", "not-a-date"),
    doubtful("a next read on the 31st of June in a 250", NEXT_READ_13, "20260631", "not-a-date"),
)

DAYS = (
    wrong("47 values", values(*ALL[:47]), "wrong-interval-count", FIRST_DAY, "300"),
    wrong("49 values", values(*ALL, "49"), "wrong-interval-count", FIRST_DAY, "300"),
    wrong("96 values of 30 minutes", values(*ALL, *ALL), "wrong-interval-count", FIRST_DAY, "300"),
    wrong(
        "no values",
        line(N12, FIRST_DAY, "300,20260227,A,,,20260301021500,"),
        "wrong-interval-count",
        FIRST_DAY,
        "300",
    ),
    wrong("a broken line", line(N12, FIRST_DAY, *BROKEN_DAY), "broken-record", FIRST_DAY, "300", ("unknown-record",)),
    bad("an empty value", VALUE, "", "missing-value"),
    bad("a value in words", VALUE, "none", "not-a-number"),
    bad("a value nan", VALUE, "nan", "not-a-number"),
    bad("an infinite value", VALUE, "inf", "not-a-number"),
    bad("a value with an exponent", VALUE, "1e3", "not-a-number"),
    bad("a value with two points", VALUE, "1.2.3", "not-a-number"),
    bad("a value of 16 digits", VALUE, "1234567890123456", "not-a-number"),
    bad("a value with a plus", VALUE, "+1", "not-a-number"),
    bad("a point alone", VALUE, ".", "not-a-number"),
    bad("a value in other digits", VALUE, "７", "not-a-number", ("non-ascii",)),
    doubtful("a negative value", VALUE, "-1.5", "negative-value"),
    doubtful("five decimals of kWh", VALUE, "0.12345", "too-many-decimals"),
    bad("an unknown quality", QUALITY, "Z99", "invalid-quality-method"),
    bad("a quality in lower case", QUALITY, "a", "invalid-quality-method"),
    bad("no quality", QUALITY, "", "invalid-quality-method"),
    doubtful("an estimate without its method", QUALITY, "E", "missing-method"),
    doubtful("an unknown method", QUALITY, "E99", "unknown-code"),
    doubtful("an actual with a method", QUALITY, "A11", "needless-method", strict=False),
    doubtful("null data", QUALITY, "N", "null-data"),
    warned("a substitute without its reason", field(QUALITY, "S14"), "missing-reason", FIRST_DAY, "300 ReasonCode"),
    warned(
        "a reason 0 without a description",
        field(REASON, "0"),
        "missing-reason-description",
        FIRST_DAY,
        "300 ReasonDescription",
    ),
    doubtful("an unknown reason", REASON, "63", "unknown-code"),
    doubtful("a reason in words", REASON, "dog", "unknown-code"),
    doubtful("a variable day with a reason", VARIABLE_REASON, "32", "needless-reason"),
    doubtful("a description of 241 characters", DESCRIPTION, "x" * 241, "too-long"),
    bad("the 30th of February", DATE, "20260230", "not-a-date"),
    bad("no date", DATE, "", "missing-value"),
    bad("a date with hyphens", DATE, "2026-02-27", "not-a-date"),
    doubtful("a time of 12 digits", UPDATED_AT, "202603010215", "not-a-date-time"),
    doubtful("a time of 15 digits", UPDATED_AT, "202603010215000", "not-a-date-time"),
    doubtful("hour 24", UPDATED_AT, "20260301240000", "not-a-date-time"),
    doubtful("an impossible time of loading", LOADED_AT, "20260230031500", "not-a-date-time"),
    warned(
        "an actual day after its stamp",
        after(N12, READ, day("20260401")),
        "future-day",
        9,
        "300 IntervalDate",
    ),
    warned(
        "a repeated day",
        after(N12, READ, day("20260228", updated="20260302000000")),
        "date-not-increasing",
        9,
        "300 IntervalDate",
    ),
    warned(
        "an earlier day after a later one",
        after(N12, READ, day("20260201")),
        "date-not-increasing",
        9,
        "300 IntervalDate",
    ),
)

EVENTS = (
    wrong(
        "a variable day without events",
        line(N12, FIRST_DAY, day("20260227", quality="V")),
        "no-events",
        FIRST_DAY,
        "300 QualityMethod",
    ),
    bad("a gap between events", EVENT_START, "22", "gap-in-events"),
    bad("events that overlap", EVENT_START, "20", "overlapping-events"),
    bad("an event past the day", EVENT_END, "49", "interval-out-of-range", ("overlapping-events",)),
    wrong("no last event", line(N12, LAST_EVENT), "gap-in-events", VARIABLE_DAY, "300 QualityMethod"),
    wrong(
        "an event that ends before it starts",
        field(EVENT_END, "20"),
        "interval-out-of-range",
        SECOND_EVENT,
        "400 StartInterval",
        ("gap-in-events",),
    ),
    bad("an event that starts at 0", nem12(FIRST_EVENT, 1, "400 StartInterval"), "0", "interval-out-of-range"),
    bad("an event without a start", EVENT_START, "", "missing-value"),
    bad("an end in words", EVENT_END, "noon", "not-a-number"),
    bad("a variable event", EVENT_QUALITY, "V", "invalid-quality-method"),
    bad("an event of quality T", EVENT_QUALITY, "T", "invalid-quality-method"),
    doubtful("an event without a reason", EVENT_REASON, "", "missing-reason"),
    doubtful("an event of reason 0 without a description", EVENT_DESCRIPTION, "", "missing-reason-description"),
    warned(
        "an event of a day that is not variable",
        after(N12, FIRST_DAY, "400,1,48,A,,"),
        "needless-event",
        4,
        "400",
        strict=False,
    ),
    doubtful("an unknown trans code", TRANS_CODE, "X", "unknown-code"),
    doubtful("a trans code in lower case", TRANS_CODE, "o", "unknown-code"),
    doubtful("a read at an impossible time", READ_AT, "20260228256000", "not-a-date-time"),
    doubtful("a service order of 16 characters", SERVICE_ORDER, "SO12345678901234", "too-long"),
    doubtful("an index read of 16 characters", INDEX_READ, "0000000000001234", "too-long"),
)

ACCUMULATIONS = (
    doubtful("a direction N", DIRECTION, "N", "unknown-code"),
    bad("no current read", CURRENT, "", "missing-value"),
    bad("no previous read", PREVIOUS, "", "missing-value"),
    bad("a read in words", CURRENT, "none", "not-a-number"),
    bad("a read with an exponent", CURRENT, "1.3E3", "not-a-number"),
    doubtful("a read of 16 characters", CURRENT, "0000000000001300", "too-long"),
    bad("no time of the current read", CURRENT_AT, "", "missing-value"),
    bad("a current read at hour 24", CURRENT_AT, "20260227240000", "not-a-date-time"),
    bad("a previous read without its time of day", PREVIOUS_AT, "20251130", "not-a-date-time"),
    doubtful("a previous read after the current read", PREVIOUS_AT, "20260228093000", "reads-out-of-order"),
    doubtful("an estimate as previous read", PREVIOUS_QUALITY, "E64", "estimated-previous-read"),
    bad("a variable read", CURRENT_QUALITY, "V", "invalid-quality-method"),
    bad("a read of quality T", PREVIOUS_QUALITY, "T", "invalid-quality-method"),
    doubtful("a substituted read without a reason", CURRENT_REASON, "", "missing-reason"),
    doubtful(
        "a substituted read of reason 0 without a description", CURRENT_DESCRIPTION, "", "missing-reason-description"
    ),
    bad("no quantity", QUANTITY, "", "missing-value"),
    bad("a quantity in words", QUANTITY, "none", "not-a-number"),
    bad("a quantity with an exponent", QUANTITY, "6e1", "not-a-number"),
    doubtful("a negative quantity", QUANTITY, "-65.5", "negative-value"),
    bad("no update time of a 250", UPDATED_AT_13, "", "missing-value"),
    bad("an update time of 12 digits in a 250", UPDATED_AT_13, "202602281200", "not-a-date-time"),
    doubtful("an impossible time of loading of a 250", LOADED_AT_13, "20260230031500", "not-a-date-time"),
    doubtful("no previous trans code", PREVIOUS_TRANS_CODE, "", "missing-value"),
    doubtful("an unknown current trans code", CURRENT_TRANS_CODE, "X", "unknown-code"),
    doubtful("an order of 16 characters", CURRENT_SERVICE_ORDER, "SO12345678901234", "too-long"),
    doubtful("a register id of 11 characters in a 250", REGISTER_ID_13, "12345678901", "too-long"),
    doubtful("no configuration of a 250", CONFIGURATION_13, "", "missing-value"),
)

ONE_FAULT_NEM = (*WHOLE_FILE, *PADDING, *BLOCKS, *CHANNELS, *DAYS, *EVENTS, *ACCUMULATIONS)

#: Valid files that look faulty, by name.
FAULTLESS_NEM = {
    "a day without its update time": field(UPDATED_AT, ""),
    "a value without its leading zero": field(VALUE, ".005"),
    "a value of zero": field(VALUE, "0"),
    "a value of 15 digits and 4 more": field(VALUE, "123456789012345.1234"),
    "an actual with a reason": field(REASON, "79"),
    "an estimate without a reason": field(QUALITY, "E52"),
    "an estimate with a reason": line(N12, FIRST_DAY, day("20260227", quality="E52", reason="77")),
    "a reason for historical reads": line(N12, FIRST_DAY, day("20260227", quality="S62", reason="4")),
    "a reason newer than the specification": field(REASON, "104"),
    "a reason with a description": line(N12, FIRST_DAY, day("20260227", reason="3", description="Quarantine")),
    "days with a gap between them": field(DATE, "20260101"),
    "a channel without a meter": field(SERIAL_NUMBER, ""),
    "a channel without a register id": field(REGISTER_ID, ""),
    "a channel without a data stream": field(DATA_STREAM, ""),
    "a unit in capitals": field(UNIT, "KWH"),
    "a channel a day": after(N12, OTHER_DAY, *channel(day("20260301"))),
    "the channel of another meter": after(N12, OTHER_DAY, *channel(day(), serial_number="SN0099999")),
    "a read without its time": field(READ_AT, ""),
    "an obsolete trans code": field(TRANS_CODE, "T"),
    "two reads on a day": after(N12, READ, "500,N,,20260228120000,"),
    "intervals of 5 minutes": written(N12[0], *channel(day(count=288), length=5), "900"),
    "a quantity other than the difference": field(QUANTITY, "1"),
    "a read that rolled over": field(CURRENT, "000001.5"),
    "two reads at the same time": field(PREVIOUS_AT, "20260227101500"),
    "no next read": field(NEXT_READ_13, ""),
    "two visits": after(N13, VISIT, "550,N,SO2,S,SO3"),
    "no visit": line(N13, VISIT),
    "reads that do not chain": field(PREVIOUS_AT, "20200101000000"),
    "the valid NEM12": WHOLE_12,
    "the valid NEM13": WHOLE_13,
    "no line end after the 900": WHOLE_12[:-2],
    "no line end after the 900 of a NEM13": WHOLE_13[:-2],
}
