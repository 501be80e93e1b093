"""What can be exported. A sheet reads the very selector of the page it is exported from."""

from governance_app.domain.errors import Sentence
from governance_app.exports.sheets.base import Sheet
from governance_app.exports.sheets.books import (
    BudgetVariance,
    Chargeback,
    InvoiceReconciliation,
    Journals,
)
from governance_app.exports.sheets.initiative_spend import InitiativeSpend
from governance_app.exports.sheets.ledger import Ledger
from governance_app.exports.sheets.lines import Lines
from governance_app.exports.sheets.registers import (
    EuRegister,
    Incidents,
    OmbInventory,
    RiskRegister,
    ThirdPartyRegister,
)

_KNOWN: tuple[Sheet, ...] = (
    InitiativeSpend(),
    Ledger(),
    Lines(),
    Chargeback(),
    Journals(),
    InvoiceReconciliation(),
    BudgetVariance(),
    EuRegister(),
    OmbInventory(),
    ThirdPartyRegister(),
    RiskRegister(),
    Incidents(),
)
SHEETS: dict[str, Sheet] = {sheet.name: sheet for sheet in _KNOWN}


def sheet_of(name: str) -> Sheet:
    """
    Find a sheet by name.

    Raises:
        Sentence: there is none of that name; lists those there are.
    """
    if name not in SHEETS:
        raise Sentence(f"There is no sheet {name!r}; there are {', '.join(SHEETS)}.")
    return SHEETS[name]


__all__ = ["SHEETS", "Sheet", "sheet_of"]
