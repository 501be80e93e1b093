"""Reading the spend ledger. Everything starts from what the viewer may see of money."""

from governance_app.spend.selectors.explore import (
    BASES,
    DIMENSIONS,
    Cell,
    SpendFilter,
    breakdown,
    budget_months,
    choices,
    initiative_months,
    months_held,
    totals,
    unallocated,
)
from governance_app.spend.selectors.ledger import ledger_frames
from governance_app.spend.selectors.lines import Lines, lines_of_initiative
from governance_app.spend.selectors.standing import (
    balances_of,
    current_loads,
    deliveries,
    delivery,
    last_run,
    rule,
    rules,
    source,
    sources,
)

__all__ = [
    "BASES",
    "DIMENSIONS",
    "Cell",
    "Lines",
    "SpendFilter",
    "balances_of",
    "breakdown",
    "budget_months",
    "choices",
    "current_loads",
    "deliveries",
    "delivery",
    "initiative_months",
    "last_run",
    "ledger_frames",
    "lines_of_initiative",
    "months_held",
    "rule",
    "rules",
    "source",
    "sources",
    "totals",
    "unallocated",
]
