"""The description of the API."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from django.http import HttpRequest
from django.test import Client
from ninja import Schema
from pydantic import create_model

from readings.api.authentication import READING
from readings.api.interface import api
from readings.api.openapi import DescribedAPI, responses
from tests.running.imported import deliver_sample
from tests.running.pages import client_of

pytestmark = pytest.mark.slow_on_postgresql

ERROR, JSON, CSV = "application/problem+json", "application/json", "text/csv"
BYTES = "application/octet-stream"
READ: list[dict[str, list[str]]] = [{"ReadToken": []}, {"Session": []}]
UPLOAD: list[dict[str, list[str]]] = [{"UploadToken": []}, {"Session": []}]


@cache
def document() -> dict[str, Any]:
    """Return the description, as programs get it."""
    answer = Client().get("/api/openapi.json")
    assert answer.status_code == 200
    described: dict[str, Any] = json.loads(answer.content)
    return described


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for methods in document()["paths"].values():
        for operation in methods.values():
            yield operation["operationId"], operation


def answers() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, operation in operations():
        for status, response in operation["responses"].items():
            yield f"{name} {status}", response


def is_valid(example: Any, schema: dict[str, Any]) -> bool:
    """Return whether an example is valid against its schema, formats included."""
    whole = {**schema, "components": document()["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True).is_valid(example)


@pytest.mark.slow
def test_description_is_valid_against_the_schema_of_openapi() -> None:
    assert document()["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(document()).validate()


def test_every_route_and_status_is_described() -> None:
    described = {
        (method, path.removeprefix("/api")): set(operation["responses"])
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    }
    routed: dict[tuple[str, str], set[str]] = {}
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                if operation.include_in_schema:
                    statuses = {str(status) for status in operation.response_models}
                    routed |= {(method.lower(), path): statuses for method in operation.methods}
    assert described == routed
    assert all({"401", "403", "422", "429", "500", "503"} <= statuses for statuses in described.values())


def test_operations_are_named_summarized_tagged_and_secured() -> None:
    tags = {tag["name"] for tag in document()["tags"] if tag["description"]}
    names = [name for name, _ in operations()]
    assert len(names) == len(set(names))
    for name, operation in operations():
        assert re.fullmatch(r"[a-z]+[A-Za-z]*", name)
        assert operation["summary"]
        assert operation["description"]
        assert set(operation["tags"]) <= tags
        assert operation["security"] in (READ, UPLOAD)
        assert operation["security"] == READ or name.startswith("upload")


def test_frame_has_license_server_and_schemes_of_security() -> None:
    info, schemes = document()["info"], document()["components"]["securitySchemes"]
    assert info["license"] == {"name": "MIT", "identifier": "MIT"}
    assert document()["servers"] == [{"url": "/", "description": "This server."}]
    assert schemes["ReadToken"]["scheme"] == "bearer"
    assert "read" in schemes["ReadToken"]["description"]
    assert schemes["Session"]["in"] == "cookie"


def test_every_parameter_is_described_and_has_no_null() -> None:
    for name, operation in operations():
        for parameter in operation["parameters"]:
            assert parameter.get("description"), f"{name} {parameter['name']}"
            assert {"type": "null"} not in parameter["schema"].get("anyOf", [])
            examples = parameter["schema"].get("examples", [])
            if parameter["required"]:
                examples = [parameter["example"]]
            assert all(is_valid(example, parameter["schema"]) for example in examples), f"{name} {parameter['name']}"


def test_every_field_is_described() -> None:
    schemas = document()["components"]["schemas"]
    bare = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, described in schema["properties"].items()
        if not described.get("description")
    ]
    assert bare == []


def test_every_answer_has_a_description_and_a_valid_example() -> None:
    for place, response in answers():
        assert response["description"]
        for kind, content in response.get("content", {}).items():
            if content["schema"].get("format") != "binary":
                assert is_valid(content["example"], content["schema"]), f"{place} {kind}"


def test_every_request_has_a_valid_example() -> None:
    for name, operation in operations():
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            assert is_valid(content["example"], content["schema"]), f"{name} {kind}"


def test_errors_are_problem_details_with_their_status() -> None:
    for place, response in answers():
        status = int(place.split()[1])
        if status >= 400:
            assert list(response["content"]) == [ERROR]
            assert response["content"][ERROR]["example"]["status"] == status


def test_headers_of_answers_are_described() -> None:
    needed = {"304": {"ETag"}, "401": {"WWW-Authenticate"}, "429": {"Retry-After"}, "503": {"Retry-After"}}
    for place, response in answers():
        headers = response.get("headers", {})
        assert needed.get(place.split()[1], set()) <= headers.keys(), place
        if CSV in response.get("content", {}):
            assert {"ETag", "Link"} <= headers.keys(), place
        if BYTES in response.get("content", {}):
            assert {"ETag", "Content-Disposition"} <= headers.keys(), place
        assert all(header["description"] and header["schema"] for header in headers.values())


def test_lists_have_csv_with_the_fields_of_their_items_as_columns() -> None:
    lists = [response["content"] for _, response in answers() if CSV in response.get("content", {})]
    assert len(lists) >= 7
    for content in lists:
        [row] = csv.DictReader(content[CSV]["example"].splitlines())
        assert list(row) == list(content[JSON]["example"]["items"][0])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("operation", "address"),
    [
        ("listReadings", "readings"),
        ("listMeterPoints", "meter-points"),
        ("listMeters", "meters"),
        ("listReadingsOfMeterPoint", "meter-points/3190001042118/readings"),
        ("listAdvances", "meter-points/3190001042118/advances"),
        ("listIntervals", "meter-points/6123456789/intervals"),
        ("listConsumption", "meter-points/6123456789/consumption"),
        ("listProblems", "flow-files/115def2cc012/problems"),
    ],
)
def test_example_is_what_the_server_answers(operation: str, address: str) -> None:
    for name in ("d0010.uff", "d0010_two_faults.uff", "nem12.csv"):
        deliver_sample(name)
    example = dict(operations())[operation]["responses"]["200"]["content"][JSON]["example"]
    answer = client_of("analyst").get(f"/api/{address}?limit=1").json()
    assert answer["items"] == example["items"]


@pytest.mark.django_db
def test_example_of_a_flow_file_is_what_the_server_answers_but_for_times() -> None:
    deliver_sample("d0010.uff")
    [described] = dict(operations())["listFlowFiles"]["responses"]["200"]["content"][JSON]["example"]["items"]
    [stored] = client_of("analyst").get("/api/flow-files/").json()["items"]
    times = dict.fromkeys(("received_at", "imported_at"))
    assert {**stored, **times} == {**described, **times}


def test_two_schemas_of_one_name_are_refused() -> None:
    twice = DescribedAPI(urls_namespace="twice")

    @twice.get("/first", auth=READING, response=responses(create_model("Item", __base__=Schema, name=(str, ...))))
    def first(request: HttpRequest) -> None: ...

    @twice.get("/second", auth=READING, response=responses(create_model("Item", __base__=Schema, number=(int, ...))))
    def second(request: HttpRequest) -> None: ...

    with pytest.raises(ValueError, match="two schemas are named Item"):
        twice.get_openapi_schema(path_prefix="")
