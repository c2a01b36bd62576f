"""Every card is valid, names cards that exist and says where its numbers come from."""

from __future__ import annotations

import re
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
SHIPPED = [*CARDS, *sorted(ROOT.glob("scenarios/**/*.yaml"))]
HAN = re.compile("[\u4e00-\u9fff]")
TOKENS = re.compile(r"[\w-]*[\d_./-][\w./-]*|openb")
"""Figures with their units, keys, names of files and data sets: alike in both languages."""
FOREIGN = re.compile(r"\b[a-z]{3,}\b")
"""English words; names of units, firms and products begin with or are capitals."""
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
        assert set(assumption.source) == {"zh", "en"}, assumption
        assert all(len(text) > 4 for text in assumption.source.values()), assumption
        assert assumption.confidence in CONFIDENCES, assumption
        told = " ".join(assumption.source.values())
        assert not any(word in told for word in WORDS_OF_A_PATH), assumption


def texts_in_both(node: Node) -> list[dict[str, str]]:
    """Every pair of a Chinese and an English text of a file, names and remarks alike."""
    if isinstance(node.content, dict) and set(node.content) == {"zh", "en"}:
        return [plain(node)]
    below = node.content.values() if isinstance(node.content, dict) else node.content
    return [pair for one in below for pair in texts_in_both(one)] if isinstance(
        node.content, (dict, list)
    ) else []  # fmt: skip


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_shipped_texts_are_in_the_language_they_say(path):
    for pair in texts_in_both(read_yaml(path)):
        assert not HAN.search(pair["en"]), pair
        words = FOREIGN.findall(TOKENS.sub("", pair["zh"]))
        assert not words, (words, pair)


@pytest.mark.parametrize("path", CARDS, ids=IDS)
def test_a_gap_is_never_called_published(path):
    _, assumptions, _ = strip(read_yaml(path), path.stem)
    single = [a for a in assumptions if a.source["en"].startswith("No data")]
    assert [a.source["zh"].startswith("缺数据") for a in single] == [True] * len(single)
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
