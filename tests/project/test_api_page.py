"""docs/api.md, whose commands run against a server of their own."""

from __future__ import annotations

import re

import pytest

from readings.api.description.answers import MEANINGS
from readings.api.interface import api
from tests.running.curl_page import API, difference, differences
from tests.running.readme import Step, rows, section


@pytest.mark.slow
def test_api_page_shows_the_printed_output(database_url: str) -> None:
    differing = differences(API.read_text(), DATABASE_URL=database_url)
    assert not differing, "\n".join(differing)


def test_comparison_ignores_tokens_and_cursors_but_not_values() -> None:
    step = Step("curl", 'mbx_a… "20730.5" </api/readings?cursor=WzE%3Aw-q_1>; rel="next"\r\n')
    assert difference(step, 'mbx_b… "20730.5" </api/readings?cursor=WzI%3Aw-q_2>; rel="next"\n') == []
    assert difference(step, 'mbx_b… "20730.6" </api/readings?cursor=WzI%3Aw-q_2>; rel="next"\n') != []


def test_api_page_has_less_than_200_lines() -> None:
    assert len(API.read_text().splitlines()) < 200


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
