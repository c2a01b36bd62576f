"""A policy pack through the command line: it changes the plan and is told clause by clause."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.acceptance.command import coplan, kpis, run, table

GREEN = "cards.policies/hub-green-2024.clauses.green-80.targets.green_share.value=0.75"


def test_a_pack_changes_the_plan_and_is_told_clause_by_clause(tmp_path: Path) -> None:
    folder = tmp_path / "packed"
    words = [w for word in ("policies=[hub-green-2024]", "targets.green_share.value=0.7", GREEN)
             for w in ("--set", word)]  # fmt: skip
    said = run("quickstart", folder, *words)
    assert said.code == 0, said.err
    with (folder / "compliance.csv").open(encoding="utf-8-sig") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert float(rows["green_share"]["achieved"]) >= 0.75 - 1e-6
    assert rows["green_share"]["source"].startswith("数据中心绿色低碳发展专项行动计划")
    assert rows["green_share"]["period"] == "2027"
    assert rows["hub-new-pue"]["status"] == "met"
    assert rows["hub-green-2024/weights"]["status"] == "reported"
    again = coplan("verify", folder)
    assert again.code == 0, again.err


DIRECT = "cards.policies/direct-connection-2025.clauses.own-supply.targets.own_supply_share"


def test_a_clause_of_a_pack_is_made_soft_and_what_it_misses_is_told(tmp_path: Path) -> None:
    # 60 MW of approved plants cannot give half of what the campus takes in this week
    folder = tmp_path / "soft"
    clause = f"{DIRECT}.direct-own-supply"
    words = [w for word in (
        "policies=[direct-connection-2025]", "targets.green_share.value=0.3",
        f"{clause}.value=0.5", f"{clause}.penalty_cny_per_mwh=30",
        "targets.max_exchange={grid: {value: 60}}", "targets.ramp_limit={grid-ramp: {value: 30}}",
    ) for w in ("--set", word)]  # fmt: skip
    said = run("quickstart", folder, *words, hours=168)
    assert said.code == 0, said.err
    rows = {row["id"]: row for row in table(folder / "compliance.csv")}
    soft = rows["direct-own-supply"]
    assert soft["status"] == "missed"
    assert soft["missed_unit"] == "mwh"
    load_mwh = kpis(folder)["facility_mwh"]
    short = (0.5 - float(soft["achieved"])) * load_mwh
    assert abs(float(soft["missed"]) - short) < 1e-6 * load_mwh
    assert abs(float(soft["penalty_cny"]) - 30.0 * short) < 1e-4 * load_mwh
    figures = kpis(folder)
    assert abs(figures["penalties_cny"] - float(soft["penalty_cny"])) < 1.0
    # penalties are part of the objective and of no cost; what is left are tie-breaks
    beside = figures["objective_cny"] - figures["cost_cny"] - figures["penalties_cny"]
    assert abs(beside) < 1e-3 * figures["cost_cny"]
    for name in ("direct-self-use", "direct-export", "grid", "grid-ramp"):
        assert rows[name]["status"] == "met", name
    assert rows["direct-connection-2025/own-supply-by-2030"]["status"] == "not applicable"
    again = coplan("verify", folder)
    assert again.code == 0, again.err
