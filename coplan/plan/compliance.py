"""Sums over the operating year and the accounting of green energy.

The accounting of green energy lives here, because a promise and the figure that shows whether it
is kept must be the same number. `coplan.verify` does the same sums again, written apart.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr


def step_hours(plan: xr.Dataset) -> xr.DataArray:
    """Hours of the year (time) [h] that each step stands for."""
    return plan["step_weight"] * plan["step_h"]


def yearly(plan: xr.Dataset, power: xr.DataArray) -> xr.DataArray:
    """Yearly sum of a power (..., time) [MW] as energy (...) [MWh]."""
    return (power * step_hours(plan)).sum("time")


def monthly(plan: xr.Dataset, power: xr.DataArray) -> xr.DataArray:
    """Sums of a power (..., time) [MW] over each month as energy (..., month) [MWh]."""
    belongs = (plan["month_of_step"] == plan["month"]).astype(float)
    return xr.dot(power * step_hours(plan), belongs, dim="time")


def at_site(plan: xr.Dataset, power: xr.DataArray | None, unit: str) -> xr.DataArray:
    """Sum of a power over the units (plant, battery, hall, contract) of each site.

    `power` has the dim `unit`; the result has `site` in its place. None, or no unit of that kind
    in the plan, gives zeros (period, weather, site, time).
    """
    if power is None or plan.sizes.get(unit, 0) == 0:
        return xr.zeros_like(plan["facility_mw"])
    belongs = (plan[f"{unit}_site"] == plan["site"]).astype(float)
    return xr.dot(power, belongs, dim=unit)


def own_power(plan: xr.Dataset, kind: str = "") -> xr.DataArray:
    """Own generation as it reaches each site (period, weather, site, time) [MW].

    Of one kind (wind, pv) or of all: behind the site's meter, and what arrives over direct lines.
    """
    if plan.sizes.get("plant", 0) == 0:
        return at_site(plan, None, "plant")
    of_kind = (plan["plant_kind"] == kind) | (kind == "")
    behind = plan["plant_is_behind_meter"] * of_kind
    beside = at_site(plan, plan["generation_mw"] * behind, "plant")
    if plan.sizes.get("direct_line", 0) == 0:
        return beside
    counts = xr.dot((plan["direct_line_plant"] == plan["plant"]) * 1.0, of_kind * 1.0, dim="plant")
    arrives = plan["sent_mw"] * (1.0 - plan["line_loss_share"]) * counts
    return beside + at_site(plan, arrives, "direct_line")


def green_targets(plan: xr.Dataset) -> list[dict[str, Any]]:
    """The green-share targets among attrs["targets"], in their order."""
    return [target for target in targets(plan) if target["kind"] == "green_share"]


def targets(plan: xr.Dataset) -> list[dict[str, Any]]:
    """All targets of the plan, from the JSON attribute `targets`."""
    found = plan.attrs.get("targets", "[]")
    return list(json.loads(found)) if isinstance(found, str) else list(found)


def policy_clauses(plan: xr.Dataset) -> list[dict[str, Any]]:
    """Every clause of the scenario's policy packs, from the JSON attribute `policies`."""
    return list(json.loads(plan.attrs.get("policies", "[]")))


def load_mwh(plan: xr.Dataset) -> xr.DataArray:
    """Yearly load of green accounting (period, weather) [MWh]: all facility energy."""
    return yearly(plan, plan["facility_mw"]).sum("site")


def grey_mwh(plan: xr.Dataset) -> xr.DataArray:
    """Grey energy by month (period, weather, month) [MWh].

    Everything bought at retail, and what shaped contracts deliver beyond their plant's production.
    """
    grey = monthly(plan, plan["retail_mw"]).sum("site")
    if plan.sizes.get("shaped", 0) == 0:
        return grey
    return grey + monthly(plan, plan["unmatched_mw"]).sum("shaped")


def spilled_mwh(plan: xr.Dataset) -> xr.DataArray:
    """Contract energy paid, not delivered and open to netting (period, weather, month) [MWh].

    Contracts settled by the hour keep nothing that could be netted later. Own energy fed in is
    open to netting too where its certificates stay with the user.
    """
    kept = plan.get("export_keeps_certificates", 0.0) * plan["export_mw"]
    fed_in = monthly(plan, kept).sum("site")
    if plan.sizes.get("contract", 0) == 0:
        return fed_in
    produced = plan["contract_volume_mw"] * plan["contract_profile"]
    settled = (plan["contract_settlement"] != "hourly").astype(float)
    spilled = xr.dot(produced - plan["delivered_mw"], settled, dim="contract")
    for unit, name, sign in (("shaped", "unmatched_mw", 1.0), ("resale", "resold_mw", -1.0)):
        if plan.sizes.get(unit, 0):
            of = (plan[f"{unit}_contract"] == plan["contract"]).astype(float)
            spilled = spilled + sign * xr.dot(plan[name], of, settled, dim=[unit, "contract"])
    return monthly(plan, spilled) + fed_in


def netted_mwh(
    plan: xr.Dataset, matching: str, unbundled_max_share: float = 0.0
) -> xr.DataArray:
    """Grey energy that may be netted in a year (period, weather) [MWh] under one matching.

    hourly: nothing. monthly: a surplus helps its own month only. annual: over the whole year.
    Certificates count up to `unbundled_max_share` of the load, wherever grey energy is left.
    """
    grey, spilled = grey_mwh(plan), spilled_mwh(plan)
    total = grey.sum("month")
    if matching == "hourly":
        return xr.zeros_like(total)
    if matching == "monthly":
        netted = xr.where(grey < spilled, grey, spilled).sum("month")
    elif matching == "annual":
        netted = np.minimum(total, spilled.sum("month"))
    else:
        raise ValueError(f"unknown matching {matching!r}; allowed: hourly, monthly, annual")
    counted = np.minimum(certificates(plan, total), unbundled_max_share * load_mwh(plan))
    return netted + np.minimum(counted, total - netted)


def netted_by_month(plan: xr.Dataset) -> xr.DataArray:
    """Netted energy (period, weather, month) [MWh] under the target's matching, else annual.

    Annual netting is shown in the months in which the unspent contract energy arose.
    """
    found = green_targets(plan)
    matching = found[0].get("matching", "annual") if found else "annual"
    grey, spilled = grey_mwh(plan), spilled_mwh(plan).clip(min=0.0)
    if matching == "hourly":
        return xr.zeros_like(grey)
    if matching == "monthly":
        return xr.where(grey < spilled, grey, spilled)
    unspent = spilled.sum("month")
    share = (grey.sum("month") / unspent.where(unspent > 0)).clip(max=1.0).fillna(0.0)
    return spilled * share


def certificates_valid(plan: xr.Dataset, window_years: int | None = None) -> xr.DataArray:
    """1 where a certificate counts in a period (period, certificate): neither too old nor to come.

    Where no window is given, the narrowest among the green targets holds.
    """
    if window_years is None:
        windows = [int(t.get("certificate_window_years", 1)) for t in green_targets(plan)]
        window_years = min(windows, default=1)
    age = plan["period"] - plan["certificate_vintage"]
    return ((age >= 0) & (age <= window_years)).astype(float)


def certificates(
    plan: xr.Dataset, like: xr.DataArray, window_years: int | None = None
) -> xr.DataArray:
    """Valid certificates bought (period, weather) [MWh]; zero where the plan has none."""
    if plan.sizes.get("certificate", 0) == 0:
        return xr.zeros_like(like)
    valid = certificates_valid(plan, window_years)
    return xr.dot(plan["certificates_mwh"], valid, dim="certificate")


def green_share(
    plan: xr.Dataset, matching: str, unbundled_max_share: float = 0.0
) -> xr.DataArray:
    """Green share (period, weather) [0..1] = 1 - (grey - netted) / load."""
    left = grey_mwh(plan).sum("month") - netted_mwh(plan, matching, unbundled_max_share)
    return 1.0 - left / load_mwh(plan)


def compute_p(plan: xr.Dataset, label: str) -> xr.DataArray:
    """Nameplate compute of one label (period) [P]; labels are never added."""
    serves = (plan["hall_label"] == label).astype(float)
    return xr.dot(plan["servers_mw"], plan["density_p_per_mw"] * serves, dim="hall")
