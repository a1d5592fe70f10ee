"""Filters of the consumption pages, read from the query string."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from readings.models import Scheme
from readings.models.consumption.sums import Quality
from readings.presentation import cells
from readings.queries.consumption.scope import CONSUMPTION, Choices, Measure, Scope


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter that is set, in words, and the address of the same page without it."""

    label: str
    words: str
    address_without: str


class Period(forms.Form):
    """Form for the measure, the quality and the period."""

    measure = forms.ChoiceField(required=False, label="Measure")
    quality = forms.ChoiceField(required=False, choices=[("", "all"), *Quality.choices])

    def __init__(self, params: QueryDict, measures: list[Measure]) -> None:
        super().__init__(params, auto_id="filter-%s", label_suffix="")
        self.params = params
        self.measures = {measure.key: measure for measure in measures or [CONSUMPTION]}
        if len(self.measures) > 1:
            self._offer("measure", [(key, measure.words) for key, measure in self.measures.items()])
        else:
            del self.fields["measure"]
        for name, label in (("from", "From"), ("to", "To")):
            self.fields[name] = forms.DateField(
                required=False, label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            )

    def clean(self) -> dict[str, Any]:
        """Reject a period that ends before it begins."""
        values = self.cleaned_data
        if values.get("from") and values.get("to") and values["to"] < values["from"]:
            self.add_error("to", "The last day is before the first day.")
        return values

    def scope(self, **more: Any) -> Scope:
        """Return the scope that the filters select."""
        values = self.cleaned_data
        measure = self.measures.get(values.get("measure", "")) or next(iter(self.measures.values()))
        days = {"first_day": values["from"], "last_day": values["to"]}
        return Scope(measure=measure, quality=values["quality"], **days, **more)

    @property
    def chosen(self) -> list[Chosen]:
        """Return the filters that are set."""
        return [
            Chosen(str(field.label or name.capitalize()), self._words(name), address(self.params, **{name: ""}))
            for name, field in self.fields.items()
            if self.cleaned_data.get(name)
        ]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return the other parameters of the page that a change of the filters keeps."""
        dropped = {*self.fields, *_PLACES}
        return [(name, str(value)) for name, value in self.params.items() if value and name not in dropped]

    def _words(self, name: str) -> str:
        value, field = self.cleaned_data[name], self.fields[name]
        if isinstance(value, date):
            return cells.day(value)
        assert isinstance(field, forms.ChoiceField)
        return str(dict(field.choices)[value])  # type: ignore[arg-type]

    def _offer(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)


class Filters(Period):
    """Form for the measure, the meter points, the quality and the period."""

    scheme = forms.ChoiceField(required=False, label="Type")
    area = forms.ChoiceField(required=False)
    tariff = forms.ChoiceField(required=False)
    field_order = ("measure", "scheme", "area", "tariff", "quality", "from", "to")

    def __init__(self, params: QueryDict, choices: Choices) -> None:
        super().__init__(params, choices.measures)
        schemes = [(scheme, f"{Scheme(scheme).label}s") for scheme in choices.schemes]
        self._offer("scheme", [("", "all"), *schemes])
        self._offer("area", [("", "all"), *((area, area) for area in choices.areas)])
        self._offer("tariff", [("", "all"), *((tariff, tariff) for tariff in choices.tariffs)])
        self.order_fields(self.field_order)

    def scope(self, **more: Any) -> Scope:
        """Return the scope that the filters select."""
        values = self.cleaned_data
        return super().scope(scheme=values["scheme"], area=values["area"], tariff=values["tariff"], **more)


@dataclass(frozen=True, slots=True)
class Choice:
    """A link to the same page with other parameters."""

    address: str
    words: str
    is_chosen: bool = False
    #: Sort order of a column, a value of `aria-sort`.
    order: str = ""
    is_number: bool = False


#: Parameters that name a place in a list or a download: another choice begins anew.
_PLACES = ("page", "csv")


def address(params: QueryDict, **changes: str) -> str:
    """Return the address of the same page with changed parameters, without empty ones."""
    query = params.copy()
    for name in _PLACES:
        query.pop(name, None)
    for name, value in changes.items():
        query[name] = value
    for name in [name for name, value in query.items() if not value]:
        del query[name]
    return f"?{query.urlencode()}"
