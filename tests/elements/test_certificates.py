"""Certificates without energy: several products, their vintages and what counts of them."""

from __future__ import annotations

import numpy as np
import pytest

from coplan.elements.targets.entries import GreenShare
from coplan.plan.compliance import green_share
from coplan.verify import audit
from tests import toys
from tests.toys import contract, green, solved, world


def products(vintages: list[float], prices: list[float], most_mwh: float = 100.0, **more):
    """Changes: certificate products, one of each vintage and price."""
    coords = {"certificate": [f"gec-{place}" for place in range(len(vintages))]}
    return {
        "coords": coords | more.pop("coords", {}), "certificate_vintage": vintages,
        "certificate_price_cny_per_mwh": prices, "certificate_max_mwh": most_mwh, **more,
    }  # fmt: skip


def test_the_cheapest_of_several_products_comes_first() -> None:
    # 1 of 2 MWh by certificates: 0.6 of the one at 3, which is all there is, and 0.4 at 8
    data = world(targets=green(0.5, unbundled=0.5), **products(
        [2027.0, 2026.0], [8.0, 3.0], most_mwh=[5.0, 0.6]))  # fmt: skip
    answer = solved(data)
    assert answer.of("certificates_mwh") == pytest.approx([0.4, 0.6])
    assert answer.line_cny("certificates") == pytest.approx(0.4 * 8.0 + 0.6 * 3.0)


@pytest.mark.parametrize(
    ("vintage", "counts"), [(2025, False), (2026, True), (2027, True), (2028, False)]
)
def test_a_certificate_counts_in_its_year_and_the_next(vintage: int, counts: bool) -> None:
    # half of 2 MWh: by certificates at 5 where they count, else by contract 50 above the grid
    data = world(targets=green(0.5, unbundled=0.5), **products([float(vintage)], [5.0]),
                 **contract(150.0))  # fmt: skip
    answer = solved(data)
    assert answer.cost_cny == pytest.approx(200.0 + (5.0 if counts else 50.0))
    assert answer.of("certificates_mwh") == pytest.approx(float(counts), abs=1e-9)


def test_a_wider_window_lets_older_certificates_count() -> None:
    wide = [target | {"certificate_window_years": 2} for target in green(0.5, unbundled=0.5)]
    data = world(targets=wide, **products([2025.0], [5.0]), **contract(150.0))
    assert solved(data).cost_cny == pytest.approx(200.0 + 5.0)


def test_certificates_are_no_store_from_one_period_to_another() -> None:
    # one product of 2027 serves 2027; in 2030 it is three years old and the contract serves
    data = world(
        targets=green(0.5, unbundled=0.5), discount_factor=0.5, **contract(150.0),
        **products([2027.0], [5.0], coords={"period": [2027, 2030]}),
    )  # fmt: skip
    answer = solved(data)
    assert answer.of("certificates_mwh") == pytest.approx([1.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(0.5 * 205.0 + 0.5 * 250.0)


def test_old_certificates_make_no_share_greener_in_what_is_told() -> None:
    # half of the load is asked for by contract; a plan that claims old certificates gains nothing
    data = world(targets=green(0.5, unbundled=0.5), **products([2020.0], [0.0]), **contract(150.0))
    plan = solved(data).plan
    other = plan.copy()
    other["certificates_mwh"] = plan["certificates_mwh"] + 1.0
    assert float(green_share(other, "annual", 0.5).squeeze()) == pytest.approx(0.5)


def test_the_audit_counts_no_certificate_that_is_too_old() -> None:
    # bought in 2027 and used; told to be of 2020 in the raw inputs, the target is missed
    data = world(targets=green(0.5, unbundled=0.5), **products([2027.0], [5.0]))
    plan = toys.completed(solved(data).plan)
    old = data.assign(certificate_vintage=("certificate", np.array([2020.0]), {"units": "1"}))
    told = plan.assign(certificate_vintage=old["certificate_vintage"])
    name = "netting reaches the green targets"

    def kept(raw, one) -> bool:
        report = audit(toys.completed(raw), one, digests=False)
        return next(check.passed for check in report.checks if check.name_en == name)

    assert kept(data, plan)
    assert not kept(old, told)


def test_a_window_is_a_number_of_years() -> None:
    assert GreenShare(value=0.8).certificate_window_years == 1
    with pytest.raises(ValueError, match="certificate_window_years"):
        GreenShare(value=0.8, certificate_window_years=-1)
