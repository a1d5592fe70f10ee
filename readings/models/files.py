"""Flow files: contents, their arrivals and their problems."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q

from readings.formats.recognition import find_format
from readings.formats.statements import NMI

#: Start of a resting place that is no longer a path: it states why the file left, and its former path.
LEFT: Final = "("


class _Spelled(models.TextChoices):
    @property
    def word(self) -> str:
        """Return the choice as reports, logs and programs spell it."""
        return self.value.lower().replace("_", "-")


class Status(_Spelled):
    RECEIVED = "RECEIVED", "Received"
    IMPORTED = "IMPORTED", "Imported"
    REJECTED = "REJECTED", "Rejected"
    OTHER_FLOW = "OTHER_FLOW", "Other flow"


class Outcome(_Spelled):
    IMPORTED = "IMPORTED", "Imported"
    DUPLICATE = "DUPLICATE", "Duplicate"
    REJECTED = "REJECTED", "Rejected"
    #: A flow that is not read here: set aside, and nobody's fault.
    OTHER_FLOW = "OTHER_FLOW", "Other flow"


class Channel(models.TextChoices):
    INBOX = "INBOX", "Inbox"
    COMMAND = "COMMAND", "Command"
    UPLOAD = "UPLOAD", "Upload"
    API = "API", "API"


class Severity(models.TextChoices):
    ERROR = "ERROR", "Error"
    WARNING = "WARNING", "Warning"


class FlowFile(models.Model):
    """One content; its arrivals may have different names."""

    sha256 = models.CharField("SHA-256", max_length=64)
    #: Subject from the file name; empty for formats that have none.
    subject = models.CharField(max_length=40, default="", blank=True)
    size = models.BigIntegerField(help_text="bytes")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    #: Error of the importer that stopped the last attempt; else empty.
    last_error = models.TextField(default="", blank=True)
    received_at = models.DateTimeField()
    imported_at = models.DateTimeField(null=True, blank=True)
    importer_version = models.CharField(max_length=20, default="", blank=True)

    format = models.CharField(max_length=20, default="", blank=True)
    version = models.CharField(max_length=10, default="", blank=True)
    file_identifier = models.CharField(max_length=40, default="", blank=True)
    sender_role = models.CharField(max_length=2, default="", blank=True)
    sender = models.CharField(max_length=40, default="", blank=True)
    recipient_role = models.CharField(max_length=2, default="", blank=True)
    recipient = models.CharField(max_length=40, default="", blank=True)
    created_at = models.DateTimeField(null=True, blank=True, help_text="as the header says")
    #: Number of the last arrival that made the statements or renewed them: orders those of files without a time.
    arrived = models.BigIntegerField(default=0)
    test_flag = models.CharField(max_length=10, default="", blank=True)

    meter_points = models.PositiveIntegerField(default=0)
    meters = models.PositiveIntegerField(default=0)
    registers = models.PositiveIntegerField(default=0)
    readings = models.PositiveIntegerField(default=0, help_text="new rows")
    accumulations = models.PositiveIntegerField(default=0, help_text="new rows")
    interval_days = models.PositiveIntegerField(default=0, help_text="new rows")
    intervals = models.PositiveIntegerField(default=0, help_text="in the new rows")
    repeats = models.PositiveIntegerField(default=0, help_text="what was already stored")
    superseded = models.PositiveIntegerField(default=0, help_text="what was stored, and it corrected")
    withdrawn = models.PositiveIntegerField(default=0, help_text="stored readings that it took back")
    completed = models.PositiveIntegerField(default=0, help_text="stored days that it completed")
    errors = models.PositiveIntegerField(default=0)
    warnings = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("sha256", "subject"), name="a_content_is_stored_once"),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="a_flow_file_is_received_imported_rejected_or_set_aside"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.IMPORTED) | Q(imported_at__isnull=False, errors=0),
                name="an_imported_file_has_a_time_and_no_errors",
            ),
        )
        indexes = (
            models.Index(fields=("file_identifier", "sender"), name="flow_file_by_identifier"),
            # Filters of the list of files, each in its order.
            models.Index(fields=("received_at",), name="flow_file_by_time"),
            models.Index(fields=("status", "received_at"), name="flow_file_by_status"),
            models.Index(fields=("format", "received_at"), name="flow_file_by_format"),
            models.Index(fields=("sender", "received_at"), name="flow_file_by_sender"),
        )

    def __str__(self) -> str:
        return f"{self.format or 'content'} {self.sha256[:12]}"

    @property
    def is_of_nmis(self) -> bool:
        """Return whether the format of the file is Australian."""
        module = find_format(self.format)
        return module is not None and module.SCHEME == NMI


class Arrival(models.Model):
    """One physical file or upload with a content."""

    flow_file = models.ForeignKey(FlowFile, models.PROTECT, related_name="arrivals")
    #: Name of the file, with unprintable characters escaped.
    name = models.CharField(max_length=1024)
    channel = models.CharField(max_length=7, choices=Channel.choices)
    by_whom = models.CharField(max_length=150, default="", blank=True)
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    #: Identity of the physical file, by which a restart recognizes it.
    identity = models.CharField(max_length=100, default="", blank=True)
    resting_place = models.TextField(default="", blank=True, help_text="where the file lies now")
    settled_at = models.DateTimeField(null=True, blank=True, help_text="when it was put away")
    #: Arrival of the zip that contains the file.
    container = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="members")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="an_arrival_is_imported_duplicate_rejected_or_set_aside"
            ),
        )
        indexes = (
            models.Index(fields=("name",), name="arrival_by_name"),
            models.Index(fields=("received_at", "outcome"), name="arrival_by_time"),
            models.Index(fields=("identity",), condition=Q(settled_at=None), name="arrival_not_put_away"),
        )

    def __str__(self) -> str:
        return self.name


class Problem(models.Model):
    """One problem of a file. Line 0 is the whole file."""

    flow_file = models.ForeignKey(FlowFile, models.PROTECT, related_name="problems")
    severity = models.CharField(max_length=7, choices=Severity.choices)
    line = models.PositiveBigIntegerField()
    record = models.CharField(max_length=10, default="", blank=True)
    field = models.CharField(max_length=60, default="", blank=True)
    code = models.CharField(max_length=40)
    value = models.CharField(max_length=200, default="", blank=True)
    message = models.CharField(max_length=400)
    #: Meter point that the problem concerns, which may not be stored: a rejected file stores only its problems. Empty
    #: if it is unknown, or if the problem concerns the file as a whole.
    scheme = models.CharField(max_length=10, default="", blank=True)
    identifier = models.CharField(max_length=40, default="", blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values), name="a_problem_is_an_error_or_a_warning"
            ),
        )
        indexes = (
            models.Index(
                fields=("identifier", "scheme", "flow_file"),
                condition=Q(identifier__gt=""),
                name="problem_by_meter_point",
            ),
            models.Index(fields=("code", "id"), name="problem_by_code"),
        )

    def __str__(self) -> str:
        return f"{self.line}: {self.code}"


class Surplus(models.Model):
    """The problems of one code of a file that were counted but not stored."""

    flow_file = models.ForeignKey(FlowFile, models.PROTECT, related_name="surpluses", db_index=False)
    severity = models.CharField(max_length=7, choices=Severity.choices)
    #: Code of the problems; empty if it is unknown, in stores of earlier versions.
    code = models.CharField(max_length=40, blank=True)
    number = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("flow_file", "severity", "code"), name="a_surplus_is_stored_once_for_each_code"
            ),
        )
        #: No page shows these rows alone.
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.number} more {self.code}"
