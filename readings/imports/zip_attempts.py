"""Zips: each member is a content with its own transaction; the zip has the common outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from tempfile import TemporaryFile
from typing import BinaryIO, Final, cast

from django.db import transaction
from django.db.models import Q

from readings.formats import zips
from readings.formats.content import END, Survey
from readings.formats.contract import ERROR, OTHER_FLOW, WARNING, Problem
from readings.formats.foreign import office_document
from readings.formats.recognition import is_document
from readings.formats.text import printable
from readings.imports.arrivals import Delivery, note_arrival
from readings.imports.attempts import ContentChanged, Rules
from readings.imports.erasure.matching import stored_erasures
from readings.imports.erasure.setting_aside import SettingAside
from readings.imports.loading.locks import locked
from readings.imports.outcomes import describe, first_name_of
from readings.imports.places import name_of_member
from readings.imports.problems import Problems
from readings.imports.reports import ImportReport, other_flow_in, with_members
from readings.models import LEFT, Arrival, FlowFile, Outcome, RewrittenContent, Status
from readings.models.erasures import await_rewriting, is_rewritten

FORMAT: Final = "ZIP"


@dataclass(slots=True)
class Container:
    """One attempt to import the members of a zip."""

    stream: BinaryIO
    content: Survey
    delivery: Delivery
    clock: Callable[[], datetime]
    rules: Rules
    is_unchanged: Callable[[], bool]
    on_progress: Callable[[int, int], None]
    #: Function that imports one member like any other content.
    import_member: Callable[[BinaryIO, Delivery, Callable[[int, int], None]], ImportReport]
    format: str = FORMAT
    problems: Problems = field(default_factory=Problems)
    members: list[ImportReport] = field(default_factory=list)
    #: Number of values of these members.
    values: int = 0

    def refuse(self, code: str, message: str) -> None:
        """Reject the zip without reading it."""
        self.problems.add(Problem(severity=ERROR, line=0, code=code, message=message))

    def store(self, flow_file: FlowFile) -> ImportReport:
        """Import each member, and store the outcome of the zip; return the report."""
        if flow_file.status != Status.IMPORTED or _has_members_to_read(flow_file):
            self._import_members()
        with transaction.atomic(durable=True):
            row = locked(flow_file)
            is_duplicate = row.status == Status.IMPORTED
            report = self._report(Outcome.DUPLICATE if is_duplicate else self._outcome(), row)
            if not is_duplicate:
                describe(row, report, None, self.clock())
            report.arrival_id = note_arrival(row, self.delivery, report, self.clock())
            Arrival.objects.filter(pk__in=[each.arrival_id for each in self.members]).update(
                container=report.arrival_id
            )
            self._await_rewriting(row, report)
            if not self.is_unchanged():
                raise ContentChanged(self.delivery.name)
        return with_members(report, self.members)

    def _await_rewriting(self, flow_file: FlowFile, report: ImportReport) -> None:
        """Store that the zip has to be rewritten, if it states an erased meter point, or may do so."""
        members = [each.arrival_id for each in self.members]
        awaiting = RewrittenContent.objects.filter(flow_file__arrivals__in=members, at=None)
        may_be_stated = SettingAside().may_be_in(self.delivery.name, report.outcome)
        if is_rewritten(flow_file, self.content.sha256) or awaiting.exists() or may_be_stated:
            await_rewriting(flow_file, self.content.sha256, "")

    def rehearse(self, at: datetime) -> ImportReport:
        """Return the report that `store` would return; store nothing. `at` is unused."""
        is_content = Q(sha256=self.content.sha256) | Q(rewritings__old_sha256=self.content.sha256)
        imported = FlowFile.objects.filter(is_content, status=Status.IMPORTED).first()
        if imported is None or _has_members_to_read(imported):
            self._import_members()
        outcome = Outcome.DUPLICATE if imported else self._outcome()
        return with_members(self._report(outcome, imported), self.members)

    def _import_members(self) -> None:
        if document := office_document(self.content.start, self.content.end):
            self.refuse(*document)
            self.format = ""
        if self.problems.errors:
            return
        limits = zips.Limits(member_bytes=self.rules.max_bytes, total_bytes=self.rules.max_bytes)
        members = zips.members(self.stream, limits, cast(Callable[[], BinaryIO], TemporaryFile))
        for number, member in enumerate(members, start=1):
            self._advance()
            if isinstance(member, Problem):
                self.problems.add(member)
            else:
                self._import_member(number, member)

    def _advance(self, _position: int = 0, values: int = 0) -> None:
        """Report the position in the zip, and the values of all members; `values` are those of the present one."""
        self.on_progress(self.stream.tell(), self.values + values)

    def _import_member(self, number: int, member: zips.Member) -> None:
        name = printable(member.name)
        start = member.stream.read(END)
        member.stream.seek(0)
        if is_document(name, start):
            self._report_member(WARNING, "left-out", name, "is a document, not a flow file; it was skipped")
            return
        identity = f"{self.content.sha256[:12]}/{number}/{self.delivery.identity}" if self.delivery.identity else ""
        delivery = Delivery(
            name=name_of_member(self.delivery.name, name),
            channel=self.delivery.channel,
            by_whom=self.delivery.by_whom,
            identity=identity,
            resting_place=f"{LEFT}in {self.delivery.name})",
        )
        report = self.import_member(member.stream, delivery, self._advance)
        self.members.append(report)
        self.values += report.readings + report.accumulations + report.intervals
        if report.outcome == Outcome.REJECTED:
            codes = ", ".join(dict.fromkeys(each.code for each in report.problems if each.severity == ERROR))
            message = f"the member was rejected: {codes}; see its own report for the lines"
            self._report_member(ERROR, "member-rejected", name, message)
        elif report.outcome == Outcome.OTHER_FLOW:
            self._report_member(WARNING, OTHER_FLOW, name, f"the member was set aside: {other_flow_in(report)}")

    def _report_member(self, severity: str, code: str, name: str, message: str) -> None:
        self.problems.add(Problem(severity=severity, line=0, code=code, value=name[:200], message=message))

    def _outcome(self) -> Outcome:
        if not (self.members or self.problems.errors):
            self.refuse("no-flow-file", "holds documents only, no flow file; ask the sender for the data")
        if self.problems.errors:
            return Outcome.REJECTED
        is_other = all(member.outcome == Outcome.OTHER_FLOW for member in self.members)
        return Outcome.OTHER_FLOW if is_other else Outcome.IMPORTED

    def _report(self, outcome: Outcome, imported: FlowFile | None) -> ImportReport:
        report = ImportReport(
            name=self.delivery.name, sha256=self.content.sha256, format=self.format, outcome=outcome
        )
        if outcome == Outcome.DUPLICATE and imported:
            report.duplicate_of = first_name_of(imported)
            return report
        report.list_problems(self.problems)
        erased = stored_erasures()
        report.problems = [replace(each, value=erased.without_names(each.value)) for each in report.problems]
        return report


def _has_members_to_read(flow_file: FlowFile) -> bool:
    """Return whether a stored zip holds statements that are ordered by their last arrival, or flows not read yet."""
    is_set_aside = Q(flow_file__status=Status.OTHER_FLOW)
    is_without_time = Q(flow_file__status=Status.IMPORTED, flow_file__created_at=None) & ~Q(flow_file__format="")
    return Arrival.objects.filter(is_set_aside | is_without_time, container__flow_file=flow_file).exists()
