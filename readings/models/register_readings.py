"""Register readings and site visits, each with its source file and line."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, OuterRef, Q, Value, When, Window
from django.db.models.functions import RowNumber

from readings.formats.dtc.catalogue.codes import CUSTOMER_OWN, ESTIMATES, READING_TYPES, WITHDRAWN
from readings.formats.mdff.catalogue.codes import ESTIMATE, MADE_BY_A_METHOD
from readings.formats.packed_day import NULL_DATA
from readings.models.advances import Standing
from readings.models.decimals import ExactDecimalField
from readings.models.files import FlowFile
from readings.models.meter_points import Meter, MeterPoint
from readings.models.metered_amounts import Accumulation
from readings.models.statements import Statement, StatementQuerySet

#: Predicate of unusable readings: suspect, failed validation, or null data. Only British readings have a reading
#: type. The reading status, set by validation, overrides the flag of the first check.
_IN_DOUBT: Final = Q(reading_type="", flag=NULL_DATA) | (
    ~Q(reading_type="") & (Q(validation_status="F") | Q(reading_status="F") | Q(reading_status="", flag="F"))
)
#: Predicate of readings that nobody took from the register, as far as is known: of unknown types it is not.
_ESTIMATED: Final = (
    Q(reading_type="", flag__in=MADE_BY_A_METHOD)
    | Q(reading_type__in=ESTIMATES)
    | ~Q(reading_type__in=["", *READING_TYPES])
)


def _overtaken() -> Q:
    """Return the predicate of readings that only ended a forward estimate which a later read overtook."""
    here = {"meter_point": OuterRef("meter_point"), "register": OuterRef("register")}
    ending = Accumulation.objects.filter(**here, current_read_at=OuterRef("read_at"))
    beginning = Accumulation.objects.filter(**here, previous_read_at=OuterRef("read_at"))
    is_end_of_one_that_counts = Exists(ending.current()) | Exists(beginning.current())
    return Q(reading_type="", flag=ESTIMATE) & Exists(ending) & ~is_end_of_one_that_counts


def _is_current() -> Q:
    """Return the predicate of the readings that `ReadingQuerySet.current` returns."""
    return Q(superseded_by=None, withdrawn_by=None) & ~Q(reading_type=WITHDRAWN) & ~_overtaken()


#: Preference among the readings of one register at one instant; types follow by letter, never by primary key.
_PREFERENCE: Final = Case(
    *(When(reading_type__in=types, then=Value(rank)) for rank, types in enumerate(("I", "F"))),
    When(reading_type__in=CUSTOMER_OWN, then=Value(3)),
    When(_ESTIMATED, then=Value(4)),
    default=Value(2),
    output_field=models.IntegerField(),
)


class Doubt(models.TextChoices):
    """Reasons for which a current reading is unusable."""

    SUSPECT = "SUSPECT", "Suspect"
    FAILED_VALIDATION = "FAILED_VALIDATION", "Failed validation"
    NULL_DATA = "NULL_DATA", "Null data"


#: Reason for which a reading in doubt is unusable.
DOUBT: Final = Case(
    When(reading_type="", then=Value(Doubt.NULL_DATA)),
    When(validation_status="F", then=Value(Doubt.FAILED_VALIDATION)),
    default=Value(Doubt.SUSPECT),
    output_field=models.CharField(),
)


class Kind(models.TextChoices):
    """Kinds of readings, beside the single reading types."""

    ACTUAL = "actual", "Actual"
    ESTIMATE = "estimate", "Estimate or substitute"
    CUSTOMER_OWN = "customer", "Customer's own"
    NULL_DATA = "no-reading", "No reading (null data)"
    WITHDRAWN = "withdrawn", "Withdrawn"
    SUPERSEDED = "superseded", "Superseded"


class Flag(models.TextChoices):
    """Results of the first check, or of validation, which overrides it. Only British readings have them."""

    VALID = "valid", "Valid"
    SUSPECT = "suspect", "Suspect"
    NOT_STATED = "not-stated", "Not stated"


_NULL: Final = Q(reading_type="", flag=NULL_DATA)
_KINDS: Final = {
    Kind.ACTUAL: ~_ESTIMATED & ~_NULL & ~Q(reading_type__in=[*CUSTOMER_OWN, WITHDRAWN]),
    Kind.ESTIMATE: _ESTIMATED,
    Kind.CUSTOMER_OWN: Q(reading_type__in=CUSTOMER_OWN),
    Kind.NULL_DATA: _NULL,
    Kind.WITHDRAWN: Q(withdrawn_by__isnull=False),
    Kind.SUPERSEDED: Q(superseded_by__isnull=False),
}
_FLAGS: Final = {Flag.VALID: "T", Flag.SUSPECT: "F", Flag.NOT_STATED: ""}


class ReadingQuerySet(StatementQuerySet["Reading"]):
    """The predicates of readings: which ones count, and as what."""

    def current(self) -> ReadingQuerySet:
        """Return the readings that are neither superseded, withdrawn, overtaken, nor withdrawals themselves."""
        rows = self.filter(superseded_by=None, withdrawn_by=None).exclude(reading_type=WITHDRAWN)
        return rows.exclude(_overtaken())

    def countable(self) -> ReadingQuerySet:
        """Return the current readings, without suspect ones, failed validations and null data."""
        return self.current().exclude(_IN_DOUBT)

    def in_doubt(self) -> ReadingQuerySet:
        """Return the current readings that are not countable."""
        return self.current().filter(_IN_DOUBT)

    def actual(self) -> ReadingQuerySet:
        """Return the countable readings that are not estimates."""
        return self.countable().exclude(_ESTIMATED)

    def of_kind(self, kind: str) -> ReadingQuerySet:
        """Return the readings of a kind or of a reading type, whether they count or not."""
        return self.filter(_KINDS[Kind(kind)] if kind in Kind.values else Q(reading_type=kind))

    def with_flag(self, flag: str) -> ReadingQuerySet:
        """Return the British readings with a flag, or with a status that overrides it."""
        code = _FLAGS[Flag(flag)]
        stated = Q(reading_status=code) | Q(reading_status="", flag=code)
        return self.filter(stated if code else Q(reading_status="", flag="")).exclude(reading_type="")

    def newest_first(self) -> ReadingQuerySet:
        """Return the readings, newest first."""
        return self.order_by("-read_at", "-pk")

    def latest_first(self) -> ReadingQuerySet:
        """Return the readings, newest first.

        Of several at one instant: the initial one, then the final one, actual ones, the customer's own, estimates.
        """
        names = ("register__meter__serial_number", "register__register_id", "register__suffix")
        return self.order_by("-read_at", _PREFERENCE, "reading_type", *names)

    def latest_of_each_register(self) -> ReadingQuerySet:
        """Return the reading of each register that is the first by `latest_first`."""
        order = (F("read_at").desc(), _PREFERENCE, F("reading_type"))
        newest = Window(RowNumber(), partition_by=F("register"), order_by=order)
        return self.annotate(newest=newest).filter(newest=1)

    def with_counts(self) -> ReadingQuerySet:
        """Return the readings annotated with `counts`: whether `current` includes them."""
        return self.annotate(counts=ExpressionWrapper(_is_current(), output_field=models.BooleanField()))

    def with_standing(self) -> ReadingQuerySet:
        """Return the readings annotated by the same rules as the methods above: `standing`, and `is_overtaken`."""
        is_overtaken = ExpressionWrapper(_overtaken(), output_field=models.BooleanField())
        standing = Case(
            When(~_is_current() | _IN_DOUBT, then=Value(Standing.LEFT_OUT)),
            When(_ESTIMATED, then=Value(Standing.ESTIMATE)),
            default=Value(Standing.ACTUAL),
            output_field=models.CharField(),
        )
        return self.annotate(**{"standing": standing, "is_overtaken": is_overtaken})


class Reading(Statement):
    """One reading of a register, cumulative or maximum demand, as stated by one line of one file.

    A D0010 line of type W is stored here too; it is not a reading but withdraws one. A NEM13 line states two
    readings, its two ends; flag and method are then the parts of the quality method, and the reading type is empty.
    """

    read_at = models.DateTimeField()
    #: Time as sent, if a clock change makes the instant ambiguous; else empty.
    read_at_as_sent = models.CharField(max_length=14, default="", blank=True)
    value = ExactDecimalField()
    #: Digits on the dial with leading zeros, if the flow states them; else empty.
    register_read = models.CharField(max_length=40, default="", blank=True)
    reading_type = models.CharField(max_length=1, default="", blank=True)
    validation_status = models.CharField(max_length=1, default="", blank=True)
    md_reset_at = models.DateTimeField("MD reset at", null=True, blank=True)
    md_resets = models.PositiveSmallIntegerField("number of MD resets", null=True, blank=True)
    flag = models.CharField(max_length=1, default="", blank=True)
    method = models.CharField(max_length=2, default="", blank=True)
    reason_code = models.CharField(max_length=10, default="", blank=True)
    reason_description = models.CharField(max_length=1000, default="", blank=True)
    reading_status = models.CharField(max_length=1, default="", blank=True)
    withdrawn_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    #: Value of Standing, and whether the reading ended a forward estimate that was overtaken: after `with_standing`.
    standing: str
    is_overtaken: bool = False

    objects = ReadingQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("meter_point", "register", "read_at", "reading_type", "version"),
                name="a_version_of_a_reading_is_stored_once",
            ),
        )
        indexes = (
            models.Index(fields=("flow_file", "line"), name="reading_by_file"),
            models.Index(
                fields=("meter_point", "register", "read_at"),
                condition=Q(reading_type="W"),
                name="withdrawal_by_register",
            ),
        )
        permissions = (("export_readings", "Can export readings and intervals"),)

    def __str__(self) -> str:
        return str(self.value)

    @property
    def is_current(self) -> bool:
        """Return whether the reading is neither superseded nor withdrawn."""
        return self.superseded_by_id is None and self.withdrawn_by_id is None


class SiteVisit(models.Model):
    """A site visit check of an agent: of a meter point, of a meter, or for a reading."""

    flow_file = models.ForeignKey(FlowFile, models.PROTECT, related_name="site_visits")
    line = models.PositiveBigIntegerField()
    meter_point = models.ForeignKey(MeterPoint, models.PROTECT, related_name="site_visits")
    meter = models.ForeignKey(Meter, models.PROTECT, null=True, blank=True, related_name="site_visits")
    #: Line of the reading in the same file, if the visit is about one.
    reading_line = models.PositiveBigIntegerField(null=True, blank=True)
    check_code = models.CharField(max_length=2)
    additional_information = models.CharField(max_length=200, default="", blank=True)

    def __str__(self) -> str:
        return self.check_code
