"""Tables of the spend ledger: where bills come from, loads, keys, shares and budgets."""

from governance_app.spend.models.alert import BudgetAlert
from governance_app.spend.models.allocation import AllocationBalance, AllocationRun, KeyShare
from governance_app.spend.models.budget import Budget, BudgetPlan
from governance_app.spend.models.forecast import ForecastMonth, ForecastRound, ForecastSubmission
from governance_app.spend.models.key import SpendKey, SpendKeyMonth
from governance_app.spend.models.load import (
    CurrentLoad,
    Delivery,
    DeliveryFile,
    Load,
    LoadArchive,
    LoadTotal,
)
from governance_app.spend.models.rule import Rule, RuleVersion
from governance_app.spend.models.source import Source

__all__ = [
    "AllocationBalance",
    "AllocationRun",
    "Budget",
    "BudgetAlert",
    "BudgetPlan",
    "CurrentLoad",
    "Delivery",
    "DeliveryFile",
    "ForecastMonth",
    "ForecastRound",
    "ForecastSubmission",
    "KeyShare",
    "Load",
    "LoadArchive",
    "LoadTotal",
    "Rule",
    "RuleVersion",
    "Source",
    "SpendKey",
    "SpendKeyMonth",
]
