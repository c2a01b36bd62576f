"""Cards of public money say what is missing, in the planner's words."""

from __future__ import annotations

from typing import Any

import pydantic
import pytest

from coplan.elements.subsidies.cards import RewardRule, SubsidyCard

CARD: dict[str, Any] = {
    "name": {"zh": "甲", "en": "A"}, "document": "d", "valid_from": "2024-01-25",
    "valid_to": "2027-01-24",
    "rewards": {"r": {"act": "retrofit", "cny_per_rack": 1000}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"act": "retrofit"}, "give one of cny_per_rack, cny_per_tce and investment_share"),
        ({"act": "retrofit", "cny_per_tce": 1200},
         "cny_per_tce and coal_factor_kg_per_kwh belong together"),
        ({"act": "domestic_servers", "cny_per_tce": 1200, "coal_factor_kg_per_kwh": 0.1},
         "cny_per_tce is about a retrofit"),
        ({"act": "retrofit", "cny_per_rack": 1000, "pue_below": 0.9}, "greater than 1"),
    ],
)  # fmt: skip
def test_a_reward_that_says_too_little_is_refused(rule: dict, message: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=message):
        RewardRule.model_validate(rule)


def test_a_card_without_money_is_refused() -> None:
    with pytest.raises(pydantic.ValidationError, match="give vouchers or rewards"):
        SubsidyCard.model_validate(CARD | {"rewards": {}})


def test_a_card_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(pydantic.ValidationError, match="valid_to must not be before valid_from"):
        SubsidyCard.model_validate(CARD | {"valid_to": "2023-12-31"})


def test_the_county_pays_its_share_and_the_city_the_rest() -> None:
    shared = SubsidyCard.model_validate(CARD | {"county_share": {"direct": 1, "district": 0.5}})
    assert [shared.paid_by_county(c) for c in ("direct", "district", None)] == [1.0, 0.5, 0.0]
    assert SubsidyCard.model_validate(CARD).paid_by_county("direct") == 0.0
