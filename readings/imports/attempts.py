"""One attempt to import one content: either all of it is stored, or only its problems."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import partial
from typing import BinaryIO

from django.db import OperationalError, transaction

from readings.formats.content import Survey
from readings.formats.contract import ERROR, NEM_TIME, Batch, Format, ParseContext, Problem
from readings.formats.recognition import SUPPORTED, header_of, refusals
from readings.formats.statements import Header
from readings.imports.arrivals import Delivery, note_arrival, note_last_word
from readings.imports.erasure.setting_aside import SettingAside
from readings.imports.loading.batches import BatchLoader, Withdraws
from readings.imports.loading.locks import is_deadlock, locked, wait_for_other_imports
from readings.imports.outcomes import (
    add_counts,
    add_problems,
    describe,
    first_name_of,
    same_file_identifier,
    subject_of,
)
from readings.imports.problems import Problems
from readings.imports.reports import ImportReport
from readings.models import FlowFile, Outcome, Status
from readings.models.erasures import await_rewriting, find_rewritten, is_rewritten


class ContentChanged(Exception):
    """The file changed while it was read; nothing was stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Rules of an importer."""

    max_bytes: int
    #: Number of attempts before rejection; None for imports by a person, which are not counted.
    max_attempts: int | None
    nem_time: tzinfo = NEM_TIME
    #: Whether to reject deviations from the specification that are otherwise accepted with a warning.
    is_strict: bool = False


@dataclass(slots=True)
class Attempt:
    """One attempt to import one content."""

    stream: BinaryIO
    content: Survey
    #: Format of the content; None if no format recognizes it.
    parser: Format | None
    delivery: Delivery
    clock: Callable[[], datetime]
    rules: Rules
    is_unchanged: Callable[[], bool]
    on_progress: Callable[[int, int], None]
    format: str = ""
    header: Header | None = None
    problems: Problems = field(default_factory=Problems)
    #: Warnings about stored statements, which are true only if the content is stored.
    warnings: Problems = field(default_factory=Problems)
    loader: BatchLoader | None = None
    strict_codes: frozenset[str] = frozenset()

    def refuse(self, code: str, message: str) -> None:
        """Reject the content without reading it."""
        self._take([Problem(severity=ERROR, line=0, code=code, message=message)])

    def rehearse(self, at: datetime) -> ImportReport:
        """Return the report that `store` would return; store nothing."""
        return self._alone_if_necessary(partial(self._rehearse, at))

    def store(self, flow_file: FlowFile) -> ImportReport:
        """Store the content, or only its problems; return the report."""
        return self._alone_if_necessary(partial(self._store, flow_file))

    def _alone_if_necessary(self, attempt: Callable[[bool], ImportReport]) -> ImportReport:
        """Run an attempt in parallel with other imports; restart it alone after a withdrawal or a deadlock."""
        try:
            return attempt(False)
        except Withdraws:
            pass
        except OperationalError as error:
            if not is_deadlock(error):
                raise
        self.problems, self.warnings, self.loader = Problems(), Problems(), None
        return attempt(True)

    def _rehearse(self, at: datetime, alone: bool) -> ImportReport:
        with transaction.atomic(durable=True):
            first = {"size": self.content.size, "received_at": at}
            sha256, subject = self.content.sha256, subject_of(self.parser, self.delivery)
            flow_file = find_rewritten(sha256, subject)
            if flow_file is None:
                flow_file, _ = FlowFile.objects.get_or_create(sha256=sha256, subject=subject, defaults=first)
            batches = self._batches()
            outcome = self._load(flow_file, batches, alone=alone)
            report = self._report(flow_file, outcome)
            transaction.set_rollback(True)
        if outcome != Outcome.REJECTED:
            return report
        self._read_on(batches)
        return self._report(flow_file, outcome)

    def _store(self, flow_file: FlowFile, alone: bool) -> ImportReport:
        batches = self._batches()
        with transaction.atomic(durable=True):
            row = locked(flow_file)
            outcome = self._load(row, batches, alone=alone)
            if outcome == Outcome.REJECTED:
                transaction.set_rollback(True)
            else:
                report = self._settle_outcome(row, outcome)
        if outcome != Outcome.REJECTED:
            return report
        self._read_on(batches)
        with transaction.atomic(durable=True):
            self._set_aside_again()
            return self._settle_outcome(locked(flow_file), outcome)

    def _batches(self) -> Iterator[Batch]:
        parser = self.parser
        self._name(header_of(parser, self.content.start, self.rules.nem_time))
        if self.problems.errors:
            return
        if parser is None:
            yield Batch(problems=list(refusals(self.content)))
            return
        self.format = self.format or parser.NAME
        self.strict_codes = parser.STRICT if self.rules.is_strict else frozenset()
        self.stream.seek(0)
        encoding = self.content.encoding(parser.ENCODINGS)
        subject = subject_of(parser, self.delivery)
        context = ParseContext(encoding=encoding, subject=subject, nem_time=self.rules.nem_time, supported=SUPPORTED)
        yield from parser.parse(self.stream, context)

    def _load(self, flow_file: FlowFile, batches: Iterator[Batch], *, alone: bool) -> Outcome:
        if flow_file.status == Status.IMPORTED:
            if flow_file.created_at is None and not self.problems.errors:
                self._make_last_word(flow_file, batches, alone=alone)
            return Outcome.DUPLICATE
        with BatchLoader(flow_file, self.clock, alone=alone) as self.loader:
            for batch in batches:
                self._take(batch.problems)
                self._name(batch.header)
                if self.problems.errors:
                    break
                self._warn(self.loader.load(batch))
                self.on_progress(self.stream.tell(), self.loader.counts.values)
            self._warn(self.loader.finish())
        if self.problems.errors:
            return Outcome.REJECTED
        return Outcome.OTHER_FLOW if self.problems.name_other_flow else Outcome.IMPORTED

    def _name(self, header: Header | None) -> None:
        """Take a header; one without a readable field does not replace what the first bytes state."""
        if header and not (self.header and header == Header(flow=header.flow, version=header.version)):
            self.header, self.format = header, header.flow

    def _make_last_word(self, flow_file: FlowFile, batches: Iterator[Batch], *, alone: bool) -> None:
        """Renew the statements of a stored content: without a time, those that arrived last count."""
        with transaction.atomic(), BatchLoader(flow_file, self.clock, alone=alone, is_again=True) as self.loader:
            for batch in batches:
                if any(problem.severity == ERROR for problem in batch.problems):
                    transaction.set_rollback(True)  # The rules have changed since.
                    self.loader, self.warnings = None, Problems()
                    return
                self._warn(self.loader.load(batch))
                self.on_progress(self.stream.tell(), self.loader.counts.values)
            self._warn(self.loader.finish())
            add_counts(flow_file, self.loader.counts)

    def _read_on(self, batches: Iterator[Batch]) -> None:
        """Collect the remaining problems of a rejected content."""
        for batch in batches:
            self._take(batch.problems)
            self.on_progress(self.stream.tell(), 0)

    def _set_aside_again(self) -> None:
        """Clean the problems of a meter point that was erased since they were found."""
        wait_for_other_imports(alone=False)
        aside = SettingAside()
        if self.loader and aside.erased.is_more_than(self.loader.aside.erased):
            self.loader.aside = aside
            self.problems = self.problems.changed(aside.cleaned)

    def _take(self, problems: list[Problem]) -> None:
        for problem in self.loader.aside.cleaned(problems) if self.loader else problems:
            is_error = problem.code in self.strict_codes
            self.problems.add(replace(problem, severity=ERROR) if is_error else problem)

    def _warn(self, problems: list[Problem]) -> None:
        for problem in problems:
            self.warnings.add(problem)

    def _settle_outcome(self, flow_file: FlowFile, outcome: Outcome) -> ImportReport:
        """Store the outcome of the content, as the last step of a transaction."""
        now = self.clock()
        report = self._report(flow_file, outcome)
        report.arrival_id = note_arrival(flow_file, self.delivery, report, now)
        is_last_word = outcome in (Outcome.IMPORTED, Outcome.DUPLICATE) and self.loader
        if outcome != Outcome.DUPLICATE:
            flow_file.arrived = report.arrival_id if is_last_word else flow_file.arrived
            describe(flow_file, report, self.header, now)
        else:
            add_problems(flow_file, report)
            if is_last_word:
                note_last_word(flow_file, report.arrival_id)
        self._await_rewriting(flow_file, outcome)
        if not self.is_unchanged():
            raise ContentChanged(self.delivery.name)
        return report

    def _await_rewriting(self, flow_file: FlowFile, outcome: Outcome) -> None:
        """Store that the file has to be rewritten, if it states an erased meter point, or may do so."""
        aside = self.loader.aside if self.loader else SettingAside()
        if is_rewritten(flow_file, self.content.sha256) or aside.may_be_in(self.delivery.name, outcome):
            await_rewriting(flow_file, self.content.sha256, subject_of(self.parser, self.delivery))

    def _report(self, flow_file: FlowFile, outcome: Outcome) -> ImportReport:
        report = ImportReport(name=self.delivery.name, sha256=self.content.sha256, outcome=outcome)
        report.format = self.format or flow_file.format
        if outcome == Outcome.DUPLICATE:
            report.duplicate_of = first_name_of(flow_file)
            if self.loader:
                report.superseded = self.loader.counts.superseded
                report.list_problems(self.warnings)
            return report
        if outcome == Outcome.IMPORTED and self.loader:
            self._take(list(same_file_identifier(flow_file, self.header)))
            self.problems.include(self.warnings)
            for name, number in self.loader.counts.as_numbers().items():
                setattr(report, name, number)
        report.list_problems(self.problems)
        return report
