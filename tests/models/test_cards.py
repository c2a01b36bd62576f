"""Every card is valid, names cards that exist and says where its numbers come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from coplan.elements.card import CardKind, Entry
from coplan.scenario.provenance import CONFIDENCES, is_provenance, strip
from coplan.scenario.system import CARD_CLASSES
from coplan.scenario.yaml_reader import Node, plain, read_yaml

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"
CARDS = sorted(MODELS.glob("*/*.yaml"))
IDS = [f"{path.parent.name}/{path.stem}" for path in CARDS]
WORDS_OF_A_PATH = ("://", "../", "/work", "/home", "/tmp", "shared/")


def bare_numbers(node: Node, path: str = "") -> list[str]:
    """Places of numbers that no source stands beside; names are text, not numbers."""
    if is_provenance(node):
        return []
    if isinstance(node.content, dict):
        pairs = [(f"{path}.{key}", value) for key, value in node.content.items() if key != "name"]
    elif isinstance(node.content, list):
        pairs = [(f"{path}[{n}]", value) for n, value in enumerate(node.content)]
    else:
        return [path] if is_number(node.content) and not node.quoted else []
    return [place for key, value in pairs for place in bare_numbers(value, key)]


def is_number(text: str | None) -> bool:
    """True for text that reads as a number."""
    try:
        float(text or "")
    except ValueError:
        return False
    return True


def test_every_kind_of_card_has_at_least_one_card():
    assert {path.parent.name for path in CARDS} == set(CARD_CLASSES)


@pytest.mark.parametrize("path", CARDS, ids=IDS)
def test_a_card_is_what_its_folder_says(path):
    node, _, problems = strip(read_yaml(path), path.stem)
    assert not problems
    CARD_CLASSES[path.parent.name].model_validate(plain(node))


SOURCED = [path for path in CARDS if path.parent.name != "policies"]
"""A number of a policy pack is the clause's, whose document and article stand beside it."""


@pytest.mark.parametrize("path", SOURCED, ids=[f"{p.parent.name}/{p.stem}" for p in SOURCED])
def test_every_number_of_a_card_says_where_it_comes_from(path):
    assert bare_numbers(read_yaml(path)) == []


@pytest.mark.parametrize("path", CARDS, ids=IDS)
def test_a_source_is_a_document_and_says_how_sure_it_is(path):
    _, assumptions, _ = strip(read_yaml(path), path.stem)
    for assumption in assumptions:
        assert len(assumption.source) > 10, assumption
        assert assumption.confidence in CONFIDENCES, assumption
        assert not any(word in assumption.source for word in WORDS_OF_A_PATH), assumption


@pytest.mark.parametrize("path", CARDS, ids=IDS)
def test_a_gap_is_never_called_published(path):
    _, assumptions, _ = strip(read_yaml(path), path.stem)
    single = [a for a in assumptions if a.source.startswith("GAP")]
    assert all(a.confidence in ("assumed", "derived") for a in single)


@pytest.mark.parametrize("path", CARDS, ids=IDS)
def test_a_card_names_only_cards_that_exist(path):
    node, _, _ = strip(read_yaml(path), path.stem)
    card = CARD_CLASSES[path.parent.name].model_validate(plain(node))
    assert [name for name in mentioned(card) if not (MODELS / f"{name}.yaml").is_file()] == []


def mentioned(entry) -> list[str]:
    """Every card, as kind/id, that an entry or one below it names."""
    found = []
    for key, field in type(entry).model_fields.items():
        value = getattr(entry, key)
        kinds = [mark.folder for mark in field.metadata if isinstance(mark, CardKind)]
        found += [f"{kind}/{value}" for kind in kinds]
        values = value.values() if isinstance(value, dict) else [value]
        for one in values:
            found += mentioned(one) if isinstance(one, Entry) else []
    if "regions" in type(entry).model_fields:
        found += [f"regions/{region}" for region in entry.regions.values()]
    return found


@pytest.mark.parametrize("path", CARDS, ids=IDS)
def test_a_card_opens_with_a_comment_on_what_it_is_or_what_limits_it(path):
    assert path.read_text(encoding="utf-8").startswith("# ")
