"""A table on a page."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table on the page of one row."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    #: Text in place of an empty table.
    nothing: str = "None."
    note: str = ""
    #: Index of the column of numbers, from 0.
    numbers: int | None = None
    #: Whether every cell after the first is a number.
    is_grid: bool = False
