"""Policy packs: clauses become targets of the scenario, or are told with the reason."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from coplan.dataset.build import build_dataset
from coplan.elements.targets.entries import GreenShare, Targets
from coplan.errors import InputError
from coplan.scenario.policies import merged
from coplan.scenario.reader import read_scenario

ROOT = Path(__file__).resolve().parents[2]
HUB = ROOT / "scenarios/jingjinji-2027.yaml"
PACKS = sorted(path.stem for path in (ROOT / "models/policies").glob("*.yaml"))
ALL = f"policies=[{', '.join(PACKS)}]"
REQUIREMENTS = 73
"""Requirements R1 to R73 of the five documents."""


@pytest.fixture(scope="module")
def hub() -> Any:
    return read_scenario(HUB, [ALL])


def clause(scenario: Any, name: str) -> dict[str, Any]:
    return next(one for one in scenario.policy_clauses if one["clause"] == name)


def test_every_requirement_of_the_five_documents_is_there(hub: Any) -> None:
    found = re.findall(r"r([0-9]+)-", " ".join(f"{c['clause']}-" for c in hub.policy_clauses))
    assert set(map(int, found)) == set(range(1, REQUIREMENTS + 1))


def test_every_clause_is_modelled_told_or_says_why_not(hub: Any) -> None:
    for one in hub.policy_clauses:
        treated = (bool(one["targets"]), one["status"] == "reported" and bool(one["reported"]),
                   one["status"] == "not represented" and bool(one["reason"]),
                   one["status"] == "not applicable")  # fmt: skip
        assert sum(treated) == 1, one["clause"]
        assert one["text"]["zh"]
        assert one["text"]["en"]


def test_a_province_becomes_its_sites(hub: Any) -> None:
    stock = hub.spec.targets.pue_limits["beijing-stock-pue"]
    assert stock.sites == ("haidian", "chaoyang", "yizhuang", "jingxi")
    assert stock.provinces is None


def test_a_clause_about_places_that_are_not_there_does_not_apply() -> None:
    campus = read_scenario(ROOT / "scenarios/quickstart.yaml", ["policies=[beijing-2024-2027]"])
    assert clause(campus, "r18-stock-pue")["status"] == "not applicable"
    assert campus.spec.targets.pue_limits == {}


def test_a_clause_that_has_ended_does_not_apply(hub: Any) -> None:
    assert clause(hub, "r5-intelligent-supply")["status"] == "not applicable"
    assert "beijing-45e" not in hub.spec.targets.capacity


def test_what_the_scenario_says_itself_wins() -> None:
    milder = read_scenario(HUB, [
        "policies=[beijing-2024-2027]", "targets.pue_limits.beijing-stock-pue.value=1.4",
        "targets.pue_limits.beijing-stock-pue.sites=[haidian]",
    ])  # fmt: skip
    assert milder.spec.targets.pue_limits["beijing-stock-pue"].value == 1.4


def test_of_two_green_shares_the_stricter_holds() -> None:
    own = Targets(green_share=GreenShare(value=0.7, matching="hourly", unbundled_max_share=0.1))
    more = Targets(green_share=GreenShare(value=0.8), compute={"fp16": 5.0})
    both = merged(own, more)
    assert both.green_share == GreenShare(value=0.8, matching="hourly", unbundled_max_share=0.0)
    assert both.compute == {"fp16": 5.0}


def test_targets_carry_document_and_years_into_the_plan() -> None:
    scenario = read_scenario(ROOT / "scenarios/quickstart.yaml",
                             ["policies=[hub-green-2024]", "options.hours=24"])  # fmt: skip
    data = build_dataset(scenario)
    record = next(t for t in json.loads(data.attrs["targets"]) if t["id"] == "hub-new-pue")
    assert record["source"].startswith("数据中心绿色低碳发展专项行动计划")
    assert len(json.loads(data.attrs["policies"])) == len(scenario.policy_clauses)


RIVAL = (
    "cards.policies/hebei-2024.clauses.r0-rival={article: 一, text: {zh: 另一限值, en: Another}, "
    "targets: {pue_limits: {hub-new-pue: {value: 1.4}}}}"
)
BOTH = ["policies=[hub-green-2024, hebei-2024]", RIVAL]


def test_two_packs_with_one_id_and_two_meanings_are_refused() -> None:
    """The pack named first held, whatever the other asked for, and nothing was said."""
    path = ROOT / "scenarios/quickstart.yaml"
    with pytest.raises(InputError) as refused:
        read_scenario(path, BOTH)
    (problem,) = refused.value.problems
    assert "hub-green-2024 and hebei-2024" in problem.message
    assert "targets.pue_limits.hub-new-pue" in problem.message
    own = read_scenario(path, [*BOTH, "targets.pue_limits.hub-new-pue.value=1.3"])
    assert own.spec.targets.pue_limits["hub-new-pue"].value == 1.3
