"""Drawn requests to every operation that the description has; the proof draws more of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.proofs.api.__main__ import environment
from tests.running.places import ROOT


@pytest.mark.slow
def test_answers_agree_with_the_description(database_url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.proofs.api", "--schemathesis", "--short", "--examples=2", "--here"]
    ended = subprocess.run(
        command, env=environment(database_url, tmp_path), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout[-20_000:] + ended.stderr[-5_000:]
    assert ended.stdout.count(" 0 failures") == 2


@pytest.mark.django_db
def test_every_error_of_the_description_is_problem_details_and_every_parameter_is_described() -> None:
    schema = Client().get("/api/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    operations = {
        f"{method} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }
    assert len(operations) >= 11
    for name, operation in operations.items():
        assert operation["security"], name
        assert _undescribed(operation) == [], name
        for status, response in operation["responses"].items():
            assert response["description"]
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], (name, status)
        assert {"401", "403", "422", "429", "500", "503"} <= set(operation["responses"]), name


def _undescribed(operation: dict[str, Any]) -> list[str]:
    return [
        each["name"]
        for each in operation.get("parameters", [])
        if each["in"] == "query" and not (each.get("description") or each["schema"].get("description"))
    ]
