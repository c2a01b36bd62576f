"""Why nothing fits: the promises or limits that would have to give way, and by how much.

Three questions, each a linear program that looks for the smallest repair (see `elastic`):
may the targets give way? else, may targets and the limits on sizes? else, may any rule? Cuts that
only round halls up are left out, since they repeat a target or a demand.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from coplan.solve import conflict_texts as texts
from coplan.solve.conflict_texts import Conflict, Teller, Words
from coplan.solve.elastic import Elastic, elastic
from coplan.solve.labels import labels_of, places_of
from coplan.solve.program import Array, LinearProgram, bounds_as_rows, shared_limits

NOISE = 1e-5  # of the mean load: a smaller violation is what an interior point leaves
MINOR = 1e-3  # of the largest severity: what is smaller helps nobody
CHEAP = 1e-3
FAR = 20.0
MOST_NAMED = 3
CUTS = ("peak_halls_floor", "target_halls_floor")
ROUNDED = ("whole_halls", "whole_numbers")
"""Causes that no larger limit on a size repairs: fractions would do."""
MWH_PER = {"GWh": 1e3, "kt": 1e3, "1000 m3": 1e3, "ktce": 1e4}
"""What a unit of a yearly row weighs, MWh."""
ZONES = ("headroom_limit", "corridor_limit")
RULES_OF_THEIR_OWN = ("backlog_mwh", "certificates_mwh", "certificates_used_mwh", "export_mw")
"""Operating quantities whose upper bound is a rule, not a consequence of a size."""

FACTS = ("critical_flow_mw", "missed_soft_size")
"""Quantities whose upper bound says where something is impossible, which no card can allow."""
FOLLOWS = ("critical_load_mw", "firm_power_mw")
"""Quantities whose upper bound repeats the limit on another size."""


@dataclass(frozen=True)
class Slack:
    """A row that may give way: what one unit of it weighs, and how a violation is told.

    A limit on a size has its place and period.
    """

    row: int
    weight: float
    cause: str
    tell: Teller
    place: str = ""
    period: int = 0


def conflicts(
    model: Any, compiled: Any, data: Any, time_limit: float = 600.0, threads: int = 1
) -> list[Conflict]:
    """The smallest repair of an infeasible model, worst first; empty when time ran out.

    `model` is the Model with its books, `compiled` its arrays, `data` its dataset.
    """
    return Relaxation(model, compiled, data, time_limit, threads).find()


def message(found: list[Conflict]) -> str:
    """One text for a planner, English and Chinese, of what `conflicts` found."""
    if not found:
        return "no plan keeps every promise; the cause was not found within the time limit"
    heads = {
        "en": ("no plan keeps every promise; what would have to give way", "or instead"),
        "zh": ("没有方案能满足全部承诺; 需要让步的是", "或者"),
    }
    lines = []
    for language, (first, second) in heads.items():
        for head, is_instead in ((first, False), (second, True)):
            way = [one for one in found if one.is_instead == is_instead]
            lines += [f"{head}:"] if way else []
            lines += [f"  - {getattr(one, language)}" for one in way]
    return "\n".join(lines)


def has_repairs(found: list[Conflict]) -> bool:
    """Whether larger limits could repair it: not where fractions of whole numbers would do."""
    return bool(found) and found[0].cause not in ROUNDED


class Relaxation:
    """A model that does not fit, with the rows that may give way; see `find`."""

    def __init__(self, model: Any, compiled: Any, data: Any, time_limit: float, threads: int):
        self.model, self.compiled, self.data = model, compiled, data
        self.ends, self.threads = time.perf_counter() + time_limit, threads
        self.hours = data["step_weight"].values * float(data["step_h"])
        self.targets = json.loads(data.attrs["targets"])
        self.whole = LinearProgram.of(compiled)
        self.program = self.without_cuts()
        work = data["pool_demand_mw"].values @ self.hours / self.hours.sum()
        # the mean load is the size against which everything is weighed
        self.mean_mw = max(1.0, float(work.sum(axis=-1).max(initial=0.0)))
        self.point: Array | None = None

    def find(self) -> list[Conflict]:
        """The smallest repair, worst first; `point` holds the column values it was found at."""
        promises = [*self.promises(), *self.added()]
        kept = self.solve(self.program, promises)
        if kept is not None:
            found = self.told(kept, promises)
            return found + self.instead(promises, found) if found else self.whole_numbers(promises)
        program, limits = self.with_limits()
        slacks = [*promises, *limits]
        kept = self.solve(program, slacks)
        return self.told(kept, slacks) if kept is not None else self.any_rule()

    def solve(self, program: LinearProgram, slacks: list[Slack]) -> Elastic | None:
        """The least violation of these rows; None when they do not suffice or time is up."""
        left = self.ends - time.perf_counter()
        if left <= 0.0:
            return None
        slacks = sorted(slacks, key=lambda slack: slack.row)
        rows = np.array([slack.row for slack in slacks], dtype=np.int64)
        weights = np.array([slack.weight for slack in slacks])
        found = elastic(program, rows, weights, time_limit=left, threads=self.threads)
        return found if found.x is not None and found.status == "optimal" else None

    def told(self, kept: Elastic, slacks: list[Slack]) -> list[Conflict]:
        """Every violation that matters, the worst row of each cause and place, worst first."""
        found: dict[tuple[str, str], Conflict] = {}
        for slack in slacks:
            violation = abs(float(kept.violations[slack.row]))
            if violation * slack.weight <= NOISE * self.mean_mw:
                continue
            assert kept.x is not None
            if self.point is None:
                self.point = kept.x
            one = slack.tell(violation, kept.x)
            known = found.get((one.cause, one.place))
            if known is None or one.severity > known.severity:
                found[one.cause, one.place] = one
        return worst_first(list(found.values()))

    def instead(self, promises: list[Slack], found: list[Conflict]) -> list[Conflict]:
        """Another way out: what the other promises would have to give for the broken ones."""
        broken = {conflict.cause for conflict in found}
        cheap = [
            slack if slack.cause in broken else replace(slack, weight=CHEAP * slack.weight)
            for slack in promises
        ]
        if cheap == promises:
            return []
        kept = self.solve(self.program, cheap)
        again = self.told(kept, promises) if kept is not None else found
        if any(conflict.cause in broken for conflict in again):
            return []  # the other promises do not help, or not enough
        return [replace(conflict, is_instead=True) for conflict in again]

    def whole_numbers(self, promises: list[Slack]) -> list[Conflict]:
        """Fractions would do: the rows that round up say which whole halls are missing."""
        slacks = list(promises)
        for constraint, rows in self.constraints():
            if constraint.local_name in CUTS:
                for label, row in zip(labels_of(constraint), rows, strict=True):
                    needed = float(self.whole.row_lower[row])
                    tell = texts.whole_halls(label, needed, self.words())
                    slacks.append(Slack(row, self.mean_mw, "whole_halls", tell))
        kept = self.solve(self.whole, slacks)
        return (self.told(kept, slacks) if kept is not None else []) or [texts.whole_numbers()]

    def any_rule(self) -> list[Conflict]:
        """Every row may give way: violations by rule and place, the largest of them."""
        left = self.ends - time.perf_counter()
        kept = elastic(self.program, time_limit=max(left, 0.0), threads=self.threads)
        if kept.x is None:
            return []
        found = []
        for constraint, rows in self.constraints():
            broken = np.abs(kept.violations[rows.start : rows.stop])
            if broken.max(initial=0.0) <= NOISE * self.mean_mw:
                continue
            for place, month, group in places_of(constraint, self.data, broken.size):
                worst = float(broken[group].max())
                if worst > NOISE * self.mean_mw:
                    found.append(texts.rule(
                        constraint.local_name, constraint.doc, place, month, worst,
                        self.unit_of(rows.start + int(group[0])),
                        int((broken[group] > 0.1 * worst).sum()), self.mean_mw, self.words(),
                    ))  # fmt: skip
        return worst_first(found)

    def words(self, period: int | None = None, weather: str | None = None) -> Words:
        return Words.of(self.data, period, weather)

    def constraints(self) -> Iterator[tuple[Any, range]]:
        for block in self.compiled.rows:
            yield block.constraint, range(block.first, block.first + block.count)

    def without_cuts(self) -> LinearProgram:
        low, high = self.whole.row_lower.copy(), self.whole.row_upper.copy()
        for constraint, rows in self.constraints():
            if constraint.local_name in CUTS:
                low[rows.start : rows.stop], high[rows.start : rows.stop] = -np.inf, np.inf
        return self.whole.with_sides(low, high)

    def promises(self) -> Iterator[Slack]:
        """The rows of the targets, in every period, weather year and site they stand for."""
        books = [(p, None, ledger) for p, ledger in self.model.size_books.items()]
        books += [(p, w, ledger) for (p, w), ledger in self.model.year_books.items()]
        for period, weather, ledger in books:
            for promise in ledger.promises:
                constraint, index = promise.row
                first = self.compiled.row_slice(constraint).start
                for position, place in enumerate(labels_of(constraint)):
                    if index is not None and place != str(index):
                        continue
                    # a whole share, or the whole compute asked for, weighs as the mean load
                    yearly = promise.basis in ("load", "it", "mwh")
                    mwh = MWH_PER.get(promise.row_unit, 1.0)
                    yearly = yearly or mwh > 1.0
                    weight = mwh / float(self.hours.sum()) if yearly else 1.0
                    site = "" if index is not None else place
                    known = (promise, ledger, self.words(period, weather), site)
                    tell = self.teller(*known, first + position, weight)
                    yield Slack(first + position, weight, promise.target, tell)

    def added(self) -> Iterator[Slack]:
        """The rows that a user has added by hand, in ordinary Pyomo."""
        for constraint, rows in self.constraints():
            if not getattr(constraint, "is_lazy", False):
                for row in rows:
                    name, unit = self.compiled.row_name(row), self.unit_of(row)
                    yield Slack(row, 1.0, name, texts.added(name, unit, self.mean_mw))

    def teller(
        self, promise: Any, ledger: Any, words: Words, site: str, row: int, weight: float
    ) -> Teller:
        target = next(t for t in self.targets if t["id"] == promise.target)
        if target["kind"] == "compute":
            return texts.compute(target, words, 1.0 / promise.factor)
        if target["kind"] == "pue":
            return texts.pue(target, words, site, self.energy_mwh(ledger, "it", site))
        if target["kind"] == "green_share":
            return texts.green_share(target, words, self.energy_mwh(ledger, "facility", ""))
        if target["kind"] == "priority":
            return texts.priority(target, words, 100.0 * promise.factor)
        doc, unit = promise.row[0].doc, promise.row_unit or self.unit_of(row)
        return texts.promise(target, doc, unit, self.mean_mw / weight, words, site)

    def energy_mwh(self, ledger: Any, tag: str, site: str) -> Callable[[Array], float]:
        """Yearly energy of the postings with a tag, MWh, of one site or of all (site "")."""

        def energy(x: Array) -> float:
            total = 0.0
            for posting in ledger.pick(tag):
                power = self.compiled.evaluate(posting.quantity, x)
                sites = self.data[f"{posting.units.dim}_site"].values.astype(str)
                mine = (sites == site) if site else np.ones(sites.size)
                total += float(mine @ power @ self.hours)
            return total

        return energy

    def with_limits(self) -> tuple[LinearProgram, list[Slack]]:
        """The program with the limits on sizes as rows, and these rows.

        Bounds of operating quantities repeat the limits on sizes and are moved out of the way;
        so are the rows that tie a volume to its signature and bandwidth to its link.
        """
        base, upper = self.program, self.program.upper.copy()
        slacks: list[Slack] = []
        columns: list[int] = []
        limits: list[float] = []
        far = FAR * max(self.mean_mw, *(float(upper[at].max(initial=0.0)) for _, _, at in
                                        self.variables(self.model.pyomo.sizes)))  # fmt: skip
        for _, variable, at in self.variables(self.model.pyomo.year):
            if variable.local_name not in RULES_OF_THEIR_OWN:
                upper[at] = np.maximum(FAR * upper[at], far)
        for period, variable, at in self.variables(self.model.pyomo.sizes):
            for column, place in zip(range(at.start, at.stop), labels_of(variable), strict=True):
                weight = self.weight_of(variable.local_name, period, column - at.start)
                if weight is None:
                    continue
                most, upper[column] = float(upper[column]), max(FAR * upper[column], far)
                if weight > 0.0:
                    tell = texts.limit(variable.local_name, variable.doc, variable.unit, place,
                                       most, self.mean_mw / weight, self.words(period))  # fmt: skip
                    row = base.n_rows + len(columns)
                    slacks.append(
                        Slack(row, weight, variable.local_name, tell, place, period)
                    )
                    columns.append(column)
                    limits.append(most)
        low, high = base.row_lower.copy(), base.row_upper.copy()
        for constraint, rows in self.constraints():
            name = constraint.local_name
            if name in ("volume_link", "bandwidth_link"):
                low[rows.start : rows.stop], high[rows.start : rows.stop] = -np.inf, np.inf
            elif name == "site_it_limit":
                for row, place in zip(rows, labels_of(constraint), strict=True):
                    tell = texts.limit(name, constraint.doc, "MW", place, float(high[row]),
                                       self.mean_mw, self.words())  # fmt: skip
                    slacks.append(Slack(row, 1.0, name, tell, place))
            elif name == "land_limit":
                for row, place in zip(rows, labels_of(constraint), strict=True):
                    m2 = float(self.data["site_land_m2"].sel(site=place))
                    slacks.append(Slack(row, self.mean_mw, name, texts.land(place, m2,
                                                                            self.words()), place))
        program = bounds_as_rows(base.with_sides(low, high), upper, columns, limits)
        return self.with_zones(program, slacks, far), slacks

    def with_zones(self, program: LinearProgram, slacks: list[Slack], far: float) -> LinearProgram:
        """The program with what a zone may draw or feed in as one limit a period, not by step."""
        shared: dict[tuple[str, str, int], list[int]] = {}
        for (period, _), year in self.model.pyomo.year.items():
            for name in ZONES:
                constraint = getattr(year.zones, name, None)
                if constraint is not None:
                    rows = self.compiled.row_slice(constraint)
                    for row, place in zip(range(rows.start, rows.stop), labels_of(constraint),
                                          strict=True):  # fmt: skip
                        shared.setdefault((name, place, period), []).append(row)
        limits = [float(program.row_upper[rows[0]]) for rows in shared.values()]
        for number, ((name, place, period), most) in enumerate(zip(shared, limits, strict=True)):
            tell = texts.limit(name, name, "MW", place, most, self.mean_mw, self.words(period))
            slacks.append(Slack(program.n_rows + number, 1.0, name, tell, place, period))
        return shared_limits(program, [np.array(rows) for rows in shared.values()], limits, far)

    def variables(self, blocks: Any) -> Iterator[tuple[int, Any, slice]]:
        """Period, variable and its columns, of every variable in blocks indexed by period."""
        import pyomo.environ as pyo

        for key in blocks:
            for variable in blocks[key].component_objects(pyo.Var, descend_into=True):
                period = key[0] if isinstance(key, tuple) else key
                if not hasattr(variable, "unit"):  # a user's own
                    continue
                yield period, variable, self.compiled.column_slice(variable)

    def weight_of(self, name: str, period: int, place: int) -> float | None:
        """MW that one unit of a size weighs; 0: no limit of its own; None: it stays as it is."""
        if name.startswith("is_") or name in FACTS:
            return None
        if name in FOLLOWS:
            return 0.0
        if name not in ("halls_built", "servers_mw"):
            return 0.25 if name.endswith("mwh") else 1.0
        sized = self.data.sel(period=period)
        with_storage = 1.0 + float(sized["storage_share"].values[place])
        hall_mw = float(sized["hall_it_mw"].values[place]) / with_storage
        most, least = (float(sized[key].values[place]) for key in ("halls_max", "halls_min"))
        if most <= least:  # stock is what it is
            return None
        if name == "halls_built":
            return hall_mw
        return 0.0 if float(sized["servers_max_mw"].values[place]) >= hall_mw * most - 1e-9 else 1.0

    def unit_of(self, row: int) -> str:
        """The unit of a row: that of the variable that enters it closest to one for one.

        A row whose every term dropped out has none.
        """
        entries = slice(*self.compiled.start[row : row + 2])
        if entries.start == entries.stop:
            return ""
        nearest = int(np.argmin(np.abs(np.log(np.abs(self.compiled.value[entries])))))
        column = int(self.compiled.column[entries][nearest])
        for variable in self.compiled.variables:
            at = self.compiled.column_slice(variable)
            if at.start <= column < at.stop:
                return str(getattr(variable, "unit", ""))
        return ""


def worst_first(found: list[Conflict]) -> list[Conflict]:
    """The few conflicts with the largest severity, without those that are negligible."""
    found = sorted(found, key=lambda conflict: -conflict.severity)[:MOST_NAMED]
    return [conflict for conflict in found if conflict.severity >= MINOR * found[0].severity]
