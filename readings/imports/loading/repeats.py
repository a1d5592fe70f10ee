"""Files that repeat stored statements."""

from __future__ import annotations

from collections import defaultdict

from readings.imports.loading.insertion import insert
from readings.imports.loading.versions import Comparison


def note_repeats(comparison: Comparison) -> None:
    """Store for each meter point which lines of the file repeat statements about it."""
    lines: defaultdict[int, list[int]] = defaultdict(list)
    for line, _, meter_point in comparison.repeated:
        lines[meter_point].append(line)
    columns = ("flow_file_id", "meter_point_id", "first_line", "last_line", "number")
    flow_file = comparison.source.flow_file_id
    rows = [(flow_file, key, min(some), max(some), len(some)) for key, some in lines.items()]
    if rows:
        insert("readings_repeat", columns, rows)
