"""A made-up but physically consistent Plan, so that the report can be tested without a solver.

Every balance closes (supply, storage, site balance, backlog, account); the numbers are invented.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from tests.report.fake_inputs import SITES, Inputs, Options
from tests.toys import completed


def fake_plan(options: Options | None = None, **changes: Any) -> xr.Dataset:
    """A Plan as the contract describes it, from seeded random weather and a greedy dispatch."""
    world = _World(options or Options(**changes))
    world.inputs()
    world.operate()
    world.settle()
    return world.dataset()


def fake_audit(passed: bool = True) -> dict[str, Any]:
    """An audit record with the keys the verifier writes."""
    names = [
        ("功率平衡", "power balance", 8760),
        ("储能状态", "state of charge", 8760),
        ("算力供需", "compute served", 17520),
        ("设备容量上限", "capacity limits", 43800),
        ("费用重算", "money recomputed", 19),
    ]
    checks = [
        {"name_zh": zh, "name_en": en, "rows": rows, "largest": 3e-9 * rows, "passed": True}
        for zh, en, rows in names
    ]
    if not passed:
        checks[0] |= {"largest": 0.41, "passed": False}
    return {
        "passed": passed,
        "rows_checked": sum(rows for _, _, rows in names),
        "largest_violation": max(float(c["largest"]) for c in checks),
        "checks": checks,
    }


def fake_kpis(plan: xr.Dataset) -> dict[str, Any]:
    """KPIs recomputed from the invented plan, under the keys of kpis.json."""
    weight = plan.step_weight.values * float(plan.step_h)

    def total(name: str) -> float:
        return float((plan[name].sum([d for d in plan[name].dims if d != "time"]) * weight).sum())

    retail, load, it = total("retail_mw"), total("facility_mw"), total("it_mw")
    netted = float(plan.netted_mwh.sum())
    generation, export = total("generation_mw"), total("export_mw")
    available = float(
        (plan.capacity_factor * plan.plant_capacity_mw * xr.DataArray(weight, dims="time")).sum()
    )
    book = plan.account_book.values
    cost = float(plan.account_cny.values[book == "cost"].sum())
    halls = np.isin(plan.account_label.values, ["halls", "halls O&M", "servers"])
    energy_cost = float(plan.account_cny.values[(book == "cost") & ~halls].sum())
    kind = plan.plant_kind.values
    size = plan.plant_capacity_mw.isel(period=-1).values
    run = json.loads(plan.attrs["run"])
    fp16 = plan.hall_label.values == "fp16"
    compute = (plan.servers_mw.isel(period=-1) * plan.density_p_per_mw).values
    imported = plan.retail_mw * plan.emission_factor_t_per_mwh
    carbon = float((imported.sum(["period", "weather", "site"]) * weight).sum())
    return {
        "status": run["status"], "gap": run["gap"], "gap_energy": run["gap_energy"],
        "objective_cny": run["objective_cny"], "bound_cny": run["bound_cny"], "cost_cny": cost,
        "penalties_cny": 0.0, "it_mwh": it, "it_useful_mwh": 0.8 * it, "facility_mwh": load,
        "pue": _ratio(load, it), "cue": _ratio(carbon, it), "wue": 0.4,
        "green_share": _share(retail - netted, load),
        "green_share_hourly": _share(retail, load),
        "green_share_monthly": _share(retail - netted, load),
        "green_share_annual": _share(retail - netted, load),
        "self_use_share": (generation - export) / available if available else 0.0,
        "self_supply_share": _ratio(generation - export, load),
        "export_share": export / available if available else 0.0,
        "curtailment_share": 1 - generation / available if available else 0.0,
        "retail_mwh": retail, "contract_mwh": total("delivered_mw"), "generation_mwh": generation,
        "export_mwh": export, "certificates_mwh": 0.0, "carbon_t_location": carbon,
        "carbon_t_market": 0.8 * carbon, "wind_mw": float(size[kind == "wind"].sum()),
        "pv_mw": float(size[kind == "pv"].sum()),
        "storage_mw": float(plan.storage_power_mw.isel(period=-1).sum()),
        "storage_mwh": float(plan.storage_energy_mwh.isel(period=-1).sum()),
        "grid_connection_mw": float(plan.grid_connection_mw.isel(period=-1).sum()),
        "halls": float(plan.halls_built.isel(period=-1).sum()), "racks": 4100.0,
        "servers_mw": float(plan.servers_mw.isel(period=-1).sum()),
        "compute_p_fp16": float(compute[fp16].sum()), "compute_p_fp32": float(compute[~fp16].sum()),
        "compute_p_fp64": 0.0, "intelligent_share": 0.8, "domestic_share_of_additions": 0.5,
        "occupancy": 0.82, "energy_cost_cny": energy_cost,
        "cost_cny_per_mwh_it": _ratio(energy_cost, it),
        "cost_cny_per_p_hour": 0.04, "seconds_build": 1.2, "seconds_solve": 12.0,
        "seconds_total": 15.0, "peak_memory_mb": 900.0,
    }  # fmt: skip


def _ratio(part: float, whole: float) -> float | None:
    """As kpis.json writes it: nothing where there is nothing to divide by."""
    return part / whole if whole > 0 else None


def _share(grey: float, whole: float) -> float | None:
    grey_share = _ratio(grey, whole)
    return None if grey_share is None else 1 - grey_share


class _World(Inputs):
    """Runs the invented inputs: a greedy dispatch, the account and the compliance rows."""

    # -- what the run decided ---------------------------------------------------------------
    def operate(self) -> None:
        growth = (1 + 0.35 * np.arange(self.P))[:, None]
        size = np.array([190.0 if k == "wind" else 120.0 for k in self.kind])
        self.plant_mw = self.put("plant_capacity_mw", "period plant", size * growth, "MW")
        b, c = len(self.battery), len(self.contract)
        self.power = self.put("storage_power_mw", "period battery",
                              np.full((self.P, b), 60.0) * growth, "MW")  # fmt: skip
        self.energy = self.put("storage_energy_mwh", "period battery",
                               np.full((self.P, b), 240.0) * growth, "MWh")  # fmt: skip
        self.volume = self.put("contract_volume_mw", "period contract",
                               np.full((self.P, c), 45.0) * growth, "MW")  # fmt: skip
        self.put("is_contracted", "period contract", np.ones((self.P, c)), "1")
        self._run_work()
        self._dispatch()

    def _run_work(self) -> None:
        lead = (self.P, self.W)
        served = np.broadcast_to(self.demand_mw[:, None], (*lead, 3, self.T)).copy()
        backlog = np.zeros_like(served)
        if self.o.flexible:  # shift training from dear to cheap hours, at most twelve hours
            wave = np.where((self.hour >= 17) & (self.hour < 22), 0.6, 1.0)
            gap = (1 - wave) * self.demand_mw[:, 0]
            catch = np.where(self.hour < 6, gap.mean(axis=-1, keepdims=True) * 4, 0.0)
            served[:, :, 0] = (self.demand_mw[:, 0] - gap + catch)[:, None]
            backlog[:, :, 0] = np.cumsum(self.demand_mw[:, None, 0] - served[:, :, 0], axis=-1)
            backlog[:, :, 0] -= backlog[:, :, 0].min(axis=-1, keepdims=True)
        self.put("served_mw", "period weather pool time", served, "MW")
        self.put("backlog_mwh", "period weather pool time", backlog, "MWh")
        share = np.full(self.S, 1 / self.S)
        routed = served[:, :, :, None] * share[:, None]
        self.put("routed_mw", "period weather pool site time", routed, "MW")
        load = np.empty((*lead, len(self.hall), self.T))
        load[:, :, 0::2] = (served[:, :, :2].sum(2) / self.S)[:, :, None]
        load[:, :, 1::2] = (served[:, :, 2] / self.S)[:, :, None]
        self.put("load_mw", "period weather hall time", load, "MW")
        idle, hall_it = self.v["idle_share"][1][:, None], self.v["hall_it_mw"][1]
        it = idle * self.servers[:, None, :, None] + (1 - idle) * load
        built = (self.halls * hall_it)[:, None, :, None]
        cooling = self.slope * it + self.fixed * built
        loss = (self.v["loss_slope"][1][:, None] * it
                + self.v["loss_fixed"][1][:, None] * built)  # fmt: skip
        for name, value in (("it_mw", it), ("cooling_mw", cooling), ("loss_mw", loss)):
            self.put(name, "period weather hall time", value, "MW")
        shape = (*lead, self.S, 2, self.T)
        self.facility = self.put("facility_mw", "period weather site time",
                                 (it + cooling + loss).reshape(shape).sum(3), "MW")  # fmt: skip
        self.put("site_it_mw", "period weather site time", it.reshape(shape).sum(3), "MW")

    def _dispatch(self) -> None:
        shape = (self.P, self.W, self.S, self.T)
        k = len(set(self.kind))
        available = self.cf * self.plant_mw[:, None, :, None]
        own = available.reshape(*shape[:3], k, self.T).sum(3) if k else np.zeros(shape)
        load = self.facility
        offered = (self.profile * self.volume[:, None, :, None] if self.contract
                   else np.zeros(shape))  # fmt: skip
        used = np.minimum(own, load)
        delivered = np.minimum(offered, load - used)
        surplus, lack = own - used, load - used - delivered
        charge, discharge, soc = self._battery(surplus, lack)
        export = np.minimum(surplus - charge, self.v["export_max_mw"][1][:, None])
        retail = lack - discharge
        spread = np.divide(used + charge + export, own, out=np.zeros(shape), where=own > 0)
        self.put("generation_mw", "period weather plant time",
                 available * np.repeat(spread, k, axis=2), "MW")  # fmt: skip
        cut = slice(None) if self.battery else slice(0, 0)
        self.put("charge_mw", "period weather battery time", charge[:, :, cut], "MW")
        self.put("discharge_mw", "period weather battery time", discharge[:, :, cut], "MW")
        self.put("soc_mwh", "period weather battery time", soc[:, :, cut], "MWh")
        cut = slice(None) if self.contract else slice(0, 0)
        self.put("delivered_mw", "period weather contract time", delivered[:, :, cut], "MW")
        self.retail = self.put("retail_mw", "period weather site time", retail, "MW")
        self.put("export_mw", "period weather site time", export, "MW")
        peak = np.stack([(retail + delivered)[..., self.month_of_step == m].max(-1)
                         for m in self.month], axis=-1)  # fmt: skip
        self.put("peak_mw", "period weather site month", peak, "MW")
        self.put("grid_connection_mw", "period site", peak.max(axis=(1, 3)), "MW")
        weight = 8760 / self.T
        grey = np.stack([retail[..., self.month_of_step == m].sum((-1, -2)) * weight
                         for m in self.month], axis=-1)  # fmt: skip
        spilled = np.stack([(offered - delivered)[..., self.month_of_step == m].sum((-1, -2))
                            for m in self.month], axis=-1) * weight  # fmt: skip
        self.put("netted_mwh", "period weather month", np.minimum(grey, spilled), "MWh")
        price = np.where(retail > 1e-6, self.retail_price[:, None], 60.0)
        self.put("energy_price_cny_per_mwh", "period weather site time", price, "CNY/MWh")

    def _battery(self, surplus: np.ndarray, lack: np.ndarray) -> tuple[np.ndarray, ...]:
        charge, discharge, soc = (np.zeros_like(surplus) for _ in range(3))
        if not self.battery:
            return charge, discharge, soc
        power = self.power[:, None]
        room = 0.9 * self.energy[:, None]
        state = np.zeros(surplus.shape[:3])
        for sweep in range(2):  # the second round starts where the first ended: cyclic
            for t in range(self.T):
                state = 0.9999 * state
                up = np.minimum(np.minimum(surplus[..., t], power), (room - state) / 0.94)
                down = np.minimum(np.minimum(lack[..., t], power), state * 0.94)
                state = state + 0.94 * up - down / 0.94
                if sweep:
                    charge[..., t], discharge[..., t], soc[..., t] = up, down, state
        return charge, discharge, soc

    # -- money and promises -----------------------------------------------------------------
    def settle(self) -> None:
        weight = 8760 / self.T / self.W
        for p, year in enumerate(self.o.periods):
            for s, site in enumerate(self.site):
                self._settle_site(p, year, s, site, weight)

    def _settle_site(self, p: int, year: int, s: int, site: str, weight: float) -> None:
        x = {name: values for name, (_, values, _, _) in self.v.items()}

        def book(element: str, label: str, value: float, book: str = "cost") -> None:
            self.account.append((element, label, site, year, book, float(value) / self.P))

        for i, plant in enumerate(self.plant):
            if plant.startswith(site):
                size = self.plant_mw[p, i]
                book("supply", f"{self.kind[i]} plant",
                     size * x["plant_annuity_cny_per_mw_year"][i])  # fmt: skip
                book("supply", "plant O&M", size * x["plant_om_cny_per_mw_year"][i])
                book("supply", "own-use fees", 27 * x["generation_mw"][p, :, i].sum() * weight)
        if self.battery:
            book("storage", "battery", self.power[p, s] * 3.2e4 + self.energy[p, s] * 8.4e4)
            book("storage", "battery O&M", self.power[p, s] * 2.4e4)
            book("storage", "battery wear", 12 * x["discharge_mw"][p, :, s].sum() * weight)
        hall_mw = (self.halls * x["hall_it_mw"])[p, 2 * s : 2 * s + 2]
        halls = slice(2 * s, 2 * s + 2)
        book("compute", "halls", (hall_mw * x["hall_annuity_cny_per_mw_year"][halls]).sum())
        book("compute", "halls O&M", (hall_mw * 3e5).sum())
        book("compute", "servers", (self.servers[p, halls]
             * x["server_annuity_cny_per_mw_year"][halls]).sum(), "server")  # fmt: skip
        connection = x["grid_connection_mw"][p, s]
        book("network", "grid connection", connection * 5e4)
        energy = (self.retail[p, :, s] * self.retail_price[p, s]).sum() * weight
        book("network", "grid energy", energy)
        if SITES[site][5] == "demand":
            peaks = x["peak_mw"][p, :, s].mean(axis=-1).mean()
            book("network", "demand charge", 3.5e4 * 12 * peaks)
        else:
            book("network", "capacity charge", 2.2e4 * 12 * 1.1 * connection)
        if self.o.export:
            book("network", "export revenue", -180 * x["export_mw"][p, :, s].sum() * weight)
        if self.contract:
            volume = (self.volume[p, s] * self.profile[:, s]).sum() * weight
            book("trading", "contract energy", 310 * volume)
            book("trading", "contract grid fees",
                 140 * x["delivered_mw"][p, :, s].sum() * weight)  # fmt: skip
        book("network", "tie-break", 12.0, "tie_break")

    def _compliance(self) -> dict[str, Any]:
        load = self.facility.sum()
        netted = self.v["netted_mwh"][1].sum() / (8760 / self.T)
        green = _share(self.retail.sum() - netted, load) or 0.0
        pue = _ratio(load, self.v["it_mw"][1].sum()) or 1.0
        compute = (self.servers * self.v["density_p_per_mw"][1])[0, ::2].sum()
        rows = [
            ("green_share", "green_share", np.floor(green * 20) / 20, green, 4.1e6,
             "CNY per year for one percentage point more", "met"),
            ("pue", "pue", np.ceil(pue * 20) / 20, pue, 6.3e5, "CNY per year for 0.01 lower",
             "met"),
            ("compute_fp16", "compute", compute - 400, compute, 0.0,
             "CNY per year per P more", "met"),
        ]  # fmt: skip
        if self.o.violated:
            rows[0] = (*rows[0][:2], green + 0.04, *rows[0][3:6], "violated")
            rows.append(("wue", "wue", np.nan, np.nan, np.nan, "", "not represented"))
            rows.append(("heat", "heat", np.nan, 0.1, np.nan, "", "KPI only"))
        rows = rows if self.o.targets else []
        text = lambda i: np.array([r[i] for r in rows], dtype=object)  # noqa: E731
        number = lambda i: np.array([r[i] for r in rows], dtype=float)  # noqa: E731
        sign = np.array([-1.0 if r[1] == "pue" else 1.0 for r in rows])
        out: dict[str, Any] = {
            "clause_id": text(0), "clause_kind": text(1), "clause_required": number(2),
            "clause_achieved": number(3), "clause_slack": sign * (number(3) - number(2)),
            "clause_shadow_price": number(4), "clause_shadow_unit": text(5),
            "clause_status": text(6), "clause_missed": np.zeros(len(rows)),
            "clause_missed_unit": np.full(len(rows), ""),
            "clause_penalty_cny": np.zeros(len(rows)),
            "clause_period": np.full(len(rows), self.o.periods[0]),
        }  # fmt: skip
        return out

    def _targets(self, clauses: dict[str, Any]) -> list[dict[str, Any]]:
        if not self.o.targets:
            return []
        required = dict(zip(clauses["clause_id"], clauses["clause_required"], strict=True))
        return [
            {"id": "green_share", "kind": "green_share", "value": float(required["green_share"]),
             "matching": self.o.matching, "unbundled_max_share": 0.0},
            {"id": "pue", "kind": "pue", "value": float(required["pue"]), "scope": "fleet"},
            {"id": "compute_fp16", "kind": "compute", "label": "fp16",
             "value": float(required["compute_fp16"])},
        ]  # fmt: skip

    def _names(self) -> dict[str, dict[str, str]]:
        kinds = {
            "wind": ("风电场", "wind farm"),
            "pv": ("光伏电站", "solar plant"),
            "lfp": ("磷酸铁锂储能", "LFP battery"),
            "green": ("绿电合同", "green contract"),
            "ai": ("智算机房", "AI hall"),
            "general": ("通算机房", "general hall"),
        }
        names = {s: {"zh": SITES[s][0], "en": SITES[s][1]} for s in self.site}
        if self.o.site_name:
            names[self.site[0]] = {"zh": self.o.site_name, "en": self.o.site_name}
        for unit in [*self.plant, *self.battery, *self.hall, *self.contract]:
            site, kind = unit.rsplit("_", 1)
            zh, en = kinds[kind]
            names[unit] = {"zh": names[site]["zh"] + zh, "en": f"{names[site]['en']} {en}"}
        plain = {
            "beijing_training": ("北京·训练", "Beijing training"),
            "beijing_inference": ("北京·推理", "Beijing inference"),
            "tianjin_general": ("天津·通用", "Tianjin general"),
            "fp16_flexible": ("智算(可延迟)", "AI, deferrable"),
            "fp16_now": ("智算(实时)", "AI, immediate"),
            "fp32_now": ("通算(实时)", "general, immediate"),
            "fp16": ("智能算力 FP16", "AI compute FP16"),
            "fp32": ("通用算力 FP32", "general compute FP32"),
            "training": ("模型训练", "model training"), "inference": ("在线推理", "inference"),
            "beijing": ("北京", "Beijing"), "tianjin": ("天津", "Tianjin"),
            "liquid_cold_plate": ("冷板式液冷", "cold-plate liquid cooling"),
            "indirect_evaporative": ("间接蒸发冷却", "indirect evaporative cooling"),
            "tmy": ("典型气象年", "typical meteorological year"),
            "tmy1": ("少风年", "low-wind year"),
        }  # fmt: skip
        return names | {key: {"zh": zh, "en": en} for key, (zh, en) in plain.items()}

    def _assumptions(self) -> list[dict[str, Any]]:
        kinds = ["measured", "published", "assumption"]
        keys = [("halls/ai", "idle_share", 0.18, "1"), ("generators/wind", "capex", 4600, "CNY/kW"),
                ("storage/lfp", "wear", 12, "CNY/MWh"), ("finance", "wacc", 0.06, "1"),
                ("tariffs/jibei", "band_peak", "16:00-21:00", "")]  # fmt: skip
        return [
            {"card": keys[i % 5][0], "key": keys[i % 5][1], "value": keys[i % 5][2],
             "unit": keys[i % 5][3], "source": "发改价格〔2026〕1077号 附件1; https://example.org/a?b=1&c=2",
             "confidence": kinds[i % 3], "note": "" if i % 4 else "按同类项目取值 typical value"}
            for i in range(self.o.assumptions)
        ]  # fmt: skip

    def dataset(self) -> xr.Dataset:
        """Everything as one Dataset, with attrs."""
        clauses = self._compliance()
        data = {n: (d, x, {"units": u, "long_name": t}) for n, (d, x, u, t) in self.v.items()}
        plan = xr.Dataset(data, coords=self.coords)
        lines = list(zip(*self.account, strict=True))
        for i, name in enumerate(("element", "label", "place", "period", "book")):
            kind = int if name == "period" else object
            plan = plan.assign_coords({f"account_{name}": ("line", np.array(lines[i], kind))})
        plan["account_cny"] = ("line", np.array(lines[5]), {"units": "CNY"})
        plan = plan.assign_coords(clause_id=("clause", clauses.pop("clause_id")))
        for name, values in clauses.items():
            plan[name] = ("clause", values)
        cost = sum(line[5] for line in self.account if line[4] == "cost")
        gap = 0.031 if self.o.stopped else 8e-4
        run = {
            "status": "stopped at limit" if self.o.stopped else "optimal within gap", "gap": gap,
            "gap_energy": 1.7 * gap, "objective_cny": cost, "bound_cny": cost * (1 - gap),
            "cost_cny": cost, "penalties_cny": 0.0, "energy_cost_cny": 0.6 * cost,
            "seconds": {"build": 1.0, "solve": 12.3}, "seconds_total": 15.0,
            "solver": "HiGHS", "versions": {"coplan": "0.1.0", "highspy": "1.15.1"},
            "hashes": {"scenario.yaml": "3b1f" * 16, "data/prices.csv": "9ac0" * 16},
        }  # fmt: skip
        plan.attrs = {
            "names": json.dumps(self._names(), ensure_ascii=False),
            "targets": json.dumps(self._targets(clauses | {"clause_id": plan.clause_id.values})),
            "assumptions": json.dumps(self._assumptions(), ensure_ascii=False),
            "scenario_id": "quickstart", "title": json.dumps(self.o.title, ensure_ascii=False),
            "notices": json.dumps([{"zh": "气象数据为合成数据。", "en": "Weather is synthetic."}],
                                  ensure_ascii=False),
            "run": json.dumps(run),
        }  # fmt: skip
        return completed(plan)
