"""Examples of answers, put together from those of their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from readings.api.description.words import EXAMPLES, WORDS

_REFERENCE: Final = "#/components/schemas/"
_OF_TYPES: Final[dict[str, Any]] = {"string": "", "integer": 0, "number": 0, "boolean": False}


def describe_fields(schemas: Mapping[str, Any]) -> None:
    """Give each field of all schemas its description and an example; take titles away, which only repeat names."""
    for name, schema in schemas.items():
        for field, described in schema.get("properties", {}).items():
            described.pop("title", None)
            word = WORDS.get(f"{name}.{field}") or WORDS.get(field)
            if word is None:
                continue
            described.setdefault("description", word.description)
            example = EXAMPLES.get(name, {}).get(field, word.example)
            # Numbers and texts of one name may differ: only a fitting example helps.
            if example is not None and _fits(example, described):
                described.setdefault("examples", [example])


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], within: tuple[str, ...] = ()) -> Any:
    """Return an example of a schema; a type within itself is an empty list."""
    if examples := schema.get("examples"):
        return examples[0]
    if reference := schema.get("$ref"):
        name = reference.removeprefix(_REFERENCE)
        return example_of(schemas[name], schemas, (*within, name))
    if "properties" in schema:
        return {name: example_of(field, schemas, within) for name, field in schema["properties"].items()}
    if schema.get("type") == "array":
        items = schema["items"]
        is_recursive = items.get("$ref", "").removeprefix(_REFERENCE) in within
        return [] if is_recursive else [example_of(items, schemas, within)]
    return _value(schema)


def _value(schema: Mapping[str, Any]) -> Any:
    for name in ("default", "const"):
        if name in schema:
            return schema[name]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return None if {"type": "null"} in schema["anyOf"] else _value(schema["anyOf"][0])
    return _OF_TYPES.get(schema.get("type", ""))


def _fits(example: Any, schema: Mapping[str, Any]) -> bool:
    """Return whether an example has the type of a field, and is one of its values."""
    if "anyOf" in schema:
        return any(_fits(example, each) for each in schema["anyOf"])
    if "enum" in schema:
        return example in schema["enum"]
    kinds = {"string": str, "integer": int, "number": float, "boolean": bool, "array": list}
    return type(example) is kinds.get(schema.get("type", ""))
