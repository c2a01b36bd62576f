"""Who pays whom: payments by party, rewards of projects, vouchers of users."""

from __future__ import annotations

from coplan.plan.rewards import reward_table, voucher_claims
from coplan.plan.settlement import settlement_table
from coplan.report.catalogue import entries
from coplan.report.facts import Facts
from coplan.report.model import Block, Column, Item, Listing, Message, Paragraph, Table, say
from coplan.report.numbers import Amount

MOST_ROWS = 30
MOST_PAYEES = 5


def blocks(facts: Facts) -> list[Block]:
    """The settlement of every period, then public money where there is some."""
    found: list[Block] = [_payments(facts, year) for year in facts.periods]
    if facts.plan.sizes.get("reward", 0):
        found.append(_rewards(facts))
    if facts.plan.sizes.get("voucher_user", 0):
        found += [Paragraph(say("settlement.vouchers")), _vouchers(facts)]
    return found


def _party(facts: Facts, name: str) -> Item:
    key = f"settlement.party_{name.replace(' ', '_')}"
    return say(key) if key in entries() else facts.name(name)


def _word(kind: str, name: str) -> Message:
    return say(f"settlement.{kind}_{name.replace(' ', '_').replace('-', '_')}")


def _payments(facts: Facts, year: int) -> Table:
    """Payments summed over sites; compute by region with its price."""
    table = settlement_table(facts.plan)
    table = table[(table["period"] == year) & (table["book"] != "server")]
    if facts.plan.sizes.get("voucher_user", 0) > MOST_PAYEES:
        table["payee"] = table["payee"].where(table["item"] != "vouchers", "users")
    rows: list[list[Item]] = []
    keys = ["payer", "payee", "item", "basis"]
    for (payer, payee, item, basis), part in table.groupby(keys, sort=False):
        prices = sorted(set(part["price_cny_per_p_hour"].dropna()))
        price: Item = say("word.none")
        if len(prices) == 1:
            price = Amount(float(prices[0]), "trim", digits=3)
        elif prices:
            price = say("word.range", low=Amount(float(prices[0]), "trim", digits=3),
                        high=Amount(float(prices[-1]), "trim", digits=3))  # fmt: skip
        rows.append([
            _party(facts, str(payer)), _party(facts, str(payee)), _word("item", str(item)),
            Amount(float(part["cny_per_year"].sum()), "money_column"), price,
            _word("basis", str(basis)),
        ])  # fmt: skip
    columns = [
        Column(say("settlement.payer"), numeric=False, width=1.3),
        Column(say("settlement.payee"), numeric=False, width=1.3),
        Column(say("settlement.item"), numeric=False, width=1.9),
        Column(say("table.annual"), say("unit.money"), width=1.2),
        Column(say("settlement.price"), say("settlement.price_unit"), width=1.3),
        Column(say("settlement.basis"), numeric=False, width=1.5),
    ]  # fmt: skip
    title = say("settlement.table", year=Amount(year, "year"))
    return Table(f"settlement_{year}", title, columns, rows, note=say("settlement.note"))


def _rewards(facts: Facts) -> Table:
    """Every rule that fits a project, with what it pays; all periods together."""
    rows: list[list[Item]] = []
    table = reward_table(facts.plan)
    for (rule, project), part in table.groupby(["rule", "project"], sort=False):
        paid = part[part["reward_cny"] > 0]
        sums = [float(part[f"{name}_cny"].sum()) for name in ("reward", "city", "county")]
        state: Item = say("settlement.not_in_force")
        if len(paid):
            state = say("settlement.paid", year=Amount(int(paid["period"].iloc[0]), "year"))
        elif part["in_force"].any():
            state = say("settlement.not_paid")
        rows.append([facts.name(str(rule).split("/")[0]), facts.name(str(project)), state,
                     *(Amount(value, "money_column") for value in sums)])  # fmt: skip
    once = say("unit.money_once")
    columns = [
        Column(say("settlement.rule"), numeric=False, width=2.0),
        Column(say("settlement.project"), numeric=False, width=1.8),
        Column(say("table.result"), numeric=False, width=1.6),
        Column(say("settlement.reward"), once),
        Column(say("settlement.party_city_government"), once),
        Column(say("settlement.party_county_government"), once),
    ]  # fmt: skip
    return Table("rewards", say("settlement.rewards_table"), columns, rows,
                 note=say(f"settlement.seen_{facts.plan.attrs.get('perspective', 'operator')}"))


def _vouchers(facts: Facts) -> Table:
    rows: list[list[Item]] = []
    for one in voucher_claims(facts.plan).head(MOST_ROWS).itertuples():
        basis = Listing(tuple(_word("voucher", word) for word in one.basis.split(" + ")))
        rows.append([
            facts.name(one.user), Amount(one.earned_in, "year"), basis,
            Amount(one.voucher_cny, "money_column", digits=2), Amount(one.paid_in, "year"),
            Amount(one.city_cny, "money_column", digits=2),
            Amount(one.county_cny, "money_column", digits=2),
        ])  # fmt: skip
    once = say("unit.money_once")
    columns = [
        Column(say("settlement.user"), numeric=False, width=1.6),
        Column(say("settlement.earned_in")),
        Column(say("settlement.basis"), numeric=False, width=2.2),
        Column(say("settlement.voucher"), once), Column(say("settlement.paid_in")),
        Column(say("settlement.party_city_government"), once),
        Column(say("settlement.party_county_government"), once),
    ]  # fmt: skip
    return Table("vouchers", say("settlement.vouchers_table"), columns, rows)
