"""Filters of the trail, read from the query string."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from readings.models.trail import Action, Door
from readings.queries.trail import Entries
from readings.web.lists.fields import check_days


class Filters(forms.Form):
    """Form for who, action, door, meter point and days."""

    who = forms.CharField(required=False, label="User")
    action = forms.ChoiceField(required=False, choices=(("", "all"), *Action.choices))
    door = forms.ChoiceField(required=False, choices=(("", "all"), *Door.choices))

    def __init__(self, params: QueryDict) -> None:
        super().__init__(params, auto_id="filter-%s", label_suffix="")
        # Names that Python does not allow.
        self.fields["meter-point"] = forms.CharField(required=False, label="Meter point")
        for name, label in (("from", "From"), ("to", "To")):
            self.fields[name] = forms.DateField(
                required=False, label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            )

    def clean(self) -> dict[str, Any]:
        """Reject days that no calendar of ours holds, and a period that ends before it begins."""
        check_days(self)
        return self.cleaned_data

    @property
    def entries(self) -> Entries:
        """Return the entries that the filters select."""
        values = self.cleaned_data
        return Entries(
            who=values["who"],
            action=values["action"],
            door=values["door"],
            meter_point=values["meter-point"],
            first_day=values["from"],
            last_day=values["to"],
        )
