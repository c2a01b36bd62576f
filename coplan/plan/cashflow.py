"""The energy side of a plan as a project: what it costs and saves, year by year.

    net = avoided − paid − investment − replacement + residual                        [CNY/year]

*Paid* and the assets are the energy lines of the account, so that their present value is that of
the annualised objective. *Avoided* is what the same load would cost from the grid alone, at the
site's own tariff and without own plants, batteries or contracts: energy by step, the charges on
its own peak, a grid connection of that size, the carbon price of grid energy, and what the load
needs whatever supplies it (water, cold tanks, backup, measures, the differential tariff). A plan
that buys everything from the grid therefore brings nothing and is worth nothing.

Money of a year is paid at its end; assets are bought at the end of the year before they are used.
Prices stay as they are in the period; the last period goes on until the project ends.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import pandas as pd
import xarray as xr

from coplan.physics import cashflow as sums
from coplan.physics.money import annuity_factor
from coplan.plan.compliance import at_site, yearly

BUILDING_LABELS = frozenset({
    "halls", "halls O&M", "servers", "hall closure", "hall conversion", "server relocation",
    "fibre links", "data transfer", "migration", "subsidies",
})  # fmt: skip
"""Account lines of halls and of work; every other cost is one of energy."""

OF_THE_LOAD = frozenset({
    "water", "efficiency measures", "differential tariff", "cold tank", "cold tank O&M", "backup",
    "backup O&M", "backup fuel",
})  # fmt: skip
"""Account lines that the load has whatever supplies it."""

NOTHING = 1e-6
"""Flows below this share of the yearly bill are rounding of the solver."""


@dataclass(frozen=True)
class Terms:
    """How a project is financed; shares per year or of money, years as whole numbers.

    `residual_share` None: the end of the project pays the annuities that are not yet due.
    """

    discount_rate: float
    project_years: int = 25
    loan_share: float = 0.0
    loan_rate: float = 0.0
    loan_years: int = 1
    equal_principal: bool = True
    income_tax_share: float = 0.0
    loss_years: int = 0
    depreciation_years: float = math.inf
    residual_share: float | None = None
    hurdle_rate: float | None = None


@dataclass(frozen=True)
class Asset:
    """What is bought in one period: its account label, price [CNY], year 0, 1, ... and life."""

    label: str
    cost_cny: float
    start: int
    life_years: float


@dataclass(frozen=True)
class Project:
    """A plan as a project: terms, assets, and yearly money by period [CNY per year]."""

    terms: Terms
    starts: tuple[int, ...]
    """Project year at whose end each period's assets are bought: 0 for the first."""
    first_year: int
    assets: list[Asset]
    paid: dict[str, np.ndarray]
    """Account label → (period): every energy line that is no annuity of an asset."""
    avoided_assets: list[Asset]
    avoided_cny: np.ndarray
    """(period): what the load would pay each year with the grid alone."""

    def yearly_cny(self, labels: Iterable[str] | None = None) -> np.ndarray:
        """What is paid each year under some account labels, or all (period) [CNY per year]."""
        mine = self.paid if labels is None else set(labels) & set(self.paid)
        return np.zeros(len(self.starts)) + sum(self.paid[label] for label in sorted(mine))

    def by_year(self, values: np.ndarray) -> np.ndarray:
        """Values by period (period) as values by year (year 0..n), 0 in year 0."""
        years = np.arange(1, self.terms.project_years + 1)
        index = np.searchsorted(self.starts, years, side="left") - 1
        return np.concatenate([[0.0], np.asarray(values, dtype=float)[index]])

    @property
    def energy_assets_cny(self) -> float:
        """What is bought over the periods [CNY], replacements apart."""
        return sum(a.cost_cny for a in self.assets if a.start < self.terms.project_years)

    def owned(self, assets: Iterable[Asset]) -> sums.AssetFlows:
        """Money of assets (year 0..n) [CNY] under the terms."""
        terms, years = self.terms, self.terms.project_years
        nothing = sums.AssetFlows(*(np.zeros(years + 1) for _ in range(4)))
        found = [nothing]
        for asset in assets:
            flows = sums.asset_flows(
                asset.cost_cny, asset.start, asset.life_years, years, terms.depreciation_years,
                terms.residual_share or 0.0,
            )  # fmt: skip
            if terms.residual_share is None:
                left = np.zeros(years + 1)
                left[years] = sums.annuities_left(
                    asset.cost_cny, asset.start, asset.life_years, years, terms.discount_rate
                )
                flows = flows._replace(residual=left)
            found.append(flows)
        return reduce(add, found)


def terms_of(plan: xr.Dataset) -> Terms:
    """The terms of the scenario's finance card; without one no loan, no tax, 25 years."""
    card = json.loads(plan.attrs.get("finance", "{}"))
    wacc = float(plan["wacc"])
    if not card:
        return Terms(wacc)
    return Terms(
        discount_rate=wacc, project_years=int(card["project_years"]),
        loan_share=card["loan_share"], loan_rate=card["loan_rate"],
        loan_years=int(card["loan_years"]), equal_principal=card["repayment"] == "equal_principal",
        income_tax_share=card["income_tax_share"], loss_years=int(card["loss_years"]),
        depreciation_years=card["depreciation_years"], residual_share=card["residual_share"],
        hurdle_rate=card["hurdle_rate"],
    )  # fmt: skip


def project(plan: xr.Dataset, terms: Terms | None = None) -> Project | None:
    """The plan as a project; None for a plan that does not know how long its assets live."""
    terms = terms or terms_of(plan)
    periods = plan["period"].values.astype(int)
    starts = tuple(int(period - periods[0]) for period in periods)
    owned = _annuities(plan)
    if owned is None:
        return None
    assets = _bought(plan, owned, starts)
    paid = energy_lines(plan)
    for label, _, annuity, _ in owned:
        paid[label] = paid.get(label, 0.0) - annuity
    needed = connection_needed_mw(plan)
    new = needed - plan["connection_min_mw"].values
    rates = plan["connection_annuity_cny_per_mw_year"].values
    lives = plan["connection_life_years"].values
    alone = [("grid connection", "", new[:, s] * rates[s], float(lives[s]))
             for s in range(plan.sizes["site"])]  # fmt: skip
    load = [entry for entry in owned if entry[0] in OF_THE_LOAD]
    avoided = _grid_bill(plan, needed)
    avoided = avoided + sum(money for label, money in paid.items() if label in OF_THE_LOAD)
    avoided = avoided + _carbon_of_backup(plan)
    return Project(
        terms, starts, int(periods[0]), assets, paid, _bought(plan, alone + load, starts), avoided
    )


def cash_flow(plan: xr.Dataset, terms: Terms | None = None) -> pd.DataFrame | None:
    """The yearly cash flow (year 0..n) [CNY], one row per year; None where it cannot be told.

    Costs are positive in their own columns; `net_*`, `equity_cny` and what is cumulated or
    discounted are positive where money comes in.
    """
    found = project(plan, terms)
    return None if found is None else table(found)


def table(one: Project) -> pd.DataFrame:
    """The cash flow of a project: see `cash_flow`."""
    terms, years = one.terms, np.arange(one.terms.project_years + 1)
    own, alone = one.owned(one.assets), one.owned(one.avoided_assets)
    saved = alone.investment + alone.replacement - alone.residual
    avoided = one.by_year(one.avoided_cny)
    paid = one.by_year(one.yearly_cny())
    floor = NOTHING * float(avoided.max(initial=0.0))

    def told(flows: np.ndarray) -> np.ndarray:
        return np.where(np.abs(flows) < floor, 0.0, flows)

    net = told(avoided + saved - paid - own.investment - own.replacement + own.residual)
    depreciation = own.depreciation - alone.depreciation
    # an asset is sold for what it is written off to: no profit
    profit = told(avoided - paid - depreciation)
    tax = sums.income_tax(profit, terms.income_tax_share, terms.loss_years)
    lent, principal, interest = _loans(one, told(own.investment - alone.investment))
    equity_tax = sums.income_tax(profit - interest, terms.income_tax_share, terms.loss_years)
    equity = told(net + lent - principal - interest - equity_tax)
    worth = (1.0 + terms.discount_rate) ** -years.astype(float)
    return pd.DataFrame({
        "year": years, "calendar_year": one.first_year - 1 + years, "avoided_cost_cny": avoided,
        "avoided_investment_cny": saved, "paid_cny": paid, "investment_cny": own.investment,
        "replacement_cny": own.replacement, "residual_cny": own.residual,
        "net_before_tax_cny": net, "cumulative_cny": net.cumsum(),
        "discounted_cny": net * worth, "cumulative_discounted_cny": (net * worth).cumsum(),
        "depreciation_cny": depreciation, "income_tax_cny": tax, "net_after_tax_cny": net - tax,
        "loan_cny": lent, "principal_cny": principal, "interest_cny": interest,
        "equity_income_tax_cny": equity_tax, "equity_cny": equity,
        "cumulative_equity_cny": equity.cumsum(),
    })  # fmt: skip


def energy_lines(plan: xr.Dataset) -> dict[str, np.ndarray]:
    """Every cost line of energy by account label (period) [CNY per year]."""
    periods = plan["period"].values.astype(int)
    found: dict[str, np.ndarray] = {}
    columns = (plan[f"account_{name}"].values for name in ("label", "book", "period", "cny"))
    for label, book, period, cny in zip(*columns, strict=True):
        if str(book) == "cost" and str(label) not in BUILDING_LABELS:
            line = found.setdefault(str(label), np.zeros(len(periods)))
            line += (periods == int(period)) * float(cny)
    return found


def expected(plan: xr.Dataset, values: xr.DataArray) -> np.ndarray:
    """Values (period, weather) expected over the weather years (period)."""
    mean = (values * plan["weather_probability"]).sum("weather")
    return np.asarray(mean.transpose("period").values, dtype=float)


Annuity = tuple[str, str, np.ndarray, float]
"""Label, unit, annuity by period (period) [CNY per year], life [years]."""


def _annuities(plan: xr.Dataset) -> list[Annuity] | None:
    """What every unit with an investment costs a year; None where a life is not known."""
    kinds = (
        ("plant", "plant_life_years",
         (("plant_capacity_mw", None, "plant_annuity_cny_per_mw_year"),)),
        ("direct_line", "line_life_years",
         (("line_circuits", None, "line_annuity_cny_per_circuit_year"),
          ("line_mw", None, "line_annuity_cny_per_mw_year"))),
        ("battery", "storage_life_years",
         (("storage_power_mw", None, "storage_power_annuity_cny_per_mw_year"),
          ("storage_energy_mwh", None, "storage_energy_annuity_cny_per_mwh_year"))),
        ("site", "connection_life_years",
         (("grid_connection_mw", "connection_min_mw", "connection_annuity_cny_per_mw_year"),)),
        ("tank", "cold_life_years",
         (("cold_capacity_mwh", None, "cold_annuity_cny_per_mwh_year"),)),
        ("heat", "heat_life_years",
         (("heat_capacity_mw", None, "heat_annuity_cny_per_mw_year"),)),
        ("backup", "backup_life_years",
         (("backup_mw", "backup_min_mw", "backup_annuity_cny_per_mw_year"),)),
    )  # fmt: skip
    labels = {"direct_line": "direct line", "battery": "battery", "site": "grid connection",
              "tank": "cold tank", "heat": "heat pump", "backup": "backup"}  # fmt: skip
    found: list[Annuity] = []
    for dim, life, terms in kinds:
        if plan.sizes.get(dim, 0) == 0 or terms[0][0] not in plan:
            continue
        if life not in plan:
            return None
        parts = [
            (plan[size] - (plan[stands] if stands else 0.0)) * plan[rate]
            for size, stands, rate in terms
        ]
        annuity = reduce(add, parts).transpose("period", dim).values
        for u, unit in enumerate(plan[dim].values.astype(str)):
            label = labels.get(dim) or f"{plan['plant_kind'].values[u]} plant"
            found.append((label, unit, annuity[:, u], float(plan[life].values[u])))
    return found


def _bought(plan: xr.Dataset, owned: list[Annuity], starts: tuple[int, ...]) -> list[Asset]:
    """What each period adds to units, at the price whose annuity they pay."""
    wacc = float(plan["wacc"])
    return [
        Asset(label, more / float(annuity_factor(wacc, life)), start, life)
        for label, _, annuity, life in owned
        for start, more in zip(starts, np.diff(annuity, prepend=0.0).tolist(), strict=True)
        if more != 0.0
    ]


def load_mw(plan: xr.Dataset) -> xr.DataArray:
    """What halls, loads, fibre links and moved work draw (period, weather, site, time) [MW].

    Heat pumps are no load that has to be served: without the plan no heat would be sold.
    """
    return (
        plan["facility_mw"] + at_site(plan, plan.get("transfer_mw"), "link")
        + at_site(plan, plan.get("migration_mw"), "placed")
    )  # fmt: skip


def connection_needed_mw(plan: xr.Dataset) -> np.ndarray:
    """Connection that the load needs with the grid alone (period, site) [MW]; it never shrinks."""
    peak = load_mw(plan).max(["weather", "time"]).transpose("period", "site").values
    standing = np.maximum(peak, plan["connection_min_mw"].values)
    return np.maximum.accumulate(standing, axis=0)


def _grid_bill(plan: xr.Dataset, connection_mw: np.ndarray) -> np.ndarray:
    """What the load would pay a year with the grid alone (period) [CNY per year]."""
    load = load_mw(plan)
    price = plan["retail_price_cny_per_mwh"]
    price = price + plan["carbon_price_cny_per_t"] * plan["emission_factor_t_per_mwh"]
    in_month = plan["month_of_step"] == plan["month"]
    peaks = load.where(in_month, 0.0).max("time").sum("month") * (12.0 / plan.sizes["month"])
    bill = expected(plan, yearly(plan, load * price).sum("site"))
    peaks = (peaks * plan["weather_probability"]).sum("weather").transpose("period", "site")
    demand = plan["demand_price_cny_per_mw_month"].transpose("period", "site").values * peaks.values
    mva = plan["transformer_mva_per_mw"].values * connection_mw

    def yearly_price(name: str) -> np.ndarray:
        return np.asarray(12.0 * plan[name].transpose("period", "site").values)

    charges = np.stack([
        demand, yearly_price("capacity_price_cny_per_mva_month") * mva,
        yearly_price("single_price_cny_per_mw_month") * connection_mw,
    ])  # fmt: skip
    cheapest = np.where(charges > 0, charges, np.inf).min(axis=0)  # of those a site is offered
    return bill + np.where(np.isfinite(cheapest), cheapest, 0.0).sum(axis=1)


def _carbon_of_backup(plan: xr.Dataset) -> np.ndarray:
    """Carbon price of backup tests (period) [CNY per year]: the load pays it in any case."""
    periods = plan["period"].values.astype(int)
    mine = (plan["account_element"].values.astype(str) == "backup") & (
        plan["account_label"].values.astype(str) == "carbon"
    )
    when = plan["account_period"].values.astype(int)
    money = plan["account_cny"].values
    return np.array([money[mine & (when == period)].sum() for period in periods])


def _loans(one: Project, investment: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Money lent, principal and interest (year 0..n) [CNY]; what is owed at the end is repaid."""
    years = one.terms.project_years
    lent, principal, interest = (np.zeros(years + 1) for _ in range(3))
    lent += one.terms.loan_share * np.maximum(investment, 0.0)
    for start in np.flatnonzero(lent):
        parts = sums.loan_schedule(
            lent[start], one.terms.loan_rate, one.terms.loan_years, one.terms.equal_principal
        )
        kept = min(one.terms.loan_years, years - int(start))
        principal[start + 1 : start + 1 + kept] += parts[0][:kept]
        interest[start + 1 : start + 1 + kept] += parts[1][:kept]
        principal[years] += parts[0][kept:].sum()
    return lent, principal, interest
