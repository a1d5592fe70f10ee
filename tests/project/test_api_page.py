"""docs/api.md, whose commands run against a server of their own."""

from __future__ import annotations

import re

import pytest
from pytest_django.fixtures import Settings

from readings.api.description.answers import MEANINGS
from readings.api.interface import api
from readings.api.parameters import FEW, MOST
from readings.api.resources.uploads import LONGEST_NAME, PATIENCE
from readings.models.api_tokens import DAYS, MOST_DAYS, START
from tests.running.curl_page import API, difference, differences
from tests.running.places import ROOT
from tests.running.readme import Step, rows, section

OPERATIONS = ROOT / "docs" / "operations.md"


@pytest.mark.slow
@pytest.mark.only_on("sqlite")
def test_api_page_shows_the_printed_output(database_url: str) -> None:
    differing = differences(API.read_text(), DATABASE_URL=database_url)
    assert not differing, "\n".join(differing)


def test_comparison_ignores_tokens_and_cursors_but_not_values() -> None:
    step = Step("curl", 'mbx_a… "20730.5" </api/readings?cursor=WzE%3Aw-q_1>; rel="next"\r\n')
    assert difference(step, 'mbx_b… "20730.5" </api/readings?cursor=WzI%3Aw-q_2>; rel="next"\n') == []
    assert difference(step, 'mbx_b… "20730.6" </api/readings?cursor=WzI%3Aw-q_2>; rel="next"\n') != []


def test_api_page_has_less_than_200_lines() -> None:
    assert len(API.read_text().splitlines()) < 200


def test_numbers_of_the_pages_are_those_of_the_program(settings: Settings) -> None:
    requests, seconds = settings.API_RATE
    assert seconds == 60
    page = " ".join(API.read_text().split())
    assert f"at most `limit` rows ({FEW} without it, {MOST:,} at most)" in page
    assert f"more requests than `API_RATE`, {requests} a minute" in page
    operations = " ".join(OPERATIONS.read_text().split())
    assert f"by default after {DAYS} days, at most after {MOST_DAYS}." in operations
    assert f"a name has at most {LONGEST_NAME} bytes" in operations
    assert f"another importer has had the same content for {PATIENCE:.0f} seconds" in operations
    assert len("mbx_4fT9cQ") == START  # the start of a token on the page
    assert f"| `TRAIL_DAYS` | `{settings.TRAIL_DAYS}` | days after which" in operations
    assert f"removed 12 entries older than {settings.TRAIL_DAYS} days" in operations


def test_api_page_lists_every_error() -> None:
    cells = [status for row in rows(section(API, "Understand errors")) for status in row[0].split(", ")]
    listed = {int(status) for status in cells}
    assert listed == {status for status in MEANINGS if status >= 400}


def test_paths_on_the_api_page_exist() -> None:
    paths = {re.sub(r"\{\w+\}", "X", path).rstrip("/") for path in api.get_openapi_schema()["paths"]}
    named = re.findall(r"`(/api/[\w/-]+)[`?]", section(API, "Read lists"))
    assert named
    for path in named:
        assert re.sub(r"/[A-Z0-9]+(?=/|$)", "/X", path).rstrip("/") in paths, path
