"""The model is ordinary Pyomo for whoever looks at it: what is touched is made, nothing else."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pyomo.environ as pyo
import pytest

import coplan
from coplan import algebra
from coplan.errors import InfeasibleError
from coplan.model import build_model
from coplan.plan.additions import Additions
from coplan.plan.polish import polish
from coplan.solve.conflicts import conflicts
from coplan.solve.search import search
from tests.toys import battery, plant, solved, world

ROOT = Path(__file__).resolve().parents[2]
DAYS = ["options.hours=72", "options.start_hour=4008"]
YEAR = (2027, "typical")
EVENING = [t for t in range(72) if 18 <= t % 24 < 22]


def made(model: Any, kind: Any) -> list[str]:
    """Names of the indexed data objects that exist, without making one."""
    return [
        data.name
        for component in model.component_objects(kind)
        if component.is_indexed()
        for data in component._data.values()
    ]


@pytest.fixture
def campus() -> Any:
    """The quickstart over three days in summer."""
    return coplan.read_scenario(ROOT / "scenarios" / "quickstart.yaml", DAYS)


def test_what_is_looked_at_is_made_and_nothing_else(campus: Any) -> None:
    m = coplan.model(campus)
    assert made(m, pyo.Var) == made(m, pyo.Constraint) == made(m, pyo.Expression) == []
    storage = m.year[YEAR].storage
    text = str(storage.soc_balance["zhangbei_lfp", 5].expr)
    for name in ("soc_mwh[zhangbei_lfp,5]", "soc_mwh[zhangbei_lfp,4]", "charge_mw[zhangbei_lfp,5]",
                 "discharge_mw[zhangbei_lfp,5]"):  # fmt: skip
        assert f"year[2027,typical].storage.{name}" in text
    assert made(m, pyo.Constraint) == ["year[2027,typical].storage.soc_balance[zhangbei_lfp,5]"]
    first = set(made(m, pyo.Var))
    assert len(first) == 5  # two states of charge, two flows, and the size with no share here
    m.most = pyo.Var(bounds=(0, 3))
    m.added_limit = pyo.Constraint(expr=storage.charge_mw["zhangbei_lfp", 7] <= m.most)
    one_more = {"year[2027,typical].storage.charge_mw[zhangbei_lfp,7]"}
    assert set(made(m, pyo.Var)) == first | one_more
    compiled = algebra.compile(m)
    assert set(made(m, pyo.Var)) == first | one_more
    assert len(made(m, pyo.Constraint)) == 1
    assert list(compiled.row_by_row) == ["added_limit"]


def test_an_lp_file_holds_every_row_and_column(tmp_path: Path) -> None:
    import highspy

    model = build_model(world(**plant(annuity=20.0), **battery())).pyomo
    compiled = algebra.compile(model)
    with_entries = int((compiled.start[1:] > compiled.start[:-1]).sum())
    name = str(tmp_path / "toy.lp")
    model.write(name)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.readModel(name)
    solver.run()
    assert solver.getNumRow() == with_entries
    best = solved(world(**plant(annuity=20.0), **battery()))
    assert solver.getObjectiveValue() == pytest.approx(best.found.objective, rel=1e-6)


def test_the_snippet_in_the_readme_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    start = text.index("    import coplan, json")
    lines = text[start:].split("\nThe plan keeps")[0].splitlines()
    code = "\n".join(line.removeprefix("    ") for line in lines)
    file = tmp_path / "three-days.lp"
    monkeypatch.chdir(ROOT)
    out, space = io.StringIO(), {}
    with redirect_stdout(out):
        exec(code.replace("three-days.lp", file.as_posix()), space)
    assert "soc_mwh[zhangbei_lfp,5]" in out.getvalue()
    assert file.stat().st_size > 10_000
    plan = space["plan"]
    run = json.loads(plan.attrs["run"])
    rows = run["added"]["rows"]
    assert [row["name"] for row in rows] == [f"evening_limit[{t}]" for t in EVENING]
    bought = plan["retail_mw"].sel(site="zhangbei").values.squeeze()
    for row, t in zip(rows, EVENING, strict=True):
        assert row["value"] == pytest.approx(bought[t])
        assert bought[t] <= 5 + 1e-4
        assert row["shadow_price_cny"] <= 1e-6
    assert min(row["shadow_price_cny"] for row in rows) < -1.0  # the limit costs something
    assert run["added"]["changed"] == []
    assert run["bound_cny"] <= run["objective_cny"]
    assert run["status"] == "optimal within gap"


def test_an_added_row_is_kept_by_the_plan() -> None:
    # 1 MW in both hours at 100 CNY/MWh; a free battery. At least 1.5 MW are bought in the first
    # hour: 1 + 0.5 into the battery, 0.5 in the second: no cost. At most 0.4 in both: infeasible.
    def more_first(m: Any) -> None:
        m.more_floor = pyo.Constraint(expr=m.year[YEAR].network.retail_mw["s", 0] >= 1.5)

    answer = solved(world(**battery()), change=more_first)
    assert answer.of("retail_mw")[0] >= 1.5 - 1e-6
    assert answer.cost_cny == pytest.approx(200.0)


def test_a_plan_is_not_polished_where_that_would_break_an_added_row() -> None:
    # 1 MW is bought in every hour: polishing lowers the month's peak to 1 MW, below the 5 asked for
    data = world()
    model = build_model(data)

    def high_peak(m: Any) -> None:
        m.peak_floor = pyo.Constraint(expr=m.year[YEAR].network.peak_mw["s", 1] >= 5)

    additions = Additions(model.pyomo, high_peak)
    compiled = algebra.compile(model.pyomo)
    found = search(compiled, gap=1e-9)
    polished = polish(model, compiled, data, found.x)
    column = compiled.find("year[2027,typical].network.peak_mw[s,1]")[1]
    assert polished[column] == pytest.approx(1.0)
    kept = additions.kept(compiled, polished, found.x)
    assert kept[column] == pytest.approx(5.0)
    (row,) = additions.told(compiled, kept, found.y)["rows"]
    assert row["value"] == pytest.approx(5.0)
    assert additions.kept(compiled, kept, found.x) is kept


def test_an_added_row_that_cannot_be_kept_is_named() -> None:
    def too_little(m: Any) -> None:
        m.grid_limit = pyo.Constraint(
            [0, 1], rule=lambda m, t: m.year[YEAR].network.retail_mw["s", t] <= 0.4
        )

    answer = solved(world(), change=too_little)
    assert not answer.is_planned
    found = conflicts(answer.model, answer.compiled, answer.data)
    assert {one.cause for one in found} == {"grid_limit[0]", "grid_limit[1]"}
    assert {round(one.amount, 4) for one in found} == {0.6}
    assert "附加约束 grid_limit[0]: 差 0.6 MW" in {one.zh for one in found}


def another_objective(m: Any) -> None:
    m.objective.deactivate()
    m.other = pyo.Objective(expr=m.sizes[2027].storage.storage_power_mw["zhangbei_lfp"])


def unbounded(m: Any) -> None:
    m.loose = pyo.Var()


def impossible(m: Any) -> None:
    m.grid_floor = pyo.Constraint(expr=m.year[YEAR].network.retail_mw["zhangbei", 0] >= 1e4)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (another_objective, ValueError, "sum of the account"),
        (unbounded, ValueError, "column loose: a bound is not finite"),
        (impossible, InfeasibleError, "added constraint grid_floor"),
    ],
)
def test_a_change_that_cannot_be_planned_is_told(
    campus: Any, change: Any, error: Any, words: str
) -> None:
    with pytest.raises(error, match=words):
        coplan.plan(campus, change=change)
