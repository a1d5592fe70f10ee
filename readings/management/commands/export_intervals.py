"""Export intervals as CSV."""

from __future__ import annotations

from readings.management.commands.export_readings import Command as ExportReadings
from readings.presentation import exports


class Command(ExportReadings):
    """Write current intervals to standard output."""

    help = (
        "Write intervals as CSV to standard output, one row each, without superseded days and test data. "
        "Options select some of them. Exit codes: 0; 2 for wrong usage or a database error."
    )
    export = staticmethod(exports.intervals)
    name = "intervals.csv"
