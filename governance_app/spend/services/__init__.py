"""What changes the spend ledger."""

from governance_app.spend.services import close
from governance_app.spend.services.alerts import Watched, watch_budgets
from governance_app.spend.services.allocating import allocate
from governance_app.spend.services.archiving import archive
from governance_app.spend.services.budgets import BudgetImported, import_budget, set_budget
from governance_app.spend.services.forecasts import (
    RoundLocked,
    lock_round,
    open_round,
    submit_forecast,
)
from governance_app.spend.services.importing import (
    BillRefused,
    Imported,
    LoadOutcome,
    Manifest,
    import_file,
)
from governance_app.spend.services.proposing import decide_proposal, preview_rule, propose_rule
from governance_app.spend.services.replaying import replay
from governance_app.spend.services.rules import (
    add_pool,
    add_rule,
    add_synonym,
    change_rule,
    end_rule,
    end_synonym,
    move_rule,
    order_pools,
)
from governance_app.spend.services.sources import add_source, change_source
from governance_app.spend.services.watching import (
    decide_anomaly,
    hand_anomaly,
    keep_days,
    watch,
)

__all__ = [
    "BillRefused",
    "BudgetImported",
    "Imported",
    "LoadOutcome",
    "Manifest",
    "RoundLocked",
    "Watched",
    "add_pool",
    "add_rule",
    "add_source",
    "add_synonym",
    "allocate",
    "archive",
    "change_rule",
    "change_source",
    "close",
    "decide_anomaly",
    "decide_proposal",
    "end_rule",
    "end_synonym",
    "hand_anomaly",
    "import_budget",
    "import_file",
    "keep_days",
    "lock_round",
    "move_rule",
    "open_round",
    "order_pools",
    "preview_rule",
    "propose_rule",
    "replay",
    "set_budget",
    "submit_forecast",
    "watch",
    "watch_budgets",
]
