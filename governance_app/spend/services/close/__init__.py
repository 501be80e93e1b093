"""What changes the books of a month, until it is closed and after."""

from governance_app.spend.services.close.accruing import accrue, declare_final, withdraw_accrual
from governance_app.spend.services.close.adjusting import rule_on_adjustment
from governance_app.spend.services.close.asking import ask_approval, ask_closing
from governance_app.spend.services.close.balances import import_trial_balance
from governance_app.spend.services.close.closing import (
    NotReady,
    approve_month,
    close_month,
    reopen_month,
    send_back,
    soft_close,
)
from governance_app.spend.services.close.coding_rules import add_coding_rule, end_coding_rule
from governance_app.spend.services.close.costing import (
    add_manual_cost,
    add_purchase_order,
    add_recharge_agreement,
    close_purchase_order,
    enter_days,
    enter_prepaid,
    set_day_rate,
    set_tax_rule,
    withdraw_manual_cost,
)
from governance_app.spend.services.close.explaining import (
    ask_for_explanations,
    decide_dispute,
    decide_explanation,
    explain_difference,
    explain_variance,
    raise_dispute,
)
from governance_app.spend.services.close.invoices import (
    correct_invoice,
    enter_invoice,
    import_invoice_details,
    judge_invoice,
)
from governance_app.spend.services.close.journals import (
    draft_journals,
    post_journal,
    take_erp_number,
)
from governance_app.spend.services.close.second_looks import ask, decide_second_look

__all__ = [
    "NotReady",
    "accrue",
    "add_coding_rule",
    "add_manual_cost",
    "add_purchase_order",
    "add_recharge_agreement",
    "approve_month",
    "ask",
    "ask_approval",
    "ask_closing",
    "ask_for_explanations",
    "close_month",
    "close_purchase_order",
    "correct_invoice",
    "decide_dispute",
    "decide_explanation",
    "decide_second_look",
    "declare_final",
    "draft_journals",
    "end_coding_rule",
    "enter_days",
    "enter_invoice",
    "enter_prepaid",
    "explain_difference",
    "explain_variance",
    "import_invoice_details",
    "import_trial_balance",
    "judge_invoice",
    "post_journal",
    "raise_dispute",
    "reopen_month",
    "rule_on_adjustment",
    "send_back",
    "set_day_rate",
    "set_tax_rule",
    "soft_close",
    "take_erp_number",
    "withdraw_accrual",
    "withdraw_manual_cost",
]
