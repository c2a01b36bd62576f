"""Who pays whom in a year: the account of the plan by payer and payee, with users and governments.

Every line of the account is a payment between the operator and one other party, so what the
operator pays less what it receives under a book is that book's total. Users pay for compute by
region and site, at the fee of the data or else at the price that covers the operator's cost.
Retail energy is one line of the grid company: its parts are not in the plan.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from coplan.elements.index import names
from coplan.plan.rewards import CNY, voucher_claims
from coplan.plan.work import flow_table

OPERATOR = "operator"
CITY, COUNTY = "city government", "county government"

PARTIES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("grid energy", "energy blocks"), ("grid company", "energy")),
    **dict.fromkeys(
        ("demand charge", "capacity charge", "single-capacity charge", "demand blocks",
         "coincident-peak charge"), ("grid company", "capacity"),
    ),
    "contract grid fees": ("grid company", "network fees"),
    **dict.fromkeys(("own-use fees", "direct line fees"), ("grid company", "own-use fees")),
    "differential tariff": ("grid company", "differential tariff"),
    "export revenue": ("grid company", "export"),
    **dict.fromkeys(("contract energy", "contract resale"), ("generators", "contract energy")),
    "certificates": ("generators", "certificates"),
    "carbon": ("carbon market", "carbon"),
    "water": ("water utility", "water"),
    "heat revenue": ("heat network", "heat"),
    "flexibility revenue": ("grid company", "flexibility"),
    "backup fuel": ("suppliers", "fuel"),
    **dict.fromkeys(("fibre links", "data transfer", "migration"), ("carriers", "data")),
    **dict.fromkeys(
        ("plant O&M", "direct line O&M", "battery O&M", "halls O&M", "cold tank O&M",
         "heat pump O&M", "backup O&M"),
        ("suppliers", "upkeep"),
    ),
    "servers": ("suppliers", "servers"),
}
"""Account label → the other party and what is paid for; any other label is an investment."""

INVESTMENT = ("suppliers", "investment")
BOOKS = ("cost", "server")
LEAST_CNY = 0.005
"""What the solver leaves of a line that is nothing is no payment."""
COLUMNS = ["period", "payer", "payee", "item", "label", "site", "region", "cny_per_year",
           "price_cny_per_p_hour", "book", "basis"]  # fmt: skip
Row = tuple[int, str, str, str, str, str, str, float, float, str, str]
NO_PRICE = float("nan")


def settlement_table(plan: xr.Dataset) -> pd.DataFrame:
    """Payments by period: payer, payee, item, site, region and CNY per year, all positive.

    `book` is the account's book, empty for payments that are not the operator's account: users'
    fees and vouchers. `basis` is account, rule, fee, or cost-covering price.
    """
    rows = [*_account_rows(plan), *_reward_rows(plan), *_fee_rows(plan), *_voucher_rows(plan)]
    rows = [row for row in rows if abs(row[7]) >= LEAST_CNY]
    return pd.DataFrame(rows, columns=COLUMNS)


def _payment(
    period: int, party: tuple[str, str], label: str, site: str, cny: float, book: str
) -> Row:
    """The operator pays what is positive and receives what is negative."""
    other, item = party
    payer, payee = (OPERATOR, other) if cny >= 0 else (other, OPERATOR)
    return (period, payer, payee, item, label, site, "", abs(cny), NO_PRICE, book, "account")


def _account_rows(plan: xr.Dataset) -> list[Row]:
    """Lines of the account but subsidies, which know their payer."""
    columns = (plan[f"account_{name}"].values for name in ("label", "place", "period", "book"))
    lines = zip(*columns, plan["account_cny"].values.astype(float), strict=True)
    return [
        _payment(int(period), PARTIES.get(str(label), INVESTMENT), str(label), str(place),
                 value, str(book))
        for label, place, period, book, value in lines
        if str(book) in BOOKS and str(label) != "subsidies"
    ]  # fmt: skip


def _reward_rows(plan: xr.Dataset) -> list[Row]:
    """The yearly part of what projects were paid so far, by city and county."""
    book = "cost" if plan.attrs.get("perspective", "operator") == "operator" else "transfer"
    rows: list[Row] = []
    paid = CNY * plan["reward_kcny"].cumsum("period") * plan["reward_annuity_per_year"]
    for k, site in enumerate(names(plan, "reward_site")):
        share = float(plan["reward_county_share"].values[k])
        for p, period in enumerate(plan["period"].values.astype(int)):
            value = float(paid.transpose("period", "reward").values[p, k])
            rows += [
                (int(period), payer, OPERATOR, "subsidies", "subsidies", site, "", part * value,
                 NO_PRICE, book, "rule")
                for payer, part in ((CITY, 1.0 - share), (COUNTY, share))
            ]  # fmt: skip
    return rows


def _fee_rows(plan: xr.Dataset) -> list[Row]:
    """What users of every region pay for compute at every site, by class of compute."""
    if not plan.sizes.get("demand", 0) or "demand_region" not in plan.coords:
        return []
    chance = dict(zip(names(plan, "weather"), plan["weather_probability"].values, strict=True))
    about = {
        demand: (float(plan["compute_fee_cny_per_p_hour"].values[d]),
                 str(plan["demand_label"].values[d]))
        for d, demand in enumerate(names(plan, "demand"))
    }  # fmt: skip
    flows = flow_table(plan)
    flows["p_hours"] *= [float(chance[weather]) for weather in flows["weather"]]
    flows["fee"] = [about[demand][0] for demand in flows["demand"]]
    flows["label"] = [about[demand][1] for demand in flows["demand"]]
    prices = cost_covering_prices(plan)
    sums = flows.groupby(["period", "label", "region", "site", "fee"], sort=False)["p_hours"].sum()
    rows: list[Row] = []
    for (period, label, region, site, fee), p_hours in sums.items():
        price = fee if fee > 0 else prices[int(period), label]
        basis = "fee" if fee > 0 else "cost-covering price"
        rows.append((int(period), region, OPERATOR, "compute", label, site, region,
                     price * float(p_hours), price, "", basis))  # fmt: skip
    return rows


def cost_covering_prices(plan: xr.Dataset) -> dict[tuple[int, str], float]:
    """CNY per P and hour at which users pay the operator's yearly cost, by period and label.

    The cost with servers bought is split over labels by the work they ran, counted in the power of
    reference servers. What stood before the first period is sunk and not in it.
    """
    when = plan["account_period"].values.astype(int)
    counted = np.isin(plan["account_book"].values.astype(str), BOOKS)
    hours = plan["step_weight"] * plan["step_h"]
    work = (plan["served_mw"] * hours).sum(("time", "pool"))
    work = (work * plan["weather_probability"]).sum("weather")
    found = {}
    for p, period in enumerate(plan["period"].values.astype(int)):
        cost = float(plan["account_cny"].values[counted & (when == period)].sum())
        total = float(work.values[p])
        for label in names(plan, "label"):
            per_mw = float(plan["label_reference_p_per_mw"].sel(label=label))
            found[int(period), label] = cost / (total * per_mw) if total > 0 else 0.0
    return found


def _voucher_rows(plan: xr.Dataset) -> list[Row]:
    """Vouchers in the period whose year they are paid in."""
    periods = set(plan["period"].values.astype(int))
    rows: list[Row] = []
    for one in voucher_claims(plan).itertuples():
        if one.paid_in in periods:
            rows += [
                (int(one.paid_in), payer, one.user, "vouchers", one.basis, "", "", value, NO_PRICE,
                 "", "rule")
                for payer, value in ((CITY, one.city_cny), (COUNTY, one.county_cny))
            ]  # fmt: skip
    return rows
