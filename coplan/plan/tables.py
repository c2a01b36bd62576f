"""The tables of a plan as pandas frames and as CSV that a spreadsheet opens without harm.

Files are UTF-8 with a byte order mark, since Excel shows Chinese text only then. Text that a
spreadsheet would take for a formula gets a leading quote; numbers are never touched.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from coplan.elements.card import in_chinese
from coplan.plan import compliance
from coplan.plan.cashflow import cash_flow
from coplan.plan.failures import failures_table
from coplan.plan.rewards import reward_table, voucher_claims
from coplan.plan.settlement import settlement_table
from coplan.plan.work import flow_table

ENCODING = "utf-8-sig"
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")

SIZE_COLUMNS = (
    ("plant", "plant_capacity_mw", "MW"),
    ("direct_line", "line_circuits", "circuits"),
    ("direct_line", "line_mw", "MW"),
    ("battery", "storage_power_mw", "MW"),
    ("battery", "storage_energy_mwh", "MWh"),
    ("hall", "halls_built", "halls"),
    ("hall", "servers_mw", "MW"),
    ("hall", "halls_new", "halls"),
    ("hall", "halls_closed", "halls"),
    ("hall", "servers_bought_mw", "MW"),
    ("hall", "servers_retired_mw", "MW"),
    ("conversion", "halls_converted", "halls"),
    ("conversion", "servers_converted_mw", "MW"),
    ("relocation", "servers_relocated_mw", "MW"),
    ("site", "grid_connection_mw", "MW"),
    ("backup", "backup_mw", "MW"),
    ("response", "response_mw", "MW"),
    ("contract", "contract_volume_mw", "MW"),
    ("contract", "is_contracted", "0 or 1"),
    ("measure", "is_chosen", "0 or 1"),
    ("heat", "heat_capacity_mw", "MW"),
    ("link", "link_gbit", "Gbit/s"),
    ("link", "is_linked", "0 or 1"),
)


def account_table(plan: xr.Dataset) -> pd.DataFrame:
    """Every cost and revenue line: element, label, place, period, book, cny_per_year."""
    return pd.DataFrame({
        "element": _text(plan, "account_element"),
        "label": _text(plan, "account_label"),
        "place": _text(plan, "account_place"),
        "period": plan["account_period"].values.astype(int),
        "book": _text(plan, "account_book"),
        "cny_per_year": plan["account_cny"].values.astype(float),
    })


def compliance_table(plan: xr.Dataset) -> pd.DataFrame:
    """Every clause with required, achieved, slack, shadow price, status, basis and source."""
    about = {target["id"]: target for target in compliance.targets(plan)}
    ids = _text(plan, "clause_id")
    modelled = pd.DataFrame({
        "id": ids,
        "period": plan["clause_period"].values.astype(int),
        "kind": _text(plan, "clause_kind"),
        "required": plan["clause_required"].values.astype(float),
        "achieved": plan["clause_achieved"].values.astype(float),
        "slack": plan["clause_slack"].values.astype(float),
        "shadow_price": plan["clause_shadow_price"].values.astype(float),
        "shadow_unit": _text(plan, "clause_shadow_unit"),
        "status": _text(plan, "clause_status"),
        "missed": plan["clause_missed"].values.astype(float),
        "missed_unit": _text(plan, "clause_missed_unit"),
        "penalty_cny": plan["clause_penalty_cny"].values.astype(float),
        "basis": [_basis(about.get(one, {})) for one in ids],
        "agency": [str(about.get(one, {}).get("agency", "")) for one in ids],
        "source": [str(about.get(one, {}).get("source", "")) for one in ids],
    })
    rows = [
        {"id": f"{one['pack']}/{one['clause']}", "status": one["status"], "kind": "policy",
         "shadow_unit": "", "missed_unit": "", "agency": one["agency"],
         "basis": (one["reported"] or {}).get("en", ""),
         "source": f"{in_chinese(one['document'])} {in_chinese(one['article'])}"}
        for one in compliance.policy_clauses(plan) if one["status"]
    ]  # fmt: skip
    if not rows:
        return modelled
    table = pd.concat([modelled, pd.DataFrame(rows)], ignore_index=True)
    table["period"] = table["period"].astype("Int64")  # a clause that binds nothing has no period
    return table


def limits_table(plan: xr.Dataset) -> pd.DataFrame:
    """Limits of cards that stop the plan: element, limit, place, period, its value and unit, and
    what one unit more of it would save in CNY a year, whole numbers held; of a least size, less."""
    return pd.DataFrame({
        "element": _text(plan, "limit_element"),
        "limit": _text(plan, "limit_name"),
        "place": _text(plan, "limit_place"),
        "period": plan["limit_period"].values.astype(int),
        "most": plan["limit_most"].values.astype(float),
        "unit": _text(plan, "limit_unit"),
        "saving_cny_per_unit": plan["limit_saving_cny"].values.astype(float),
    })


def _basis(target: dict[str, Any]) -> str:
    """The accounting basis of a target: its own words, or its matching, scope or label."""
    for key in ("basis", "matching", "scope", "label"):
        if key in target:
            return str(target[key])
    return ""


def capacity_table(plan: xr.Dataset) -> pd.DataFrame:
    """Every size decided: period, unit kind, id, site, quantity, value and its unit."""
    rows = []
    for kind, quantity, unit in SIZE_COLUMNS:
        if plan.sizes.get(kind, 0) == 0 or quantity not in plan:
            continue
        ids = _text(plan, kind)
        sites = ids if kind == "site" else _sites(plan, kind)
        values = plan[quantity].transpose("period", kind).values
        for position, period in enumerate(plan["period"].values):
            rows += [
                (int(period), kind, one, site, quantity, float(value), unit)
                for one, site, value in zip(ids, sites, values[position], strict=True)
            ]
    names = ["period", "kind", "id", "site", "quantity", "value", "unit"]
    return pd.DataFrame(rows, columns=names)


def _sites(plan: xr.Dataset, kind: str) -> list[str]:
    """Site of every unit; of a change of stock, the site of the halls that change."""
    if f"{kind}_site" in plan.variables:
        return _text(plan, f"{kind}_site")
    place = dict(zip(_text(plan, "hall"), _text(plan, "hall_site"), strict=True))
    return [place[hall] for hall in _text(plan, f"{kind}_from")]


def site_flows(plan: xr.Dataset) -> dict[str, xr.DataArray]:
    """Power of every site and step (period, weather, site, time) [MW], state of charge [MWh].

    What a plant with direct lines could not send is curtailed at the user who leads.
    """
    unused = None
    if plan.sizes.get("plant", 0):
        available = plan["capacity_factor"] * plan["plant_capacity_mw"]
        unused = available - plan["generation_mw"]

    def site(power: xr.DataArray | None, unit: str) -> xr.DataArray:
        return compliance.at_site(plan, power, unit)

    return {
        "it_mw": plan["site_it_mw"],
        "cooling_mw": site(plan["cooling_mw"], "hall"),
        "loss_mw": site(plan["loss_mw"], "hall"),
        "facility_mw": plan["facility_mw"],
        "wind_mw": compliance.own_power(plan, "wind"),
        "pv_mw": compliance.own_power(plan, "pv"),
        "generation_mw": compliance.own_power(plan),
        "curtailed_mw": site(unused, "plant"),
        "charge_mw": site(plan.get("charge_mw"), "battery"),
        "discharge_mw": site(plan.get("discharge_mw"), "battery"),
        "soc_mwh": site(plan.get("soc_mwh"), "battery"),
        "contract_mw": site(plan.get("delivered_mw"), "contract"),
        "retail_mw": plan["retail_mw"],
        "export_mw": plan["export_mw"],
        "energy_price_cny_per_mwh": plan["energy_price_cny_per_mwh"],
    }


def hourly_table(plan: xr.Dataset) -> pd.DataFrame:
    """One row per period, weather year, site and step: the flows of `site_flows`."""
    order = ("period", "weather", "site", "time")
    shape = tuple(plan.sizes[dim] for dim in order)
    columns = _index_columns(plan, order)
    for name, values in site_flows(plan).items():
        columns[name] = _spread(values, order, shape)
    return pd.DataFrame(columns)


def monthly_table(plan: xr.Dataset) -> pd.DataFrame:
    """One row per period, weather year, site and month: energy [MWh], PUE, share, peak [MW].

    green_share is that of the site itself, without netting: 1 - retail / facility, at least 0.
    """
    order = ("period", "weather", "site", "month")
    shape = tuple(plan.sizes[dim] for dim in order)
    flows = site_flows(plan)
    energy = {
        name: _spread(compliance.monthly(plan, flows[f"{flow}_mw"]), order, shape)
        for name, flow in {
            "it_mwh": "it", "facility_mwh": "facility", "generation_mwh": "generation",
            "contract_mwh": "contract", "retail_mwh": "retail", "export_mwh": "export",
        }.items()
    }
    columns = _index_columns(plan, order)
    columns |= {name: energy[name] for name in ("it_mwh", "facility_mwh")}
    columns["pue"] = _share(energy["facility_mwh"], energy["it_mwh"])
    for name in ("generation_mwh", "contract_mwh", "retail_mwh", "export_mwh"):
        columns[name] = energy[name]
    grey_share = _share(energy["retail_mwh"], energy["facility_mwh"])
    columns["green_share"] = np.maximum(0.0, 1.0 - grey_share)
    columns["peak_mw"] = _spread(plan["peak_mw"], order, shape)
    return pd.DataFrame(columns)


def write_tables(plan: xr.Dataset, folder: Path | str) -> list[Path]:
    """Write account.csv, compliance.csv and tables/*.csv into `folder`; return their paths."""
    base = Path(folder)
    (base / "tables").mkdir(parents=True, exist_ok=True)
    tables = {
        "account.csv": account_table(plan),
        "compliance.csv": compliance_table(plan),
        "tables/capacities.csv": capacity_table(plan),
        "tables/hourly.csv": hourly_table(plan),
        "tables/monthly.csv": monthly_table(plan),
        "tables/flows.csv": flow_table(plan),
        "tables/settlement.csv": settlement_table(plan),
    }
    if plan.sizes.get("reward", 0):
        tables["tables/rewards.csv"] = reward_table(plan)
    if plan.sizes.get("voucher_user", 0):
        tables["tables/vouchers.csv"] = voucher_claims(plan)
    if plan.sizes.get("failure", 0):
        tables["tables/failures.csv"] = failures_table(plan)
    if plan.sizes.get("limit", 0):
        tables["tables/limits.csv"] = limits_table(plan)
    flow = cash_flow(plan)
    if flow is not None:
        tables["tables/cashflow.csv"] = flow
    for name, table in tables.items():
        safe_for_spreadsheets(table).to_csv(
            base / name, index=False, encoding=ENCODING, lineterminator="\n"
        )
    return [base / name for name in tables]


def safe_for_spreadsheets(table: pd.DataFrame) -> pd.DataFrame:
    """The same table with a quote before text that a spreadsheet would run as a formula."""
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = [quoted(value) for value in safe[name]]
    return safe.rename(columns=quoted)


def quoted(value: Any) -> Any:
    """A cell, with a quote before text that a spreadsheet would run as a formula."""
    if not isinstance(value, str):
        return value
    risky = value.lstrip().startswith(FORMULA_STARTS) or value.startswith(("\t", "\r"))
    return f"'{value}" if risky else value


def _text(plan: xr.Dataset, name: str) -> list[str]:
    return [str(value) for value in plan[name].values]


def _index_columns(plan: xr.Dataset, order: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The index of a long table, one column per dim, in C order."""
    labels = [
        plan[dim].values if dim in plan.coords else np.arange(plan.sizes[dim]) for dim in order
    ]
    grids = np.meshgrid(*(np.arange(len(label)) for label in labels), indexing="ij")
    return {
        dim: label[grid.ravel()] for dim, label, grid in zip(order, labels, grids, strict=True)
    }


def _spread(values: xr.DataArray, order: tuple[str, ...], shape: tuple[int, ...]) -> np.ndarray:
    return np.broadcast_to(values.transpose(*order).values, shape).ravel()


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, not a number where there is no whole."""
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
