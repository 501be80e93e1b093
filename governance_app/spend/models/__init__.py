"""Tables of the spend ledger: where bills come from, loads, keys, shares and budgets."""

from governance_app.spend.models.accrual import Accrual, AccrualLine
from governance_app.spend.models.adjustment import LateAdjustment, ParkedKeyMonth
from governance_app.spend.models.alert import BudgetAlert
from governance_app.spend.models.allocation import AllocationBalance, AllocationRun, KeyShare
from governance_app.spend.models.anomaly import Anomaly
from governance_app.spend.models.budget import Budget, BudgetPlan
from governance_app.spend.models.close import (
    ClosedLine,
    Dispute,
    Explanation,
    MonthClose,
    SourceMonth,
    TrialBalance,
    TrialBalanceLine,
)
from governance_app.spend.models.coding import CodingRule
from governance_app.spend.models.facet import SpendAllotment, SpendDay, SpendFacet
from governance_app.spend.models.forecast import ForecastMonth, ForecastRound, ForecastSubmission
from governance_app.spend.models.invoice import Invoice, InvoiceLine, PurchaseOrder
from governance_app.spend.models.journal import Journal, JournalLine, RechargeAgreement
from governance_app.spend.models.key import SpendKey, SpendKeyMonth
from governance_app.spend.models.load import (
    CurrentLoad,
    Delivery,
    DeliveryFile,
    Load,
    LoadArchive,
    LoadTotal,
)
from governance_app.spend.models.manual import (
    CostCategory,
    DayRate,
    ManualCost,
    PrepaidEntry,
    TaxRule,
    WorkedDays,
)
from governance_app.spend.models.pool import Pool, TagSynonym
from governance_app.spend.models.proposal import RuleProposal
from governance_app.spend.models.rule import Rule, RuleTarget, RuleVersion
from governance_app.spend.models.second_look import SecondLook
from governance_app.spend.models.source import Source
from governance_app.spend.models.split import KeySplit, SplitPart, SplitShare

__all__ = [
    "Accrual",
    "AccrualLine",
    "AllocationBalance",
    "AllocationRun",
    "Anomaly",
    "Budget",
    "BudgetAlert",
    "BudgetPlan",
    "ClosedLine",
    "CodingRule",
    "CostCategory",
    "CurrentLoad",
    "DayRate",
    "Delivery",
    "DeliveryFile",
    "Dispute",
    "Explanation",
    "ForecastMonth",
    "ForecastRound",
    "ForecastSubmission",
    "Invoice",
    "InvoiceLine",
    "Journal",
    "JournalLine",
    "KeyShare",
    "KeySplit",
    "LateAdjustment",
    "Load",
    "LoadArchive",
    "LoadTotal",
    "ManualCost",
    "MonthClose",
    "ParkedKeyMonth",
    "Pool",
    "PrepaidEntry",
    "PurchaseOrder",
    "RechargeAgreement",
    "Rule",
    "RuleProposal",
    "RuleTarget",
    "RuleVersion",
    "SecondLook",
    "Source",
    "SourceMonth",
    "SpendAllotment",
    "SpendDay",
    "SpendFacet",
    "SpendKey",
    "SpendKeyMonth",
    "SplitPart",
    "SplitShare",
    "TagSynonym",
    "TaxRule",
    "TrialBalance",
    "TrialBalanceLine",
    "WorkedDays",
]
