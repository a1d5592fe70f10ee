"""A large store: identifiers, serial numbers and file names like real ones, written straight into the tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from django.db import connection, transaction

from readings.formats.dtc.catalogue.mpan import mpan_check_digit
from readings.formats.spelling import parts_of, searchable_form
from readings.imports.loading.insertion import insert, utc_text
from readings.models.meter_points import stored_key

#: Number of readings of a register, of a file, and of registers of each 13 meters.
MONTHS: Final = 8
_IN_A_FILE: Final = 200
_FIRST: Final = datetime(2025, 7, 1, 6, tzinfo=timezone.utc)
_PARTICIPANTS: Final = ("UDMS", "QALT", "IMSERV", "SIEM", "LBSL")
_FILE: Final = {
    **dict.fromkeys(("subject", "last_error", "version", "recipient_role", "recipient"), ""),
    **dict.fromkeys(("size", "meter_points", "meters", "registers", "readings", "accumulations"), 200),
    **dict.fromkeys(("interval_days", "intervals", "repeats", "superseded", "withdrawn", "completed"), 0),
    **dict.fromkeys(("errors", "warnings", "attempts"), 0),
    **{"status": "IMPORTED", "importer_version": "large", "sender_role": "D"},
}
_READINGS: Final = """
INSERT INTO readings_reading (flow_file_id, line, meter_point_id, register_id, read_at, read_at_as_sent, value,
    reading_type, validation_status, flag, method, reason_code, reading_status, reason_description, register_read,
    version)
SELECT %s + register.id %% %s, 3 + register.id / %s * 3, register.meter_point_id, register.id, %s, %s,
    register.id %% 50000 + %s, 'R', 'V', 'T', 'N', '', '', '', '', 1
FROM readings_register register ORDER BY register.meter_point_id, register.id
"""


def fill(readings: int) -> None:
    """Store about as many readings, with the meter points, meters and files that they need."""
    points = max(readings // MONTHS * 10 // 13, 13)
    files = max(readings // _IN_A_FILE // MONTHS, 1) * MONTHS
    with transaction.atomic():
        for table, columns, rows in _parents(points, files):
            insert(f"readings_{table}", columns, list(rows))
    for month in range(MONTHS):
        _store_month(month, files // MONTHS)
    with connection.cursor() as cursor:
        for table in ("meterpoint", "meter", "register", "flowfile", "arrival") if _is_postgresql() else ():
            cursor.execute(f"SELECT setval('readings_{table}_id_seq', (SELECT max(id) FROM readings_{table}))")
        cursor.execute("VACUUM ANALYZE" if _is_postgresql() else "ANALYZE")


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def identifier(number: int) -> tuple[str, str]:
    """Return scheme and identifier of a meter point: of ten, nine are British, and a few of these test data."""
    scattered = number * 7_919_000_003 % 10**10
    if number % 10 == 9:
        return "NMI", f"6{scattered % 10**9:09}"
    core = f"{10 + number % 14}{scattered:010}"
    return "TEST_MPAN" if number % 500 == 0 else "MPAN", core + mpan_check_digit(f"{core}0")


def serial_number(number: int) -> str:
    """Return the serial number of a meter: of some manufacturers, some with a blank."""
    digits = number * 48_271 % 10**7
    year, letter = 5 + number % 20, "ABCDEFGHKLMNPRSTUVWXYZ"[number % 22]
    forms = (
        f"{letter}{year:02}{letter} {digits % 10**5:05}",
        f"{letter}{year:02}{letter}{digits:06}",
        f"{digits:08}",
        f"S{digits:08}",
    )
    return forms[number % 4]


def file_name(number: int) -> str:
    """Return the name of a file: of gateways, of portals, of people, and of members of zips."""
    day = _received(number)
    return (
        f"D0010_{4_410_000_000 + number}_1.usr",
        f"W{number:09}.usr",
        f"NEM12#{day:%Y%m%d%H%M}{number:06}#MDP1#RETAILER.csv",
        f"meter readings {day:%B %Y} ({number}).uff",
        f"d0010_{day:%Y-%m-%d}.zip/D0010_{number}.usr",
    )[number % 5]


def _received(number: int) -> datetime:
    return _FIRST + timedelta(minutes=number * 3)


def _parents(points: int, files: int) -> Iterator[tuple[str, Sequence[str], Iterator[Sequence[Any]]]]:
    """Yield table, columns and rows of what readings belong to."""
    yield "meterpoint", ("id", "scheme", "identifier", "area", "tariff"), _meter_points(points)
    yield "meter", ("id", "meter_point_id", "serial_number", "searchable", "searchable_reversed"), _meters(points)
    columns = ("id", "key", "meter_id", "meter_point_id", "register_id", "suffix", "unit", "direction")
    yield "register", columns, _registers(points)
    yield "flowfile", _FILE_COLUMNS, _files(files)
    yield "arrival", _ARRIVAL_COLUMNS, _arrivals(files)
    yield "namepart", ("part", "arrival_id"), _parts(files)


def _meter_points(points: int) -> Iterator[Sequence[Any]]:
    for number in range(1, points + 1):
        yield number, *identifier(number), "", ""


def _meters(points: int) -> Iterator[Sequence[Any]]:
    for number in range(1, points + 1):
        searchable = searchable_form(serial_number(number))
        yield number, number, serial_number(number), searchable, searchable[::-1]


def _registers(points: int) -> Iterator[Sequence[Any]]:
    key = 0
    for number in range(1, points + 1):
        for register in ("01", "02") if number % 10 in (1, 4, 7) else ("01",):
            key += 1
            text = stored_key((*identifier(number), serial_number(number), register, ""))
            yield key, text, number, number, register, "", "kWh", ""


def _files(files: int) -> Iterator[Sequence[Any]]:
    for number in range(1, files + 1):
        at = utc_text(_received(number))
        yield (
            *(number, f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}" * 4, at, at, at),
            *("NEM12" if number % 5 == 2 else "D0010", f"{4_410_000_000 + number}"),
            *(_PARTICIPANTS[number % 5], number, "TR01" if number % 500 == 0 else "OPER", *_FILE.values()),
        )


_FILE_COLUMNS: Final = (
    *("id", "sha256", "received_at", "imported_at", "created_at", "format", "file_identifier"),
    *("sender", "arrived", "test_flag", *_FILE),
)
_ARRIVAL_COLUMNS: Final = (
    *("id", "flow_file_id", "name", "channel", "by_whom", "received_at", "outcome"),
    *("identity", "resting_place", "settled_at"),
)


def _arrivals(files: int) -> Iterator[Sequence[Any]]:
    for number in range(1, files + 1):
        at, name = utc_text(_received(number)), file_name(number)
        yield number, number, name, "INBOX", "", at, "IMPORTED", "", f"/srv/archive/{name}", at


def _parts(files: int) -> Iterator[Sequence[Any]]:
    for number in range(1, files + 1):
        for part in parts_of(file_name(number)):
            yield part, number


def _store_month(month: int, files: int) -> None:
    at = datetime(2025 + (6 + month) // 12, (6 + month) % 12 + 1, 1, tzinfo=timezone.utc)
    with connection.cursor() as cursor:
        line = (files, utc_text(at), f"{at:%Y%m%d%H%M%S}", month * 310)
        cursor.execute(_READINGS, [1 + month * files, files, *line])
