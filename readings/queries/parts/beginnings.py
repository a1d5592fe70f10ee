"""Rows in which a column begins with a text."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Final

from django.db import connection
from django.db.models import Model

#: Character after which none follows.
_LAST: Final = "\U0010ffff"
#: Query for the primary keys of many texts at once, each found by a walk of the index: no plan depends on the texts.
#: The operators are those of an index with `varchar_pattern_ops`, which compares bytes in databases of any language.
_ON_POSTGRESQL: Final = """
SELECT wanted.number - 1, found.key
FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS wanted(first, last, number)
CROSS JOIN LATERAL (
    SELECT {key} AS key FROM {table} WHERE {column} ~>=~ wanted.first AND {column} ~<~ wanted.last
    ORDER BY {column} USING ~>~{then} LIMIT %s
) found
"""
_ON_SQLITE: Final = """
SELECT wanted.key, (
    SELECT json_group_array(found.key) FROM (
        SELECT {key} AS key FROM {table}
        WHERE {column} >= json_extract(wanted.value, '$[0]') AND {column} < json_extract(wanted.value, '$[1]')
        ORDER BY {column} DESC{then} LIMIT %s
    ) AS found
) FROM json_each(%s) AS wanted
"""


def keys_of_beginnings(
    texts: Collection[str], model: type[Model], column: str, most: int, *, key: str = ""
) -> dict[str, list[int]]:
    """Return the keys of the last rows in which an indexed column begins with each text, by text.

    Last in the order of bytes, then by `key`, the next column of the index; without it, primary keys are returned.
    """
    wanted = list(dict.fromkeys(texts))
    if not wanted:
        return {}
    query = _ON_POSTGRESQL if connection.vendor == "postgresql" else _ON_SQLITE
    then = f", {key} DESC" if key else ""
    sql = query.format(table=model._meta.db_table, column=column, key=key or "id", then=then)
    found: dict[str, list[int]] = {text: [] for text in wanted}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(sql, [wanted, [text + _LAST for text in wanted], most])
            for number, row in cursor.fetchall():
                found[wanted[number]].append(row)
        else:
            cursor.execute(sql, [most, json.dumps([(text, text + _LAST) for text in wanted], ensure_ascii=False)])
            for number, rows in cursor.fetchall():
                found[wanted[number]] = json.loads(rows)
    return found
