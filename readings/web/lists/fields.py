"""Fields of filters, which several lists share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

from django import forms

from readings.models import Scheme
from readings.web.lists.described import FieldMaker

#: Length of the text of a filter, at most.
_LONGEST: Final = 200


class Choice(forms.ChoiceField):
    """A filter with a few values."""

    def __init__(self, label: str, words: Mapping[str, str]) -> None:
        super().__init__(required=False, label=label, choices=(("", "all"), *words.items()))
        #: The words of each value.
        self.words = words

    def to_python(self, value: Any) -> str:
        """Return the value in its own spelling: capitals do not matter."""
        text = super().to_python(value)
        return next((each for each in self.words if each.lower() == text.strip().lower()), text)


def choice(label: str, choices: Iterable[tuple[str, str]]) -> FieldMaker:
    """Return the maker of a filter with a few values."""
    return partial(Choice, label, dict(choices))


def text(label: str, hint: str = "") -> FieldMaker:
    """Return the maker of a filter that equals a text."""
    widget = forms.TextInput(attrs={"placeholder": hint} if hint else {})
    return lambda: forms.CharField(required=False, label=label, max_length=_LONGEST, widget=widget)


def day(label: str) -> FieldMaker:
    """Return the maker of a filter of days."""
    return lambda: forms.DateField(
        required=False,
        label=label,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def check_days(form: forms.Form) -> None:
    """Add errors for the days `from` and `to` that no calendar of ours holds, or that are out of order."""
    first, last = form.cleaned_data.get("from"), form.cleaned_data.get("to")
    for name, day in (("from", first), ("to", last)):
        if day and not 1900 <= day.year <= 2999:
            form.add_error(name, "Enter a year from 1900 to 2999.")
    if first and last and last < first:
        form.add_error("to", "The last day is before the first day.")


#: Meter point and file.
METER_POINT: Final = {"meter_point": text("Meter point", "MPAN or NMI")}
FLOW_FILE: Final = {"flow_file": text("File", "Name or SHA-256")}
#: First and last day.
DAYS: Final = {"from": day("From"), "to": day("To")}
SCHEME: Final = {"scheme": choice("Scheme", Scheme.choices)}
#: Contents of a file, as its header states them.
HEADER: Final = {"format": text("Format"), "sender": text("Sender")}
