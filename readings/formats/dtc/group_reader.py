"""Base of the readers of groups, and how they report problems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from readings.formats.contract import ERROR, WARNING, Batch, Problem
from readings.formats.dtc.records import Record
from readings.formats.fields import Field
from readings.formats.statements import Header
from readings.formats.tally import Tally

#: Codes of warnings about the form of a file: a sender that deviates does so in line after line.
OF_FORM: Final = frozenset(
    (
        *("missing-last-pipe", "blank-padding", "padded-field", "bare-point", "out-of-order"),
        *("no-reading-method", "hhdc-midnight"),
    )
)


class GroupReader:
    """Base of the reader of the groups of a flow. Each flow has its own, with a method for each group."""

    def __init__(self) -> None:
        #: Methods that read a group from line number and line, by group code and pipe.
        self.readers: dict[str, Callable[[int, str], None]] = {}
        #: Number of flow instances so far.
        self.flow_count = 0
        self.batch = Batch()
        #: Open meter point; the identifier is empty if none is open, or if it is unusable.
        self.scheme = self.identifier = ""
        #: Faults of the record that is being read.
        self.faults: list[Problem] = []
        self.form = Tally()

    def begin(self, header: Header) -> None:
        """Prepare to read the groups after this header."""

    def read_plain(self, text: str, position: int, number: int) -> tuple[int, int]:
        """Read the lines from a position on as long as they need no closer look.

        `number` is that of the line before. Return the position of the next line, and the number of the line before.
        """
        return position, number

    def close(self) -> None:
        """Finish the open group."""

    def take(self, *, last: bool) -> Batch:
        """Return the batch since the last call; the last reading is held back while more lines may follow."""
        batch, self.batch = self.batch, Batch()
        if last:
            batch.problems += self.form.take()
        elif batch.readings:
            self.batch.readings.append(batch.readings.pop())
        return batch

    def read(self, record: Record, number: int, line: str) -> list[Any] | None:
        """Return the values of a record of the open meter point, or None if the number of its fields is wrong."""
        values = record.read(line, number, self.faults)
        if self.faults:
            self.report_faults()
        return values

    def report_faults(self) -> None:
        """Record the faults of the record that was read."""
        faults, self.faults = self.faults, []
        for problem in faults:
            self._keep_problem(problem)

    def report(self, severity: str, record: Record, code: str, number: int, message: str, value: str = "") -> None:
        """Record a problem of a record as a whole."""
        self._keep_problem(record.problem(severity, code, number, message, value=value))

    def warn(self, record: Record, code: str, number: int, message: str, field: Field[Any], value: str) -> None:
        """Record a warning about a field of a record."""
        self._keep_problem(record.problem(WARNING, code, number, message, field=field.name, value=value))

    def _keep_problem(self, problem: Problem) -> None:
        if self.identifier:
            problem = replace(problem, scheme=self.scheme, identifier=self.identifier)
        if problem.severity == WARNING and problem.code in OF_FORM:
            self.form.add(problem)
        else:
            self.batch.problems.append(problem)

    def orphan(self, record: Record, number: int, parent: Record) -> None:
        """Record the error that no parent of a record is open."""
        message = f"must follow a {parent.code} record, but none is open; ask the sender to correct the file"
        self.report(ERROR, record, "no-parent", number, message)

    def out_of_order(self, record: Record, number: int, later: Record) -> None:
        """Record the warning that a record follows one that the catalogue places after it."""
        message = f"follows a {later.code} record; the catalogue places it before"
        self.report(WARNING, record, "out-of-order", number, message)
