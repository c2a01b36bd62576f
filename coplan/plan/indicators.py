"""What a cash flow is judged by: net present value, rates of return, payback, cost of energy.

The project's flow is the one before income tax and financing; paybacks are told of it, counted
from the end of the building year. What does not exist is None, and `why_no_rate` and
`why_no_payback` say why.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr

from coplan.physics import cashflow as sums
from coplan.plan.cashflow import Project, expected, project, table
from coplan.plan.compliance import own_power, yearly

PLANT_LABELS = frozenset({"wind plant", "pv plant", "plant O&M"})
GREEN_LABELS = PLANT_LABELS | {
    "own-use fees", "direct line", "direct line O&M", "direct line fees",
    "battery", "battery O&M", "battery wear", "contract energy",
    "contract grid fees", "certificates", "export revenue",
}  # fmt: skip
"""What green energy costs until it is at the site, less what is earned by feeding in."""

KEYS = (
    "npv_cny", "npv_after_tax_cny", "irr", "irr_after_tax", "irr_equity", "payback_years",
    "payback_dynamic_years", "lcoe_cny_per_mwh", "green_cost_cny_per_mwh",
    "energy_investment_cny",
)  # fmt: skip

FLOWS = {"irr": "net_before_tax_cny", "irr_after_tax": "net_after_tax_cny",
         "irr_equity": "equity_cny"}  # fmt: skip
"""Rate of return → column of the cash flow it belongs to."""


def indicators(plan: xr.Dataset) -> dict[str, float | None]:
    """The indicators of a plan under the keys of kpis.json: CNY, years, CNY/MWh, shares a year.

    All None for a plan that does not know how long its assets live.
    """
    found = project(plan)
    if found is None:
        return dict.fromkeys(KEYS)
    flows, rate = table(found), found.terms.discount_rate
    net = flows["net_before_tax_cny"].to_numpy()
    values = {
        "npv_cny": sums.present_value(net, rate),
        "npv_after_tax_cny": sums.present_value(flows["net_after_tax_cny"], rate),
        **{key: sums.rate_of_return(flows[column]) for key, column in FLOWS.items()},
        "payback_years": sums.payback_years(net),
        "payback_dynamic_years": sums.payback_years(net, rate),
        **energy_costs(plan, found),
        "energy_investment_cny": found.energy_assets_cny,
    }
    return {key: values[key] if math.isfinite(values[key]) else None for key in KEYS}


def energy_costs(plan: xr.Dataset, one: Project) -> dict[str, float]:
    """Levelised cost [CNY/MWh]: of own generation, and of all green energy that a site takes in.

    Present value of cost over that of energy, over the project; not a number without energy.
    """
    made, sold, delivered = (
        expected(plan, yearly(plan, plan[name]).sum(dim)) if plan.sizes.get(dim, 0) else 0.0
        for name, dim in (("generation_mw", "plant"), ("export_mw", "site"),
                          ("delivered_mw", "contract"))
    )  # fmt: skip
    arrived = expected(plan, yearly(plan, own_power(plan)).sum("site"))
    nothing = np.zeros(len(one.starts))
    return {
        "lcoe_cny_per_mwh": _levelised(one, PLANT_LABELS, nothing + made),
        "green_cost_cny_per_mwh": _levelised(
            one, GREEN_LABELS, nothing + arrived - sold + delivered
        ),
    }


def _levelised(one: Project, labels: Iterable[str], energy_mwh: np.ndarray) -> float:
    """Present value of the lines and assets of some labels over that of energy (period) [MWh]."""
    rate, mine = one.terms.discount_rate, set(labels)
    own = one.owned(asset for asset in one.assets if asset.label in mine)
    cost = own.investment + own.replacement - own.residual
    cost = cost + one.by_year(one.yearly_cny(mine))
    energy = sums.present_value(one.by_year(energy_mwh), rate)
    return sums.present_value(cost, rate) / energy if energy > 1e-9 else math.nan


def why_no_rate(flows: pd.Series | np.ndarray) -> str:
    """Why flows have no single rate of return: "nothing", "never" or "several"; "" if they have."""
    money = np.asarray(flows, dtype=float)
    if not (money < 0).any():
        return "nothing"
    count = len(sums.rates_of_return(money))
    return "" if count == 1 else "never" if count == 0 else "several"


def why_no_payback(flows: pd.Series | np.ndarray, rate: float = 0.0) -> str:
    """Why flows have no payback: "nothing" is spent, or it "never" comes back; "" if they have."""
    if math.isfinite(sums.payback_years(flows, rate)):
        return ""
    return "never" if (np.asarray(flows, dtype=float) < 0).any() else "nothing"
