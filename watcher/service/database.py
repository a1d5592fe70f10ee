"""Waits for the database, interrupted often enough to stop the watcher, and connections that the server ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

#: Seconds of one step. SQLite waits for a lock in C and delays signals, so the wait is divided into steps.
STEP: Final = 0.5
LONGEST_WAIT: Final = 5.0
#: Connection parameters that detect a silent server within a minute; DATABASE_URL overrides them.
ON_POSTGRESQL: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


@contextmanager
def waiting_in_steps(
    connection: BaseDatabaseWrapper, *, look: Callable[[], None], monotonic: Callable[[], float]
) -> Iterator[None]:
    """Wait for SQLite locks in steps; `look` is called between them and may raise to end the wait."""

    def execute(run: Callable[..., Any], sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        patience_ends = monotonic() + LONGEST_WAIT
        while True:
            try:
                return run(sql, parameters, many, context)
            except OperationalError as error:
                # Within a transaction this connection has the lock already, so waiting would not help.
                is_patient = monotonic() < patience_ends and not connection.in_atomic_block
                if not (is_patient and "is locked" in str(error)):
                    raise
            look()

    options = connection.settings_dict["OPTIONS"]
    before = dict(options)
    is_sqlite = connection.vendor == "sqlite"
    options.update({**before, "timeout": STEP} if is_sqlite else {**ON_POSTGRESQL, **before})
    try:
        if is_sqlite:
            with connection.execute_wrapper(execute):
                yield
        else:
            yield
    finally:
        options.clear()
        options.update(before)


def drop_cut_connection() -> None:
    """Let the next query connect anew if the server ended the connection while the watcher was idle."""
    if connection.connection is not None and not connection.is_usable():
        connection.close()
