"""Base of the record readers of AEMO's meter data file format, and how they report problems."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from readings.formats.content import BYTE_ORDER_MARK
from readings.formats.contract import ERROR, WARNING, Batch, Problem
from readings.formats.fields import Fault
from readings.formats.mdff.catalogue.fields import NOT_UPPER_CASE, Field
from readings.formats.mdff.catalogue.nmi import nmi
from readings.formats.mdff.envelope import PADDING
from readings.formats.statements import NMI
from readings.formats.tally import Tally

#: Function of a line number and the fields of the line, the first of which is the record indicator.
Reader: TypeAlias = Callable[[int, list[str]], None]

INDICATORS: Final = frozenset(("100", "200", "250", "300", "400", "500", "550", "900"))

#: Codes of warnings that the specification forbids, in NEM12 and NEM13 alike.
STRICT: Final = frozenset(
    (
        *(
            "no-header",
            "no-end",
            "second-header",
            "data-after-trailer",
            "lower-case-code",
            "absent-field",
            "missing-value",
        ),
        *(
            "nmi-with-check-digit",
            "unusual-nmi",
            "unusual-suffix",
            "suffix-not-in-configuration",
            "unknown-code",
            "too-long",
        ),
        *("negative-value", "too-many-decimals", "not-a-date", "not-a-date-time"),
        *("null-data", "missing-method", "missing-reason", "missing-reason-description", "needless-reason"),
    )
)

#: Codes of other warnings about the form of a file: a sender that deviates does so in record after record.
OF_FORM: Final = frozenset(
    (
        *("too-many-decimals", "too-long", "nmi-with-check-digit", "needless-method", "needless-reason"),
        *("second-header", "data-after-trailer"),
    )
)
#: Messages of warnings that are counted without a record.
_COUNTED: Final = {
    "line-feed": "lines end with a bare line feed, expected carriage return and line feed",
    "doubled-carriage-return": "lines end with two carriage returns and a line feed; read as one line end",
    "blank-line": "the file has blank lines; they were ignored",
    "byte-order-mark": "the file begins with a byte order mark; it was ignored",
    "quoted-field": "records have quotes around fields, which the format does not allow; they were removed",
    "padded-field": "records have fields with outer blanks; they were removed",
    "padded-record": "records have extra empty fields, as spreadsheets add them; they were ignored",
    "absent-field": "records lack the comma before their last, optional field; read as empty",
    "no-participant": "headers lack a sender or a recipient",
}


def blocks_of(opening: str) -> Callable[[str, str], str | None]:
    """Return a function that finds the lines of NMIs: each begins with an opening record, up to the next."""

    def meter_point_of(line: str, subject: str) -> str | None:
        """Return the NMI in an opening record, empty for the envelope, None for the records within a block."""
        record, _, rest = line.partition(",")
        indicator = record.strip(PADDING + BYTE_ORDER_MARK)
        if indicator == opening:
            text = rest.partition(",")[0].strip(PADDING)
            return nmi(text)[0] or text[:10].upper()  # Its check digit may be wrong.
        return "" if indicator in ("100", "900") else None

    return meter_point_of


class Records:
    """Base of the record reader of a version. Each version has its own, with a method for each record."""

    def __init__(self) -> None:
        self.readers: dict[str, Reader] = {}
        self.batch = Batch()
        self.form = Tally()
        #: Fields of the open record that states the NMI; empty if none is open.
        self.opening: Sequence[str] = ()
        #: Number of records so far that open a channel or an accumulation.
        self.opened = 0
        #: Line of a record that seems to continue in the lines after it; 0 if there is none.
        self.broken_line = 0

    def close(self) -> None:
        """Finish the open record."""

    def read_plain(self, number: int, line: str) -> bool:
        """Read a line that is usual as a whole, without splitting it; return False for others."""
        return False

    def count(self, code: str, number: int, times: int = 1) -> None:
        """Count a warning that is reported once per file."""
        self.form.add(Problem(severity=WARNING, line=number, code=code, message=_COUNTED[code]), times)

    @property
    def nmi(self) -> str:
        """Return the NMI of the open record; empty if none is open, or if it is unusable."""
        return nmi(self.opening[1])[0] if len(self.opening) > 1 else ""

    def report(
        self,
        severity: str,
        record: str,
        code: str,
        number: int,
        message: str,
        field: str = "",
        value: str = "",
        *,
        is_open: bool = True,
    ) -> None:
        """Record a problem; `is_open`: whether it concerns the open NMI, if the record is about a NMI at all."""
        identifier = self.nmi if is_open and record in self.readers else ""
        problem = Problem(
            severity=severity,
            line=number,
            record=record if record in INDICATORS else "",  # A line may begin with anything.
            field=field,
            code=code,
            value=value[:80],
            message=message,
            scheme=NMI if identifier else "",
            identifier=identifier,
        )
        if severity == WARNING and (code in OF_FORM or message.startswith(NOT_UPPER_CASE)):
            self.form.add(problem)
        else:
            self.batch.problems.append(problem)

    def report_faults(self, record: str, number: int, field: str, value: str, faults: Sequence[Fault]) -> bool:
        """Record the faults of a field; return whether any of them is an error."""
        for severity, code, message in faults:
            self.report(severity, record, code, number, message, field, value)
        return any(fault[0] == ERROR for fault in faults)

    def report_all(self, record: str, number: int, faults: Sequence[tuple[str, Any, Fault]]) -> bool:
        """Record the faults of several fields, with name and value; return whether any of them is an error."""
        for field, value, (severity, code, message) in faults:
            self.report(severity, record, code, number, message, field, str(value))
        return any(fault[0] == ERROR for _, _, fault in faults)

    def fit(self, number: int, texts: list[str], most: int, least: int) -> list[str] | None:
        """Return the fields of a record, padded or cut to `most`; None if their number is wrong."""
        if len(texts) < least or any(texts[most:]):
            message = f"has {len(texts)} fields, expected {most}"
            if len(texts) > most:
                message += "; ask the sender to remove commas inside fields"
            self.report(ERROR, texts[0], "wrong-field-count", number, message, value=",".join(texts))
            return None
        if len(texts) > most:
            self.count("padded-record", number)
            return texts[:most]
        self.count("absent-field", number)
        return texts + [""] * (most - len(texts))

    def read(
        self, number: int, texts: list[str], fields: Sequence[Field], least: int
    ) -> tuple[list[Any], bool] | None:
        """Return the values of the fields after the record indicator, and whether all of them are usable."""
        fitting = texts if len(texts) == len(fields) + 1 else self.fit(number, texts, len(fields) + 1, least)
        if fitting is None:
            return None
        values, usable = [], True
        for (name, read), sent in zip(fields, fitting[1:], strict=True):
            value, faults = read(sent)
            if faults and self.report_faults(fitting[0], number, name, sent, faults):
                usable = False
            values.append(value)
        return values, usable

    def orphan(self, record: str, number: int, parent: str) -> None:
        """Record the error that no parent of a record is open."""
        message = f"must follow a {parent} record, but none is open; ask the sender to correct the file"
        self.report(ERROR, record, "no-parent", number, message)
