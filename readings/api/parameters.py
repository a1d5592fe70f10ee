"""Parameters of the API, in the words of the field; a parameter that no operation knows is an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Annotated, Any, Final, Literal, get_type_hints

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from readings.api import patterns
from readings.api.errors import WrongParameters
from readings.formats.contract import ERROR
from readings.formats.dtc.catalogue.mpan import mpan_core
from readings.formats.mdff.catalogue.nmi import nmi
from readings.models import Scheme
from readings.queries.selection import Selection, WrongSelection, parsed_day

#: Number of rows of a page without `limit`, and with the largest one.
FEW: Final = 100
MOST: Final = 1_000


def _mpan(text: str) -> str:
    _, faults = mpan_core(text)
    if faults:
        raise ValueError(faults[0][2])
    return text


def _nmi(text: str) -> str:
    name, faults = nmi(text.upper())
    wrong = [message for severity, _, message in faults if severity == ERROR]
    if wrong:
        raise ValueError(wrong[0])
    return name


def _day(text: str) -> date:
    try:
        return parsed_day(text)
    except WrongSelection as wrong:
        raise ValueError(str(wrong)) from wrong


Text = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=patterns.NO_ZERO_BYTE)]
Mpan = Annotated[
    str, StringConstraints(pattern=patterns.MPAN), AfterValidator(_mpan), Field(examples=["2000000000006"])
]
Nmi = Annotated[str, StringConstraints(pattern=patterns.NMI), AfterValidator(_nmi), Field(examples=["NEM1201009"])]
ReadingType = Annotated[str, StringConstraints(pattern=patterns.READING_TYPE), Field(examples=["R"])]
Day = Annotated[date, BeforeValidator(_day), Field(examples=["2026-01-31"])]


class Page(Schema):
    """Which part of a list."""

    limit: int = Field(FEW, ge=1, le=MOST, description="Number of rows of the page, at most.")
    cursor: str = Field("", max_length=1000, description="`next_cursor` of the page before.")


class Days(Schema):
    """A period, in the clock time of the meter point."""

    first_day: Day | None = Field(None, alias="from", description="First day.")
    last_day: Day | None = Field(None, alias="to", description="Last day, inclusive.")


class MeterPointChoice(Schema):
    """Which of the meter points with an identifier."""

    scheme: Literal["MPAN", "TEST_MPAN", "NMI", "CONSUMER"] | None = Field(
        None, description="Scheme of the identifier, if it has more than one; live data comes first."
    )


class StatementFilters(Days, Page):
    """Which statements."""

    serial_number: Text | None = Field(None, description="Meter serial number; blanks and capitals do not matter.")
    counts: Literal["only", "all"] = Field(
        "only", description="`only`: what counts; `all`: also what was superseded or withdrawn."
    )


class AtMeterPoints(Schema):
    """Of which meter points."""

    mpan: Mpan | None = Field(None, description="MPAN core.")
    nmi: Nmi | None = Field(None, description="NMI, with or without its check digit.")
    consumer: Text | None = Field(None, description="Consumer of a half-hourly consumption file.")
    area: Text | None = Field(None, description="Area of consumers.")
    tariff: Text | None = Field(None, description="Tariff of consumers.")


class InFlowFile(Schema):
    """Of which flow file."""

    flow_file: Text | None = Field(
        None, description="SHA-256 of a flow file, at least its first 12 digits, or the file's name."
    )


class OfReadingType(Schema):
    """Of which kind."""

    reading_type: ReadingType | None = Field(None, description="Reading type (J0171).")


def check_period(days: Days) -> None:
    """Raise WrongParameters for a period that ends before it begins."""
    if days.first_day and days.last_day and days.first_day > days.last_day:
        fault = f"the first day, {days.first_day}, is after the last, {days.last_day}"
        raise WrongParameters(("from", fault), ("to", fault))


def selection_of(filters: StatementFilters, **fixed: Any) -> Selection:
    """Return the selection of some filters, with the fixed fields of an address.

    Raise WrongParameters for filters that contradict each other.
    """
    values = {name: value for name, value in filters if value is not None}
    schemes = {"mpan": Scheme.MPAN, "nmi": Scheme.NMI, "consumer": Scheme.CONSUMER}
    chosen = [name for name in schemes if name in values]
    if len(chosen) > 1:
        raise WrongParameters(*((name, "mpan, nmi and consumer exclude each other") for name in chosen))
    if chosen:
        fixed |= {"meter_points": (values[chosen[0]],), "scheme": schemes[chosen[0]]}
    check_period(filters)
    names = ("serial_number", "area", "tariff", "first_day", "last_day", "reading_type")
    same = {name: values[name] for name in names if name in values}
    file = {"file": values["flow_file"]} if "flow_file" in values else {}
    return Selection(**{**same, **file, "only_what_counts": filters.counts == "only", **fixed})


def strict(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Return a view that raises WrongParameters for parameters that it does not know, and for repeated ones."""
    hints = get_type_hints(view, include_extras=False)
    schemas = [hint for hint in hints.values() if isinstance(hint, type) and issubclass(hint, Schema)]
    expected_names = [field.alias or name for schema in schemas for name, field in schema.model_fields.items()]

    @wraps(view)
    def strict_view(request: HttpRequest, *args: Any, **values: Any) -> HttpResponseBase:
        faults = []
        for name, texts in request.GET.lists():
            if name not in expected_names:
                expected = f"expected {', '.join(expected_names)}" if expected_names else "expected none"
                faults.append((name, f"unknown parameter {name!r}, {expected}"))
            elif len(texts) > 1:
                faults.append((name, f"{name} has {len(texts)} values, expected one"))
        if faults:
            raise WrongParameters(*faults)
        return view(request, *args, **values)

    return strict_view
