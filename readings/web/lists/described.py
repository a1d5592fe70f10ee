"""The description of a list: its filters, its columns, and where its rows come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Final, Generic

from django import forms
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from readings.queries.listing.pages import Selected
from readings.queries.lists import Row

_BREAK: Final = re.compile(r'<br>|</span><span class="line">')
_TAG: Final = re.compile(r"<[^>]*>")

#: Maker of the field of a filter: fields of a form are never shared.
FieldMaker = Callable[[], forms.Field]


def as_text(cell: str) -> str:
    """Return the text of a cell, its lines in one."""
    return unescape(_TAG.sub("", _BREAK.sub(" ", cell))) if isinstance(cell, SafeString) else cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[Row]):
    """A column: of the page, and of the CSV, which has the text of the page's cells."""

    heading: str
    cell: Callable[[Row], str]
    #: The text of the cell, where millions of rows of CSV would make a link in vain; else taken from the cell.
    words: Callable[[Row], str] | None = None
    #: Name of the order by which its heading sorts.
    order: str = ""
    is_number: bool = False
    is_time: bool = False

    @property
    def classes(self) -> str:
        """Return the classes of its cells."""
        return "number" if self.is_number else "time" if self.is_time else ""

    def text(self, row: Row) -> str:
        """Return the text of a cell for CSV: lines of a cell in one, and numbers without separators."""
        if self.words:
            return self.words(row)
        cell = as_text(self.cell(row))
        return cell.replace(",", "") if self.is_number else cell


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage(Generic[Row]):
    """A list. One more list is one more module with one of these, and a line in `readings.web.lists.addresses`."""

    #: Name of its address, which is also its path.
    name: str
    title: str
    #: A row and several, in words.
    nouns: tuple[str, str]
    permissions: tuple[str, ...]
    #: Fields of the filters by their names in the address.
    filters: Mapping[str, FieldMaker]
    columns: tuple[Column[Row], ...]
    #: Rows that filters select, without the related rows of a line; raises WrongSelection.
    select: Callable[[Mapping[str, Any]], Selected[Row]]
    #: Rows with the related rows of a line.
    rows: Callable[[], QuerySet[Row]]
    #: Adds to the rows of a page what the database does not join.
    prepare: Callable[[Sequence[Row]], None] = lambda rows: None
    lead: str = ""
    #: Address of the same rows in the administration.
    admin: str = ""

    @property
    def noun(self) -> str:
        """Return the plural of its rows in words."""
        return self.nouns[1]
