"""What is drawn: files, their statements, and sets of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256

from tests.proofs.model import HalfHour, Statement, by


@dataclass(frozen=True, kw_only=True)
class DrawnFile:
    """A file and its statements; one that is refused has none."""

    content: bytes
    readings: tuple[Statement, ...] = ()
    days: tuple[Statement, ...] = ()
    accumulations: tuple[Statement, ...] = ()
    half_hours: tuple[HalfHour, ...] = ()
    is_refused: bool = False

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Return all statements."""
        return self.readings + self.days + self.accumulations


@dataclass(kw_only=True)
class DrawnSet:
    """Files about the same meter point, and which of the hard cases they hold."""

    flow: str
    files: list[DrawnFile]
    #: Name of the files.
    name: str = "test.usr"
    cases: set[str] = field(default_factory=set)


def with_hash(statements: Iterable[Statement], content: bytes) -> tuple[Statement, ...]:
    """Return the statements of a content with its hash as their source."""
    digest = sha256(content).hexdigest()
    return tuple(replace(each, source=(digest, each.source[1])) for each in statements)


def cases(files: Iterable[DrawnFile]) -> set[str]:
    """Return the names of the hard cases in a set."""
    statements = [each for file in files for each in file.statements]
    readings = [each for each in statements if each.kind != "W"]
    found = {"withdrawal"} if len(readings) < len(statements) else set()
    for subject in by(readings, "place", "kind"):
        same = {(each.value, each.details, each.sender, each.role, each.meter) for each in subject}
        answers = {
            "correction": len({each.value for each in subject}) > 1,
            "two speakers": len({(each.sender, each.role) for each in subject}) > 1,
            "the same time": len({each.stated_at for each in subject}) < len(subject),
            "no time": not all(each.stated_at for each in subject),
            "two meters": len({each.meter for each in subject}) > 1,
            "no time twice": sum(not each.stated_at for each in subject) > 1,
            "repeat": len(same) < len(subject),
        }
        found |= {name for name, is_there in answers.items() if is_there}
    if any(each.place[:1] == ("E",) for each in statements):
        found.add("whole direction")
    if any(each.is_forecast for each in statements):
        found.add("forecast")
    if any(file.is_refused for file in files):
        found.add("refused file")
    return found
