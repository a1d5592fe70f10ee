"""The description of the API (OpenAPI 3.1): the library's, completed with meanings, examples and headers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http.client import responses as reasons
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from readings.api.description.answers import MEANINGS, example_of_error, headers
from readings.api.description.examples import describe_fields, example_of
from readings.api.description.words import WORDS
from readings.api.errors import MEDIA_TYPE, ProblemDetails
from readings.api.pages import CSV, JSON, Page, csv_text

#: Errors of every operation.
_COMMON: Final = dict.fromkeys((400, 401, 403, 406, 422, 429, 500, 503), ProblemDetails)
_PAGE: Final = "#/components/schemas/Page_"
#: Tags in the order of the page.
_TAGS: Final = [
    {"name": name, "description": description}
    for name, description in (
        ("Flow files", "Contents that arrived, with what their imports stored, their problems and their bytes."),
        ("Meter points", "MPANs, NMIs and consumers with their meters and their figures."),
        ("Readings", "Readings of registers, each with the file and line that state it."),
        ("Summary", "Totals of consumption."),
        ("Inbox", "Files that wait for the watcher, and what needs an operator."),
    )
]
_INFO: Final = {
    "summary": "Electricity meter data for programs.",
    "license": {"name": "MIT", "identifier": "MIT"},
}


def responses(resource: Any, *others: int) -> dict[int, Any]:
    """Return the statuses of an operation that returns a resource, with their schemas."""
    return {200: resource, 304: None, 412: ProblemDetails, **_COMMON, **dict.fromkeys(others, ProblemDetails)}


def list_responses(item: Any, *others: int) -> dict[int, Any]:
    """Return the statuses of an operation that returns a list."""
    return responses(Page[item], *others)


class Description(OpenAPISchema):
    """The description that the library makes, for one schema of each name."""

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        """Add schemas; raise ValueError for another one of the same name, which the library would replace."""
        for name, definition in definitions.items():
            if self.schemas.get(name, definition) != definition:
                raise ValueError(f"two schemas are named {name}")
        super().add_schema_definitions(definitions)


class DescribedAPI(NinjaAPI):
    """An API whose description is complete: what the library leaves out is added here."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._documents: dict[str, OpenAPISchema] = {}

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """Return the addresses: operations check tokens themselves, the page of documentation needs a log-in."""
        patterns, *names = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern) and pattern.name != "openapi-view":
                login_not_required(pattern.callback)
        return patterns, names[0], names[1]

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the name of the function, as programs write it: `list_readings` is `listReadings`."""
        return re.sub(r"_(\w)", lambda match: match[1].upper(), operation.view_func.__name__)

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the description, which is made once: all routes are there before the first request."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._documents:
            self._documents[prefix] = self._document(prefix)
        return self._documents[prefix]

    def _document(self, prefix: str) -> OpenAPISchema:
        document = Description(self, prefix)
        components = document["components"]
        components["schemas"] = _used(document["paths"], components["schemas"])
        describe_fields(components["schemas"])
        for operations in document["paths"].values():
            for operation in operations.values():
                _complete_operation(operation, components["schemas"])
        document["info"] |= _INFO
        document["servers"] = [{"url": "/", "description": "This server."}]
        document["tags"] = [tag for tag in _TAGS if tag["name"] in _tags_of(document["paths"])]
        return document


def _tags_of(paths: Mapping[str, Any]) -> set[str]:
    return {tag for methods in paths.values() for operation in methods.values() for tag in operation["tags"]}


def _used(paths: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schemas that answers and bodies use; the library adds those of parameters, which are inline."""
    used: dict[str, Any] = {}
    names = _references(paths)
    while missing := names - used.keys():
        used |= {name: schemas[name] for name in missing}
        names |= _references({name: schemas[name] for name in missing})
    return dict(sorted(used.items()))


def _references(part: Any) -> set[str]:
    return set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(part)))


def _complete_operation(operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    for parameter in operation["parameters"]:
        _complete_parameter(parameter)
    operation["parameters"].sort(key=lambda parameter: parameter["name"] in ("limit", "cursor"))
    operation["responses"] = dict(sorted(operation["responses"].items()))
    is_conditional = 304 in operation["responses"]
    for status, response in operation["responses"].items():
        _complete_response(status, response, schemas)
        if status == 200 and is_conditional:
            response["headers"] = headers("ETag") | response.get("headers", {})


def _complete_parameter(parameter: dict[str, Any]) -> None:
    """Describe a parameter; optional ones have an example in their schema, which no page fills in unasked."""
    schema = parameter["schema"]
    for name in ("title", "description"):
        schema.pop(name, None)
    kinds = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(kinds) == 1:
        # Null has no form in an address: without the parameter, it is null.
        schema |= kinds[0]
        del schema["anyOf"]
    word = WORDS.get(parameter["name"])
    if word:
        parameter.setdefault("description", word.description)
    own = [parameter.pop("example")] if "example" in parameter else parameter.pop("examples", None)
    examples = own or schema.get("examples") or ([word.example] if word and parameter.get("required") else [])
    if examples:
        schema["examples"] = examples
    if examples and parameter.get("required"):
        parameter["example"] = examples[0]


def _complete_response(status: int, response: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    meaning = MEANINGS[status]
    if response["description"] == reasons[status]:  # else the operation has its own
        response["description"] = meaning.description
    content = response.setdefault("content", {})
    if status >= 400 and JSON in content:
        response["content"] = content = {MEDIA_TYPE: content[JSON]}
        content[MEDIA_TYPE].setdefault("example", example_of_error(status))
    names = list(meaning.headers)
    if JSON in content:
        example = content[JSON].setdefault("example", example_of(content[JSON]["schema"], schemas))
        if content[JSON]["schema"].get("$ref", "").startswith(_PAGE):
            [item] = example["items"]
            content[CSV] = {"schema": {"type": "string"}, "example": csv_text(list(item), [item])}
            names.append("Link")
    if any(each["schema"].get("format") == "binary" for each in content.values()):
        names.append("Content-Disposition")
    if not content:
        del response["content"]
    if names:
        response["headers"] = headers(*names) | response.get("headers", {})
