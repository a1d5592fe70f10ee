"""One line of a search's answer: a match, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.safestring import SafeString

from readings.formats.dtc.catalogue import labels
from readings.formats.mdff.catalogue import labels as mdff_labels
from readings.formats.text import NO_VALUE, count
from readings.models import FlowFile, Meter, MeterPoint, Reading
from readings.presentation import badges, cells, links

#: Number of meters that the line of a meter point names, at most.
_MOST_METERS: Final = 3


@dataclass(slots=True, kw_only=True)
class Line:
    """One match of a word, or the reason why there is none."""

    searched: str
    #: Reason why nothing matches; empty for a match.
    why: str = ""
    #: Way in which a part of a name matches; empty for a match in full.
    how: str = ""
    meter_point: MeterPoint | None = None
    meter: Meter | None = None
    flow_file: FlowFile | None = None
    #: Name of the flow file that matches; empty for that of its first arrival.
    name: str = ""
    #: Note about matches that are not listed.
    more: str = ""
    latest: Reading | None = None
    last_day: date | None = None

    @property
    def link(self) -> SafeString:
        """Return a link to the match, and the registers."""
        if self.meter_point:
            return cells.lines(links.meter_point(self.meter_point), *map(badges.small, self._registers))
        if self.flow_file is None:
            return SafeString("")
        link = links.flow_file(self.flow_file, self.name)
        return cells.together(link, badges.test_data()) if labels.is_test(self.flow_file.test_flag) else link

    @property
    def kind(self) -> str:
        """Return the type of the match."""
        if self.meter_point:
            scheme = cells.scheme(self.meter_point)
            return f"Meter {self.meter.serial_number} at {scheme}" if self.meter else scheme
        return "File" if self.flow_file else "Nothing"

    @property
    def found(self) -> SafeString:
        """Return the type of the match, and how it matches."""
        return cells.lines(self.kind, badges.small(self.how) if self.how else "")

    @property
    def _registers(self) -> Iterator[str]:
        """Yield the registers of the meter, or of the meters of the meter point."""
        if self.meter:
            yield _registers(self.meter)
        elif self.meter_point:
            meters = sorted(self.meter_point.meters.all(), key=lambda each: -each.pk)
            for meter in meters[:_MOST_METERS]:
                yield (
                    f"meter {meter.serial_number}: {_registers(meter)}" if meter.serial_number else _registers(meter)
                )
            if (more := len(meters) - _MOST_METERS) > 0:
                yield f"and {count(more, 'more meter')}"

    @property
    def has_data(self) -> bool:
        """Return whether the meter point has statements."""
        return bool(self.latest or self.last_day)

    @property
    def latest_in_words(self) -> SafeString:
        """Return the latest reading, or the last day with intervals."""
        parts: list[str] = []
        if self.latest:
            parts += [cells.value(self.latest), badges.small(cells.time_of(self.latest)), cells.kind(self.latest)]
        if self.last_day:
            parts.append(f"intervals to {cells.day(self.last_day)}")
        if self.flow_file:
            parts.append(badges.outcome(self.flow_file.status, self.flow_file.get_status_display()))
        return cells.lines(*parts) if parts else SafeString(NO_VALUE)


def _registers(meter: Meter) -> str:
    registers = sorted(meter.registers.all(), key=lambda each: each.pk)
    names = [mdff_labels.register(each.register_id, each.suffix, each.unit) for each in registers]
    return f"{'register' if len(names) == 1 else 'registers'} {', '.join(names)}" if names else "no register"
