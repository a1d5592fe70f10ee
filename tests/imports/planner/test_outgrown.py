"""Statistics of PostgreSQL are renewed when tables have outgrown them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from django.utils.timezone import now

from readings.imports.planner.outgrown import LEAST, renew_outgrown, try_to_renew
from readings.imports.uploads import Uploads
from readings.models import Channel, MeterPoint
from tests.imports.planner.sessions import another_session, known_rows
from tests.making.numbered import d0010
from tests.running.imported import RULES, imported

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_on("postgresql")]

FILLED = {"readings_meter", "readings_meterpoint", "readings_reading", "readings_register"}


def readings(meter_points: int = LEAST, day: int = 1) -> bytes:
    """Return a file with one reading of each meter on a day of March."""
    return d0010(f"{day:010}", meter_points).replace(b"|20260301", f"|202603{day:02}".encode())


def import_readings(meter_points: int = LEAST, day: int = 1) -> None:
    assert imported(readings(meter_points, day), f"{day}.uff").outcome == "IMPORTED"


def test_import_into_an_empty_store_is_followed_by_statistics() -> None:
    import_readings()
    assert set(renew_outgrown()) == FILLED
    assert {known_rows(table) for table in FILLED} == {LEAST}


def test_small_import_renews_nothing() -> None:
    import_readings(LEAST - 1)
    assert renew_outgrown() == []


def test_small_import_into_a_large_table_renews_nothing() -> None:
    import_readings(2 * LEAST)
    renew_outgrown()
    import_readings(LEAST, day=2)
    assert renew_outgrown() == []


def test_many_small_imports_outgrow_the_statistics_together() -> None:
    for day in range(1, 11):
        import_readings(LEAST // 10, day)
    assert renew_outgrown() == ["readings_reading"]


def test_rows_that_were_invisible_to_the_last_look_are_seen_after_the_commit() -> None:
    """A look before a commit sees pages without rows, as autovacuum may."""
    with another_session() as other, transaction.atomic():
        MeterPoint.objects.bulk_create(MeterPoint(scheme="MPAN", identifier=f"{number}") for number in range(LEAST))
        other.execute("ANALYZE readings_meterpoint")
    assert known_rows("readings_meterpoint") == 0
    assert renew_outgrown() == ["readings_meterpoint"]
    assert known_rows("readings_meterpoint") == LEAST


def test_table_that_another_session_vacuums_is_left_to_it() -> None:
    import_readings()
    with another_session() as other, other.transaction():
        other.execute("LOCK TABLE readings_reading IN SHARE UPDATE EXCLUSIVE MODE")
        renew_outgrown()
        assert known_rows("readings_reading") == -1
        assert known_rows("readings_meter") == LEAST
    assert renew_outgrown() == ["readings_reading"]


def test_role_that_does_not_own_the_tables_leaves_them_to_the_server() -> None:
    import_readings()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE guest")
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest")
        try:
            cursor.execute("SET ROLE guest")
            assert renew_outgrown() == []
        finally:
            cursor.execute("RESET ROLE")
            cursor.execute("DROP OWNED BY guest")
            cursor.execute("DROP ROLE guest")
    assert set(renew_outgrown()) == FILLED


def test_nothing_is_renewed_inside_a_transaction() -> None:
    import_readings()
    with transaction.atomic():
        assert renew_outgrown() == []


def test_failure_disturbs_nobody() -> None:
    import_readings()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 1")
        try:
            with pytest.raises(OperationalError):
                renew_outgrown()
            try_to_renew()
        finally:
            cursor.execute("RESET statement_timeout")


def test_large_upload_is_followed_by_statistics(tmp_path: Path) -> None:
    uploads = Uploads(archive=tmp_path / "archive", rejected=tmp_path / "rejected", rules=RULES, clock=now)
    uploads.take(BytesIO(readings(LEAST - 1)), name="a.uff", channel=Channel.UPLOAD, by_whom="ann")
    assert known_rows("readings_reading") == -1
    uploads.take(BytesIO(readings(day=2)), name="b.uff", channel=Channel.UPLOAD, by_whom="ann")
    assert known_rows("readings_reading") == 2 * LEAST - 1
