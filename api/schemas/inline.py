"""A model's JSON Schema in one piece, for bodies that are described beside the framework's own models.

References inside it would point to the root of the whole description, where nothing of theirs stands.
"""

from typing import Any, Final

from pydantic import BaseModel

_DEFS: Final = "#/$defs/"


def inline_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The schema with every reference replaced by what it refers to; the definitions stay beside it for readers."""
    schema = model.model_json_schema()
    found = _inlined(schema, schema.get("$defs", {}))
    return found if isinstance(found, dict) else schema


def _inlined(value: object, definitions: dict[str, Any]) -> Any:  # noqa: ANN401 - any part of a schema
    if isinstance(value, list):
        return [_inlined(one, definitions) for one in value]
    if not isinstance(value, dict):
        return value
    target = value.get("$ref")
    if isinstance(target, str) and target.startswith(_DEFS):
        rest = {key: one for key, one in value.items() if key != "$ref"}
        return _inlined({**definitions[target.removeprefix(_DEFS)], **rest}, definitions)
    return {key: _inlined(one, definitions) for key, one in value.items()}


def form_fields(model: type[BaseModel]) -> dict[str, Any]:
    """The model's fields as those of a form: a text or an empty one, which says nothing; null cannot be said there."""
    return {name: _text_field(one) for name, one in inline_schema(model)["properties"].items()}


def _text_field(field: dict[str, Any]) -> dict[str, Any]:
    told = [one for one in field.get("anyOf", ()) if one.get("type") != "null"]
    rest = {key: one for key, one in field.items() if key not in {"anyOf", "default"}}
    found = {**told[0], **rest} if told else rest
    return {**found, "enum": [*found["enum"], ""]} if "enum" in found else found
