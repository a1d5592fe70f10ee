"""Parts of long lists, which the database sorts and cuts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.http import Http404, QueryDict

from readings.web.consumption.filters import address

#: Number of lines on a page.
ON_A_PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One page of a list."""

    lines: Sequence[Any]
    #: Number of lines before the page, and of all lines.
    before: int
    number: int
    params: QueryDict
    #: Fragment of the address at which the list stands.
    anchor: str

    @property
    def extent(self) -> str:
        """Return the range of lines on the page, and the number of all."""
        return (
            f"{self.before + 1:,} to {self.before + len(self.lines):,} of {self.number:,}" if self.lines else "None."
        )

    @property
    def previous(self) -> str:
        """Return the address of the page before; empty on the first page."""
        return self._address(max(self.before - ON_A_PAGE, 0)) if self.before else ""

    @property
    def following(self) -> str:
        """Return the address of the page after; empty on the last page."""
        end = self.before + len(self.lines)
        return self._address(end) if end < self.number else ""

    def _address(self, before: int) -> str:
        return f"{address(self.params, after=f'{before or str()}')}#{self.anchor}"


def part_of(
    rows: QuerySet[Any, Any],
    lines: Callable[[Any], Sequence[Any]],
    params: QueryDict,
    anchor: str,
    number: int | None = None,
) -> Part:
    """Return the page that the parameter `after` names: the number of lines before it; the first one after the end.

    `number` is the number of all lines, if it is known. Raise Http404 for other parameters.
    """
    text = params.get("after", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404("There is no such page of the list.")
    number = rows.count() if number is None else number
    before = int(text or 0)
    before = before if before < number else 0
    some = lines(rows[before : before + ON_A_PAGE])
    return Part(lines=some, before=before, number=number, params=params, anchor=anchor)
