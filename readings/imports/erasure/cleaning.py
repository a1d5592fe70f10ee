"""Removal of deleted rows from the bytes of the database."""

from __future__ import annotations

from django.db import connection

from readings.imports.erasure.rows import models_with_tables
from readings.imports.loading.insertion import is_postgresql


def clean_bytes() -> str:
    """Remove deleted rows from the bytes of the database; return the trouble, or an empty text.

    Run outside transactions. SQLite writes its file anew, and needs as much room again for it. PostgreSQL renews its
    statistics, which hold identifiers, too; the free bytes of a page stay until it writes there again.
    """
    with connection.cursor() as cursor:
        if is_postgresql():
            tables = [connection.ops.quote_name(model._meta.db_table) for model in models_with_tables()]
            cursor.execute(f"VACUUM (ANALYZE) {', '.join(tables)}")
            return ""
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        is_busy = cursor.fetchone()[0]
    return "the write-ahead log is in use: run the command again, or stop the pages meanwhile" if is_busy else ""
