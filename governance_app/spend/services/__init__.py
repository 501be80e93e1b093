"""What changes the spend ledger."""

from governance_app.spend.services.allocating import allocate
from governance_app.spend.services.archiving import archive
from governance_app.spend.services.budgets import set_budget
from governance_app.spend.services.importing import (
    BillRefused,
    Imported,
    LoadOutcome,
    Manifest,
    import_file,
)
from governance_app.spend.services.rules import add_rule, change_rule, end_rule
from governance_app.spend.services.sources import add_source, change_source

__all__ = [
    "BillRefused",
    "Imported",
    "LoadOutcome",
    "Manifest",
    "add_rule",
    "add_source",
    "allocate",
    "archive",
    "change_rule",
    "change_source",
    "end_rule",
    "import_file",
    "set_budget",
]
