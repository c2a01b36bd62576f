"""Rules, projects and users as dataset fields: one reward for each rule that fits a project."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan.elements.index import KILO_TO_MEGA, Field
from coplan.elements.subsidies.cards import RewardRule, SubsidyCard, VoucherUser
from coplan.physics.money import annuity_factor
from coplan.physics.subsidy import in_force

Rules = dict[str, SubsidyCard]
Row = tuple[str, str, Any, SubsidyCard, RewardRule, float]

RATES = (
    ("cny_per_rack", "CNY", "reward for a rack; 0: no such term"),
    ("cny_per_tce", "CNY/t", "reward for a tce saved in a year; 0: no such term"),
    ("investment_share", "1", "rewarded share of the investment; 0: no such term"),
    ("most_cny", "CNY", "most for a project"),
    ("min_racks", "1", "gate: racks at least"),
    ("pue_below", "1", "gate: yearly PUE below; 0: none"),
    ("computing_share_above", "1", "gate: servers in power above; 0: none"),
)


def reward_table(
    sites: dict[str, Any], halls: dict[str, tuple], conversions: dict[str, tuple], rules: Rules,
    periods: tuple[int, ...], wacc: float,
) -> dict[str, Field]:  # fmt: skip
    """Every rule that fits a project, by "<card>/<reward>@<hall>", as dataset fields.

    `halls` is unit → (site, entry, card, servers), a conversion id → (from, to, entry, card). A
    retrofit fits halls that stock is converted to, a purchase halls with domestic servers.
    """
    rows = _rows(sites, halls, conversions, rules, wacc)
    force = [[in_force(p, card.valid_from, card.valid_to) for _, _, _, card, _, _ in rows]
             for p in periods]  # fmt: skip

    def field(values: list, units: str, long_name: str) -> Field:
        return Field(("reward",), np.array(values, dtype=float), units, long_name)

    def text(values: list, long_name: str) -> Field:
        return Field(("reward",), values, "", long_name)

    fields = {
        "reward": text([f"{name}@{unit}" for name, unit, *_ in rows], "rule and project"),
        "reward_rule": text([name.split("/")[0] for name, *_ in rows], "rule card"),
        "reward_hall": text([unit for _, unit, *_ in rows], "hall entry that is the project"),
        "reward_site": text([halls[unit][0] for _, unit, *_ in rows], "site"),
        "reward_is_retrofit": field(
            [rule.act == "retrofit" for *_, rule, _ in rows], "1", "1 where stock is converted"
        ),
        "reward_t_per_mwh": field(
            [rule.coal_factor_kg_per_kwh or 0.0 for *_, rule, _ in rows], "t/MWh",
            "coal equivalent of electricity",
        ),
        "reward_annuity_per_year": field(
            [factor for *_, factor in rows], "1/year", "annuity of what is rewarded"
        ),
        "reward_county_share": field(
            [card.paid_by_county(sites[halls[unit][0]].county) for _, unit, _, card, _, _ in rows],
            "1", "share that the county or district pays",
        ),
        "reward_is_sure": field(
            _sure(rows, np.array(force)), "1", "1 where nothing but its size decides the reward"
        ),
        "reward_in_force": Field(
            ("period", "reward"), np.array(force, dtype=float).reshape(len(periods), len(rows)),
            "1", "1 where the rule is in force on 1 July",
        ),
    }  # fmt: skip
    for name, units, long_name in RATES:
        values = [getattr(rule, name) or 0.0 for *_, rule, _ in rows]
        fields[f"reward_{name}"] = field(values, units, long_name)
    return fields


def _rows(
    sites: dict[str, Any], halls: dict[str, tuple], conversions: dict[str, tuple], rules: Rules,
    wacc: float,
) -> list[Row]:  # fmt: skip
    """(name, hall unit, hall row, card, rule, annuity factor); a rule of rate 0 fits nothing."""
    rows: list[Row] = []
    for unit, (site, entry, _, server) in halls.items():
        lives = [change.life_years for _, to, change, _ in conversions.values() if to == unit]
        for card_id in sites[site].subsidies:
            for name, rule in rules[card_id].rewards.items():
                if 0.0 in (rule.cny_per_rack, rule.cny_per_tce, rule.investment_share):
                    continue
                if rule.act == "retrofit" and not lives:
                    continue
                if rule.act == "domestic_servers" and (not server.domestic or entry.may_change):
                    continue
                life = max(lives) if rule.act == "retrofit" else server.life_years
                factor = float(annuity_factor(wacc, life))
                row = (f"{card_id}/{name}", unit, halls[unit], rules[card_id], rule, factor)
                rows.append(row)
    return rows


def _sure(rows: list[Row], force: np.ndarray) -> list[bool]:
    """Rewards without gate, rival and choice of period: the least of their terms is concave."""
    units = [unit for _, unit, *_ in rows]
    return [
        units.count(unit) == 1 and force[:, k].sum() == 1 and rule.cny_per_tce is None
        and rule.min_racks == 0 and rule.pue_below is None
        for k, (_, unit, _, _, rule, _) in enumerate(rows)
    ]  # fmt: skip


def capital_table(conversions: dict[str, tuple]) -> dict[str, Field]:
    """What a conversion invests, beside its annuity."""
    values = [KILO_TO_MEGA * entry.capex_cny_per_kw for _, _, entry, _ in conversions.values()]
    return {
        "conversion_capex_cny_per_mw": Field(
            ("conversion",), np.array(values, dtype=float), "CNY/MW", "investment in the retrofit"
        )
    }


def voucher_table(users: dict[str, VoucherUser], rules: Rules) -> dict[str, Field]:
    """Voucher users with the rates of their rule, and the years their rules count in."""
    units = list(users.values())
    cards = [rules[unit.rule] for unit in units]
    years = range(
        min((card.valid_from.year for card in cards), default=0),
        max((card.valid_to.year for card in cards), default=-1) + 1,
    )
    force = [[in_force(year, card.valid_from, card.valid_to) for card in cards] for year in years]

    def field(values: list, units: str, long_name: str) -> Field:
        return Field(("voucher_user",), np.array(values, dtype=float), units, long_name)

    def rate(name: str, units: str, long_name: str) -> Field:
        return field([getattr(card.vouchers, name) for card in cards], units, long_name)

    shape = (len(years), len(units))
    return {
        "voucher_year": Field(("voucher_year",), np.array(years, dtype=int), "", "year earned"),
        "voucher_rule": Field(("voucher_user",), [unit.rule for unit in units], "", "rule card"),
        "voucher_cost_cny": field(
            [u.compute_cost_cny_per_year for u in units], "CNY/year", "compute cost of the unit"
        ),
        "voucher_fee_cny": field(
            [u.fee_cny_per_year for u in units], "CNY/year", "fee the unit pays to the platform"
        ),
        "voucher_is_lead": field([u.lead_unit for u in units], "1", "1 for a lead unit"),
        "voucher_is_platform": field(
            [u.platform_user for u in units], "1", "1 for a user of the local platform"
        ),
        "voucher_settles_in": field(
            [u.settles_in or 0 for u in units], "", "year the unit settles; 0: long since"
        ),
        "voucher_county_share": field(
            [card.paid_by_county(u.county) for u, card in zip(units, cards, strict=True)], "1",
            "share that the county or district pays",
        ),
        "voucher_in_force": Field(
            ("voucher_year", "voucher_user"), np.array(force, dtype=float).reshape(shape), "1",
            "1 where the rule is in force on 1 July",
        ),
        "voucher_lead_share": rate("lead_cost_share", "1", "rate on the compute cost"),
        "voucher_platform_share": rate("platform_fee_share", "1", "rate on the fee"),
        "voucher_most_cny": rate("most_cny_per_unit_year", "CNY/year", "most by the two rates"),
        "voucher_settling_cny": rate("settling_cny", "CNY", "one-off on settling"),
        "voucher_budget_cny": rate("budget_cny_per_year", "CNY/year", "budget of all units"),
        "voucher_lag_years": rate("lag_years", "year", "years from fee to voucher"),
    }  # fmt: skip
