"""Money: every line of the account from sizes and dispatch, and the objective from the lines."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coplan.verify import (
    charges,
    flexibility,
    green,
    heat,
    near_optimal,
    reliability,
    stock,
    subsidy,
    work,
)
from coplan.verify import lines as direct
from coplan.verify.case import Case
from coplan.verify.emissions import T_PER_CNY, levelled_t
from coplan.verify.outcome import Check, Part, flat, measured

SERVER_LABEL = "servers"
BUILDING_LABELS = (
    "halls", "halls O&M", SERVER_LABEL, "hall closure", "hall conversion", "server relocation",
    "fibre links", "data transfer", "migration", "subsidies",
)  # fmt: skip
"""Cost that is not of energy."""
FLEET_LABELS = ("certificates", "priority", "soft clauses")
ELEMENTS = ("supply", "lines", "storage", "cooling", "compute", "network", "trading", "targets",
            "finance", "backup", "measures", "heat", "surcharge", "subsidies", "charges",
            "flexibility")
OPEN_BOOKS = ("penalty", "tie_break", "transfer")
TIE_BREAK_SHARE = 1e-2
"""Tie-breaks keep the optimum unique; more than this share of all money would steer it."""


class Line(NamedTuple):
    """Money of one label by period and site, and the sum of the sizes of its terms."""

    value: np.ndarray
    gross: np.ndarray


def expected_lines(case: Case) -> dict[str, Line]:
    """Every line of the account (period, site) [CNY per year], expected over weather years."""
    found = (
        _plant_and_battery(case) | _halls(case) | _cooling(case) | _grid(case) | _trading(case)
        | _links_and_data(case) | _measures(case)
    )  # fmt: skip
    apart = (
        direct.lines(case) | reliability.lines(case) | heat.lines(case)
        | subsidy.lines(case) | charges.lines(case) | flexibility.lines(case)
    )
    for label, pair in apart.items():
        known = found.get(label, Line(*(np.zeros_like(part) for part in pair)))
        found[label] = Line(known.value + pair[0], known.gross + pair[1])
    return found


def _by_site(case: Case, values: np.ndarray, unit: str) -> Line:
    """Money (period, unit) put to the sites of the units."""
    place = case.belongs(f"{unit}_site", "site")
    return Line(values @ place, np.abs(values) @ place)


def _plant_and_battery(case: Case) -> dict[str, Line]:
    plants = case.found("plant_capacity_mw")
    kind = case.text("plant_kind")
    annuity = plants * case.given("plant_annuity_cny_per_mw_year")
    fees = case.given("plant_use_fee_cny_per_mwh") * case.expected(
        case.yearly(case.found("generation_mw"))
    )
    used = _by_site(case, fees, "plant")
    power, energy = case.found("storage_power_mw"), case.found("storage_energy_mwh")
    batteries = power * case.given("storage_power_annuity_cny_per_mw_year")
    batteries = batteries + energy * case.given("storage_energy_annuity_cny_per_mwh_year")
    wear = case.given("wear_cny_per_mwh") * case.expected(
        case.yearly(case.found("discharge_mw"))
    )
    return {
        "wind plant": _by_site(case, annuity * (kind == "wind"), "plant"),
        "pv plant": _by_site(case, annuity * (kind == "pv"), "plant"),
        "plant O&M": _by_site(case, plants * case.given("plant_om_cny_per_mw_year"), "plant"),
        "own-use fees": Line(used.value - _fees_spared(case), used.gross),
        "battery": _by_site(case, batteries, "battery"),
        "battery O&M": _by_site(
            case, power * case.given("storage_om_cny_per_mw_year"), "battery"
        ),
        "battery wear": _by_site(case, wear, "battery"),
    }


def _fees_spared(case: Case) -> np.ndarray:
    """The least fee of a site's plants is not due on what is fed in (period, site)."""
    at, fee = case.belongs("plant_site", "site"), case.given("plant_use_fee_cny_per_mwh")
    least = np.where(at > 0, fee[:, None], np.inf).min(axis=0, initial=np.inf)
    sold = case.expected(case.yearly(case.found("export_mw")))
    return np.where(np.isfinite(least), least, 0.0) * sold


def _halls(case: Case) -> dict[str, Line]:
    """Only new halls are paid for; what stands already is sunk, its upkeep is not."""
    hall_mw = case.given("hall_it_mw")
    change = stock.account(case)
    new = change["halls_new"] * hall_mw
    upkeep = case.found("halls_built") * hall_mw * case.given("hall_om_cny_per_mw_year")
    servers = change["servers_bought_mw"] * case.given("server_annuity_cny_per_mw_year")
    return {
        "halls": _by_site(case, new * case.given("hall_annuity_cny_per_mw_year"), "hall"),
        "halls O&M": _by_site(case, upkeep, "hall"),
        SERVER_LABEL: _by_site(case, servers, "hall"),
        **{label: Line(*pair) for label, pair in stock.lines(case).items()},
    }


def _cooling(case: Case) -> dict[str, Line]:
    """Water that halls evaporate, and cold-water tanks."""
    litres = case.yearly(case.found("it_mw") * case.given("water_l_per_kwh"))
    price = case.belongs("hall_site", "site") @ case.given("water_price_cny_per_m3")
    size = case.found("cold_capacity_mwh")
    return {
        "water": _by_site(case, case.expected(litres) * price, "hall"),
        "cold tank": _by_site(case, size * case.given("cold_annuity_cny_per_mwh_year"), "tank"),
        "cold tank O&M": _by_site(case, size * case.given("cold_om_cny_per_mwh_year"), "tank"),
    }


def _links_and_data(case: Case) -> dict[str, Line]:
    """New links, the data they carry, and the data that move with work."""
    new = (case.found("link_gbit") - case.given("link_min_gbit")) * case.given(
        "link_annuity_cny_per_gbit_year"
    ) + case.found("is_linked") * case.given("link_new_annuity_cny_per_year")
    sent = case.expected(case.yearly(work.link_gb(case))) * case.given("link_price_cny_per_gb")
    moved = case.expected(work.moved_gb(case)) * case.given("placed_cny_per_gb")
    return {
        "fibre links": _by_site(case, new, "link"),
        "data transfer": _by_site(case, sent, "link"),
        "migration": _by_site(case, moved, "placed"),
    }


def _measures(case: Case) -> dict[str, Line]:
    """Efficiency measures that are taken."""
    cost = case.found("is_chosen") * case.given("measure_cost_cny_per_year")
    return {"efficiency measures": _by_site(case, cost, "measure")}


def _grid(case: Case) -> dict[str, Line]:
    connection = case.found("grid_connection_mw")
    annuity = case.given("connection_annuity_cny_per_mw_year")
    new = connection - case.given("connection_min_mw")
    retail = case.found("retail_mw")
    energy = retail * case.given("retail_price_cny_per_mwh")[:, None]
    others = case.belongs("alternative_site", "site")
    first = np.einsum("pst,js->pjt", case.given("retail_price_cny_per_mwh"), others)
    more = case.given("alternative_price_cny_per_mwh") - first
    energy = energy + np.einsum(
        "pwjt,pjt,js->pwst", case.found("alternative_mw"), more, others
    )
    export = case.found("export_mw") * case.given("export_price_cny_per_mwh")[:, None]
    factor = case.given("emission_factor_t_per_mwh")[:, None]
    tonnes = case.expected(case.yearly(retail * factor))
    lines = {
        "grid connection": new * annuity,
        "carbon": tonnes * case.given("carbon_price_cny_per_t"),
    }
    bought = case.expected(case.yearly(energy))
    sold = case.expected(case.yearly(export))
    gross = case.expected(case.yearly(np.abs(energy)))
    gross_sold = case.expected(case.yearly(np.abs(export)))
    return {label: Line(value, np.abs(value)) for label, value in lines.items()} | {
        "grid energy": Line(bought, gross),
        "export revenue": Line(-sold, gross_sold),
    }


def _trading(case: Case) -> dict[str, Line]:
    """What is due is paid, taken or not; what is delivered pays the grid's fees on top."""
    shaped = case.given("contract_is_shaped")[:, None] > 0
    share = np.where(shaped, case.given("contract_shape"), case.given("contract_profile"))
    due = case.expected(case.yearly(case.found("contract_volume_mw")[:, None, :, None] * share))
    delivered = case.expected(case.yearly(case.found("delivered_mw")))
    fees = case.given("contract_adder_cny_per_mwh")[:, None] * case.found("delivered_mw")
    resold = case.expected(case.yearly(green.resold_mw(case)))
    taken = delivered + resold
    unused = case.given("contract_unused_cny_per_mwh")
    paid = case.given("contract_price_cny_per_mwh") * taken + unused * (due - taken)
    earned = case.expected(case.yearly(case.found("resold_mw"))) * case.given("resale_cny_per_mwh")
    seller = case.belongs("resale_contract", "contract") @ case.belongs("contract_site", "site")
    bought = case.expected(case.found("certificates_mwh"))
    certificates = (bought @ case.given("certificate_price_cny_per_mwh"))[:, None]
    return {
        "contract energy": _by_site(case, paid, "contract"),
        "contract grid fees": _by_site(case, case.expected(case.yearly(fees)), "contract"),
        "contract resale": Line(-earned @ seller, earned @ seller),
        "certificates": Line(certificates, np.abs(certificates)),
    }


class Account:
    """The account of the plan as arrays of text and numbers."""

    def __init__(self, case: Case):
        plan = case.plan
        self.element = plan["account_element"].values.astype(str)
        self.value = np.asarray(plan["account_cny"].values, dtype=float)
        self.label = plan["account_label"].values.astype(str)
        self.place = plan["account_place"].values.astype(str)
        self.book = plan["account_book"].values.astype(str)
        self.period = plan["account_period"].values.astype(str)

    def found(self, label: str, book: str, case: Case) -> np.ndarray:
        """Money of one label (period, site); a label of the whole fleet has one column."""
        places = ["fleet"] if label in FLEET_LABELS else case.labels["site"]
        total = np.zeros((case.size("period"), len(places)))
        for row in np.flatnonzero((self.label == label) & (self.book == book)):
            spot = case.labels["period"].index(self.period[row])
            column = 0 if label in FLEET_LABELS else places.index(self.place[row])
            total[spot, column] += self.value[row]
        return total

    def book_total(self, book: str, case: Case, value: np.ndarray | None = None) -> float:
        """Sum of a book over periods, each by its years and discount factor [CNY per year]."""
        worth = case.given("period_years") * case.given("discount_factor")
        money = self.value if value is None else value
        each = [
            money[(self.book == book) & (self.period == label)].sum()
            for label in case.labels["period"]
        ]
        return float(worth @ np.array(each))


def lines(case: Case) -> list[Check]:
    """Every line of the account equals what sizes and dispatch cost."""
    account, expected = Account(case), expected_lines(case)
    server_book = "cost" if float(case.given("server_capex_counts")) > 0 else "server"
    faults = _unknown_lines(case, account, set(expected), server_book)
    checks = [flat("账目条目可识别", "every line of the account is known", faults,
                   len(account.value))]  # fmt: skip
    if faults:
        return checks
    parts: list[Part] = []
    for label, line in expected.items():
        book = server_book if label == SERVER_LABEL else "cost"
        gap = np.abs(account.found(label, book, case) - line.value)
        dims = ("period", "") if label in FLEET_LABELS else ("period", "site")
        parts.append(measured(gap, line.gross, dims, label))
    penalty = work.priority_penalty(case).sum(axis=-1, keepdims=True)
    gap = np.abs(account.found("priority", "penalty", case) - penalty)
    parts.append(measured(gap, penalty, ("period", ""), "priority"))
    parts.append(subsidy.transfers(case, account.found("subsidies", "transfer", case)))
    return [*checks, case.check("费用逐项重算", "every cost line", *parts)]


def _unknown_lines(
    case: Case, account: Account, known: set[str], server_book: str
) -> list[str]:
    faults = [f"element {name}" for name in sorted(set(account.element) - set(ELEMENTS))]
    for label, place, book, period in zip(
        account.label, account.place, account.book, account.period, strict=True
    ):
        name = f"{label} at {place}"
        if period not in case.labels["period"]:
            faults.append(f"{name}: period {period}")
        elif book in OPEN_BOOKS:
            continue
        elif label not in known:
            faults.append(f"{name}: unknown label")
        elif book != (server_book if label == SERVER_LABEL else "cost"):
            faults.append(f"{name}: book {book}")
        elif label not in FLEET_LABELS and place not in case.labels["site"]:
            faults.append(f"{name}: unknown place")
    return faults


def totals(case: Case) -> list[Check]:
    """Objective = cost + penalties + tie-breaks; bound and gap belong to it."""
    account, run = Account(case), case.run
    cost, penalties, ties = (
        account.book_total(book, case) for book in ("cost", "penalty", "tie_break")
    )
    gross = account.book_total("cost", case, np.abs(account.value))
    parts = [
        _stated(run, "objective_cny", cost + penalties + ties, gross),
        _stated(run, "cost_cny", cost, gross),
        _stated(run, "penalties_cny", penalties, gross),
        measured(abs(ties) - TIE_BREAK_SHARE * gross, gross, (), "tie-breaks too large"),
    ]
    energy = _energy_cost(case)
    bounds = [_stated(run, "energy_cost_cny", energy, gross)]
    if case.inputs.attrs.get("objective", "cost") == "emissions":
        tonnes = levelled_t(case) + T_PER_CNY * (cost + penalties + ties)
        parts.append(_stated(run, "objective_t", tonnes, tonnes))
        bounds += _proof(run, "objective_t", "bound_t")
    elif case.inputs.attrs.get("objective") == "near_optimal":
        explored = cost + penalties + ties + near_optimal.distance_cny(case)
        parts.append(_stated(run, "explored_cny", explored, abs(explored)))
        bounds += _proof(run, "explored_cny", "explored_bound_cny")
    else:
        bounds += _proof(run, "objective_cny", "bound_cny")
        difference = _number(run, "objective_cny") - _number(run, "bound_cny")
        bounds.append(_stated(run, "gap_energy", difference / max(abs(energy), 1e-9), 1.0))
    return [
        *near_optimal.budget(case, cost + penalties),
        case.check("总费用与目标值", "totals and objective", *parts),
        case.check("界与间隙", "bound and gap", *bounds),
    ]


def _proof(run: dict, objective_key: str, bound_key: str) -> list[Part]:
    """The bound is no higher than the objective, and the gap is what lies between them."""
    objective, bound = _number(run, objective_key), _number(run, bound_key)
    size = max(abs(objective), 1e-9)
    return [
        measured(bound - objective, abs(objective), (), "bound above objective"),
        _stated(run, "gap", (objective - bound) / size, 1.0),
    ]


def _energy_cost(case: Case) -> float:
    """Cost without halls and servers: what energy, its plants and its grid cost [CNY per year]."""
    account = Account(case)
    worth = case.given("period_years") * case.given("discount_factor")
    building = np.isin(account.label, BUILDING_LABELS)
    mine = (account.book == "cost") & ~building
    each = [
        account.value[mine & (account.period == label)].sum() for label in case.labels["period"]
    ]
    return float(worth @ np.array(each))


def _number(run: dict, key: str) -> float:
    value = run.get(key)
    return float(value) if isinstance(value, int | float) else float("nan")


def _stated(run: dict, key: str, value: float, scale: float) -> Part:
    """A figure of the run record against its recomputed value."""
    return measured(abs(_number(run, key) - value), scale, (), key)
