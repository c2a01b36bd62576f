"""Wrong input through the command line: one clear message that names the place, and no trace."""

from __future__ import annotations

import gzip
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.acceptance.command import ROOT, Said, coplan, digests

SCENARIO = "scenarios/quickstart.yaml"
SYSTEM = "models/systems/zhangbei-campus.yaml"
TARIFF = "models/tariffs/jibei-2026.yaml"
FINANCE = "models/finance/campus-2027.yaml"
WEATHER = "data/weather/typical/zhangbei.csv"

SITE = "policies: []\ncards: {systems/zhangbei-campus: {sites: {zhangbei:"
FAILING = "policies: []\ncards: {systems/zhangbei-campus: {reliability:"
LINE_TO = (
    "policies: []\ncards: {{systems/zhangbei-campus: {{\n"
    "plants: {{park: {{card: onshore-wind, place: zhangbei, approved_mw: 10{more}, "
    "lines: {{{site}: {{card: overhead-220kv, route: direct-connection-2025, "
    "length_km: 10}}}}}}}}}}}}"
)
OFFERED = (
    "system: zhangbei-campus\nperiods: [2027]\nweather: typical\ntargets:\n"
    "  green_share: {value: 0.80, matching: annual, unbundled_max_share: 0.0}"
)


class Wrong(NamedTuple):
    """Text of a file replaced by other text, words of the message, the line it must name."""

    file: str
    old: str
    new: str
    words: tuple[str, ...]
    at: str = ""
    """Text of the line that the message must name, where it is not the first of `new`."""
    told_in: str = ""
    """The file that the message must name, where it is another."""


WRONG = {
    "an unknown key": Wrong(
        SCENARIO, "policies: []", "policies: []\ncolour: green",
        ("colour: unknown key; known are id, title",), "colour"),
    "a typing error in a key": Wrong(
        SCENARIO, "matching: annual", "maching: annual",
        ("targets.green_share.maching: unknown key; did you mean matching?", "found annual")),
    "a typing error in a word": Wrong(
        SCENARIO, "scope: fleet", "scope: flet", ("targets.pue.scope: must be one of fleet, site",
        "found flet")),
    "a wrong unit": Wrong(
        SYSTEM, "it_max_mw: {value: 60,", "it_max_mw: {value: 60 MWh,",
        ("sites.zhangbei.it_max_mw: must be a number in MW", "MWh")),
    "a small m for mega": Wrong(
        SYSTEM, "it_max_mw: {value: 60,", "it_max_mw: {value: 60 mW,", ("a small m means milli",)),
    "per cent where a share belongs": Wrong(
        SCENARIO, "{value: 0.80,", "{value: 80,",
        ("targets.green_share.value: must be a number, at least 0 and at most 1", "found 80")),
    "a negative capacity": Wrong(
        SYSTEM, "approved_mw: {value: 40,", "approved_mw: {value: -40,",
        ("sites.zhangbei.plants.wind.approved_mw: must be a number in MW, at least 0", "-40")),
    "not a number": Wrong(
        TARIFF, "{value: 0.385713,", "{value: .nan,",
        ("purchase_cny_per_kwh: must be", "found .nan")),
    "infinity": Wrong(
        SYSTEM, "power_max_mw: {value: 20,", "power_max_mw: {value: inf,", ("power_max_mw", "inf")),
    "text where a number belongs": Wrong(
        SCENARIO, "gap: 0.01", "gap: small", ("options.gap: must be a number", "found small")),
    "a decimal comma": Wrong(
        SCENARIO, "gap: 0.01", 'gap: "0,01"', ("options.gap: must be a number", "0,01")),
    "a list where a mapping belongs": Wrong(
        SCENARIO, "compute: {fp16: 18800}", "compute: [18800]",
        ("targets.compute: must be a mapping",)),
    "a number where a list belongs": Wrong(
        SCENARIO, "periods: [2027]", "periods: 2027", ("periods: must be a list",)),
    "a missing card": Wrong(
        SCENARIO, "system: zhangbei-campus", "system: zhangbei-campu",
        ("system: there is no card", "did you mean zhangbei-campus")),
    "a missing card of a card": Wrong(
        SYSTEM, "card: onshore-wind", "card: offshore-wind",
        ("sites.zhangbei.plants.wind.card: there is no card", "did you mean onshore-wind?")),
    "a direct line to nowhere": Wrong(
        SCENARIO, "policies: []", LINE_TO.format(site="zhangbe", more=""),
        ("plants.park.lines.zhangbe: the system has no such site", "did you mean zhangbei?"),
        "plants:"),
    "more committed than approved over a direct line": Wrong(
        SCENARIO, "policies: []", LINE_TO.format(site="zhangbei", more=", committed_mw: 20"),
        ("plants.park.committed_mw: must be at most approved_mw, 10 MW",), "plants:"),
    "a plant called like one behind a meter": Wrong(
        SCENARIO, "policies: []", LINE_TO.format(site="zhangbei", more="").replace(
            "park:", "zhangbei_wind:"),
        ("plants.zhangbei_wind: its id is that of sites.zhangbei.plants.wind too",), "plants:"),
    "a direct line of a kind that is not there": Wrong(
        SCENARIO, "policies: []", LINE_TO.format(site="zhangbei", more="").replace(
            "overhead-220kv", "overhead-500kv"),
        ("lines.zhangbei.card: there is no card", "did you mean overhead-"), "plants:"),
    "certificates that a system does not offer": Wrong(
        SCENARIO, OFFERED, OFFERED.replace("zhangbei", "zero-carbon").replace("0.0}", "0.1}"),
        ("targets.green_share.unbundled_max_share: the system offers no certificates",),
        "matching: annual"),
    "certificates of the year before never": Wrong(
        SCENARIO, "unbundled_max_share: 0.0}", "certificate_window_years: -1}",
        ("targets.green_share.certificate_window_years: must be a whole number", "-1"), "matching"),
    "a headroom below nothing": Wrong(
        "models/zones/jibei.yaml", "export_allowed:", "import_headroom_mw: -5\nexport_allowed:",
        ("import_headroom_mw: must be a number in MW, at least 0", "-5")),
    "no circuit at all": Wrong(
        SCENARIO, "policies: []", LINE_TO.format(site="zhangbei", more="").replace(
            "km: 10", "km: 10, max_circuits: 0"),
        ("lines.zhangbei.max_circuits: must be a whole number", "at least 1"), "plants:"),
    "a key that stands twice": Wrong(
        SCENARIO, "weather: typical", "weather: typical\nsystem: quickstart",
        ("system: this key stands twice, first in line 19",), "system: quickstart"),
    "an alias": Wrong(
        SCENARIO, "periods: [2027]", "periods: *years", ("aliases (*) are not allowed",)),
    "an anchor": Wrong(
        SCENARIO, "periods: [2027]", "periods: &years [2027]", ("anchors (&) are not allowed",)),
    "a tab": Wrong(
        SCENARIO, "  pue: {value", "\tpue: {value", ("a tab stands where spaces belong",)),
    "a colon in plain text": Wrong(
        SCENARIO, "weather: typical", "weather: typical: year", ("a colon stands where",)),
    "a bracket that is never closed": Wrong(
        SCENARIO, "periods: [2027]", "periods: [2027",
        ("not valid YAML", "that begins in line 20"), "weather"),
    "a period without demand": Wrong(
        SCENARIO, "periods: [2027]", "periods: [2027, 2030]",
        ("demand.beijing_inference.mean_p: has no value for the period 2030",),
        "mean_p: {value: {2027: 4200}", SYSTEM),
    "years out of order": Wrong(
        SCENARIO, "periods: [2027]", "periods: [2030, 2027]", ("periods: must be years in asc",)),
    "a voltage the tariff does not have": Wrong(
        SYSTEM, "voltage: 220kv", "voltage: 330kv",
        ("connection.voltage: the tariff jibei-2026 has no such voltage", "did you mean 3")),
    "a charge that a one-part tariff does not have": Wrong(
        SYSTEM, "tariff: jibei-2026", "tariff: jibei-one-part-2026",
        ("the tariff jibei-one-part-2026 has no", "asks for charge: none"), "charge:"),
    "no charge under a tariff of two parts": Wrong(
        SYSTEM, "charge: demand", "charge: none", ("is in two parts at 220kv",)),
    "agency purchase with contracts": Wrong(
        SYSTEM, "charge: demand", "charge: demand\n      supply: [agency]",
        ("agency purchase signs no green-power contracts",), "supply:"),
    "a supply scheme twice": Wrong(
        SYSTEM, "charge: demand", "charge: demand\n      supply: [market, market]",
        ("must not name a scheme twice",), "supply:"),
    "a month that no season covers": Wrong(
        TARIFF, "months: [6, 7, 8]", "months: [6, 7]",
        ("seasons must cover each month once",), "name:"),
    "an hour that no band covers": Wrong(
        TARIFF, "sharp: [[17, 19]]\n        peak: [[10, 12]",
        "sharp: [[17, 18]]\n        peak: [[10, 12]",
        ("bands must cover each hour once; missing [18]",), "summer:"),
    "a band without a factor": Wrong(
        TARIFF, "sharp: 2.04, peak: 1.7", "peak: 1.7", ("no factor for band sharp",), "name:"),
    "a site that fails and is not there": Wrong(
        SCENARIO, "policies: []", f"{FAILING} {{sites: [zhangbie]}}}}}}",
        ("reliability.sites.0: the system has no such site; did you mean zhangbei",),
        "reliability"),
    "a route that fails and is not there": Wrong(
        SCENARIO, "policies: []", f'{FAILING} {{routes: ["beijing-zhangbei"]}}}}}}',
        ("reliability.routes.0: the system has no such route region:site; did you mean "
         "beijing:zhangbei",), "reliability"),
    "critical work without another site": Wrong(
        SCENARIO, "policies: []",
        f"{FAILING} {{sites: all}}}}, workloads/inference: {{critical_share: 0.5}}}}",
        ("critical work of inference from beijing has no place when the site zhangbei fails: no "
         "other site in reach has halls for fp16",),
        "workload: inference", SYSTEM),
    "more critical work than there is work": Wrong(
        SCENARIO, "policies: []",
        "policies: []\ncards: {workloads/inference: {critical_share: 1.5}}",
        ("critical_share: must be a number, at least 0 and at most 1", "1.5"), "critical_share"),
    "more backup than its most": Wrong(
        SYSTEM, "    it_max_mw: {value: 60,",
        "    backup: {card: diesel, max_mw: 1, existing_mw: 2}\n    it_max_mw: {value: 60,",
        ("sites.zhangbei.backup.existing_mw: must be at most max_mw, 1 MW",), "backup"),
    "an unknown region": Wrong(
        SYSTEM, "region: tianjin\n", "region: tianjing\n",
        ("demand.tianjin_inference.region: the system has no such region; did you mean tianjin",
         "found tianjing"), "region: tianjing"),
    "less than its minimum": Wrong(
        SYSTEM, "min_mw: {value: 5,", "min_mw: {value: 500,",
        ("contracts.wind-contract.min_mw: must be at most max_mw", "500")),
    "more than was approved": Wrong(
        SYSTEM, "committed_mw: {value: 0,", "committed_mw: {value: 41,",
        ("plants.wind.committed_mw: must be at most approved_mw, 40 MW",)),
    "a latency that no site meets": Wrong(
        SYSTEM, "beijing_inference:\n    region: beijing\n    workload: inference",
        "beijing_inference:\n    region: beijing\n    workload: realtime",
        ("demand.beijing_inference.workload: no site within the latency limit", "realtime"),
        "workload: realtime"),
    "compute nobody can deliver": Wrong(
        SCENARIO, "compute: {fp16: 18800}", "compute: {fp64: 18800}",
        ("targets.compute.fp64: no hall of the system has servers counted in fp64",)),
    "a weather year that is not there": Wrong(
        SCENARIO, "weather: typical", "weather: [typical, y2019]",
        ("weather: there is no weather year y2019; known are typical, typical-b",)),
    "a station without weather": Wrong(
        "models/sites/zhangbei.yaml", "station: zhangbei", "station: zhangbie",
        ("station: there is no weather of this station", "did you mean zhangbei?")),
    "an EPW that is not there": Wrong(
        SCENARIO, "weather: typical", "weather: {zhangbei: {epw: gone.epw}}",
        ("weather.zhangbei.epw: there is no such file", "gone.epw")),
    "an EPW of a site that is not there": Wrong(
        SCENARIO, "weather: typical", "weather: {zhangbie: {epw: quickstart.yaml}}",
        ("weather.zhangbie: the system has no such site; did you mean zhangbei?",)),
    "a scenario that is no EPW": Wrong(
        SCENARIO, "weather: typical", "weather: {zhangbei: {epw: quickstart.yaml}}",
        ("not an EPW file: it must begin with LOCATION",), "#"),
    "a policy pack": Wrong(
        SCENARIO, "policies: []", "policies: [beijing-2024-2028]",
        ("policies.0: there is no card models/policies/beijing-2024-2028.yaml; did you mean "
         "beijing-2024-2027",)),
    "a clause of a kind nobody knows": Wrong(
        SCENARIO, "policies: []", "policies: [hub-green-2024]\ncards: {policies/hub-green-2024: "
        "{clauses: {hub-occupancy: {targets: {ocupancy: {x: {value: 0.5}}}}}}}",
        ("clauses.hub-occupancy.targets.ocupancy: unknown key; did you mean occupancy",),
        "ocupancy"),
    "hours that are no whole days": Wrong(
        SCENARIO, "{gap: 0.01}", "{gap: 0.01, hours: 100}", ("options.hours: must be whole days",)),
    "a circle of scenarios": Wrong(
        SCENARIO, "id: quickstart\n", "extends: quickstart.yaml\nid: quickstart\n",
        ("extends: scenarios extend each other in a circle",), "extends"),
    "a retrofit to an unknown hall": Wrong(
        SYSTEM, "      ai-air-5mw:\n        card: ai-air-5mw\n",
        "      ai-air-5mw:\n        card: ai-air-5mw\n        stock_halls: 2\n"
        "        conversions:\n"
        "          refit: {to: ai-iec-5mv, capex_cny_per_kw: 900, life_years: 15, lost_months: 6, "
        "keeps_servers: false}\n",
        ("halls.ai-air-5mw.conversions.refit.to: the site has no such hall entry; did you mean "
         "ai-iec-5mw",), "to: ai-iec-5mv"),
    "demand in another precision than its halls": Wrong(
        SYSTEM, "workload: inference\n    label: fp16", "workload: inference\n    label: fp32",
        ("demand.beijing_inference.workload: no site within the latency limit of inference from "
         "beijing has halls for fp32",), "workload: inference"),
    "an occupancy over 1": Wrong(
        SCENARIO, "  pue: {value: 1.25", "  occupancy: {racks: {value: 1.1}}\n  pue: {value: 1.25",
        ("targets.occupancy.racks.value: must be a number, at least 0 and at most 1", "1.1"),
        "occupancy"),
    "an hour that no day has": Wrong(
        SCENARIO, "  pue: {value: 1.25",
        "  no_reverse_flow_hours: {night: {hours: [22, 24]}}\n  pue: {value: 1.25",
        ("targets.no_reverse_flow_hours.night.hours.1: must be a whole number, at least 0 and at "
         "most 23", "found 24"), "hours"),
    "a peak-valley rate over 1": Wrong(
        SCENARIO, "  pue: {value: 1.25",
        "  peak_valley_rate: {x: {value: 1.5}}\n  pue: {value: 1.25",
        ("targets.peak_valley_rate.x.value: must be a number, at least 0 and at most 1",),
        "peak_valley_rate"),
    "a penalty in another unit": Wrong(
        SCENARIO, "  pue: {value: 1.25",
        "  max_exchange: {x: {value: 60, penalty_cny_per_mwh: 5}}\n  pue: {value: 1.25",
        ("targets.max_exchange.x.penalty_cny_per_mwh: unknown key; did you mean "
         "penalty_cny_per_mw?",), "max_exchange"),
    "a penalty for each site": Wrong(
        SCENARIO, "{value: 1.25, scope: fleet}",
        "{value: 1.25, scope: site, penalty_cny_per_mwh: 5}",
        ("targets.pue: scope: site has no penalty; give every site its own pue_limits",)),
    "a market account of one site": Wrong(
        SCENARIO, "  pue: {value: 1.25",
        "  carbon_cap: {x: {value: 10, basis: market, sites: [zhangbei]}}\n  pue: {value: 1.25",
        ("targets.carbon_cap.x: basis: market is an account of all sites",), "carbon_cap"),
    "a connection limit for a year": Wrong(
        SCENARIO, "  pue: {value: 1.25",
        "  grid_connection: {x: {value: 60, penalty_cny_per_mwh: 5}}\n  pue: {value: 1.25",
        ("targets.grid_connection.x.penalty_cny_per_mwh: unknown key; did you mean "
         "penalty_cny_per_mw?",), "grid_connection"),
    "a size near the cheapest plan that nobody has": Wrong(
        SCENARIO, "{gap: 0.01}",
        "{gap: 0.01, near_optimal: {of_cny: 1e8, within: 2 %, most: "
        "{plant_capacity_mw: [zhangbei_wnd]}}}",
        ("options.near_optimal.most.plant_capacity_mw.0: the system has no such plant; did you "
         "mean zhangbei_wind or", "found zhangbei_wnd")),
    "least emissions near the least cost": Wrong(
        SCENARIO, "{gap: 0.01}",
        "{gap: 0.01, objective: emissions, near_optimal: {of_cny: 1e8, within: 2 %}}",
        ("options: near_optimal is about cost: leave out objective",)),
    "a load without its file": Wrong(
        SCENARIO, "policies: []",
        f"{SITE} {{loads: {{old: {{power: {{file: data/gone.csv, column: kw, unit: kW}}}}}}"
        "}}}}",
        ("sites.zhangbei.loads.old.power.file: must be a file below the folder that holds models/",
         "data/gone.csv"), "loads"),
    "a load in a unit of energy": Wrong(
        SCENARIO, "policies: []",
        f"{SITE} {{loads: {{old: {{power: {{file: a.csv, column: kwh, unit: kWh}}}}}}}}}}}}}}",
        ("sites.zhangbei.loads.old.power.unit:", "kWh"), "loads"),
    "two measures of a group, both required": Wrong(
        SCENARIO, "policies: []",
        f"{SITE} {{measures: {{a: {{saving_share: 0.1, cost_cny_per_year: 1, group: g, required: "
        "true}, b: {saving_share: 0.2, cost_cny_per_year: 1, group: g, required: true}}}}}}",
        ("measures.b.required: of the group g at most one is taken, and a is required too",),
        "measures"),
    "surcharges that fall": Wrong(
        SCENARIO, "policies: []",
        f"{SITE} {{differential_tariff: [{{above_pue: 1.35, surcharge_cny_per_kwh: 0.5}}, "
        "{above_pue: 2.7, surcharge_cny_per_kwh: 0.2}]}}}}",
        ("differential_tariff: surcharge_cny_per_kwh must rise from tier to tier",),
        "differential_tariff"),
    "demand response without calls": Wrong(
        SCENARIO, "policies: []",
        f"{SITE} {{flexibility: {{baseline_mw: 40, max_mw: 5}}}}}}}}}}",
        ("sites.zhangbei.flexibility: give either calls or call_series",), "flexibility"),
    "more demand response than its baseline": Wrong(
        SCENARIO, "policies: []",
        f"{SITE} {{flexibility: {{baseline_mw: 40, max_mw: 50, calls: [{{months: [7], hours: "
        "[[18, 20]]}]}}}}}",
        ("flexibility: max_mw must be at most baseline_mw, 40 MW",), "flexibility"),
    "a baseline that can never be drawn": Wrong(
        SCENARIO, "policies: []",
        f"{SITE} {{flexibility: {{baseline_mw: 400, max_mw: 5, calls: [{{months: [7], hours: "
        "[[18, 20]]}]}}}}}",
        ("flexibility.baseline_mw: must be at most the import the grid allows, 80 MW", "400"),
        "flexibility"),
    "called hours that end before they begin": Wrong(
        SCENARIO, "policies: []",
        f"{SITE} {{flexibility: {{baseline_mw: 40, max_mw: 5, calls: [{{months: [7], hours: "
        "[[20, 18]]}]}}}}}",
        ("flexibility.calls.0.hours: a range of hours ends after it begins",), "flexibility"),
    "a spot price file that is not there": Wrong(
        SCENARIO, "policies: []",
        f"{SITE} {{connection: {{spot_price: {{file: a.csv, column: p, unit: CNY/kWh}}}}}}}}}}}}",
        ("connection.spot_price.file: must be a file below the folder",), "spot_price"),
    "a rule card that is not there": Wrong(
        SCENARIO, "policies: []", f"{SITE} {{subsidies: [baoding]}}}}}}}}",
        ("sites.zhangbei.subsidies.0:", "baoding-2024"), "subsidies"),
    "nobody to pay a share": Wrong(
        SCENARIO, "policies: []", f"{SITE} {{subsidies: [baoding-2024]}}}}}}}}",
        ("sites.zhangbei.subsidies.0: of baoding-2024 city and county share what is paid: say "
         "direct or district",), "subsidies"),
    "a rule named twice": Wrong(
        SCENARIO, "policies: []",
        f"{SITE} {{subsidies: [beijing-stock-2024, beijing-stock-2024]}}}}}}}}",
        ("sites.zhangbei.subsidies.1: names a rule card twice",), "subsidies"),
    "vouchers of a card that has none": Wrong(
        SCENARIO, "policies: []",
        f"{FAILING[:-len('reliability:')]}voucher_users: {{lab: {{name: {{zh: 甲, en: A}}, rule: "
        "beijing-stock-2024}}}}",
        ("voucher_users.lab.rule: the card beijing-stock-2024 has no vouchers",), "voucher_users"),
    "a perspective nobody has": Wrong(
        SCENARIO, "{gap: 0.01}", "{gap: 0.01, perspective: bank}",
        ("options.perspective: must be one of operator, system, government", "found bank")),
    "heat demand of eleven months": Wrong(
        SCENARIO, "policies: []",
        f"{SITE} {{heat: {{card: water-source, max_mw: 5, price_cny_per_gj: 30, demand_mw: "
        "[5, 5, 5, 0, 0, 0, 0, 0, 0, 0, 5]}}}}}",
        ("sites.zhangbei.heat.demand_mw: must have at least 12 entries",), "heat"),
    "an objective nobody knows": Wrong(
        SCENARIO, "{gap: 0.01}", "{gap: 0.01, objective: water}",
        ("options.objective: must be one of cost, emissions", "found water")),
    "a financing that is not there": Wrong(
        SCENARIO, "finance: campus-2027", "finance: campus-2028",
        ("finance: there is no card", "did you mean campus-2027?")),
    "per cent where the share of a loan belongs": Wrong(
        FINANCE, "loan_share: {value: 0.7,", "loan_share: {value: 70,",
        ("loan_share: must be a number, at least 0 and at most 1", "found 70")),
    "a project of a broken year": Wrong(
        FINANCE, "project_years: {value: 25,", "project_years: {value: 25.5,",
        ("project_years: must be whole years", "25.5")),
    "a repayment that is not known": Wrong(
        FINANCE, "repayment: equal_principal", "repayment: bullet",
        ("repayment: must be one of equal_principal, annuity", "found bullet")),
    "a loan that outlives its project": Wrong(
        FINANCE, "loan_years: {value: 15,", "loan_years: {value: 26,",
        ("loan_years: must be at most project_years, 25",)),
    "a control character": Wrong(
        SCENARIO, "  zh: 新建枢纽", "  zh: \x07新建枢纽", ("the character U+0007 is not allowed",)),
}  # fmt: skip

SERIES = {
    "a file cut short": (lambda lines: lines[:-1], "the file is too short: 8759 rows", None),
    "an hour that stands twice": (
        lambda lines: [*lines[:5000], lines[4999], *lines[5001:]],
        "hour: the hour stands twice", 5001),
    "a value that is missing": (
        lambda lines: [*lines[:100], field(lines[100], 1, "NaN"), *lines[101:]],
        "dry_bulb_degc: a missing value is no number", 101),
    "per cent": (
        lambda lines: [*lines[:100], field(lines[100], 2, "55"), *lines[101:]],
        "relative_humidity: this looks like per cent; a share is needed", 101),
    "a decimal comma": (
        lambda lines: [*lines[:100], field(lines[100], 1, "1,5"), *lines[101:]],
        "the row has 10 fields, the header 9; are there decimal commas?", 101),
    "a value out of this world": (
        lambda lines: [*lines[:100], field(lines[100], 1, "300"), *lines[101:]],
        "dry_bulb_degc: above 60", 101),
    "a column that is missing": (
        lambda lines: [line.replace("ghi_w_m2", "ghi") for line in lines],
        "ghi_w_m2: the column is missing", 4),
    "a leap year": (
        lambda lines: [*lines, *(field(lines[-1], 0, str(8760 + h)) for h in range(24))],
        "the file is too long: 8784 rows, 8760 are needed; drop 29 February", None),
}  # fmt: skip
"""What happens to the lines of a weather file, the message, its line (None: the last one)."""


def field(line: str, place: int, text: str) -> str:
    fields = line.split(",")
    fields[place] = text
    return ",".join(fields)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped models, scenarios and data; it is the current folder."""
    for name in ("models", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "data" / "weather" / "typical", tmp_path / "data/weather/typical")
    (tmp_path / "data" / "weather" / "typical-b").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refused(world: Path, *words: object, scenario: str = SCENARIO) -> Said:
    """Run the scenario; it must be refused with a message, and leave no trace.

    `coplan check` must refuse it with the same words: it told of bad data files only in a run.
    """
    before = digests(world)
    found = coplan("run", scenario, "--out", world / "out", *words)
    if not words:
        assert coplan("check", scenario) == found
    assert found.code == 2
    assert found.out == ""
    assert "Traceback" not in found.err
    assert digests(world) == before
    assert not (world / "out").exists()
    return Said(found.code, found.out, found.err.replace("\\", "/"))


def line_of(path: Path, text: str) -> int:
    """Number of the first line that holds some text."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return next(number for number, line in enumerate(lines, start=1) if text in line)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_mistake_is_told_with_file_line_key_and_value(world, wrong):
    replaced(world / wrong.file, wrong.old, wrong.new)
    found = refused(world)
    file = wrong.told_in or wrong.file
    line = line_of(world / file, wrong.at or wrong.new.split("\n")[0])
    assert f"{file}:{line}: " in found.err
    for words in wrong.words:
        assert words in found.err
    assert len(found.err.splitlines()) == len(set(found.err.splitlines()))


@pytest.mark.parametrize(("spoil", "words", "line"), SERIES.values(), ids=SERIES)
def test_a_bad_series_is_told_with_file_line_and_column(world, spoil, words, line):
    path = world / WEATHER
    lines = spoil(path.read_text(encoding="utf-8").splitlines())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = refused(world)
    assert f"{WEATHER}:{len(lines) if line is None else line}: {words}" in found.err


def test_every_mistake_of_every_file_is_told_at_once(world):
    replaced(world / SCENARIO, "gap: 0.01", "gap: 2")
    replaced(world / SCENARIO, "matching: annual", "matching: yearly")
    replaced(world / SYSTEM, "approved_mw: {value: 40,", "approved_mw: {value: -40,")
    replaced(world / SYSTEM, "power_max_mw: {value: 20,", "power_max_mw: {value: 20 kWh,")
    replaced(world / TARIFF, "{value: 0.385713,", "{value: dear,")
    found = refused(world, "--set", "options.wacc=7").err.splitlines()
    assert len(found) == 6
    for words in ("options.gap", "options.wacc", "green_share.matching", "wind.approved_mw",
                  "lfp.power_max_mw", "purchase_cny_per_kwh"):  # fmt: skip
        assert sum(words in line for line in found) == 1


def test_every_bad_weather_file_is_told_at_once(world):
    for station in ("zhangbei", "huailai", "xuanhua"):
        path = world / f"data/weather/typical/{station}.csv"
        path.write_text(path.read_text(encoding="utf-8")[:-200], encoding="utf-8")
    found = refused(world, scenario="scenarios/zhangjiakou-2027.yaml")
    for station in ("zhangbei", "huailai", "xuanhua"):
        assert f"data/weather/typical/{station}.csv:" in found.err


SET = {
    "a share above one": ("targets.green_share.value=1.8", "targets.green_share.value: must be"),
    "no equals sign": ("options.gap", "must be written as key=value"),
    "a typing error": ("optoins.gap=0.1", "did you mean options?"),
    "one entry of a list": ("periods.0=2030", "a list is set as a whole"),
    "a bracket left open": ("periods=[2027", "periods: this is not valid YAML"),
    "a card nobody uses": ("cards.storage/lead.cycles=1", "no card that this scenario uses"),
    "a mapping for a number": ("options.gap={a: 1}", "options.gap: must be a number"),
    "nothing where a value belongs": ("periods=", "periods: has no value"),
    "another unit": ('options.time_limit_s="5 MW"', '"MW" is not convertible to s'),
}


@pytest.mark.parametrize(("text", "words"), SET.values(), ids=SET)
def test_a_bad_override_is_told_with_the_words_that_were_typed(world, text, words):
    found = refused(world, "--set", text)
    assert words in found.err
    assert text.split("=")[0].split(".")[0] in found.err


@pytest.mark.parametrize("options", [
    ["--gap", "2"], ["--gap", "-1"], ["--gap", "nan"], ["--threads", "0"], ["--threads", "1.5"],
    ["--time-limit", "-5"], ["--time-limit", "0"], ["--time-limit", "nan"], ["--lang", "fr"],
    ["--colour", "red"],
])  # fmt: skip
def test_a_bad_option_is_told(world, options):
    assert refused(world, *options).err != ""


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def in_another_encoding(path: Path) -> None:
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))


def made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def made_huge(path: Path) -> None:
    path.write_bytes(b"#" * (2 * 2**20))


def made_two_documents(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "---\nid: second\n", encoding="utf-8")


FILES: dict[str, tuple[Callable[[Path], None], str]] = {
    "empty": (emptied, "the file is empty"),
    "in another encoding": (in_another_encoding, "not UTF-8 text"),
    "a folder": (made_a_folder, "this is a folder"),
    "far too large": (made_huge, "larger than 1 MiB"),
    "gone": (Path.unlink, "no"),
    "two documents": (made_two_documents, "one file holds one document"),
}


@pytest.mark.parametrize("name", [SCENARIO, TARIFF])
@pytest.mark.parametrize(("spoil", "words"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_yaml_text_is_told_by_name(world, name, spoil, words):
    spoil(world / name)
    found = refused(world)
    assert name in found.err
    assert words in found.err


@pytest.mark.parametrize(("spoil", "words"), [
    (lambda raw: raw[: len(raw) // 2], "huailai.epw.gz"),
    (lambda raw: raw[:-4] + b"0000", "huailai.epw.gz"),
    (lambda raw: b"", "huailai.epw.gz"),
    (lambda raw: gzip.compress(b"\0" * 100_000_000), "huailai.epw.gz"),
    (lambda raw: gzip.compress(b"LOCATION\n" * 20), "huailai.epw.gz:"),
], ids=["truncated", "a wrong check sum", "empty", "a bomb", "not an EPW"])  # fmt: skip
def test_a_damaged_epw_is_told_by_name(world, spoil, words):
    weather = b"LOCATION,Huailai\n" + b"0,1,2,3\n" * 9000
    (world / "scenarios" / "huailai.epw.gz").write_bytes(spoil(gzip.compress(weather)))
    replaced(world / SCENARIO, "typical", "{zhangbei: {epw: huailai.epw.gz}}")
    assert words in refused(world).err


def test_a_folder_with_other_files_is_never_written_into(world):
    thesis = world / "thesis"
    thesis.mkdir()
    (thesis / "chapter1.txt").write_text("years of work", encoding="utf-8")
    before = digests(world)
    found = coplan("run", SCENARIO, "--out", thesis)
    assert found.code == 2
    assert "thesis" in found.err
    assert "--out" in found.err
    assert digests(world) == before


def test_a_file_is_never_replaced_by_a_folder(world):
    found = coplan("run", SCENARIO, "--out", world / SCENARIO)
    assert found.code == 2
    assert "this is a file" in found.err


def test_a_result_cannot_be_written_below_a_file(world):
    words = ["--no-report", "--set", "options.hours=168", "--set", "targets.green_share.value=0.6"]
    started = time.perf_counter()
    found = refused(world, *words, "--out", world / SCENARIO / "out")
    assert "quickstart.yaml" in found.err
    assert time.perf_counter() - started < 10.0  # told before anything is solved
