"""Rules of public money that do not fit what names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coplan.scenario.shapes import Path
from coplan.scenario.system import System

WHO = "city and county share what is paid: say direct or district"


def subsidy_misfits(
    system: System, cards: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[Path, str]]:
    """Rules named twice, rules without what is asked of them, and nobody to pay a share."""
    rules = cards.get("subsidies", {})
    for site, entry in system.sites.items():
        at: Path = ("sites", site, "subsidies")
        for place, card in enumerate(entry.subsidies):
            if card in entry.subsidies[:place]:
                yield (*at, place), "names a rule card twice"
            if not rules[card].rewards:
                yield (*at, place), f"the card {card} has no rewards for projects"
            if rules[card].county_share is not None and entry.county is None:
                yield (*at, place), f"of {card} {WHO} at the site's county"
    for name, user in system.voucher_users.items():
        at = ("voucher_users", name)
        if rules[user.rule].vouchers is None:
            yield (*at, "rule"), f"the card {user.rule} has no vouchers"
        if rules[user.rule].county_share is not None and user.county is None:
            yield at, f"of {user.rule} {WHO} at its county"
        if name in system.sites or name in system.regions:
            yield at, "the id is that of a site or region too; rename it"
