"""The JSON schema of scenarios and cards, for editors."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from coplan.elements.targets import Targets
from coplan.scenario.provenance import CONFIDENCES, LANGUAGES
from coplan.scenario.spec import ScenarioSpec
from coplan.scenario.system import CARD_CLASSES

DRAFT = "https://json-schema.org/draft/2020-12/schema"
PAIR = {
    "type": "object",
    "properties": {language: {"type": "string"} for language in LANGUAGES},
    "required": list(LANGUAGES),
    "additionalProperties": False,
}
SOURCED = {
    "description": "A value together with where it comes from.",
    "type": "object",
    "properties": {
        "value": True,
        "source": {"anyOf": [{"type": "string"}, PAIR]},
        "confidence": {"enum": list(CONFIDENCES)},
        "note": {"anyOf": [{"type": "string"}, PAIR]},
    },
    "required": ["value"],
    "anyOf": [{"required": ["source"]}, {"required": ["confidence"]}],
    "additionalProperties": False,
}
TEXT_WITH_UNIT = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*\D.*$"


def json_schema() -> dict[str, Any]:
    """One schema whose root is a scenario; `#/$defs/<kind>` is a card of models/<kind>/."""
    models: list[Any] = [ScenarioSpec, *CARD_CLASSES.values()]
    refs, together = models_json_schema([(model, "validation") for model in models])
    definitions: dict[str, Any] = together["$defs"]
    decisions = {"Targets", *Targets.model_json_schema()["$defs"]}
    for name, schema in definitions.items():
        widen_entries(schema, sourced=name not in decisions)
    scenario = definitions.pop(_name(refs[ScenarioSpec, "validation"]))
    for kind, model in CARD_CLASSES.items():
        definitions[kind] = {"$ref": refs[model, "validation"]["$ref"]}
    return {
        "$schema": DRAFT,
        **_with_extends(scenario),
        "$defs": {"sourced": SOURCED, **dict(sorted(definitions.items()))},
    }


def _name(reference: dict[str, Any]) -> str:
    return str(reference["$ref"]).rsplit("/", 1)[-1]


def _with_extends(schema: dict[str, Any]) -> dict[str, Any]:
    """A scenario that extends another one needs nothing but an id of its own."""
    extends = {
        "type": "string",
        "description": "Path of the scenario that this one changes, seen from this file.",
    }
    required = schema.pop("required", [])
    return {
        **schema,
        "title": "coplan scenario",
        "properties": {"extends": extends, **schema["properties"]},
        "required": ["id"],
        "anyOf": [{"required": ["extends"]}, {"required": required}],
    }


def widen_entries(schema: dict[str, Any], sourced: bool = True) -> None:
    """Let every value below an object be text with a unit or, if `sourced`, carry its source."""

    def widened(entry: dict[str, Any]) -> dict[str, Any]:
        return _with_source(_with_unit(entry)) if sourced else _with_unit(entry)

    for name, entry in schema.get("properties", {}).items():
        schema["properties"][name] = widened(entry)
    if isinstance(schema.get("additionalProperties"), dict):
        schema["additionalProperties"] = widened(schema["additionalProperties"])


def _with_unit(schema: dict[str, Any]) -> dict[str, Any]:
    """A quantity may be text such as "120 MW"; below lists and alternatives too."""
    if "unit" in schema and schema.get("type") == "number":
        texts = {key: schema.pop(key) for key in list(schema) if key in _ABOUT}
        text = {"type": "string", "pattern": TEXT_WITH_UNIT}
        return {**texts, "anyOf": [schema, text]}
    for key in ("anyOf", "oneOf", "prefixItems"):
        if key in schema:
            schema[key] = [_with_unit(one) for one in schema[key]]
    if isinstance(schema.get("items"), dict):
        schema["items"] = _with_unit(schema["items"])
    widen_entries(schema)
    return schema


_ABOUT = ("title", "description", "default", "unit")


def _with_source(schema: dict[str, Any]) -> dict[str, Any]:
    """A value may be `{value, source, confidence, note}`; not a mapping of fixed keys."""
    if "$ref" in schema or "allOf" in schema or "properties" in schema:
        return schema
    texts = {key: schema.pop(key) for key in list(schema) if key in _ABOUT}
    sourced = {"allOf": [{"$ref": "#/$defs/sourced"}, {"properties": {"value": schema}}]}
    return {**texts, "anyOf": [schema, sourced]}
