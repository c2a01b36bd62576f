"""Economics, compliance, assumptions and the proof of the solution."""

from __future__ import annotations

import json
import math
from collections import Counter

from coplan.report import prose
from coplan.report.clauses import clause_name
from coplan.report.facts import Facts
from coplan.report.figures import money as money_figure
from coplan.report.model import (
    Block,
    Column,
    Item,
    Listing,
    Message,
    Name,
    Paragraph,
    Section,
    Status,
    Table,
    say,
)  # fmt: skip
from coplan.report.money import (
    INVESTMENT,
    NOT_ENERGY,
    ONLY_YEARLY,
    by_label,
    energy_labels,
    label_text,
)
from coplan.report.numbers import Amount, plain
from coplan.report.sections import policies, settlement

MOST_COLUMNS = 5


def money(facts: Facts) -> Section:
    """The chapter on economics."""
    blocks: list[Block] = [Paragraph(text) for text in prose.money(facts)]
    picture = money_figure.build(facts)
    blocks += [picture] if picture else []
    for p, year in enumerate(facts.periods):
        blocks.append(_account(facts, p, year))
    if 1 < len(facts.ids("site")) <= MOST_COLUMNS:
        blocks.append(_by_site(facts))
    blocks.append(_investment(facts))
    blocks += settlement.blocks(facts)
    return Section("money", say("section.money"), blocks)


def _account(facts: Facts, p: int, year: int) -> Table:
    sums, apart = by_label(facts, year), by_label(facts, year, ("server",))
    penalties = by_label(facts, year, ("penalty",))
    energy = energy_labels(sums)
    total, it = sum(energy.values()), facts.yearly(p)["it"]

    def row(name: Item, cny: float, share: bool) -> list[Item]:
        per_mwh = cny / it if it > 0 else float("nan")
        part: Item = Amount(cny / total, "percent") if share and total else say("word.none")
        return [name, Amount(cny, "money_column"), part, Amount(per_mwh, "number")]

    rows = [row(label_text(n), v, True) for n, v in energy.items() if abs(v) >= 1.0]
    rows.append(row(say("table.energy_cost_total"), total, True))
    totals = {len(rows) - 1}
    halls = {n: v for n, v in sums.items() if n in NOT_ENERGY and abs(v) >= 1.0}
    rows += [row(label_text(n), v, False) for n, v in halls.items()]
    if halls:
        rows.append(row(say("table.all_cost_total"), total + sum(halls.values()), False))
        totals.add(len(rows) - 1)
    rows += [row(say("word.apart", item=label_text(n)), v, False) for n, v in apart.items()]
    rows += [
        row(say("word.penalty", item=label_text(n)), v, False)
        for n, v in penalties.items() if abs(v) >= 1.0
    ]  # fmt: skip
    columns = [
        Column(say("table.cost_line"), numeric=False, width=2.4),
        Column(say("table.annual"), say("unit.money"), width=1.3),
        Column(say("table.share"), width=1.2),
        Column(say("table.per_mwh"), say("unit.price"), width=1.5),
    ]  # fmt: skip
    title = say("money.account_table", year=Amount(year, "year"))
    return Table(f"account_{year}", title, columns, rows, frozenset(totals),
                 say("money.account_note"))  # fmt: skip


def _by_site(facts: Facts) -> Table:
    year, sites = facts.periods[facts.period], facts.ids("site")
    columns = {site: by_label(facts, year, ("cost",), site) for site in sites}
    rows: list[list[Item]] = []
    for label, whole in by_label(facts, year).items():
        if abs(whole) < 1.0:
            continue
        parts = [columns[site].get(label, 0.0) for site in sites]
        rows.append([label_text(label), *(Amount(x, "money_column") for x in parts)])
    sums = [sum(columns[site].values()) for site in sites]
    rows.append([say("table.all_cost_total"), *(Amount(x, "money_column") for x in sums)])
    head = [Column(say("table.cost_line"), numeric=False, width=1.6),
            *(Column(facts.name(site), say("unit.money")) for site in sites)]  # fmt: skip
    title = say("money.site_table", year=Amount(year, "year"))
    return Table("account_by_site", title, head, rows, frozenset({len(rows) - 1}))


def _investment(facts: Facts) -> Table:
    parts = [facts.investment(p) for p in range(len(facts.periods))]
    rows: list[list[Item]] = []
    for name in INVESTMENT[:-1]:
        if any(part[name] for part in parts):
            rows.append([say(f"investment.{name}"),
                         *(Amount(part[name], "money_column") for part in parts)])  # fmt: skip
    sums = [sum(v for n, v in part.items() if n != "servers") for part in parts]
    rows.append([say("table.investment_total"), *(Amount(x, "money_column") for x in sums)])
    total = len(rows) - 1
    rows.append([say("investment.servers"),
                 *(Amount(part["servers"], "money_column") for part in parts)])  # fmt: skip
    columns = [
        Column(say("table.item"), numeric=False, width=2.0),
        *(Column(Amount(y, "year"), say("unit.money_once")) for y in facts.periods),
    ]
    yearly = [label_text(n) for n, v in by_label(facts, None).items()
              if n in ONLY_YEARLY and abs(v) >= 1.0]  # fmt: skip
    note = say("money.invest_note", list=Listing(tuple(yearly))) if yearly else None
    return Table("investment", say("money.invest_table"), columns, rows, frozenset({total}), note)


def compliance(facts: Facts) -> Section:
    """The chapter on compliance."""
    rows = facts.clauses
    if not rows:
        blocks: list[Block] = [Paragraph(say("compliance.empty")), *policies.tables(facts)]
        return Section("compliance", say("section.compliance"), blocks)
    count = Counter(str(r["status"]) for r in rows)
    other = len(rows) - count["met"] - count["missed"] - count["violated"]
    found = {"met": count["met"], "missed": count["missed"], "violated": count["violated"],
             "other": other}  # fmt: skip
    parts = [say(f"compliance.count_{name}", count=Amount(number, "count"))
             for name, number in found.items() if number]  # fmt: skip
    intro = say("compliance.intro", total=Amount(len(rows), "count"), list=Listing(tuple(parts)))
    blocks = [Paragraph(intro), _clauses(facts), Paragraph(prose.green_rule(facts))]
    blocks += policies.tables(facts)
    return Section("compliance", say("section.compliance"), blocks)


def _clauses(facts: Facts) -> Table:
    rows: list[list[Item]] = []
    for row in facts.clauses:
        kind = str(row["kind"])
        value, slack = prose.FORMAT.get(kind, ("trim", "trim"))
        sign = prose.bound_sign(facts, row)
        required = Amount(prose.number(row["required"]), value)
        is_asked = str(row["status"]) != "KPI only"
        none = say("word.none")
        rows.append([
            clause_name(facts, row), Amount(prose.number(row.get("period")), "year")
            if prose.number(row.get("period")) > 0 else none,
            say("word.bound", sign=sign, value=required) if is_asked else none,
            Amount(prose.number(row["achieved"]), prose.ACHIEVED.get(kind, value)),
            Amount(prose.number(row["slack"]), slack, signed=True) if is_asked else none,
            prose.clause_status(row),
        ])  # fmt: skip
    columns = [
        Column(say("table.clause"), numeric=False, width=3.2), Column(say("table.period")),
        Column(say("table.required"), width=1.6), Column(say("table.achieved"), width=1.4),
        Column(say("table.slack"), width=1.7),
        Column(say("table.status"), numeric=False, width=1.5),
    ]  # fmt: skip
    return Table("compliance", say("compliance.table"), columns, rows)


def proof(facts: Facts) -> Section:
    """Objective, bound, gap, audit and fingerprints; nothing that varies from run to run."""
    kpis, audit = facts.kpis, facts.audit
    get = lambda key: prose.number(kpis.get(key, facts.run.get(key)))  # noqa: E731
    gap = Amount(get("gap"), "percent", digits=3)
    if facts.objective == "near_optimal":
        budget_cny = 1e3 * float(json.loads(facts.plan.attrs["near_optimal"])["budget_kcny"])
        intro = say("proof.intro_near", gap=gap, budget=Amount(budget_cny, "money", digits=4))
    elif math.isfinite(get("bound_t")):
        intro = say("proof.intro_emissions", gap=gap,
                    objective=Amount(get("objective_t"), "mass", digits=4),
                    bound=Amount(get("bound_t"), "mass", digits=4))  # fmt: skip
    else:
        intro = say("proof.intro", objective=Amount(get("objective_cny"), "money", digits=4),
                    bound=Amount(get("bound_cny"), "money", digits=4), gap=gap,
                    gap_energy=Amount(get("gap_energy"), "percent", digits=3))  # fmt: skip
    audited = say(
        "proof.audit_ok" if audit.get("passed") else "proof.audit_fail",
        rows=Amount(prose.number(audit.get("rows_checked")), "count"),
        largest=Amount(prose.number(audit.get("largest_violation")), "small"),
    )
    blocks: list[Block] = [Paragraph(intro), Paragraph(audited), _record(facts)]
    if audit.get("checks"):
        blocks.append(_audit(facts))
    hashes = facts.run.get("hashes") or facts.run.get("inputs")
    if isinstance(hashes, dict) and hashes:
        columns = [Column(say("table.file"), numeric=False, width=2.0),
                   Column(say("table.hash"), numeric=False, width=3.0)]  # fmt: skip
        blocks.append(Table("hashes", say("proof.hash_table"), columns,
                            [[str(k), str(v)] for k, v in sorted(hashes.items())],
                            small=True))  # fmt: skip
    return Section("proof", say("section.proof"), blocks)


def _record(facts: Facts) -> Table:
    get = lambda key: prose.number(facts.kpis.get(key, facts.run.get(key)))  # noqa: E731
    stopped = "stopped" in str(facts.kpis.get("status", facts.run.get("status", "")))
    state = say("proof.status_stopped" if stopped else "proof.status_optimal")
    rows: list[list[Item]] = [[say("proof.status"), Status("warn" if stopped else "ok", state)]]
    for name in ("objective", "bound", "penalties"):
        rows.append([say(f"proof.{name}"),
                     say("word.cny_per_year", value=plain(get(f"{name}_cny"), 0))])  # fmt: skip
    for name in ("gap", "gap_energy"):
        rows.append([say(f"proof.{name}"), Amount(get(name), "percent", digits=4)])
    solver = facts.run.get("solver")
    if isinstance(solver, dict):
        solver = solver.get("name", "")
    if isinstance(solver, list):
        solver = ", ".join(map(str, solver))
    if solver:
        algorithm = str(solver)
        known = algorithm if "highs" in algorithm.lower() else f"HiGHS ({algorithm})"
        rows.append([say("proof.solver"), known])
    versions = facts.run.get("versions")
    if isinstance(versions, dict) and versions:
        text = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
        rows.append([say("proof.versions"), text])
    if facts.fingerprint:
        rows.append([say("proof.fingerprint"), facts.fingerprint])
    columns = [Column(say("table.item"), numeric=False),
               Column(say("table.value"), numeric=False, width=2.4)]  # fmt: skip
    return Table("solution", say("proof.table"), columns, rows)


def _audit(facts: Facts) -> Table:
    rows: list[list[Item]] = []
    for check in facts.audit["checks"]:
        ok = bool(check.get("passed"))
        word: Message = say("proof.passed" if ok else "proof.failed")
        name = Name(str(check.get("name_zh", "")), str(check.get("name_en", "")))
        rows.append([name, Amount(prose.number(check.get("rows")), "count"),
                     Amount(prose.number(check.get("largest")), "small"),
                     Status("ok" if ok else "fail", word)])  # fmt: skip
    columns = [Column(say("table.check"), numeric=False, width=2.4), Column(say("table.rows")),
               Column(say("table.largest"), width=1.2),
               Column(say("table.result"), numeric=False)]  # fmt: skip
    return Table("audit", say("proof.audit_table"), columns, rows,
                 small=len(rows) > 12, across=2 if len(rows) > 12 else 1)  # fmt: skip
