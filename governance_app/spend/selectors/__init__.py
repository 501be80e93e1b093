"""Reading the spend ledger. Everything starts from what the viewer may see of money."""

from governance_app.spend.selectors.converted import breakdown_in
from governance_app.spend.selectors.explore import (
    BASES,
    DIMENSIONS,
    Cell,
    Origin,
    SpendFilter,
    breakdown,
    budget_months,
    choices,
    currencies,
    initiative_months,
    months_held,
    origins,
    totals,
    unallocated,
)
from governance_app.spend.selectors.ledger import ledger_frames
from governance_app.spend.selectors.line_frames import LinesWaiting, line_columns, line_frames
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
from governance_app.spend.shares import ALWAYS
from governance_app.spend.shares import DIMENSIONS as RULE_DIMENSIONS

__all__ = [
    "ALWAYS",
    "BASES",
    "DIMENSIONS",
    "RULE_DIMENSIONS",
    "Cell",
    "Lines",
    "LinesWaiting",
    "Origin",
    "SpendFilter",
    "balances_of",
    "breakdown",
    "breakdown_in",
    "budget_months",
    "choices",
    "currencies",
    "current_loads",
    "deliveries",
    "delivery",
    "initiative_months",
    "last_run",
    "ledger_frames",
    "line_columns",
    "line_frames",
    "lines_of_initiative",
    "months_held",
    "origins",
    "rule",
    "rules",
    "source",
    "sources",
    "totals",
    "unallocated",
]
