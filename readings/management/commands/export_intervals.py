"""Export intervals as CSV."""

from __future__ import annotations

from readings.management.commands.export_readings import Command as ExportReadings
from readings.presentation import exports


class Command(ExportReadings):
    """Write the intervals that count to the standard output."""

    help = (
        "Write intervals as CSV to the standard output, a row for each: those of days that nothing supersedes, of "
        "live data. Without options, all of them. Exit codes: 0; 2 on wrong use, or if the database cannot be used."
    )
    export = staticmethod(exports.intervals)
