"""The made-up inputs behind the fake plan: names, weather, demand, prices, all seeded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

SITES = {
    "zhangbei": ("张北云计算基地", "Zhangbei campus", 41.16, 114.70, "jibei", "capacity"),
    "huailai": ("怀来数据中心", "Huailai campus", 40.42, 115.52, "jibei", "demand"),
    "horinger": ("和林格尔园区", "Horinger campus", 40.38, 111.82, "mengxi", "capacity"),
}
SITES |= {
    f"site{i}": (f"场址{i}", f"Site {i}", 38.2 + 0.31 * i, 112.4 + 0.47 * i, "jibei", "capacity")
    for i in range(4, 14)
}
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LABELS = ("fp16", "fp32")


@dataclass(frozen=True)
class Options:
    """What the invented plan has; every switch makes one extreme plan for the tests."""

    sites: int = 1
    periods: tuple[int, ...] = (2027,)
    weathers: int = 1
    hours: int = 8760
    wind: bool = True
    pv: bool = True
    battery: bool = True
    contract: bool = True
    targets: bool = True
    export: bool = True
    flexible: bool = True
    stopped: bool = False
    violated: bool = False
    matching: str = "annual"
    assumptions: int = 24
    work: float = 1.0
    title: dict[str, str] = field(
        default_factory=lambda: {
            "zh": "张北数据中心绿电协同规划研究",
            "en": "Zhangbei data centre green-power study",
        }
    )
    site_name: str | None = None


class Inputs:
    """What the invented run read; `v` holds name -> (dims, values, unit, long name)."""

    def __init__(self, options: Options):
        self.o = options
        self.random = np.random.default_rng(20261121)
        self.site = list(SITES)[: options.sites]
        self.T, self.P, self.W, self.S = (
            options.hours, len(options.periods), options.weathers, options.sites,
        )  # fmt: skip
        self.v: dict[str, tuple[tuple[str, ...], np.ndarray, str, str]] = {}
        self.coords: dict[str, Any] = {}
        self.account: list[tuple[str, str, str, int, str, float]] = []

    def put(self, name: str, dims: str, values: Any, unit: str = "") -> np.ndarray:
        array = np.asarray(values, dtype=float)
        self.v[name] = (tuple(dims.split()), array, unit, name.replace("_", " "))
        return array

    # -- what the run read ------------------------------------------------------------------
    def inputs(self) -> None:
        self._labels()
        self._time()
        self._weather()
        self._supply()
        self._storage()
        self._compute()
        self._network()

    def _labels(self) -> None:
        o, site = self.o, self.site
        kinds = [k for k, on in (("wind", o.wind), ("pv", o.pv)) if on]
        self.plant = [f"{s}_{k}" for s in site for k in kinds]
        self.kind = [k for _ in site for k in kinds]
        self.battery = [f"{s}_lfp" for s in site] if o.battery else []
        self.contract = [f"{s}_green" for s in site] if o.contract else []
        self.hall = [f"{s}_{k}" for s in site for k in ("ai", "general")]
        self.demand = ["beijing_training", "beijing_inference", "tianjin_general"]
        self.pool = ["fp16_flexible", "fp16_now", "fp32_now"]
        n = {
            "period": list(o.periods), "weather": [f"tmy{i or ''}" for i in range(self.W)],
            "site": site, "plant": self.plant, "battery": self.battery, "hall": self.hall,
            "contract": self.contract, "demand": self.demand, "pool": self.pool,
            "label": list(LABELS), "workload": ["training", "inference", "general"],
            "region": ["beijing", "tianjin"],
        }  # fmt: skip
        self.coords |= {key: (key, np.array(value, dtype=object if key != "period" else int))
                        for key, value in n.items()}  # fmt: skip
        text = {
            "plant_site": ("plant", [p.rsplit("_", 1)[0] for p in self.plant]),
            "plant_kind": ("plant", self.kind),
            "battery_site": ("battery", site if o.battery else []),
            "hall_site": ("hall", [h.rsplit("_", 1)[0] for h in self.hall]),
            "hall_type": ("hall", [h.rsplit("_", 1)[1] for h in self.hall]),
            "hall_label": ("hall", ["fp16", "fp32"] * self.S),
            "hall_cooling": ("hall", ["liquid_cold_plate", "indirect_evaporative"] * self.S),
            "server_type_kind": ("hall", ["intelligent", "general"] * self.S),
            "contract_site": ("contract", site if o.contract else []),
            "contract_kind": ("contract", ["pay_as_produced"] * len(self.contract)),
            "contract_settlement": ("contract", ["annual"] * len(self.contract)),
            "demand_region": ("demand", ["beijing", "beijing", "tianjin"]),
            "demand_workload": ("demand", ["training", "inference", "general"]),
            "demand_label": ("demand", ["fp16", "fp16", "fp32"]),
            "demand_pool": ("demand", self.pool),
            "pool_label": ("pool", ["fp16", "fp16", "fp32"]),
            "site_zone": ("site", [SITES[s][4] for s in site]),
            "site_charge": ("site", [SITES[s][5] for s in site]),
        }
        self.coords |= {k: (d, np.array(x, dtype=object)) for k, (d, x) in text.items()}
        self.coords["hall_is_stock"] = ("hall", np.array([False, True] * self.S))
        self.coords["site_latitude_deg"] = ("site", [SITES[s][2] for s in site])
        self.coords["site_longitude_deg"] = ("site", [SITES[s][3] for s in site])

    def _time(self) -> None:
        t = np.arange(self.T)
        day = t // 24
        if self.T < 8760:  # a shortened horizon: whole weeks spread over the year
            weeks = max(1, self.T // 168)
            day = (t // 168).clip(0, weeks - 1) * (365 // weeks) + (t % 168) // 24
        month = np.repeat(np.arange(1, 13), MONTH_DAYS)[day]
        self.month = np.unique(month)
        self.month_of_step, self.hour = month, t % 24
        self.coords |= {
            "month": ("month", self.month), "time": ("time", t),
            "month_of_step": ("time", month), "hour_of_day": ("time", t % 24),
            "day_of_year": ("time", day + 1),
        }  # fmt: skip
        self.day = day
        self.put("step_h", "", 1.0, "h")
        self.put("step_weight", "time", np.full(self.T, 8760 / self.T), "1")
        self.put("weather_probability", "weather", np.full(self.W, 1 / self.W), "1")
        self.put("period_years", "period", np.full(self.P, 25.0 / self.P), "a")
        self.put("discount_factor", "period", np.full(self.P, 1 / 25.0), "1")

    def _weather(self) -> None:
        season = np.cos(2 * np.pi * (self.day - 15) / 365)
        noise = self._smooth(72, (self.W, self.S, self.T))
        day_wave = np.cos(2 * np.pi * (self.hour - 15) / 24)
        dry = 5.0 - 17.0 * season + 5.5 * day_wave + 4.0 * noise
        self.dry = self.put("dry_bulb_degc", "weather site time", dry, "degC")
        self.wet = self.put("wet_bulb_degc", "weather site time",
                            dry - np.clip(2.0 + 0.16 * (dry + 10), 0.5, 9), "degC")  # fmt: skip

    def _smooth(self, hours: int, shape: tuple[int, ...]) -> np.ndarray:
        """Random weather with a memory of `hours`; standard deviation near one."""
        raw = self.random.standard_normal(shape)
        keep = np.exp(-1 / hours)
        out = np.empty(shape)
        state = raw[..., 0]
        for t in range(shape[-1]):
            state = keep * state + np.sqrt(1 - keep * keep) * raw[..., t]
            out[..., t] = state
        return out

    def _supply(self) -> None:
        n = len(self.plant)
        cf = np.zeros((self.W, n, self.T))
        season = np.cos(2 * np.pi * (self.day - 15) / 365)
        sun_width = 5.5 - 1.3 * season
        sun = np.clip(np.cos(np.pi * (self.hour - 12.3) / (2 * sun_width)), 0, None)
        sun *= np.abs(self.hour - 12.3) < sun_width
        for i, kind in enumerate(self.kind):
            if kind == "wind":
                speed = 7.4 + 1.3 * season + 3.4 * self._smooth(20, (self.W, self.T))
                cf[:, i] = np.clip((np.clip(speed, 0, 13) / 12.0) ** 3, 0, 1)
                cf[:, i][speed < 3] = 0
            else:
                cloud = np.clip(0.78 + 0.22 * self._smooth(30, (self.W, self.T)), 0.12, 1)
                cf[:, i] = sun * cloud * (0.86 - 0.10 * season)
        self.cf = self.put("capacity_factor", "weather plant time", np.round(cf, 4), "1")
        wind = np.array([k == "wind" for k in self.kind], dtype=bool)
        pick = lambda a, b: np.where(wind, a, b)  # noqa: E731
        self.put("plant_capacity_max_mw", "plant", pick(400.0, 300.0), "MW")
        self.put("plant_capacity_min_mw", "plant", np.zeros(n), "MW")
        self.put("plant_capex_cny_per_mw", "plant", pick(4.6e6, 2.9e6), "CNY/MW")
        self.put("plant_annuity_cny_per_mw_year", "plant", pick(3.9e5, 2.3e5), "CNY/MW/a")
        self.put("plant_om_cny_per_mw_year", "plant", pick(9.0e4, 4.0e4), "CNY/MW/a")
        self.put("plant_use_fee_cny_per_mwh", "plant", np.full(n, 27.0), "CNY/MWh")

    def _storage(self) -> None:
        n = len(self.battery)
        for name, value, unit in (
            ("charge_efficiency", 0.94, "1"), ("discharge_efficiency", 0.94, "1"),
            ("soc_kept_per_step", 0.9999, "1"), ("usable_share", 0.9, "1"),
            ("storage_power_max_mw", 120.0, "MW"), ("storage_energy_max_mwh", 480.0, "MWh"),
            ("storage_duration_min_h", 1.0, "h"), ("storage_duration_max_h", 4.0, "h"),
            ("storage_power_capex_cny_per_mw", 3e5, "CNY/MW"),
            ("storage_energy_capex_cny_per_mwh", 7.5e5, "CNY/MWh"),
            ("storage_power_annuity_cny_per_mw_year", 3.2e4, "CNY/MW/a"),
            ("storage_energy_annuity_cny_per_mwh_year", 8.4e4, "CNY/MWh/a"),
            ("storage_om_cny_per_mw_year", 2.4e4, "CNY/MW/a"),
            ("wear_cny_per_mwh", 12.0, "CNY/MWh"),
        ):  # fmt: skip
            self.put(name, "battery", np.full(n, value), unit)

    def _compute(self) -> None:
        n = len(self.hall)
        ai = np.array([h.endswith("_ai") for h in self.hall])
        pick = lambda a, b: np.where(ai, a, b)  # noqa: E731
        for name, a, b, unit in (
            ("hall_it_mw", 8.0, 4.0, "MW"), ("idle_share", 0.18, 0.32, "1"),
            ("density_p_per_mw", 420.0, 12.0, "P/MW"), ("density_ratio", 1.0, 1.0, "1"),
            ("availability", 0.97, 0.97, "1"), ("minimum_running_share", 0.0, 0.0, "1"),
            ("rack_kw", 40.0, 8.0, "kW"), ("hall_capex_cny_per_mw", 2.2e7, 0.0, "CNY/MW"),
            ("hall_annuity_cny_per_mw_year", 1.9e6, 0.0, "CNY/MW/a"),
            ("hall_om_cny_per_mw_year", 3.0e5, 3.0e5, "CNY/MW/a"),
            ("server_capex_cny_per_mw", 1.9e8, 5e7, "CNY/MW"),
            ("server_annuity_cny_per_mw_year", 4.2e7, 1.1e7, "CNY/MW/a"),
            ("domestic", 1.0, 0.0, "1"),
        ):  # fmt: skip
            self.put(name, "hall", pick(a, b), unit)
        growth = 1 + 0.35 * np.arange(self.P)
        pn = (self.P, n)
        built = np.ceil(self.o.work * pick(9.0, 6.0) * growth[:, None])
        self.halls = self.put("halls_built", "period hall", built, "1")
        stock = np.broadcast_to(self.o.work * pick(0.0, 6.0), pn)
        self.put("halls_min", "period hall", stock, "1")
        self.put("halls_max", "period hall", np.broadcast_to(pick(40.0, 40.0), pn), "1")
        self.servers = self.put(
            "servers_mw", "period hall", self.halls * self.v["hall_it_mw"][1] * 0.9, "MW"
        )
        self.put("servers_min_mw", "period hall", np.zeros(pn), "MW")
        self.put("servers_max_mw", "period hall", np.full(pn, 320.0), "MW")
        self.put("site_it_max_mw", "period site", np.full((self.P, self.S), 400.0), "MW")
        self.put("label_reference_p_per_mw", "label", [420.0, 12.0], "P/MW")
        hour_wave = np.cos(2 * np.pi * (self.hour - 15) / 24)
        base = np.stack([np.full(self.T, 26.0), 24 + 9 * hour_wave, 12 + 4 * hour_wave])
        demand = self.o.work * base * self.S * growth[:, None, None]
        self.demand_mw = self.put("demand_mw", "period demand time", demand, "MW")
        delay = 12.0 if self.o.flexible else 0.0
        self.put("demand_delay_h", "demand", [delay, 0, 0], "h")
        self.put("demand_reach", "demand site", np.ones((3, self.S)), "1")
        latency = 2.0 + 2.5 * np.arange(self.S) + np.zeros((3, 1))
        self.put("latency_one_way_ms", "demand site", latency, "ms")
        self.put("latency_limit_ms", "demand", [50.0, 20.0, 20.0], "ms")
        self.put("pool_demand_mw", "period pool time", demand, "MW")
        self.delay = self.put("pool_delay_h", "pool", [delay, 0, 0], "h")
        self.put("pool_reach", "pool site", np.ones((3, self.S)), "1")
        site_of = np.array([self.site.index(h.rsplit("_", 1)[0]) for h in self.hall])
        wet = self.wet[:, site_of]
        slope = np.where(ai[:, None], 0.015, 0.03) + 0.0075 * np.clip(wet - 12, 0, 12)
        self.slope = self.put("cooling_slope", "weather hall time", slope, "1")
        self.fixed = self.put("cooling_fixed", "weather hall time", 0 * slope + 0.012, "1")
        self.put("loss_slope", "hall", pick(0.045, 0.05), "1")
        self.put("loss_fixed", "hall", pick(0.012, 0.015), "1")

    def _network(self) -> None:
        s, ps = self.S, (self.P, self.S)
        pst = (self.P, self.S, self.T)
        band = np.select([self.hour < 7, self.hour < 10, self.hour < 16, self.hour < 21],
                         [210.0, 420.0, 290.0, 640.0], 380.0)  # fmt: skip
        self.retail_price = self.put("retail_price_cny_per_mwh", "period site time",
                                     np.broadcast_to(band, pst), "CNY/MWh")  # fmt: skip
        demand_charge = np.array([SITES[x][5] == "demand" for x in self.site])
        self.put("demand_price_cny_per_mw_month", "period site",
                 np.broadcast_to(demand_charge * 3.5e4, ps), "CNY/MW/month")  # fmt: skip
        self.put("capacity_price_cny_per_mva_month", "period site",
                 np.broadcast_to(~demand_charge * 2.2e4, ps), "CNY/MVA/month")  # fmt: skip
        self.put("transformer_mva_per_mw", "site", np.full(s, 1.1), "MVA/MW")
        self.put("connection_max_mw", "period site", np.full((self.P, s), 300.0), "MW")
        self.put("connection_min_mw", "site", np.full(s, 0.0), "MW")
        self.put("connection_capex_cny_per_mw", "site", np.full(s, 6e5), "CNY/MW")
        self.put("connection_annuity_cny_per_mw_year", "site", np.full(s, 5e4), "CNY/MW/a")
        self.put("export_max_mw", "site", np.full(s, 30.0 if self.o.export else 0.0), "MW")
        self.put("export_price_cny_per_mwh", "period site time", np.full(pst, 180.0), "CNY/MWh")
        self.put("emission_factor_t_per_mwh", "period site time", np.full(pst, 0.58), "t/MWh")
        self.put("residual_factor_t_per_mwh", "period", np.full(self.P, 0.62), "t/MWh")
        c = len(self.contract)
        for name, value, unit in (("contract_volume_min_mw", 0.0, "MW"),
                                  ("contract_committed", 0.0, "1"),
                                  ("contract_volume_max_mw", 100.0, "MW"),
                                  ("contract_price_cny_per_mwh", 310.0, "CNY/MWh")):  # fmt: skip
            self.put(name, "contract", np.full(c, value), unit)
        self.put("contract_adder_cny_per_mwh", "period contract time",
                 np.full((self.P, c, self.T), 140.0),
                 "CNY/MWh")  # fmt: skip
        speed = 7.6 + 3.2 * self._smooth(24, (self.W, c, self.T))
        self.profile = self.put("contract_profile", "weather contract time",
                                np.clip((speed / 12) ** 3, 0, 1), "1")  # fmt: skip
        for name, value, unit in (("wacc", 0.06, "1"),
                                  ("carbon_price_cny_per_t", 0.0, "CNY/t"),
                                  ("server_capex_counts", 0.0, "1")):  # fmt: skip
            self.put(name, "", value, unit)
