"""One-off rewards of projects; a project k@u is rule k at hall entry u, paid once, by one rule.

    reward[k] ≤ most[k] · is_rewarded[k]                                                [kCNY]
    reward[k] ≤ rate[k] · racks[k]     reward[k] ≤ share[k] · invested[k]
    reward[k] ≤ rate[k] · (metered[k] − facility[u]) + M · (1 − is_rewarded[k])         every year
    racks[k] ≥ least[k] · is_rewarded[k]
    facility[u] ≤ (below[k] − margin) · it[u] + M · (1 − is_rewarded[k])                every year
    Σ_k ( is_rewarded[k] + those of earlier periods ) ≤ 1                               per project

The reward of a period is paid in it; its annuity, that of what is rewarded, counts from then on.
The binary is fixed where a rule has no gate and no rival: then the least of its terms is concave.
Transfers steer the plan of an operator only: to the system they cancel, to the government they
are an expense for something that others decide.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.index import KILO, KILO_TO_MEGA, Index, incidence, names
from coplan.elements.ledger import Ledger
from coplan.elements.targets.usage import most_energy_mwh

PUE_MARGIN = 1e-4
"""A PUE strictly below a gate is below it by as much: the finest step that data are kept in."""

SIGN = {"operator": -1.0, "system": -1.0, "government": 1.0}


def perspective(data: Any) -> str:
    """Whose money the account is: operator, system or government."""
    return str(data.attrs.get("perspective", "operator"))


def project_terms(data: Any) -> dict[str, np.ndarray]:
    """What a conversion or a MW of servers adds to a project, by reward.

    racks_converted, invested_converted [kCNY], metered_converted [MWh] are (reward, conversion);
    racks_bought, invested_bought [kCNY] are (reward, hall) per MW of servers bought.
    """
    halls = names(data, "hall")
    mine = incidence(names(data, "reward_hall"), halls)
    into = incidence(names(data, "conversion_to"), halls)
    out = incidence(names(data, "conversion_from"), halls)
    retrofit = data["reward_is_retrofit"].values[:, None]
    hall_mw, rack_mw = data["hall_it_mw"].values, data["rack_kw"].values / KILO_TO_MEGA
    converted = retrofit * (mine @ into.T)
    bought = (1.0 - retrofit) * mine
    return {
        "racks_converted": converted * (into @ (hall_mw / rack_mw)),
        "invested_converted": KILO * converted
        * ((into @ hall_mw) * data["conversion_capex_cny_per_mw"].values),
        "metered_converted": converted * (out @ data["metered_mwh_per_hall"].values),
        "racks_bought": bought / rack_mw,
        "invested_bought": KILO * bought * (
            data["server_capex_cny_per_mw"].values * data["domestic"].values
        ),
    }  # fmt: skip


def passes_without_plan(data: Any) -> np.ndarray:
    """1 where a rule is in force and its share of computing is passed (…, reward)."""
    mine = incidence(names(data, "reward_hall"), names(data, "hall"))
    share = mine @ (1.0 / (1.0 + data["storage_share"].values))
    above = data["reward_computing_share_above"].values
    return np.asarray(data["reward_in_force"].values * ((above == 0) | (share > above)))


def most_kcny(data: Any) -> np.ndarray:
    """The most a reward can come to (reward) [kCNY], by its cap and its terms."""
    terms, most = project_terms(data), KILO * data["reward_most_cny"].values
    out = incidence(names(data, "conversion_from"), names(data, "hall"))
    converted = out @ data["halls_min"].values
    servers = data["servers_max_mw"].values
    for rate, name in (("cny_per_rack", "racks"), ("investment_share", "invested")):
        size = terms[f"{name}_converted"] @ converted + terms[f"{name}_bought"] @ servers
        factor = data[f"reward_{rate}"].values * (KILO if name == "racks" else 1.0)
        most = np.where(factor > 0, np.minimum(most, factor * size), most)
    saved = terms["metered_converted"] @ converted * _kcny_per_mwh(data)
    return np.where(_kcny_per_mwh(data) > 0, np.minimum(most, saved), most)


def _kcny_per_mwh(data: Any) -> np.ndarray:
    return np.asarray(KILO * data["reward_cny_per_tce"].values * data["reward_t_per_mwh"].values)


def invest(sizes: Any, index: Index, data: Any, ledger: Ledger, earlier: Any = None) -> None:
    """Declare the rewards paid in a period and book the annuity of all paid so far.

    `data` is that of the period, `earlier` the sizes block of the period before, None in the first.
    """
    b = algebra.block(sizes, "subsidies", doc="one-off rewards of projects")
    rewards = b.rewards = algebra.index(
        names(data, "reward"), dim="reward", doc="rules that fit a project"
    )
    most = most_kcny(data)
    may = passes_without_plan(data) * (most > 0)
    sure = may * data["reward_is_sure"].values
    b.most = algebra.param(rewards, values=most)
    b.is_rewarded = algebra.variable(
        rewards, lower=sure, upper=may, integer=True, unit="1",
        doc="1 where a project is rewarded by a rule in the period",
    )  # fmt: skip
    b.reward_kcny = algebra.variable(
        rewards, upper=most, unit="kCNY", doc="one-off reward paid in the period"
    )
    _sizes_of_projects(b, index, sizes.compute, data)

    @algebra.constraint(b, rewards, doc="only a project that is rewarded gets money")
    def amount_limit(b, k):
        return b.reward_kcny[k] <= b.most[k] * b.is_rewarded[k]

    _limit_by_sizes(b, data)
    _count_once(b, index, data, earlier.subsidies if earlier is not None else None)
    seen = perspective(data)
    b.annuity = algebra.param(
        rewards, values=SIGN[seen] * data["reward_annuity_per_year"].values
    )

    @algebra.expression(b, rewards, unit="kCNY/year", doc="annuity of rewards paid so far")
    def subsidy_kcny(b, k):
        return b.annuity[k] * b.paid_kcny[k]

    ledger.book("subsidies", "subsidies", b.subsidy_kcny, rewards, names(data, "reward_site"),
                "cost" if seen == "operator" else "transfer")  # fmt: skip


def _sizes_of_projects(b: Any, index: Index, halls: Any, data: Any) -> None:
    """Racks, investment and metered energy of every project."""
    for name, values in project_terms(data).items():
        over = index.conversions if name.endswith("converted") else index.halls
        b.add_component(name, algebra.param(b.rewards, over, values=values))

    @algebra.expression(b, b.rewards, unit="1", doc="racks of a project")
    def project_racks(b, k):
        return sum(
            b.racks_converted[k, v] * halls.halls_converted[v] for v in index.conversions
        ) + sum(b.racks_bought[k, u] * halls.servers_bought_mw[u] for u in index.halls)

    @algebra.expression(b, b.rewards, unit="kCNY", doc="investment in a project")
    def invested_kcny(b, k):
        return sum(
            b.invested_converted[k, v] * halls.halls_converted[v] for v in index.conversions
        ) + sum(b.invested_bought[k, u] * halls.servers_bought_mw[u] for u in index.halls)

    @algebra.expression(b, b.rewards, unit="GWh", doc="metered energy of what is converted")
    def metered_gwh(b, k):
        return sum(
            KILO * b.metered_converted[k, v] * halls.halls_converted[v] for v in index.conversions
        )


def _chosen(b: Any, data: Any, field: str, name: str, dim: str) -> Any:
    """The rewards with a term or gate, as a set of the block, with its value as a param."""
    values = data[f"reward_{field}"].values
    some = algebra.index(
        [k for k, value in zip(names(data, "reward"), values, strict=True) if value > 0],
        dim=dim, doc="rewards with the term",
    )  # fmt: skip
    b.add_component(f"{name}_rewards", some)
    b.add_component(name, algebra.param(some, values=values[values > 0]))
    return some


def _limit_by_sizes(b: Any, data: Any) -> None:
    by_rack = _chosen(b, data, "cny_per_rack", "per_rack", "rack_reward")
    by_share = _chosen(b, data, "investment_share", "share", "share_reward")
    gated = _chosen(b, data, "min_racks", "least_racks", "gated_reward")

    @algebra.constraint(b, by_rack, doc="so much for a rack")
    def rack_limit(b, k):
        return b.reward_kcny[k] <= KILO * b.per_rack[k] * b.project_racks[k]

    @algebra.constraint(b, by_share, doc="so much of the investment")
    def investment_limit(b, k):
        return b.reward_kcny[k] <= b.share[k] * b.invested_kcny[k]

    @algebra.constraint(b, gated, doc="a project is rewarded from so many racks on")
    def rack_gate_floor(b, k):
        return b.project_racks[k] >= b.least_racks[k] * b.is_rewarded[k]


def _count_once(b: Any, index: Index, data: Any, earlier: Any) -> None:
    """A project is rewarded once, by one rule; what was paid is kept."""
    projects = list(dict.fromkeys(names(data, "reward_hall")))
    b.projects = algebra.index(projects, dim="rewarded_hall", doc="projects with a rule")
    b.of_project = algebra.param(
        b.projects, b.rewards, values=incidence(names(data, "reward_hall"), projects).T
    )
    if earlier is None:

        @algebra.expression(b, b.rewards, unit="1", doc="1 where rewarded so far")
        def rewarded_so_far(b, k):
            return 1.0 * b.is_rewarded[k]

        @algebra.expression(b, b.rewards, unit="kCNY", doc="rewards paid so far")
        def paid_kcny(b, k):
            return 1.0 * b.reward_kcny[k]
    else:

        @algebra.expression(b, b.rewards, unit="1", doc="1 where rewarded so far")
        def rewarded_so_far(b, k):
            return b.is_rewarded[k] + earlier.rewarded_so_far[k]

        @algebra.expression(b, b.rewards, unit="kCNY", doc="rewards paid so far")
        def paid_kcny(b, k):
            return b.reward_kcny[k] + earlier.paid_kcny[k]

    @algebra.constraint(b, b.projects, doc="a project is rewarded once, by one rule")
    def single_reward_limit(b, j):
        return sum(b.of_project[j, k] * b.rewarded_so_far[k] for k in b.rewards) <= 1


def close(y: Any, index: Index, sizes: Any, data: Any) -> None:
    """Ask one operating year for the gates and savings that rewards are paid for."""
    b = algebra.block(y, "subsidies", doc="what rewards ask of operation")
    paid, halls, times = sizes.subsidies, index.halls, index.times
    mine = incidence(names(data, "reward_hall"), names(data, "hall"))
    most = KILO * most_energy_mwh(data)[0] @ mine.T
    rewards = algebra.index(names(data, "reward"), dim="reward", doc="rules that fit a project")
    b.rewards = rewards
    b.mine = algebra.param(rewards, halls, values=mine)
    b.most_gwh = algebra.param(rewards, values=most)
    gated = _chosen(b, data, "pue_below", "below", "pue_reward")
    saving = _chosen(b, data, "cny_per_tce", "per_tce", "tce_reward")
    b.per_gwh = algebra.param(rewards, values=KILO_TO_MEGA * _kcny_per_mwh(data))

    @algebra.expression(b, rewards, unit="GWh", doc="facility energy of a project")
    def facility_gwh(b, k):
        return sum(
            KILO * b.mine[k, u] * index.hours[t]
            * (y.compute.it_mw[u, t] + y.cooling.cooling_mw[u, t] + y.cooling.loss_mw[u, t])
            for u in halls for t in times
        )  # fmt: skip

    @algebra.expression(b, rewards, unit="GWh", doc="IT energy of a project")
    def it_gwh(b, k):
        return sum(
            KILO * b.mine[k, u] * index.hours[t] * y.compute.it_mw[u, t]
            for u in halls for t in times
        )  # fmt: skip

    @algebra.constraint(b, gated, doc="a project is rewarded below a PUE")
    def pue_gate_limit(b, k):
        within = (b.below[k] - PUE_MARGIN) * b.it_gwh[k]
        relief = b.most_gwh[k] - b.most_gwh[k] * paid.is_rewarded[k]
        return b.facility_gwh[k] <= within + relief

    @algebra.constraint(b, saving, doc="so much for energy saved")
    def saving_limit(b, k):
        saved = paid.metered_gwh[k] - b.facility_gwh[k]
        relief = b.most_gwh[k] - b.most_gwh[k] * paid.is_rewarded[k]
        return paid.reward_kcny[k] <= b.per_gwh[k] * (saved + relief)
