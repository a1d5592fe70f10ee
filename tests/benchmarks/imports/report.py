"""The report of the benchmark: a page in Markdown, in which a new measurement replaces the older one of its part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tests.benchmarks.imports.contract import NOTHING, Section, Table

HEAD: Final = """\
# Performance

This page is written by a program: each number was measured, on the date and the machine that its part names. Other
machines give other rates. The ratios compare what ran in turns (ours, the other, ours, the other …).

```sh
.venv/bin/python -m tests.benchmarks --quick
```

This takes at most three minutes on two cores. Without `--quick`, files are larger, and growth goes up to 10 million
readings. `--database` and `--part` choose what is measured; a part that is measured again replaces its older result
on this page, and the others stay. Other programs, and another commit of Meterbox, are compared if options name an
interpreter that can run them, and their checkout:

```sh
.venv/bin/python -m tests.benchmarks --base PYTHON CHECKOUT --nemreader PYTHON \\
    --kraken-energy PYTHON CHECKOUT --kraken-d0010-project PYTHON CHECKOUT
```

A rate is the median of the rounds, and a ratio is that of the medians, rounded down; “in the rounds” are the lowest
and the highest ratio of a round. Unless a part says otherwise, seconds are those of the import, without the start of
Python. Every write is durable: SQLite has `synchronous=FULL`, PostgreSQL `fsync`.
"""


@dataclass(frozen=True)
class Stamp:
    """When, where and how a run measured."""

    moment: datetime
    machine: str
    revision: str


def as_markdown(table: Table) -> str:
    """Return a table; columns of numbers are aligned to the right."""
    columns = list(zip(*table.rows, strict=True)) if table.rows else [() for _ in table.header]
    rules = ["---:" if _is_numeric(column) else "---" for column in columns]
    return "\n".join(_line(cells) for cells in (table.header, rules, *table.rows))


def _is_numeric(cells: Sequence[str]) -> bool:
    return all(re.fullmatch(r"[≥≤\d.,– ]+", cell) for cell in cells) and any(cell != NOTHING for cell in cells)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def section_text(section: Section, stamp: Stamp) -> str:
    """Return a section with its stamp, tables and notes."""
    measured = f"Measured on {stamp.moment:%Y-%m-%d %H:%M} UTC at {stamp.revision}: {section.sizes}."
    parts = [f"## {section.title}", section.text, measured, f"{stamp.machine}."]
    parts += [as_markdown(table) for table in section.tables]
    if section.notes:
        parts.append("\n".join(f"- {note}" for note in section.notes))
    return "\n\n".join(parts) + "\n"


def page(older: str, texts: dict[str, str], titles: Sequence[str]) -> str:
    """Return the page with new texts of sections, and those of the older page that were not measured again."""
    found = re.split(r"(?m)^(?=## )", older)[1:]
    known = {part.partition("\n")[0].removeprefix("## "): part.rstrip("\n") + "\n" for part in found}
    known |= texts
    return "\n".join([HEAD, *(known[title] for title in titles if title in known)])
