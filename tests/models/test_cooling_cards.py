"""Cooling cards against figures that operators and vendors report, and against physics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coplan.dataset.epw import read_epw
from coplan.elements.cooling import CoolingCard
from coplan.physics.cooling import (
    altitude_factor,
    cooling_load_factor,
    loss_coefficients,
    water_use,
)
from coplan.physics.psychrometrics import pressure_at, wet_bulb
from coplan.scenario.provenance import strip
from coplan.scenario.yaml_reader import plain, read_yaml
from tests.sampling import one_in

ROOT = Path(__file__).resolve().parents[2]
WEATHER = ROOT.parent / "shared" / "data" / "weather"
ZHANGBEI = WEATHER / "CHN_Hebei.Zhangbei.533990_CSWD.epw.gz"
SHIJIAZHUANG = WEATHER / "CHN_Hebei.Shijiazhuang.536980_CSWD.epw.gz"
CARDS = sorted(path.stem for path in (ROOT / "models" / "cooling").glob("*.yaml"))


def needs(path: Path) -> pytest.MarkDecorator:
    """Skips a test where a real weather file is not at hand."""
    reason = f"the real weather file is not here: ../shared/data/weather/{path.name}"
    return pytest.mark.skipif(not path.is_file(), reason=reason)


def card(name: str) -> CoolingCard:
    """A shipped cooling card."""
    node, _, _ = strip(read_yaml(ROOT / "models" / "cooling" / f"{name}.yaml"), name)
    return CoolingCard.model_validate(plain(node))


def factor(design: CoolingCard, dry: object, wet: object, pressure_pa: object) -> np.ndarray:
    """Cooling load factor at rated load, thin air included."""
    rated = cooling_load_factor(
        dry, wet, dry_bulb_points=[(p.degc, p.clf) for p in design.by_dry_bulb or ()],
        wet_bulb_points=[(p.degc, p.clf) for p in design.by_wet_bulb or ()],
        dry_mode_below_degc=design.dry_mode_below_degc,
    )  # fmt: skip
    return rated * altitude_factor(pressure_pa, fan_share=design.fan_share)


def per_it(design: CoolingCard, load: float) -> float:
    """Cooling over IT at a load share, over the same at full load."""
    return max(slope * load + fixed for slope, fixed in design.segments()) / load


def yearly(name: str, path: Path) -> float:
    """Mean cooling load factor of a real year at full load."""
    year = read_epw(path)
    wet = wet_bulb(year.dry_bulb_degc, year.relative_humidity, year.pressure_pa)
    pressure = pressure_at(year.altitude_m)
    return float(factor(card(name), year.dry_bulb_degc, wet, pressure).mean())


@pytest.mark.parametrize(
    ("name", "full", "half"),
    [("huawei-iec-linyi", 0.147, 0.075), ("huawei-chilled-water-linyi", 0.317, 0.205)],
)
def test_half_load_takes_what_the_vendor_reports(name: str, full: float, half: float) -> None:
    assert full * per_it(card(name), 0.5) == pytest.approx(half, rel=0.15)


@needs(SHIJIAZHUANG)
@pytest.mark.parametrize(
    ("name", "full"), [("huawei-iec-linyi", 0.147), ("huawei-chilled-water-linyi", 0.317)]
)
def test_full_load_takes_what_the_vendor_reports(name: str, full: float) -> None:
    # no year of Linyi is at hand; Shijiazhuang is the nearest station with a like climate
    assert yearly(name, SHIJIAZHUANG) == pytest.approx(full, rel=0.15)


@needs(ZHANGBEI)
def test_miaotan_comes_to_its_reported_pue() -> None:
    slope, fixed = loss_coefficients(0.07, part_load_extra=0.02, part_load=0.3)
    overhead = yearly("miaotan-ahu", ZHANGBEI) + slope + fixed
    assert overhead == pytest.approx(0.19, rel=0.10)


@pytest.mark.parametrize(("load", "reported"), [(1.0, 1.0), (0.7, 1.0), (0.5, 1.1), (0.3, 1.35)])
def test_a_bent_law_meets_every_reported_point(load: float, reported: float) -> None:
    assert per_it(card("air-chiller-part-load"), load) == pytest.approx(reported)


@pytest.mark.parametrize("name", one_in(3, CARDS))
@given(degc=st.floats(-35, 45), colder=st.floats(0, 40), humidity=st.floats(0.05, 1.0))
def test_colder_air_never_takes_more_cooling(
    name: str, degc: float, colder: float, humidity: float
) -> None:
    dry = np.array([max(degc - colder, -35.0), degc])
    clf = factor(card(name), dry, wet_bulb(dry, humidity, 86000.0), 86000.0)
    assert 0.0 <= clf[0] <= clf[1] + 1e-9


@pytest.mark.parametrize("name", one_in(3, CARDS))
@given(colder=st.floats(0, 15), humidity=st.floats(0.05, 1.0), mean=st.floats(-5, 25),
       swing=st.floats(0, 20))  # fmt: skip
def test_a_colder_year_never_has_a_higher_pue(
    name: str, colder: float, humidity: float, mean: float, swing: float
) -> None:
    warm = mean + swing * np.sin(np.linspace(0.0, 2.0 * np.pi, 48))
    design = card(name)
    means = [
        factor(design, dry, wet_bulb(dry, humidity, 86000.0), 86000.0).mean()
        for dry in (warm - colder, warm)
    ]
    assert means[0] <= means[1] + 1e-9


@pytest.mark.parametrize("name", CARDS)
@given(load=st.floats(0.0, 1.0))
def test_overhead_is_never_negative(name: str, load: float) -> None:
    lines = card(name).segments()
    assert max(slope * load + fixed for slope, fixed in lines) >= -1e-9


@pytest.mark.parametrize(
    ("name", "cold", "hot"),
    [("water-chiller-tower", 1.2, 1.8), ("indirect-evaporative", 0.0, 0.6), ("cold-plate", 0, 0.5),
     ("air-chiller-economiser", 0.0, 0.1), ("immersion", 0.0, 0.3)],
)  # fmt: skip
def test_water_runs_from_the_cold_to_the_hot_figure(name: str, cold: float, hot: float) -> None:
    design = card(name)
    points = [(p.degc, p.l_per_kwh) for p in design.water]
    used = water_use(
        [-20.0, 38.0], [-21.0, 27.0], points=points, dry_mode_below_degc=design.dry_mode_below_degc
    )
    assert used == pytest.approx([cold, hot])
