"""Application packs hold the whole report in other chapters, and say what they cannot know."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from coplan import cli
from coplan.errors import InputError
from coplan.plan.clauses import KINDS
from coplan.report import application, write_report
from coplan.report.catalogue import LANGUAGES, Locale
from coplan.report.facts import Facts
from coplan.report.figures import typical_days as figure
from coplan.report.house import read_house
from coplan.report.model import Report
from coplan.report.resolve import resolve
from coplan.report.sections import typical_days
from coplan.report.sections.days import typical_days as typical_days_of_seasons
from coplan.report.writer import build
from tests.report.browser import LOOKS, WIDTHS, faults, visit
from tests.report.fake_plan import fake_audit, fake_kpis
from tests.report.fake_plan import fake_plan as fresh_plan
from tests.report.test_house import template
from tests.sampling import one_in

fake_plan = functools.cache(fresh_plan)  # never changed in place here
CLAUSES = (("self_use_share", 0.6, True), ("own_supply_share", 0.3, True),
           ("export_share", 0.2, True))  # fmt: skip


def with_clauses(plan: Any, sites: list[str] | None = None, value: float | None = None) -> Any:
    """The plan with the three clauses of a direct connection, of a pack "rules"."""
    targets = json.loads(plan.attrs["targets"])
    rows: dict[str, list[Any]] = {name: [] for name in plan if str(name).startswith("clause_")}
    ids = []
    for kind, required, _ in CLAUSES:
        required = value if value is not None else required
        target = {"id": f"rule-{kind}", "kind": kind, "value": required, "sites": sites}
        targets.append(target)
        achieved = float(KINDS[kind].achieved(plan, target)[0])
        room = required - achieved if KINDS[kind].at_most else achieved - required
        met = "met" if room >= 0 else "violated"
        made = {"clause_period": int(plan.period[0]), "clause_kind": kind, "clause_status": met,
                "clause_required": required, "clause_achieved": achieved, "clause_slack": room,
                "clause_shadow_price": 0.0, "clause_shadow_unit": "", "clause_missed": 0.0,
                "clause_missed_unit": "", "clause_penalty_cny": 0.0}  # fmt: skip
        for name in rows:
            rows[name].append(made[name])
        ids.append(target["id"])
    old = {name: plan[name].values.tolist() for name in rows}
    ids = [*plan.clause_id.values.tolist(), *ids]
    out = plan.drop_vars([*rows, "clause_id"]).drop_dims("clause", errors="ignore")
    out = out.assign_coords(clause_id=("clause", ids))
    for name, values in rows.items():
        out[name] = ("clause", np.array(old[name] + values))
    policy = {"pack": "rules", "clause": "c", "document": "650 号", "article": "第三条",
              "agency": "", "text": {"zh": "x", "en": "x"}, "targets": ids[-3:], "status": "",
              "reported": None, "reason": None}  # fmt: skip
    return out.assign_attrs(targets=json.dumps(targets), policies=json.dumps([policy]))


def pack(name: str, plan: Any) -> tuple[Report, Report, Facts]:
    """The pack, the ordinary report and its facts."""
    report, facts = build(plan, fake_kpis(plan), fake_audit())
    return application.build(name, report, facts), report, facts


def chapter(report: Report, name: str, lang: str = "en") -> dict[str, Any]:
    data = resolve(report, Locale(lang))
    return next(s for s in data["sections"] if s["id"] == name)


def said(report: Report, name: str) -> str:
    return " ".join(b["text"] for b in chapter(report, name)["blocks"] if b["kind"] == "paragraph")


def table(report: Report, name: str, start: str) -> dict[str, Any]:
    return next(b for b in chapter(report, name)["blocks"] if b.get("id", "").startswith(start))


@pytest.mark.parametrize("name", application.PACKS)
@pytest.mark.parametrize(
    "options", one_in(2, [
        {"hours": 48}, {"hours": 48, "wind": False, "pv": False, "battery": False,
                        "contract": False},
        {"hours": 24, "targets": False, "assumptions": 0},
        {"hours": 336, "sites": 3, "periods": (2027, 2030), "weathers": 2},
    ])
)  # fmt: skip
def test_nothing_of_the_ordinary_report_is_lost(name: str, options: dict[str, Any]) -> None:
    made, report, _ = pack(name, fake_plan(**options))
    here = [block for section in made.sections for block in section.blocks]
    for section in report.sections:
        for block in section.blocks:
            assert any(one is block or one == block for one in here), section.id
    ids = [block.id for block in here if hasattr(block, "id")]
    assert len(ids) == len(set(ids))
    assert [s.id for s in made.sections] == [c.id for c in application.PACKS[name]]
    for lang in LANGUAGES:
        for section in resolve(made, Locale(lang))["sections"]:
            assert section["blocks"]
            for block in section["blocks"]:
                assert "nan" not in str(block.get("text", "")).lower().split()
                assert all(len(r) == len(block["columns"]) for r in block.get("rows", []))


def test_ratios_are_judged_by_the_clauses_of_the_plan() -> None:
    plan = with_clauses(fake_plan(hours=336))
    made, _, facts = pack("direct-connection", plan)
    rows = table(made, "balance", "direct_ratios")["rows"]
    assert [row[2]["text"] for row in rows] == ["≥ 60%", "≥ 30%", "≤ 20%"]
    assert all("第三条" in row[3]["text"] for row in rows)
    available = facts.kpis["self_use_share"]
    assert rows[0][4]["sort"] == pytest.approx(available, rel=1e-6)
    wanted = [row["status"] for row in facts.clauses[-3:]]
    assert [row[5]["level"] for row in rows] == [{"met": "ok", "violated": "fail"}[w]
                                                 for w in wanted]  # fmt: skip
    strict = table(pack("direct-connection", with_clauses(fake_plan(hours=48), value=1.01))[0],
                   "balance", "direct_ratios")["rows"]  # fmt: skip
    assert strict[0][5]["level"] == "fail"
    assert strict[2][5]["level"] == "ok"


def test_without_a_clause_a_ratio_has_no_verdict_and_the_pack_says_so() -> None:
    made, _, facts = pack("direct-connection", fake_plan(hours=48))
    assert "shown without a verdict" in said(made, "balance")
    rows = table(made, "balance", "direct_ratios")["rows"]
    assert {row[5]["text"] for row in rows} == {"not judged"}
    assert {row[5]["level"] for row in rows} == {None}
    assert rows[1][4]["sort"] == pytest.approx(facts.kpis["self_supply_share"], rel=1e-6)


def test_months_add_up_to_the_year_and_to_the_ratios() -> None:
    made, _, facts = pack("direct-connection", fake_plan())
    rows = table(made, "balance", "direct_months")["rows"]
    assert len(rows) == 13
    energy = facts.yearly(0)
    for at, name in ((1, "wind"), (2, "pv"), (3, "facility"), (6, "curtailment"), (8, "export")):
        total = sum(row[at]["sort"] for row in rows[:-1])
        assert total == pytest.approx(rows[-1][at]["sort"])
        assert total == pytest.approx(energy[name] / 1e3)
    own = energy["wind"] + energy["pv"]
    assert rows[-1][9]["sort"] == pytest.approx(
        (own - energy["export"]) / (own + energy["curtailment"]), rel=1e-6
    )


def test_each_project_has_its_own_months() -> None:
    plan = fake_plan(hours=48, sites=3)
    sites = [str(site) for site in plan.site.values[:2]]
    made, _, facts = pack("direct-connection", with_clauses(plan, sites))
    mine = table(made, "balance", "direct_months")
    assert facts.name(sites[1]).en in mine["title"]
    load = sum(facts.yearly(0, site)["facility"] for site in sites)
    assert mine["rows"][-1][3]["sort"] == pytest.approx(load / 1e3)


def test_typical_days_are_the_sunniest_and_the_dullest() -> None:
    facts = pack("direct-connection", fake_plan())[2]
    days = typical_days.typical_days(facts)
    could = typical_days.pv_could_mw(facts)
    summer = [could[facts.day == day].sum() for day in np.unique(facts.day)
              if 152 <= day <= 243]  # fmt: skip
    assert could[days["summer_clear"]].sum() == max(summer)
    assert could[days["summer_cloudy"]].sum() == min(summer)
    assert facts.month[days["winter_clear"]][0] in (12, 1, 2)


def test_the_picture_of_days_tells_what_the_hardest_day_buys() -> None:
    facts = pack("direct-connection", fake_plan())[2]
    chosen = typical_days_of_seasons(facts)
    picture = figure.build(facts, chosen)
    assert picture is not None
    assert len(picture.data["wind_mw"]) == len(chosen) * 24
    bought_mwh = sum(power for name, power in zip(picture.data["day"], picture.data["retail_mw"],
                                                  strict=True) if name == "hardest")  # fmt: skip
    assert picture.title.values["grid"].value == pytest.approx(bought_mwh, rel=1e-3)
    assert figure.build(facts, {"hardest": chosen["hardest"]}) is None


def test_days_that_the_horizon_does_not_hold_are_named() -> None:
    text = said(pack("direct-connection", fake_plan(hours=48))[0], "balance")
    assert "no whole day of the season" in text
    assert "Clear summer day" in text
    text = said(pack("direct-connection", fake_plan(hours=48, pv=False))[0], "balance")
    assert "cannot be told apart" in text


def test_the_largest_exchange_is_that_of_the_hours() -> None:
    made, _, facts = pack("direct-connection", fake_plan())
    rows = table(made, "line", "exchange_")["rows"]
    taken = facts.shown.retail + facts.shown.contract
    assert rows[-1][1]["sort"] == pytest.approx(taken.max())
    assert rows[-1][3]["sort"] == pytest.approx(facts.shown.export.max())
    assert max(row[1]["sort"] for row in rows[:-1]) == rows[-1][1]["sort"]


def test_a_plan_without_lines_or_plants_says_what_does_not_apply() -> None:
    made = pack("direct-connection", fake_plan(hours=48))[0]
    assert "with no line of their own" in said(made, "owner")
    assert any("no line of their own" in Locale("en").show(n.text) for n in made.notices)
    none = pack("direct-connection", fake_plan(hours=48, wind=False, pv=False))[0]
    assert "it is no direct connection" in said(none, "owner")
    assert "do not apply" in said(none, "balance")


def test_what_the_plan_cannot_know_is_named_and_what_it_holds_is_not() -> None:
    made, _, facts = pack("direct-connection", fake_plan(hours=48))
    assert "environmental approval" in said(made, "annex")
    assert "an N−1 check" in said(made, "safety")
    assert "terms of financing" in said(made, "economy")
    facts.plan = facts.plan.assign_attrs(finance="{}")
    report, _ = build(fake_plan(hours=48), facts.kpis, fake_audit())
    assert "terms of financing" not in said(application.build("direct-connection", report, facts),
                                            "economy")  # fmt: skip


def test_packs_are_called_by_two_names() -> None:
    assert application.pack_named("绿电直连") == application.pack_named("direct-connection")
    assert application.pack_named("可研") == "feasibility"
    with pytest.raises(InputError, match="绿电直连"):
        application.pack_named("nonsense")


def test_a_pack_is_written_beside_the_report(tmp_path: Path) -> None:
    plan = with_clauses(fake_plan(hours=48))
    write_report(plan, fake_kpis(plan), fake_audit(), tmp_path / "one", ("zh",),
                 packs=("绿电直连", "direct-connection"))  # fmt: skip
    names = {path.name for path in (tmp_path / "one").iterdir() if path.is_file()}
    assert names == {"report-direct-connection.zh.html", "report-direct-connection.zh.pdf"}


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "theme"), LOOKS)
def test_nothing_is_wrong_with_the_pages_of_packs(browser: Browser, tmp_path: Path, lang: str,
                                                  theme: str) -> None:  # fmt: skip
    plan = fake_plan()
    write_report(plan, fake_kpis(plan), fake_audit(), tmp_path, (lang,), packs=("绿电直连", "可研"))
    for name in ("direct-connection", "feasibility"):
        path = tmp_path / f"report-{name}.{lang}.html"
        assert faults(browser, path, theme) == []
        for width in WIDTHS:
            with visit(browser, path, width) as seen:
                assert not seen.has_sideways_scroll()


@pytest.mark.slow
def test_packs_in_a_house_style_are_the_same_twice(tmp_path: Path) -> None:
    plan, house = with_clauses(fake_plan(hours=336, sites=2)), read_house(template(tmp_path))
    for name in ("one", "two"):
        write_report(plan, fake_kpis(plan), fake_audit(), tmp_path / name, LANGUAGES, house, True,
                     tuple(application.PACKS))  # fmt: skip
    files = sorted(path for path in (tmp_path / "one").rglob("*.*") if path.is_file())
    assert {path.suffix for path in files} == {".html", ".pdf", ".xlsx", ".svg", ".csv"}
    for path in files:
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")
                                     ).read_bytes()  # fmt: skip


def test_an_unknown_pack_is_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report", "reports", "--as", "x"]) == 2
    assert "--as: must be one of 绿电直连 (direct-connection)" in capsys.readouterr().err
