"""What the report says follows from the plan, also when the plan is extreme."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coplan.plan.cashflow import cash_flow
from coplan.plan.indicators import indicators
from coplan.report import write_report
from coplan.report.catalogue import LANGUAGES, Locale
from coplan.report.facts import Facts
from coplan.report.figures import dispatch
from coplan.report.model import Figure, Message, Paragraph, Table
from coplan.report.resolve import resolve
from coplan.report.sections.assumptions import grouped
from coplan.report.writer import build, figures_of
from tests.report.fake_plan import fake_audit, fake_kpis, fake_plan
from tests.sampling import one_in

EXTREME: dict[str, dict[str, Any]] = {
    "grid_only": {"wind": False, "pv": False, "battery": False, "contract": False},
    "no_targets": {"targets": False, "assumptions": 0},
    "no_wind": {"wind": False, "export": False},
    "no_pv_rigid_work": {"pv": False, "flexible": False},
    "no_battery_no_contract": {"battery": False, "contract": False},
    "three_sites_two_periods_two_weathers": {"sites": 3, "periods": (2027, 2030), "weathers": 2,
                                             "hours": 672},
    "two_weeks": {"hours": 336},
    "one_day": {"hours": 24},
    "stopped_and_violated": {"stopped": True, "violated": True, "matching": "hourly"},
}  # fmt: skip


def made(**options: Any) -> tuple[Any, Facts, dict[str, Any]]:
    plan = fake_plan(**options)
    report, facts = build(plan, fake_kpis(plan), fake_audit())
    return report, facts, resolve(report, Locale("en"))


def texts(data: dict[str, Any], section: str) -> str:
    blocks = next(s["blocks"] for s in data["sections"] if s["id"] == section)
    return " ".join(b["text"] for b in blocks if b["kind"] == "paragraph")


@pytest.mark.parametrize("name", one_in(3, EXTREME))
def test_extreme_plans_can_be_said_in_both_languages(name: str) -> None:
    report, _, _ = made(**EXTREME[name])
    for lang in LANGUAGES:
        data = resolve(report, Locale(lang))
        there = {section["id"] for section in data["sections"]}
        assert ("flows" in there) == (EXTREME[name].get("sites", 1) > 1)
        assert ("alternatives" in there) == (name != "grid_only")
        assert ("prices" in there) == (name != "no_targets")
        assert len(there) == len(data["sections"]) == 11 + len(
            there & {"flows", "alternatives", "prices"}
        )
        for section in data["sections"]:
            assert section["blocks"], section["id"]
            for block in section["blocks"]:
                assert not re.search(r"\bnan\b", str(block.get("text", "")).lower())
                for row in block.get("rows", []):
                    assert len(row) == len(block["columns"])


@pytest.mark.parametrize(
    "name", ["grid_only", "three_sites_two_periods_two_weathers",
             *(pytest.param(one, marks=pytest.mark.slow)
               for one in ("one_day", "stopped_and_violated"))]
)  # fmt: skip
def test_extreme_plans_render(name: str, tmp_path: Path) -> None:
    plan = fake_plan(**EXTREME[name])
    write_report(plan, fake_kpis(plan), fake_audit(), tmp_path, ("zh",))
    assert (tmp_path / "report.zh.pdf").stat().st_size > 50_000
    assert (tmp_path / "report.zh.html").stat().st_size < 3_000_000


@pytest.mark.parametrize("name", one_in(2, EXTREME))
def test_every_figure_says_something_and_matches_its_data(name: str) -> None:
    report, _, _ = made(**EXTREME[name])
    for figure in figures_of(report):
        lengths = {len(column) for column in figure.data.values()}
        assert len(lengths) == 1, figure.id
        assert lengths.pop() > 0, figure.id
        for lang in LANGUAGES:
            locale = Locale(lang)
            assert any(c.isdigit() for c in locale.show(figure.title)), figure.id
            assert len(locale.show(figure.alt)) > 15, figure.id


def test_figures_without_a_message_are_left_out() -> None:
    grid = {f.id for f in figures_of(made(**EXTREME["grid_only"])[0])}
    assert "energy_flow" not in grid
    assert "sites" not in grid
    rigid = {f.id for f in figures_of(made(flexible=False)[0])}
    assert "work_by_hour" not in rigid
    assert "monthly_balance" not in {f.id for f in figures_of(made(hours=24)[0])}
    assert "sites" in {f.id for f in figures_of(made(sites=3, hours=336)[0])}


def test_carriers_that_are_not_there_are_not_drawn() -> None:
    facts = made(pv=False, battery=False, hours=336)[1]
    assert facts.shown.pv.max() == 0
    names = dispatch.build(facts, "hardest")
    assert isinstance(names, Figure)
    assert max(names.data["pv_mw"]) == 0


def test_the_hardest_week_is_the_one_with_most_grid_energy() -> None:
    facts = made()[1]
    chosen = facts.shown.retail[dispatch.hardest_week(facts)].sum()
    starts = range(0, 8760 - 168, 168)
    assert chosen >= max(facts.shown.retail[s : s + 168].sum() for s in starts)


def test_weeks_never_jump_in_time() -> None:
    facts = made(hours=672)[1]
    for window in dispatch.weeks(facts):
        clock = facts.day[window] * 24 + facts.hour[window]
        assert set(np.diff(clock)) == {1}


def test_energy_of_the_months_adds_up_to_the_year_and_every_balance_closes() -> None:
    facts = made(sites=3, hours=672, weathers=2)[1]
    energy = facts.yearly(0)
    assert sum(facts.yearly(0, s)["it"] for s in facts.ids("site")) == pytest.approx(energy["it"])
    supply = sum(energy[n] for n in ("wind", "pv", "discharge", "contract", "retail"))
    use = sum(energy[n] for n in ("facility", "charge", "export"))
    assert supply == pytest.approx(use)
    parts = energy["it"] + energy["cooling"] + energy["loss"]
    assert parts == pytest.approx(energy["facility"])


def test_without_a_battery_the_carbon_free_share_is_one_minus_grid_over_load() -> None:
    facts = made(battery=False, export=False, hours=336)[1]
    flows = facts.shown
    assert facts.carbon_free == pytest.approx(1 - flows.retail / flows.facility)


def test_energy_charged_from_clean_surplus_is_clean_when_discharged() -> None:
    facts = made(contract=False, hours=336)[1]
    flows = facts.shown
    only_stored = (flows.discharge > 1) & (flows.retail < 1e-9)
    assert only_stored.any()
    assert facts.carbon_free[only_stored].min() > 0.999


def test_a_stopped_plan_says_so_on_the_cover() -> None:
    data = made(stopped=True, hours=336)[2]
    assert data["status"]["level"] == "warn"
    assert "wider than asked" in data["status"]["text"]
    assert any("before the gap asked for" in n["text"] for n in data["notices"])


def test_a_rejected_plan_says_so_on_the_cover() -> None:
    plan = fake_plan(hours=336)
    report, _ = build(plan, fake_kpis(plan), fake_audit(passed=False))
    data = resolve(report, Locale("en"))
    assert data["status"]["level"] == "fail"
    assert "0.41" in data["notices"][0]["text"]


def test_assumptions_are_counted_on_the_cover_and_listed() -> None:
    _, facts, data = made(hours=336)
    assert any("8 of the 24 default values" in n["text"] for n in data["notices"])
    table = next(b for s in data["sections"] for b in s["blocks"] if b.get("id") == "assumptions")
    assert len(facts.assumptions) == 24
    assert len(table["rows"]) == len(grouped(facts.assumptions))


def test_a_violated_clause_is_named_in_the_recommendation() -> None:
    data = made(violated=True, hours=336)[2]
    assert "is not met" in texts(data, "summary")
    assert data["cards"][0]["level"] == "fail"


def test_the_shadow_price_is_told_in_words() -> None:
    data = made(hours=336)[2]
    table = next(b for s in data["sections"] for b in s["blocks"] if b.get("id") == "shadow_prices")
    words = [row[1]["text"] for row in table["rows"]]
    assert words[0] == "one percentage point more green costs CNY 4.10 M a year"
    assert "does not bind" in words[2]


@pytest.mark.parametrize("matching", ["hourly", "monthly", "annual"])
def test_what_counts_as_green_follows_the_target(matching: str) -> None:
    data = made(matching=matching, hours=336)[2]
    assert f"What counts as green: {matching} matching" in texts(data, "compliance")


def test_without_targets_the_report_says_that_cost_alone_decides() -> None:
    data = made(targets=False, hours=336)[2]
    assert "cost alone decides" in texts(data, "summary")
    assert "nothing to check" in texts(data, "compliance")


def test_the_account_table_adds_up_to_the_plan() -> None:
    report, facts, _ = made(hours=336)
    table = next(b for s in report.sections for b in s.blocks
                 if isinstance(b, Table) and b.id == "account_2027")  # fmt: skip
    total = next(row[1].value for row in table.rows
                 if isinstance(row[0], Message) and row[0].key == "table.all_cost_total")  # type: ignore[union-attr]  # fmt: skip
    book = facts.plan["account_book"].values == "cost"
    assert total == pytest.approx(facts.plan["account_cny"].values[book].sum())


FINANCE = {"project_years": 20.0, "loan_share": 0.7, "loan_rate": 0.035, "loan_years": 12.0,
           "repayment": "annuity", "income_tax_share": 0.25, "loss_years": 5.0,
           "depreciation_years": 20.0, "residual_share": 0.05, "hurdle_rate": 0.065}  # fmt: skip


def test_the_financial_evaluation_tells_its_terms_and_indicators() -> None:
    plan = fake_plan(hours=336).assign_attrs(finance=json.dumps(FINANCE))
    report, facts = build(plan, fake_kpis(plan), fake_audit())
    data = resolve(report, Locale("en"))
    said = texts(data, "finance")
    assert "over 20 years at 6.0%" in said
    assert "at 3.5% a year over 12 years (equal payments)" in said
    assert "salvage value of 5%" in said
    tables = {b["id"]: b for s in data["sections"] for b in s["blocks"] if b["kind"] == "table"}
    found = indicators(facts.plan)
    rows = {row[0]["text"]: row for row in tables["finance"]["rows"]}
    irr = rows["Project IRR before income tax"]
    assert irr[1]["text"] == f"{100 * found['irr']:.2f}%"
    assert irr[2]["level"] == ("ok" if found["irr"] >= 0.065 else "warn")
    yearly = tables["cashflow"]["rows"]
    assert len(yearly) == 22  # the year of building, twenty of operation, the sum
    assert [row[0]["text"] for row in yearly[:2]] == ["2026", "2027"]
    net = cash_flow(facts.plan)["net_before_tax_cny"]
    assert yearly[-1][5]["sort"] == pytest.approx(net.sum(), abs=1.0)
    picture = next(f for f in figures_of(report) if f.id == "cash_flow")
    assert picture.data["net_cny"] == pytest.approx(net.to_numpy(), abs=0.01)
    parts = sum(np.array(picture.data[f"{n}_cny"]) for n in ("saved", "invested", "residual"))
    assert parts == pytest.approx(picture.data["net_cny"], abs=0.05)


def test_without_a_finance_card_the_report_says_so() -> None:
    said = texts(made(hours=336)[2], "finance")
    assert "no loan, no income tax, 25 years of operation" in said


def test_an_indicator_that_does_not_exist_says_why() -> None:
    plan = fake_plan(hours=336)
    plan["account_cny"] = 10.0 * plan["account_cny"]  # dearer than the grid in every year
    report, _ = build(plan, fake_kpis(plan), fake_audit())
    for lang, word in (("en", "none (never paid back)"), ("zh", "不存在（投入未能收回）")):
        data = resolve(report, Locale(lang))
        table = next(b for s in data["sections"] for b in s["blocks"] if b.get("id") == "finance")
        assert [row[1]["text"] for row in table["rows"][6:8]] == [word, word]
        assert word in texts(data, "finance")


def test_a_plan_without_lives_of_its_assets_has_no_financial_evaluation() -> None:
    plan = fake_plan(hours=336).drop_vars("plant_life_years")
    data = resolve(build(plan, fake_kpis(plan), fake_audit())[0], Locale("en"))
    assert "finance" not in {section["id"] for section in data["sections"]}


def test_a_plan_read_back_from_netcdf_gives_the_same_report(tmp_path: Path) -> None:
    import xarray as xr

    plan = fake_plan(hours=336)
    plan.to_netcdf(tmp_path / "plan.nc", engine="netcdf4")
    with xr.open_dataset(tmp_path / "plan.nc", engine="netcdf4") as again:
        kpis = fake_kpis(plan)
        one = resolve(build(plan, kpis, fake_audit())[0], Locale("zh"))
        two = resolve(build(again.load(), kpis, fake_audit())[0], Locale("zh"))
    assert one == two


def test_paragraphs_are_sentences() -> None:
    report, _, _ = made(hours=336)
    for lang, ends in (("zh", "。"), ("en", ".")):
        locale = Locale(lang)
        for section in report.sections:
            for block in section.blocks:
                if isinstance(block, Paragraph):
                    assert locale.show(block.text).endswith(ends), block
