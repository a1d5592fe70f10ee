"""Statistics of tables that have outgrown them, renewed before the server does it by itself.

While an import runs, the server may look at its tables and see pages without rows, because nothing is committed yet.
Until it looks again, about a minute later, it takes full tables for empty ones, and a page that needs a tenth of a
second does not end before its deadline.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from django.apps import apps
from django.db import Error, connection

from readings.imports.loading.insertion import is_postgresql
from readings.imports.reports import ImportReport
from readings.models.consumption.sums import StaleGroup, StaleMonths

#: Number of changed rows below which any plan is quick.
LEAST: Final = 1_000
#: Lists of work, which fill and empty all the time; their queries follow an index.
_LISTS: Final = (StaleMonths, StaleGroup)
#: Versions of PostgreSQL in which a session may report its changes at once, and of the privilege to renew statistics.
_REPORTS_AT_ONCE: Final = 15_00_00
_HAS_PRIVILEGE: Final = 17_00_00


def renew_outgrown() -> list[str]:
    """Let PostgreSQL renew the statistics of tables that have outgrown them; return the names of the tables.

    Call it after a commit; inside a transaction, it does nothing. Without such a table it costs one query. A table
    that another program analyzes or vacuums at the moment is skipped, so that nobody waits.
    """
    if not is_postgresql() or connection.in_atomic_block:
        return []
    tables = outgrown()
    if tables:
        with connection.cursor() as cursor:
            analyze(cursor, tables)
    return tables


def try_to_renew() -> None:
    """Renew outgrown statistics; a failure disturbs nobody, as the server renews them later."""
    with suppress(Error):
        renew_outgrown()


def renew_after(report: ImportReport) -> None:
    """Renew outgrown statistics after an import, unless its new rows are too few to matter."""
    if report.readings + report.accumulations + report.interval_days >= LEAST:
        try_to_renew()


def outgrown() -> list[str]:
    """Return the names of the tables with as many changed rows as there were when the server last looked.

    Only committed changes count. Tables whose statistics this role may not renew are left out.
    """
    with connection.cursor() as cursor:
        if _version(cursor) >= _REPORTS_AT_ONCE:
            cursor.execute("SELECT pg_stat_force_next_flush()")
        sql = (
            "SELECT relname FROM pg_class WHERE oid IN (SELECT to_regclass(name) FROM unnest(%s::text[]) name) "
            f"AND pg_stat_get_mod_since_analyze(oid) >= greatest(%s, reltuples) AND {may_renew(cursor)} "
            "ORDER BY relname"
        )
        cursor.execute(sql, [_tables(), LEAST])
        return [name for (name,) in cursor.fetchall()]


def may_renew(cursor: Any) -> str:
    """Return the condition, for a row of pg_class, that this role may renew the statistics of the table."""
    if _version(cursor) >= _HAS_PRIVILEGE:
        return "has_table_privilege(oid, 'MAINTAIN')"
    return "pg_has_role(relowner, 'USAGE')"


def analyze(cursor: Any, tables: Iterable[str]) -> None:
    """Renew the statistics of tables, except those that another program analyzes or vacuums at the moment."""
    cursor.execute(f"ANALYZE (SKIP_LOCKED) {', '.join(map(connection.ops.quote_name, tables))}")


def _tables() -> list[str]:
    """Return the names of the tables of imports, of what is derived from them, and of the trail."""
    models = apps.get_app_config("readings").get_models()
    return [model._meta.db_table for model in models if model._meta.managed and model not in _LISTS]


def _version(cursor: Any) -> int:
    """Return the version of the server, as 170002."""
    return int(cursor.connection.info.server_version)
