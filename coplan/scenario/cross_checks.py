"""Entries that must fit together across cards: told with file and line before anything is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from coplan.elements.compute.cards import HallEntry
from coplan.elements.finance import FinanceCard
from coplan.scenario.clause_checks import clause_misfits
from coplan.scenario.line_checks import line_misfits
from coplan.scenario.messages import near
from coplan.scenario.near_optimal_checks import near_optimal_misfits
from coplan.scenario.reliability_checks import reliability
from coplan.scenario.shapes import Path
from coplan.scenario.spec import ScenarioSpec
from coplan.scenario.subsidy_checks import subsidy_misfits
from coplan.scenario.system import SiteEntry, System
from coplan.scenario.work_checks import work_misfits

Cards = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Misfit:
    """A value that does not fit: the file it stands in ("kind/id"), its path, what is wrong."""

    document: str
    path: Path
    message: str


def misfits(spec: ScenarioSpec, system: System, cards: Cards) -> Iterator[Misfit]:
    """Everything in a scenario, each part of it right by itself, that contradicts another part."""
    name = f"systems/{spec.system}"
    for site, entry in system.sites.items():
        for path, message in _site(entry, cards):
            yield Misfit(name, ("sites", site, *path), message)
        for path, message in _changes(system, site, cards):
            yield Misfit(name, ("sites", site, *path), message)
    if not system.demand and not any(entry.loads for entry in system.sites.values()):
        yield Misfit(name, ("demand",), "nothing is asked for: name work here, or loads at a site")
    for path, message in _same_ids(system):
        yield Misfit(name, path, message)
    for path, message in line_misfits(system):
        yield Misfit(name, path, message)
    for path, message in reliability(system):
        yield Misfit(name, path, message)
    for path, message in subsidy_misfits(system, cards):
        yield Misfit(name, path, message)
    for path, message in _demand(spec, system):
        yield Misfit(name, path, message)
    for document, path, message in work_misfits(spec, system, cards):
        yield Misfit(document, path, message)
    green = spec.targets.green_share
    if green is not None and green.unbundled_max_share > 0 and not system.certificates:
        message = "the system offers no certificates: name some under certificates in its card"
        yield Misfit("scenario", ("targets", "green_share", "unbundled_max_share"), message)
    labels = _labels(system, cards)
    for label in spec.targets.compute:
        if label not in labels:
            message = f"no hall of the system has servers counted in {label}; {near(label, labels)}"
            yield Misfit("scenario", ("targets", "compute", label), message)
    for path, message in clause_misfits(spec, system, labels, cards):
        yield Misfit("scenario", path, message)
    for path, message in near_optimal_misfits(spec, system):
        yield Misfit("scenario", path, message)
    for card, finance in cards.get("finance", {}).items():
        for key, message in _finance(spec, finance):
            yield Misfit(f"finance/{card}", (key,), message)
    for card, storage in cards.get("storage", {}).items():
        if storage.duration_min_h > storage.duration_max_h:
            message = f"must be at most duration_max_h, {storage.duration_max_h:g} h"
            yield Misfit(f"storage/{card}", ("duration_min_h",), message)


def _charge(connection: Any, tariff: Any) -> Iterator[tuple[Path, str]]:
    """The charge that was chosen is one that the tariff has at this voltage."""
    level = tariff.voltages[connection.voltage]
    prices = {"demand": level.demand_cny_per_kw_month, "capacity": level.capacity_cny_per_kva_month}
    wanted = ["demand", "capacity"] if connection.charge == "either" else [connection.charge]
    missing = [kind for kind in wanted if kind in prices and prices[kind] is None]
    if missing:
        yield ("connection", "charge"), (
            f"the tariff {connection.tariff} has no {missing[0]} charge at "
            f"{connection.voltage}: a one-part tariff asks for charge: none"
        )
    if tariff.demand_tiers and connection.charge != "demand":
        yield ("connection", "charge"), (
            f"the tariff {connection.tariff} has demand_tiers, which go with charge: demand"
        )
    if connection.charge == "none" and any(price is not None for price in prices.values()):
        yield ("connection", "charge"), (
            f"the tariff {connection.tariff} is in two parts at {connection.voltage}: "
            "demand, capacity or either"
        )
    if connection.demand_basis == "declared" and "demand" not in wanted:
        yield ("connection", "demand_basis"), "demand is declared only where it is charged"


def _finance(spec: ScenarioSpec, card: FinanceCard) -> Iterator[tuple[str, str]]:
    reach = spec.periods[-1] - spec.periods[0]
    if card.project_years <= reach:
        yield "project_years", f"must be more than {reach}: the last period, {spec.periods[-1]}, " \
            "has to lie within the project"  # fmt: skip
    if card.loan_share > 0 and card.loan_years > card.project_years:
        yield "loan_years", f"must be at most project_years, {card.project_years:g}"


def _site(entry: SiteEntry, cards: Cards) -> Iterator[tuple[Path, str]]:
    connection = entry.connection
    voltages = cards["tariffs"][connection.tariff].voltages
    if connection.voltage not in voltages:
        message = f"the tariff {connection.tariff} has no such voltage; "
        yield ("connection", "voltage"), message + near(connection.voltage, voltages)
    else:
        yield from _charge(connection, cards["tariffs"][connection.tariff])
    if connection.supply == ("agency",) and entry.contracts:
        yield ("connection", "supply"), (
            "agency purchase signs no green-power contracts; add market, or leave the contracts"
        )
    if connection.spot_price is not None and connection.supply == ("agency",):
        yield ("connection", "spot_price"), "agency purchase does not go to the spot market"
    flexible = entry.flexibility
    if flexible is not None and flexible.baseline_mw > connection.max_mw:
        yield ("flexibility", "baseline_mw"), (
            f"must be at most the import the grid allows, {connection.max_mw:g} MW: what can "
            "never be drawn is no reduction"
        )
    yield from _growth(entry)
    if connection.existing_mw > connection.max_mw:
        yield ("connection", "existing_mw"), f"must be at most max_mw, {connection.max_mw:g} MW"
    for name, plant in entry.plants.items():
        if plant.committed_mw > plant.approved_mw:
            message = f"must be at most approved_mw, {plant.approved_mw:g} MW"
            yield ("plants", name, "committed_mw"), message
    for name, contract in entry.contracts.items():
        if contract.min_mw > contract.max_mw:
            message = f"must be at most max_mw, {contract.max_mw:g} MW"
            yield ("contracts", name, "min_mw"), message
    for group in {m.group for m in entry.measures.values()} - {None}:
        needed = [key for key, m in entry.measures.items() if m.required and m.group == group]
        if len(needed) > 1:
            message = f"of the group {group} at most one is taken, and {needed[0]} is required too"
            yield ("measures", needed[1], "required"), message
    for name, hall in entry.halls.items():
        card = cards["halls"][hall.card]
        storage = cards["servers"][card.servers].storage_share
        most_mw = hall.stock_halls * card.it_mw / (1.0 + storage)
        if hall.stock_halls > hall.max_halls:
            message = f"must be at most max_halls, {hall.max_halls}; stock counts"
            yield ("halls", name, "stock_halls"), message
        if hall.stock_servers_mw > most_mw:
            message = f"must be at most what the stock halls hold, {most_mw:g} MW"
            yield ("halls", name, "stock_servers_mw"), message
        if hall.max_servers_mw is not None and hall.max_servers_mw < hall.stock_servers_mw:
            message = f"must be at least stock_servers_mw, {hall.stock_servers_mw:g} MW"
            yield ("halls", name, "max_servers_mw"), message


def _growth(entry: SiteEntry) -> Iterator[tuple[Path, str]]:
    """What a site allows does not shrink, since what was built stays; its band has an inside."""
    for name, least in (("it_max_mw", 0.0), ("connection_max_mw", entry.connection.existing_mw)):
        for year, phase in sorted(entry.phases.items()):
            value = getattr(phase, name)
            if value is not None and value < least:
                message = f"must be at least {least:g} MW: what was built stays"
                yield ("phases", str(year), name), message
            least = max(least, value or 0.0)
    band = entry.size_band
    if band is not None and band.min_mw > band.max_mw:
        yield ("size_band", "min_mw"), f"must be at most max_mw, {band.max_mw:g} MW"


def _changes(system: System, site: str, cards: Cards) -> Iterator[tuple[Path, str]]:
    """Stock that may change is not extended, and what it becomes exists and is new."""
    halls = system.sites[site].halls
    for name, hall in halls.items():
        at: Path = ("halls", name)
        if hall.may_change and hall.max_halls > hall.stock_halls:
            message = "stock that may be closed, converted or moved is not extended: "
            yield (*at, "max_halls"), message + f"must be stock_halls, {hall.stock_halls}"
        for key, change in hall.conversions.items():
            into = halls.get(change.to)
            where = (*at, "conversions", key)
            if into is None:
                message = f"the site has no such hall entry; {near(change.to, halls)}"
                yield (*where, "to"), message
                continue
            if into.stock_halls:
                yield (*where, "to"), "halls of that entry stand already; name one without stock"
            if change.keeps_servers and _servers(hall, cards) != _servers(into, cards):
                message = "servers stay only where the new hall has the same server type; set false"
                yield (*where, "keeps_servers"), message
        for key, move in hall.relocations.items():
            where = (*at, "relocations", key)
            if move.site not in system.sites:
                message = f"the system has no such site; {near(move.site, system.sites)}"
                yield (*where, "site"), message
                continue
            there = system.sites[move.site].halls
            target = there.get(move.hall)
            if target is None:
                yield (*where, "hall"), f"the site has no such hall entry; {near(move.hall, there)}"
            elif target.may_change:
                yield (*where, "hall"), "servers cannot move into stock that may change itself"
            elif _servers(hall, cards) != _servers(target, cards):
                message = f"must have the server type that moves, {_servers(hall, cards)}"
                yield (*where, "hall"), message


def _servers(hall: HallEntry, cards: Cards) -> str:
    return str(cards["halls"][hall.card].servers)


def _same_ids(system: System) -> Iterator[tuple[Path, str]]:
    """Units are called <site>_<entry>: two of one kind may not come to the same id."""
    for group in ("halls", "plants", "batteries", "contracts", "loads", "measures"):
        known: dict[str, str] = {}
        for site, entry in system.sites.items():
            for name in getattr(entry, group):
                unit = f"{site}_{name}"
                if unit in known:
                    message = f"its id {unit} is that of {known[unit]} too; rename one of them"
                    yield ("sites", site, group, name), message
                known[unit] = f"sites.{site}.{group}.{name}"


def _demand(spec: ScenarioSpec, system: System) -> Iterator[tuple[Path, str]]:
    for name, demand in system.demand.items():
        if demand.region not in system.regions:
            message = f"the system has no such region; {near(demand.region, system.regions)}"
            yield ("demand", name, "region"), message
        missing = [str(period) for period in spec.periods if period not in demand.mean_p]
        if missing:
            message = f"has no value for the period {', '.join(missing)} of the scenario"
            yield ("demand", name, "mean_p"), message


def _labels(system: System, cards: Cards) -> list[str]:
    halls = {hall.card for site in system.sites.values() for hall in site.halls.values()}
    servers = {cards["halls"][hall].servers for hall in halls}
    return sorted({cards["servers"][server].label for server in servers})
