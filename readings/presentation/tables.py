"""A table on a page."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table on the page of one thing."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    #: Said in place of no rows.
    nothing: str = "None."
    note: str = ""
    #: The column of numbers, from 0.
    numbers: int | None = None
    #: Of a row of numbers each, behind its name.
    is_grid: bool = False
