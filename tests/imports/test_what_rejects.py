"""Only a fault in a file rejects it at once. Any other fault leaves it alone, or counts as an attempt."""

from __future__ import annotations

import builtins
import os
import signal
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timezone
from decimal import InvalidOperation
from pathlib import Path

import django.db
import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.transaction import TransactionManagementError

from readings.models import Arrival, FlowFile, Outcome, Problem, Status
from readings.queries.upkeep.database import SchemaBehind
from tests.making.numbered import d0010
from tests.running.box import BREAK, MEND, Box, files_below
from tests.running.imported import RULES
from tests.running.points import BEFORE_THE_COMMIT
from watcher.disk.endings import Ending, is_of_environment
from watcher.disk.folders import Folders, UnusableFolder
from watcher.disk.inbox import Due, Sighting
from watcher.journey.intake import Intake, Taken

pytestmark = pytest.mark.django_db(transaction=True)

ATTEMPTS = 3
#: All faults of the environment: any fault that is neither here nor in the file is ours.
STAYS = {
    "DatabaseError",
    "InternalError",
    "InterfaceError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "SchemaBehind",
    "TransactionManagementError",
    "OSError",
    "UnusableFolder",
    "BlockingIOError",
    "ChildProcessError",
    "ConnectionError",
    "BrokenPipeError",
    "ConnectionAbortedError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "FileExistsError",
    "FileNotFoundError",
    "InterruptedError",
    "IsADirectoryError",
    "NotADirectoryError",
    "PermissionError",
    "ProcessLookupError",
    "TimeoutError",
    "MemoryError",
}
FROM_THE_DATABASE = [
    getattr(django.db, name) for name in django.db.__all__ if isinstance(getattr(django.db, name), type)
]
FROM_ELSEWHERE: list[type[Exception]] = [
    SchemaBehind,
    TransactionManagementError,
    UnusableFolder,
    ValidationError,
    InvalidOperation,
    psycopg.OperationalError,
    struct.error,
    zlib.error,
]
FROM_PYTHON = [kind for kind in vars(builtins).values() if isinstance(kind, type) and issubclass(kind, Exception)]
EVERY: dict[str, type[Exception]] = {
    f"{kind.__module__}.{kind.__name__}": kind
    for kind in [*FROM_THE_DATABASE, *FROM_ELSEWHERE, *FROM_PYTHON]
    if issubclass(kind, Exception)
}
ARGUMENTS: dict[str, tuple[object, ...]] = {
    "UnicodeDecodeError": ("utf-8", b"\xff", 0, 1, "a fault made by a test"),
    "UnicodeEncodeError": ("utf-8", "\udcff", 0, 1, "a fault made by a test"),
    "UnicodeTranslateError": ("\udcff", 0, 1, "a fault made by a test"),
    "ExceptionGroup": ("a fault made by a test", [ValueError()]),
}
# Classes of SQLSTATE that are not errors.
NO_ERROR = {"00", "01", "02"}
SQLSTATES = sorted(
    {
        kind.sqlstate
        for kind in vars(psycopg.errors).values()
        if isinstance(kind, type) and issubclass(kind, psycopg.Error) and kind.sqlstate
    }
)
#: One SQLSTATE of each class.
CLASSES = sorted({state[:2]: state for state in SQLSTATES if state[:2] not in NO_ERROR}.values())
OURS = ("22", "23")


class Inbox:
    """An inbox with one file."""

    def __init__(self, folder: Path) -> None:
        self.inbox, self.archive, self.rejected = (folder / name for name in ("in", "archive", "rejected"))
        for path in (self.inbox, self.archive, self.rejected):
            path.mkdir()
        self.file = self.inbox / "file.uff"
        self.file.write_bytes(d0010())
        self.error: Exception | None = None
        self.looks = 0
        self.intake = Intake(
            folders=Folders(inbox=bytes(self.inbox), archive=bytes(self.archive), rejected=bytes(self.rejected)),
            clock=lambda: datetime.now(timezone.utc),
            rules=replace(RULES, max_attempts=ATTEMPTS),
            on_progress=self.on_progress,
            pause=lambda seconds: None,
        )

    def on_progress(self, _position: int) -> None:
        """Raise while rows are loaded, after the survey of the file."""
        self.looks += 1
        if self.error and self.looks % 2 == 0:
            raise self.error

    def take(self) -> Taken:
        self.looks = 0
        return self.intake.take(Due(b"file.uff", Sighting.of(self.file.stat()), is_overdue=False))

    def attempts(self) -> int:
        self.intake.flush()
        return FlowFile.objects.get().attempts

    def stays_for_ever(self) -> bool:
        """Try the file more often than the importer may fail; return whether it is unchanged."""
        for _ in range(ATTEMPTS + 1):
            with pytest.raises(Exception) as raised:  # noqa: PT011 - any, but not the one below
                self.take()
            assert is_of_environment(raised.value)
        return self.attempts() == 0 and self.is_untouched()

    def is_rejected_after_three_attempts(self) -> bool:
        for number in range(1, ATTEMPTS + 1):
            assert self.take().ending == Ending.FAILED
            assert self.attempts() == number
            assert self.is_untouched()
        taken = self.take()
        assert taken.report
        codes = [problem.code for problem in taken.report.problems]
        return codes == ["internal-error"] and files_below(self.inbox) == {}

    def is_untouched(self) -> bool:
        is_there = files_below(self.inbox) == {"file.uff": d0010()}
        return is_there and not (files_below(self.archive) or files_below(self.rejected) or Arrival.objects.exists())


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


@pytest.fixture
def broken() -> Iterator[Callable[[str], None]]:
    """Make the database refuse each reading with a SQLSTATE, until the test ends."""
    kind = connection.vendor

    def break_it(state: str) -> None:
        raises = f"BEGIN RAISE EXCEPTION ''broken by a test'' USING ERRCODE = ''{state}''; END"
        with connection.cursor() as cursor:
            cursor.execute(BREAK[kind].replace("BEGIN RAISE check_violation; END", raises))

    yield break_it
    with connection.cursor() as cursor:
        cursor.execute(MEND[kind])
        if kind == "postgresql":
            cursor.execute("DROP FUNCTION broken")


def test_a_problem_in_its_content_rejects_a_file_at_once(inbox: Inbox) -> None:
    inbox.file.write_bytes(d0010(value="many"))
    taken = inbox.take()
    assert taken.report
    assert taken.report.outcome == Outcome.REJECTED
    assert set(Problem.objects.values_list("code", flat=True)) == {"not-a-number"}
    assert FlowFile.objects.get().status == Status.REJECTED
    assert files_below(inbox.inbox) == {}


@pytest.mark.slow
@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("name", EVERY)
def test_raised_error_leaves_the_file_alone_or_counts_as_an_attempt(inbox: Inbox, name: str) -> None:
    kind = EVERY[name]
    inbox.error = kind(*ARGUMENTS.get(kind.__name__, ("a fault made by a test",)))
    # An error that Django did not convert has bypassed it, which is a fault of ours.
    if kind.__name__ in STAYS and kind.__module__ != "psycopg":
        assert inbox.stays_for_ever()
    else:
        assert inbox.is_rejected_after_three_attempts()
    inbox.error = None


@pytest.mark.parametrize("state", CLASSES if connection.vendor == "postgresql" else ["23514"])
def test_database_error_leaves_the_file_alone_or_counts_as_an_attempt(
    inbox: Inbox, broken: Callable[[str], None], state: str
) -> None:
    broken(state)
    if state.startswith(OURS):
        assert inbox.is_rejected_after_three_attempts()
    else:
        assert inbox.stays_for_ever()


def test_every_sqlstate_except_two_classes_is_an_error_of_the_environment() -> None:
    ours = {state for state in SQLSTATES if not is_of_environment(as_django_raises(psycopg.errors.lookup(state)))}
    assert ours == {state for state in SQLSTATES if state.startswith(OURS)}
    assert len(SQLSTATES) > 200


def test_file_is_imported_after_the_fault_ends(inbox: Inbox) -> None:
    inbox.error = ValueError("a fault made by a test")
    assert inbox.take().ending == Ending.FAILED
    inbox.error = OSError("a fault made by a test")
    with pytest.raises(OSError, match="made by a test"):
        inbox.take()
    inbox.error = None
    taken = inbox.take()
    assert taken.report
    assert taken.report.outcome == Outcome.IMPORTED
    assert inbox.attempts() == 0


@pytest.mark.parametrize("text", ["a NUL \0 in it", "half a character \udcff in it"])
def test_error_text_with_nul_blocks_no_file(inbox: Inbox, text: str) -> None:
    inbox.error = ValueError(text)
    assert inbox.is_rejected_after_three_attempts()
    assert " in it" in Problem.objects.get().message


@pytest.mark.slow
def test_only_the_content_that_kills_its_watcher_three_times_is_poison(tmp_path: Path, database_url: str) -> None:
    box = Box(tmp_path, database_url)
    os.utime(box.drop("poison.uff", d0010()), (0, 0))
    box.drop("good.uff", d0010("0000000002", value="2.0"))
    for _ in range(3):
        assert box.interrupted(*BEFORE_THE_COMMIT) == -signal.SIGKILL
        assert set(files_below(box.inbox)) == {"poison.uff", "good.uff"}
        assert files_below(box.rejected) == {}
    assert box.once()[0] == 1
    assert sorted(box.outcomes()) == [("good.uff", "IMPORTED"), ("poison.uff", "REJECTED")]
    assert box.rows("SELECT code FROM readings_problem") == [("poison",)]


@pytest.mark.slow
def test_broken_importer_rejects_no_files_however_often_it_restarts(tmp_path: Path, database_url: str) -> None:
    box = Box(tmp_path, database_url)
    kind = "sqlite" if box.is_sqlite else "postgresql"
    box.execute(BREAK[kind])
    names = {f"{number}.uff" for number in range(7)}
    for number, name in enumerate(sorted(names)):
        box.drop(name, d0010(f"{number:010}", value=f"{number}.0"))
    for _ in range(5):
        assert box.once()[0] == 75
        assert set(files_below(box.inbox)) == names
    assert box.rows("SELECT DISTINCT attempts FROM readings_flowfile") == [(0,)]
    box.execute(MEND[kind])
    assert box.once()[0] == 0
    assert sorted(box.outcomes()) == [(name, "IMPORTED") for name in sorted(names)]


def as_django_raises(kind: type[psycopg.Error]) -> Exception:
    """Return Django's conversion of a psycopg error; its connection is never opened."""
    settings = {**connection.settings_dict, "ENGINE": "django.db.backends.postgresql", "NAME": "never"}
    unopened = django.db.utils.ConnectionHandler({"default": settings})["default"]
    with pytest.raises(django.db.Error) as raised, unopened.wrap_database_errors:
        raise kind
    return raised.value
