"""Wrong requests get problem details, whatever is wrong and whoever answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client, override_settings
from pytest_django.fixtures import Settings

from readings.models import FlowFile
from tests.proofs.api.__main__ import environment
from tests.proofs.api.filled import MPAN
from tests.proofs.api.raw import REQUESTS as RAW_REQUESTS
from tests.proofs.api.raw import ask, fault
from tests.proofs.api.wrong_requests import Asker
from tests.proofs.api.wrong_table import REQUESTS
from tests.running.api import Program, problem_details
from tests.running.imported import deliver_sample
from tests.running.postgresql import free_port
from tests.running.tls import web_pages
from tests.running.uploads import make_folders

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]


@pytest.fixture
def asker(settings: Settings, tmp_path: Path) -> Asker:
    make_folders(settings, tmp_path)
    for name in ("d0010.uff", "nem12.csv"):
        deliver_sample(name)
    return Asker(FlowFile.objects.get(format="D0010").sha256)


@pytest.mark.parametrize("debug", [False, True])
def test_every_wrong_request_gets_problem_details_that_name_its_parameters(asker: Asker, debug: bool) -> None:
    with override_settings(DEBUG=debug):
        answers = [asker.ask(wrong) for wrong in REQUESTS]
    assert [f"{each.request.name}: {each.fault}" for each in answers if each.fault] == []
    assert len(answers) >= 100


@pytest.mark.slow
def test_requests_that_no_library_sends_get_no_page(database_url: str, tmp_path: Path) -> None:
    with web_pages(environment(database_url, tmp_path), port := free_port(), tmp_path / "web.log"):
        faults = [fault(raw, *ask(port, raw.request)) for raw in RAW_REQUESTS]
    assert [each for each in faults if each] == []


def test_parameters_of_a_wrong_request_are_all_named() -> None:
    program = Program()
    query = {"limit": "0", "mpan": "1", "from": "x", "counts": "y"}
    assert sorted(program.wrong("readings", query)) == ["counts", "from", "limit", "mpan"]


def test_details_say_what_was_found_and_what_is_expected() -> None:
    program = Program()
    details = {
        "mpna=1": "unknown parameter 'mpna', expected ",
        "limit=1&limit=2": "limit has 2 values, expected one",
        f"mpan={MPAN[:-1]}9": "the check digit of these 12 digits is 8",
        "mpan=1": "mpan: expected an MPAN core of 13 digits",
        f"mpan={MPAN}&reading_type=r": "reading_type: expected one capital letter, such as R",
        f"mpan={MPAN}&from=2025-02-30": "'2025-02-30' is not a day, expected YYYY-MM-DD",
    }
    for query, detail in details.items():
        assert detail in program.refused(f"readings?{query}")["detail"]
    expected = "There is no meter point '123': use the complete MPAN core, NMI or name of the consumer."
    assert program.refused("meter-points/123", status=404)["detail"] == expected


def failing(error: Exception) -> Callable[..., Any]:
    """Return a wrapper of queries that raises an error at the first query for meter points."""

    def execute(run: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if "readings_meterpoint" in sql:
            raise error
        return run(sql, *arguments)

    return execute


def test_database_that_does_not_answer_is_503() -> None:
    program = Program()
    with connection.execute_wrapper(failing(OperationalError("server closed the connection unexpectedly"))):
        response = program.get(f"meter-points/{MPAN}", status=503)
    assert response.headers["Retry-After"] == "10"
    assert "closed" not in problem_details(response)["detail"]


def test_internal_error_is_500_without_its_text(settings: Settings) -> None:
    program = Program()
    for settings.DEBUG in (False, True):
        with connection.execute_wrapper(failing(ZeroDivisionError("secret"))):
            response = program.get(f"meter-points/{MPAN}", status=500)
        assert "secret" not in response.content.decode()
        assert problem_details(response)["title"] == "Internal Server Error"


def test_too_many_requests_are_429_with_the_time_to_wait(settings: Settings) -> None:
    settings.API_RATE = (2, 60)
    program = Program()
    for _ in range(2):
        program.get("readings")
    for address in ("readings", "flow-files/", "meter-points/x"):
        response = program.get(address, status=429)
        assert 58 <= int(response.headers["Retry-After"]) <= 60
        assert problem_details(response)["detail"] == "Too many requests: wait for the seconds in Retry-After."
    Program(name="bob").get("readings")
    settings.API_RATE = (1, 60)
    for number in range(2):
        wrong = Client().get("/api/readings", headers={"Authorization": f"Bearer mbx_{number}"})
        assert wrong.status_code == (429 if number else 401)
        assert problem_details(wrong)["errors"] == []


def test_pages_keep_their_own_errors() -> None:
    response = Client().get("/nothing-here")
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")
    assert Client().get("/apiary").headers["Content-Type"].startswith("text/html")
