"""The JSON schema for editors and the scenario to start from."""

import json
import re

import pytest

from coplan.errors import InputError
from coplan.scenario import read_scenario
from coplan.scenario.schema import TEXT_WITH_UNIT, json_schema
from coplan.scenario.spec import Options
from coplan.scenario.system import CARD_CLASSES
from coplan.scenario.template import new_scenario


def references(schema):
    """Every $ref of a schema."""
    if isinstance(schema, dict):
        yield from [schema["$ref"]] if isinstance(schema.get("$ref"), str) else []
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def test_the_schema_holds_scenario_and_every_kind_of_card_and_no_dead_reference():
    schema = json.loads(json.dumps(json_schema()))
    assert {"id", "extends", "system", "periods", "targets"} <= set(schema["properties"])
    assert set(CARD_CLASSES) <= set(schema["$defs"])
    for reference in references(schema):
        assert reference.removeprefix("#/$defs/") in schema["$defs"]


def test_a_quantity_may_be_a_number_text_with_a_unit_or_carry_its_source():
    wacc = json_schema()["$defs"]["Options"]["properties"]["wacc"]
    (number, text), sourced = wacc["anyOf"][0]["anyOf"], wacc["anyOf"][1]
    assert (number["type"], number["minimum"], number["maximum"]) == ("number", 0, 0.3)
    assert re.match(text["pattern"], "7 %")
    assert not re.match(TEXT_WITH_UNIT, "7")
    assert sourced["allOf"][0] == {"$ref": "#/$defs/sourced"}
    assert (wacc["description"], wacc["unit"]) == ("Real cost of capital.", "dimensionless")


def test_a_target_carries_no_source():
    value = json_schema()["$defs"]["GreenShare"]["properties"]["value"]
    assert "sourced" not in json.dumps(value)


def test_every_field_is_explained():
    for name, schema in json_schema()["$defs"].items():
        for key, entry in schema.get("properties", {}).items():
            assert name == "sourced" or entry.get("description"), f"{name}.{key}"


def test_a_new_scenario_is_right_as_it_stands_and_shows_every_option(world):
    path = new_scenario("my-question", world)
    assert path == world / "scenarios" / "my-question.yaml"
    spec = read_scenario(path).spec
    assert (spec.id, spec.system, spec.options) == ("my-question", "toy", Options())
    text = path.read_text(encoding="utf-8")
    shown = [name for name, field in Options.model_fields.items() if field.default is not None]
    assert all(f" {name}: " in text for name in shown)


def test_every_commented_line_of_a_new_scenario_is_right_too(world):
    path = new_scenario("all", world)
    text = path.read_text(encoding="utf-8")
    options = text[text.index("options:") : text.index("# What differs")]
    path.write_text(text.replace(options, options.replace("  # ", "  ")), encoding="utf-8")
    toys_text = path.read_text(encoding="utf-8")
    toys_text = re.sub(r"^  # (pue|compute)", r"  \1", toys_text, flags=re.M)
    path.write_text(
        re.sub(r" {2,}([A-Z][a-z][^#\n]*)$", "", toys_text, flags=re.M), encoding="utf-8"
    )
    spec = read_scenario(path).spec
    assert spec.options == Options()
    assert spec.targets.pue.value == 1.25
    assert spec.targets.compute == {"fp16": 20000.0}


def test_a_new_scenario_overwrites_nothing_and_takes_only_ids(tmp_path):
    path = new_scenario("a", tmp_path)
    assert path == tmp_path / "a.yaml"
    before = path.read_bytes()
    for name in ("a", "../b", "A", "", "x" * 81, "a b", "nul\0"):
        with pytest.raises(InputError):
            new_scenario(name, tmp_path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.yaml"]
