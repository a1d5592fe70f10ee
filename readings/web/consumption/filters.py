"""What the pages of consumption are asked for, from their addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from readings.models import Scheme
from readings.queries.consumption.scope import CONSUMPTION, Choices, Measure, Scope


class Period(forms.Form):
    """Which amounts, over which days."""

    measure = forms.ChoiceField(required=False, label="What")

    def __init__(self, asked: QueryDict, measures: list[Measure]) -> None:
        super().__init__(asked, auto_id="filter-%s", label_suffix="")
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
        """See that a period does not end before it begins."""
        said = self.cleaned_data
        if said.get("from") and said.get("to") and said["to"] < said["from"]:
            self.add_error("to", "is before the day at which the period begins")
        return said

    def scope(self, **more: Any) -> Scope:
        """Return what is summed."""
        said = self.cleaned_data
        measure = self.measures.get(said.get("measure", "")) or next(iter(self.measures.values()))
        return Scope(measure=measure, first_day=said["from"], last_day=said["to"], **more)

    def _offer(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)


class Filters(Period):
    """Which amounts, of whom, over which days."""

    scheme = forms.ChoiceField(required=False, label="Who")
    area = forms.ChoiceField(required=False)
    tariff = forms.ChoiceField(required=False)
    field_order = ("measure", "scheme", "area", "tariff", "from", "to")

    def __init__(self, asked: QueryDict, choices: Choices) -> None:
        super().__init__(asked, choices.measures)
        named = [(scheme, f"{Scheme(scheme).label}s") for scheme in choices.schemes]
        self._offer("scheme", [("", "all"), *named])
        self._offer("area", [("", "all"), *((area, area) for area in choices.areas)])
        self._offer("tariff", [("", "all"), *((tariff, tariff) for tariff in choices.tariffs)])
        self.order_fields(self.field_order)

    def scope(self, **more: Any) -> Scope:
        """Return what is summed."""
        said = self.cleaned_data
        return super().scope(scheme=said["scheme"], area=said["area"], tariff=said["tariff"], **more)


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that shows the same page in another way."""

    address: str
    words: str
    is_chosen: bool = False
    #: Of a column: how it is sorted, as `aria-sort` has it.
    order: str = ""
    is_number: bool = False


def address(asked: QueryDict, **changes: str) -> str:
    """Return the address of the same page with some parameters changed; empty ones are left out."""
    query = asked.copy()
    for name, value in changes.items():
        query[name] = value
    for name in [name for name, value in query.items() if not value]:
        del query[name]
    return f"?{query.urlencode()}"
