"""Public money: rewards of projects in the model, vouchers of users by rule."""

from coplan.elements.subsidies.rewards import close, invest
from coplan.elements.subsidies.tables import reward_table, voucher_table

__all__ = ["close", "invest", "reward_table", "voucher_table"]
