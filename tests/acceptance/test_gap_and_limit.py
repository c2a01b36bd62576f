"""The gap that is asked for is reached, or the run says how far it got."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coplan.solve import search
from tests.acceptance.command import Said, coplan, kpis, run

SUMMER = ["--set", "options.start_hour=4008"]


def no_time_after_a_plan(self: Any) -> float:
    return 0.0 if self.best else math.inf


def stopped(folder: Path, found: Said) -> dict[str, Any]:
    """Key figures of a run that stopped with a plan: written, marked, and true to its audit."""
    assert found.code == 4, found.err
    assert "status: stopped at limit" in found.out
    written = kpis(folder)
    assert written["status"] == "stopped at limit"
    difference = written["objective_cny"] - written["bound_cny"]
    assert written["gap"] == pytest.approx(difference / abs(written["objective_cny"]))
    assert difference > 0
    assert coplan("verify", folder).code == 0
    return written


def test_a_gap_of_a_thousandth_is_reached_and_kept(tmp_path: Path) -> None:
    found = run("quickstart", tmp_path / "out", "--gap", "0.001", *SUMMER, hours=72)
    assert found.code == 0, found.err
    written = kpis(tmp_path / "out")
    assert written["status"] == "optimal within gap"
    assert 0 <= written["gap"] <= 0.001
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["options"]["gap"] == 0.001


def test_a_run_out_of_time_writes_its_best_plan_and_true_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search._Search, "left", no_time_after_a_plan)
    folder = tmp_path / "out"
    written = stopped(folder, run("quickstart", folder, "--gap", "0", *SUMMER, hours=72))
    assert written["gap"] < 0.01
    assert written["halls"] == round(written["halls"])


def test_a_solver_without_true_duals_cannot_make_a_run_look_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = search.solve_linear

    def lying(*arguments: Any, **keywords: Any) -> Any:
        found = honest(*arguments, **keywords)
        return replace(found, status="optimal", row_dual=0.0 * found.row_dual)

    monkeypatch.setattr(search, "solve_linear", lying)
    monkeypatch.setattr(search._Search, "left", no_time_after_a_plan)
    folder = tmp_path / "out"
    written = stopped(folder, run("quickstart", folder, *SUMMER, hours=72))
    assert written["gap"] > 0.1
