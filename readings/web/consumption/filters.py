"""Filters of the consumption pages, read from the query string."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from readings.models import Scheme
from readings.queries.consumption.scope import CONSUMPTION, Choices, Measure, Scope


class Period(forms.Form):
    """Form for the measure and the period."""

    measure = forms.ChoiceField(required=False, label="Measure")

    def __init__(self, params: QueryDict, measures: list[Measure]) -> None:
        super().__init__(params, auto_id="filter-%s", label_suffix="")
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
        return Scope(measure=measure, first_day=values["from"], last_day=values["to"], **more)

    def _offer(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)


class Filters(Period):
    """Form for the measure, the meter points and the period."""

    scheme = forms.ChoiceField(required=False, label="Type")
    area = forms.ChoiceField(required=False)
    tariff = forms.ChoiceField(required=False)
    field_order = ("measure", "scheme", "area", "tariff", "from", "to")

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


def address(params: QueryDict, **changes: str) -> str:
    """Return the address of the same page with changed parameters, without empty ones."""
    query = params.copy()
    for name, value in changes.items():
        query[name] = value
    for name in [name for name, value in query.items() if not value]:
        del query[name]
    return f"?{query.urlencode()}"
