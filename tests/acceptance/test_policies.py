"""A policy pack through the command line: it changes the plan and is told clause by clause."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.acceptance.command import coplan, run

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
