"""Records of the delimited user file: a code, and fields that each end with a pipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from readings.formats.contract import ERROR, WARNING, Problem
from readings.formats.fields import Fault, Field


@dataclass(frozen=True, slots=True)
class Record:
    """Record: its code, and its fields in order."""

    code: str
    fields: tuple[Field[Any], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the fields, in order."""
        return tuple(field.name for field in self.fields)

    def split(self, line: str, number: int, problems: list[Problem]) -> list[str] | None:
        """Return the texts of the fields, or None if their number is wrong."""
        texts = line.split("|")
        del texts[0]
        expected = len(self.fields)
        if len(texts) == expected + 1 and not texts[-1]:
            del texts[-1]
            return texts
        return self._split_slowly(texts, number, problems)

    def _split_slowly(self, texts: list[str], number: int, problems: list[Problem]) -> list[str] | None:
        expected = len(self.fields)
        spare = [text for text in texts[expected:] if text.strip(" ")]
        if len(texts) == expected and texts[-1]:
            severity = ERROR if self.code == "ZPT" else WARNING
            message = "the record does not end with a pipe; all of its fields are present"
            problems.append(self.problem(severity, "missing-last-pipe", number, message))
        elif len(texts) > expected and not spare:
            message = f"has blank fields after the {expected} of this record; they were ignored"
            problems.append(self.problem(WARNING, "blank-padding", number, message))
        else:
            count = len(texts) if texts and texts[-1] else len(texts) - 1
            message = f"has {count} fields after its code, expected {expected}"
            if spare:
                message += "; ask the sender to remove pipes inside text"
            problems.append(self.problem(ERROR, "wrong-field-count", number, message, value="|".join(texts)[:80]))
            return None
        return texts[:expected]

    def read(self, line: str, number: int, problems: list[Problem]) -> list[Any] | None:
        """Return the values of the fields, or None if their number is wrong."""
        texts = self.split(line, number, problems)
        if texts is None:
            return None
        values = []
        for field, text in zip(self.fields, texts, strict=True):
            value, faults = field.read(text)
            values.append(value)
            problems.extend(self.faults(field, number, text, faults))
        return values

    def read_faultless_end(self, first: int, end: str) -> tuple[Any, ...] | None:
        """Return the values of the fields from `first` to the last, or None if any of them is faulty."""
        fields, texts = self.fields[first:], end.split("|")
        if len(texts) != len(fields) + 1 or texts[-1]:
            return None
        results = [field.read(text) for field, text in zip(fields, texts, strict=False)]
        return None if any(faults for _, faults in results) else tuple(value for value, _ in results)

    def faults(self, field: Field[Any], number: int, text: str, faults: tuple[Fault, ...]) -> list[Problem]:
        """Return the faults of a field as problems of this record."""
        return [
            self.problem(severity, code, number, message, field=field.name, value=text)
            for severity, code, message in faults
        ]

    def problem(
        self, severity: str, code: str, line: int, message: str, *, field: str = "", value: str = ""
    ) -> Problem:
        """Return a problem of this record."""
        return Problem(
            severity=severity,
            line=line,
            record=self.code,
            field=field,
            code=code,
            value=value[:80],
            message=message,
        )
