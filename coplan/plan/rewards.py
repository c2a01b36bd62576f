"""What projects and users are paid: rewards as the rules give them, vouchers by year.

Where transfers do not steer the plan the solver leaves rewards open; here every project gets the
best reward that its sizes and its dispatch earn, in the period in which it is worth most.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from coplan.elements.index import names
from coplan.elements.subsidies.rewards import PUE_MARGIN, passes_without_plan
from coplan.model import Model
from coplan.physics.subsidy import VoucherRates, reward, vouchers_asked, within_budget

GATE_TOLERANCE = 1e-6
CNY = 1e3


def settle(model: Model, compiled: Any, data: Any, x: np.ndarray) -> None:
    """Set the rewards of the column values `x` to what is due: the best one of each project."""
    periods = list(model.size_books)
    if not data.sizes["reward"]:
        return
    due = np.array([_due_cny(model, compiled, data, x, period) for period in periods])
    weights = np.array([model.weights[period] for period in periods])
    worth = data["reward_annuity_per_year"].values * due * np.cumsum(weights[::-1])[::-1, None]
    sure = data["reward_is_sure"].values * passes_without_plan(data)
    blocks = [model.pyomo.sizes[period].subsidies for period in periods]
    paid = [compiled.values(block.reward_kcny, x) for block in blocks]  # views: changes reach x
    is_paid = [compiled.values(block.is_rewarded, x) for block in blocks]
    for p in range(len(periods)):
        paid[p][:] = 0.0
        is_paid[p][:] = np.minimum(sure[p], _may_be_paid(compiled, blocks[p]))
    halls = np.array(names(data, "reward_hall"))
    for hall in dict.fromkeys(halls):
        mine = np.flatnonzero(halls == hall)
        when, best = divmod(int(np.argmax(worth[:, mine])), len(mine))
        k = mine[best]
        if due[when, k] > 0:
            paid[when][k], is_paid[when][k] = due[when, k] / CNY, 1.0


def _due_cny(model: Model, compiled: Any, data: Any, x: np.ndarray, period: int) -> np.ndarray:
    """What every reward would come to in a period (reward) [CNY]; 0 behind a closed gate."""
    block = model.pyomo.sizes[period].subsidies
    racks, invested, metered = (
        compiled.evaluate(part, x)
        for part in (block.project_racks, block.invested_kcny, block.metered_gwh)
    )
    may = _may_be_paid(compiled, block)
    found = np.full(len(racks), np.inf)
    for key in model.year_books:
        if key[0] != period:
            continue
        y = model.pyomo.year[key].subsidies
        facility, it = (compiled.evaluate(part, x) for part in (y.facility_gwh, y.it_gwh))
        below = data["reward_pue_below"].values
        within = (below == 0) | (facility <= (below - PUE_MARGIN + GATE_TOLERANCE) * it)
        within &= racks >= data["reward_min_racks"].values - GATE_TOLERANCE
        saved = CNY * (metered - facility) * data["reward_t_per_mwh"].values
        for k in range(len(racks)):
            amount = reward(
                racks[k], saved[k], CNY * invested[k],
                cny_per_rack=float(data["reward_cny_per_rack"].values[k]),
                cny_per_tce=float(data["reward_cny_per_tce"].values[k]),
                investment_share=float(data["reward_investment_share"].values[k]),
                most_cny=float(data["reward_most_cny"].values[k]),
            )  # fmt: skip
            found[k] = min(found[k], amount * bool(within[k]) * may[k])
    return found


def _may_be_paid(compiled: Any, block: Any) -> np.ndarray:
    """Upper bounds of the binaries of a period's rewards."""
    return np.asarray(compiled.upper[compiled.column_slice(block.is_rewarded)])


def voucher_claims(plan: xr.Dataset) -> pd.DataFrame:
    """Vouchers by user and year earned, with the year they are paid and who pays [CNY].

    `asked_cny` is before the budget; where the budget is short all get the same share of it. No
    row for a year in which a user gets nothing.
    """
    rows = []
    asked, got = _vouchers(plan)
    for y, year in enumerate(plan["voucher_year"].values.astype(int)):
        for u, user in enumerate(names(plan, "voucher_user")):
            if asked[y, u] <= 0:
                continue
            one = plan.sel(voucher_user=user)
            county = float(one["voucher_county_share"]) * got[y, u]
            rows.append((
                user, str(one["voucher_rule"].values), int(year), _basis(one, int(year)),
                asked[y, u], got[y, u], int(year) + int(one["voucher_lag_years"]),
                got[y, u] - county, county,
            ))  # fmt: skip
    columns = ["user", "rule", "earned_in", "basis", "asked_cny", "voucher_cny", "paid_in",
               "city_cny", "county_cny"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _basis(user: xr.Dataset, year: int) -> str:
    """Which rate was the higher one, and whether the one-off is in it."""
    by_cost = user["voucher_is_lead"] * user["voucher_lead_share"] * user["voucher_cost_cny"]
    by_fee = (
        user["voucher_is_platform"] * user["voucher_platform_share"] * user["voucher_fee_cny"]
    )
    rate = ["platform user"] if float(by_fee) > float(by_cost) else ["lead unit"]
    rate = rate if max(float(by_cost), float(by_fee)) > 0 else []
    return " + ".join(rate + (["settling"] if int(user["voucher_settles_in"]) == year else []))


def _vouchers(plan: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Asked for and got (voucher_year, voucher_user) [CNY]."""
    years = plan["voucher_year"].values.astype(int)[:, None]
    settles = plan["voucher_settles_in"].values.astype(int)[None, :]
    rules = np.array(names(plan, "voucher_rule"))
    asked = np.zeros((plan.sizes["voucher_year"], plan.sizes["voucher_user"]))
    got = asked.copy()
    for rule in dict.fromkeys(rules):
        mine = np.flatnonzero(rules == rule)
        part = plan.isel(voucher_user=mine)
        first = part.isel(voucher_user=0)
        rates = VoucherRates(*(
            float(first[f"voucher_{name}"])
            for name in ("lead_share", "platform_share", "most_cny", "settling_cny", "budget_cny")
        ))  # fmt: skip
        there = (years >= settles[:, mine]).astype(float)  # no fees before a unit settles
        each = vouchers_asked(
            part["voucher_cost_cny"].values * there, part["voucher_fee_cny"].values * there,
            part["voucher_is_lead"].values, part["voucher_is_platform"].values,
            years == settles[:, mine], rates,
        ) * part["voucher_in_force"].values  # fmt: skip
        asked[:, mine], got[:, mine] = each, within_budget(each, rates.budget_cny)
    return asked, got


def voucher_cny(plan: xr.Dataset) -> xr.DataArray:
    """Vouchers (voucher_year, voucher_user) [CNY] by the year they are earned in."""
    return xr.DataArray(
        _vouchers(plan)[1], dims=("voucher_year", "voucher_user"),
        attrs={"units": "CNY", "long_name": "voucher earned in the year, paid after the lag"},
    )  # fmt: skip


def reward_table(plan: xr.Dataset) -> pd.DataFrame:
    """One-off rewards of projects: rule, hall entry, period paid, amount, and who pays [CNY]."""
    rows = []
    for k, name in enumerate(names(plan, "reward")):
        one = plan.isel(reward=k)
        for p, period in enumerate(plan["period"].values.astype(int)):
            amount = CNY * float(one["reward_kcny"].values[p])
            county = float(one["reward_county_share"]) * amount
            rows.append((
                int(period), name.split("@")[0], str(one["reward_hall"].values),
                str(one["reward_site"].values), bool(one["reward_in_force"].values[p] > 0),
                amount, amount * float(one["reward_annuity_per_year"]), amount - county, county,
            ))  # fmt: skip
    columns = ["period", "rule", "project", "site", "in_force", "reward_cny",
               "annuity_cny_per_year", "city_cny", "county_cny"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
