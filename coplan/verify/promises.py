"""What is promised and what public money there is, held against the scenario and its packs again.

Targets are read from the clauses as they stand in the packs, rewards and vouchers from their rules,
so that a clause that got lost on its way into the dataset does not go unnoticed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from coplan.verify.outcome import Check, flat, measured

if TYPE_CHECKING:
    from coplan.verify.sources import Sources

RATES = ("cny_per_rack", "cny_per_tce", "investment_share", "most_cny", "min_racks", "pue_below",
         "computing_share_above")  # fmt: skip
"""Terms of a reward; in the dataset 0 where a rule does not have one."""
AT_LEAST, AT_MOST = ("green_share",), ("pue", "cue")
"""Targets of which there is one: it is as strict as the strictest of all that ask for it."""
PLACE = ("sites", "provinces")


def targets(sources: Sources) -> list[Check]:
    """Every target of the scenario and every clause of its packs stands among the targets."""
    told = {str(one["id"]): one for one in sources.case.targets}
    faults, rows = [], 0
    for name, kind, asked in _of_scenario(sources.scenario.spec.targets):
        rows += 1
        found = told.get(name)
        if found is None:
            faults.append(f"{kind} {name} is left out")
        elif any(found.get(key) != value for key, value in asked.items() if key != "kind"):
            faults.append(f"{kind} {name} is told otherwise")
    for clause, name, missing in _of_packs(sources, told):
        rows += 1
        faults += [f"{clause}: {name} is {missing}"] if missing else []
    return [flat("目标与政策条款", "targets of the scenario and its packs", faults, rows)]


def _of_scenario(asked: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(id, kind, fields) of every target."""
    for kind, content in asked.model_dump(mode="json").items():
        if kind == "compute":
            for label, value in content.items():
                yield f"compute_{label}", kind, {"value": value}
        elif kind in AT_LEAST + AT_MOST:
            if content is not None:
                yield kind, kind, content
        else:
            for name, fields in (content or {}).items():
                yield name, kind, fields


def _of_packs(
    sources: Sources, told: dict[str, dict[str, Any]]
) -> Iterator[tuple[str, str, str]]:  # fmt: skip
    """(clause, target, what is wrong with it) for what the clauses in force ask of these sites."""
    scenario = sources.scenario
    own = dict(_targets_written(scenario))
    for pack in scenario.spec.policies:
        for name, clause in scenario.cards["policies"][pack].clauses.items():
            if not any((clause.from_year or year) <= year <= (clause.to_year or year)
                       for year in scenario.spec.periods):  # fmt: skip
                continue
            for target, kind, asked in _of_scenario(clause.targets):
                if _is_about_nothing(scenario, asked) or target in own.get(kind, ()):
                    continue
                yield f"{pack}/{name}", target, _missing(kind, asked, told.get(target))


def _targets_written(scenario: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Kind → ids of the targets that the scenario's own file gives: they go before a pack's."""
    written = scenario.documents["scenario"].get("targets")
    for kind, node in (written.content if written else {}).items():
        content = node.content
        yield kind, tuple(content) if isinstance(content, dict) else ()


def _is_about_nothing(scenario: Any, asked: dict[str, Any]) -> bool:
    """Whether the system has no site that a clause is about."""
    campuses = scenario.system.sites
    tier, provinces = asked.get("tier"), asked.get("provinces")
    if tier is not None and tier not in {campus.tier for campus in campuses.values()}:
        return True
    return provinces is not None and not _sites_in(scenario, asked)


def _sites_in(scenario: Any, asked: dict[str, Any]) -> list[str]:
    known = scenario.cards["sites"]
    return [site for site, campus in scenario.system.sites.items()
            if known[campus.site].province in asked["provinces"]
            and (asked.get("sites") is None or site in asked["sites"])]  # fmt: skip


def _missing(kind: str, asked: dict[str, Any], found: dict[str, Any] | None) -> str:
    """What is wrong with a target; empty where it asks for no less than its clause."""
    if found is None:
        return "left out"
    more = kind in AT_LEAST or kind == "compute"
    if more or kind in AT_MOST:
        weaker = found["value"] < asked["value"] if more else found["value"] > asked["value"]
        return "weaker than its clause" if weaker else ""
    same = all(found.get(key) == value for key, value in asked.items()
               if key not in (*PLACE, "kind"))  # fmt: skip
    return "" if same else "told otherwise"


def _counts(card: Any, year: int) -> bool:
    """Whether a rule is in force on 1 July of a year."""
    return bool(card.valid_from <= datetime.date(year, 7, 1) <= card.valid_to)


def rewards(sources: Sources) -> list[Check]:
    """Every reward that fits a project is there, with the terms and years of its rule."""
    case, scenario, parts = sources.case, sources.scenario, []
    known, faults = case.labels.get("reward", []), []
    expected = dict(_fitting(sources))
    faults += [f"{name} fits a project" for name in expected if name not in known]
    faults += [f"{name} fits no project" for name in known if name not in expected]
    for row, name in enumerate(known):
        if name not in expected:
            continue
        card, rule = expected[name]
        for term in RATES:
            value = float(getattr(rule, term) or 0.0)
            gap = abs(float(case.given(f"reward_{term}")[row]) - value)
            parts.append(measured(gap, value, (), f"{name} {term}"))
        for place, year in enumerate(scenario.spec.periods):
            gap = abs(float(case.given("reward_in_force")[place, row]) - _counts(card, year))
            parts.append(measured(gap, 1.0, (), f"{name} {year}"))
    return [flat("奖补项目", "rewards that fit a project", faults, len(known) + len(expected)),
            case.check("奖补标准", "terms of the rewards", *parts)]  # fmt: skip


def _fitting(sources: Sources) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """ "<card>/<reward>@<hall>" → card and rule for every rule that fits a hall of its site."""
    scenario = sources.scenario
    for unit, (site, entry) in sources.units("halls").items():
        campus = scenario.system.sites[site]
        hall = unit.removeprefix(f"{site}_")
        is_target = any(change.to == hall for other in campus.halls.values()
                        for change in other.conversions.values())  # fmt: skip
        server = scenario.cards["servers"][scenario.cards["halls"][entry.card].servers]
        is_bought = server.domestic and not entry.may_change
        for of in campus.subsidies:
            card = scenario.cards["subsidies"][of]
            for name, rule in card.rewards.items():
                terms = (rule.cny_per_rack, rule.cny_per_tce, rule.investment_share)
                fits = is_target if rule.act == "retrofit" else is_bought
                if fits and 0.0 not in terms:
                    yield f"{of}/{name}@{unit}", (card, rule)


def vouchers(sources: Sources) -> list[Check]:
    """Users of vouchers have the costs of their entry and the rates of their rule."""
    case, scenario, parts = sources.case, sources.scenario, []
    users = scenario.system.voucher_users
    for row, (unit, entry) in enumerate(users.items()):
        card = scenario.cards["subsidies"][entry.rule]
        rule = card.vouchers
        for name, value in (
            ("cost_cny", entry.compute_cost_cny_per_year), ("fee_cny", entry.fee_cny_per_year),
            ("is_lead", entry.lead_unit), ("is_platform", entry.platform_user),
            ("settles_in", entry.settles_in or 0), ("lead_share", rule.lead_cost_share),
            ("platform_share", rule.platform_fee_share), ("most_cny", rule.most_cny_per_unit_year),
            ("settling_cny", rule.settling_cny), ("budget_cny", rule.budget_cny_per_year),
            ("lag_years", rule.lag_years),
        ):  # fmt: skip
            gap = abs(float(case.given(f"voucher_{name}")[row]) - float(value))
            parts.append(measured(gap, float(value), (), f"{unit} {name}"))
        force = case.given("voucher_in_force")
        for place, year in enumerate(case.inputs["voucher_year"].values.tolist()):
            gap = abs(float(force[place, row]) - _counts(card, year))
            parts.append(measured(gap, 1.0, (), f"{unit} {year}"))
    faults = [] if case.labels.get("voucher_user", []) == list(users) else ["not these users"]
    return [flat("算力券用户", "users of compute vouchers", faults, len(users)),
            case.check("算力券标准", "rates of the vouchers", *parts)]  # fmt: skip
