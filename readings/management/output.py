"""Exports of commands: CSV on standard output, with an entry in the trail."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from io import TextIOWrapper

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from readings.management.operator import operator
from readings.models import MeterPoint
from readings.models.trail import Action, Door, flush_at_end, note, note_views
from readings.presentation.csv_rows import counted


def write_export(
    command: BaseCommand, blocks: Iterable[str], name: str, *, meter_points: Sequence[MeterPoint] = (), of: str = ""
) -> None:
    """Write the blocks of an export to standard output; note it, and a look at each meter point that it names.

    A reader may close the pipe early. The rows are sent already when they are noted: a database that takes no entry
    is logged, and does not fail the export.
    """
    if getattr(command.stdout, "_out", None) is sys.stdout and isinstance(sys.stdout, TextIOWrapper):
        # Independent of the terminal: line ends stay as they are, and serial numbers may have any letter.
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    by_whom = operator()

    def note_rows(rows: int) -> None:
        at = timezone.now()
        if settings.TRAIL_VIEWS:
            note_views(meter_points, at=at, door=Door.COMMAND, by_whom=by_whom, subject=name)
        point = meter_points[0] if len(meter_points) == 1 else None
        subject = f"{name} {of}".strip()
        note(
            Action.EXPORT,
            at=at,
            door=Door.COMMAND,
            by_whom=by_whom,
            meter_point=point,
            subject=subject,
            rows=rows,
            may_wait=True,
        )

    try:
        with closing(counted(blocks, note_rows)) as noted:
            for block in noted:
                command.stdout.write(block, ending="")
        command.stdout.flush()
    except BrokenPipeError:
        # The reader has closed the pipe. Python must not write the rest of the buffer at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    flush_at_end()
