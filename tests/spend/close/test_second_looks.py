"""Four eyes in the close: what waits, who may approve it, and that nothing is done before."""

from decimal import Decimal

import pytest

from governance_app.audit.rows import StaleWrite
from governance_app.books import services as book_settings
from governance_app.domain.errors import Sentence
from governance_app.people.access import Refused
from governance_app.people.services import system_user
from governance_app.spend.models import CodingRule, ManualCost, SecondLook
from governance_app.spend.selectors import close as reading
from governance_app.spend.services import close
from tests.spend.close.conftest import OCTOBER, THIRD_DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def four_eyes(admin, books):
    book_settings.set_value(
        key="close_four_eyes", value=["costs", "coding", "reopening"], from_on=OCTOBER, by=admin
    )


@pytest.fixture
def cost(evidence, books):
    return {
        "month": "2026-10", "description": "Audit", "category": "governance", "amount": "1200.5",
        "currency": "USD", "initiative": books.claims.key, "evidence": str(evidence.pk),
    }  # fmt: skip


def ask(by, action, asked):
    return close.ask(action=action, asked=asked, by=by, now=THIRD_DAY)


def decide(look, by, *, is_approved=True, **more):
    return close.decide_second_look(
        look=look, is_approved=is_approved, by=by, now=THIRD_DAY, **more
    )


def test_without_the_setting_everything_is_done_at_once(finance, cost):
    assert ask(finance, "cost", cost) is None
    assert ManualCost.objects.get().amount == Decimal("1200.5")
    assert not SecondLook.objects.exists()


def test_a_cost_waits_until_somebody_else_approves_it(finance, controller, cost, four_eyes):
    look = ask(finance, "cost", cost)
    assert look.state == "waiting" and "Audit, 1200.5 USD for AI-1, October 2026" in str(look)
    assert not ManualCost.objects.exists()
    assert not reading.live_lines(viewer=finance, month=OCTOBER)
    with pytest.raises(Sentence, match="You asked for it; somebody else approves it"):
        decide(look, finance)
    assert not ManualCost.objects.exists()
    decide(look, controller)
    made = ManualCost.objects.get()
    assert (made.entered_by, made.amount) == (finance, Decimal("1200.5"))
    look.refresh_from_db()
    assert (look.state, look.decided_by) == ("done", controller)
    with pytest.raises(Sentence, match="is decided"):
        decide(look, controller)
    assert ManualCost.objects.count() == 1


def test_what_is_rejected_is_never_done_and_says_why(finance, controller, cost, four_eyes):
    look = ask(finance, "cost", cost)
    with pytest.raises(Sentence, match="Say why it is rejected"):
        decide(look, controller, is_approved=False)
    with pytest.raises(StaleWrite):
        decide(look, controller, is_approved=False, reason="No quote.", version=7)
    decide(look, controller, is_approved=False, reason="No quote.", version=1)
    look.refresh_from_db()
    assert (look.state, look.reason, ManualCost.objects.count()) == ("rejected", "No quote.", 0)


def test_what_would_be_refused_does_not_wait(finance, cost, four_eyes):
    with pytest.raises(Sentence, match="Unknown category"):
        ask(finance, "cost", {**cost, "category": "gifts"})
    with pytest.raises(Sentence, match="is not an amount"):
        ask(finance, "cost", {**cost, "amount": "much"})
    with pytest.raises(Sentence, match="Name the file that proves it"):
        ask(finance, "cost", {**cost, "evidence": ""})
    assert not SecondLook.objects.exists()


def test_who_may_not_prepare_may_neither_ask_nor_decide(finance, person, cost, four_eyes):
    executive = person("executive")
    with pytest.raises(Refused):
        ask(executive, "cost", cost)
    look = ask(finance, "cost", cost)
    with pytest.raises(Refused):
        decide(look, executive)
    assert not ManualCost.objects.exists()


def test_the_direct_way_is_shut_but_not_to_the_server(finance, books, evidence, four_eyes):
    said = {
        "month": OCTOBER, "description": "Audit", "category": "governance", "amount": Decimal(5),
        "currency": "USD", "evidence": evidence,
    }  # fmt: skip
    with pytest.raises(Sentence, match="A second person approves costs"):
        close.add_manual_cost(**said, by=finance)
    with pytest.raises(Sentence, match="A second person approves rules of coding"):
        close.add_coding_rule(field="project", value="P1", by=finance)
    with pytest.raises(Sentence, match="A second person approves reopening"):
        close.reopen_month(month=OCTOBER, reason="x", by=finance, now=THIRD_DAY)
    assert not ManualCost.objects.exists()
    assert close.add_manual_cost(**said, by=system_user("command"))


def test_a_withdrawal_and_coding_wait_too(finance, controller, cost, books, four_eyes):
    decide(ask(finance, "cost", cost), controller)
    made = ManualCost.objects.get()
    away = ask(finance, "withdraw cost", {"cost": str(made.pk), "version": 1})
    made.refresh_from_db()
    assert made.withdrawn_at is None
    decide(away, controller)
    made.refresh_from_db()
    assert made.withdrawn_at == THIRD_DAY
    before = CodingRule.objects.count()
    rule = {"field": "project", "value": "P1",
            "conditions": [{"dimension": "unit", "value": "Insurance"}]}  # fmt: skip
    added = ask(controller, "add coding", rule)
    assert CodingRule.objects.count() == before
    decide(added, finance)
    kept = CodingRule.objects.get(field="project")
    ended = ask(finance, "end coding", {"rule": str(kept.pk), "until_month": "2026-11"})
    decide(ended, controller)
    kept.refresh_from_db()
    assert f"{kept.until_month}" == "2026-11-01"


def test_a_closed_month_is_reopened_by_two(finance, controller, books, load, four_eyes):
    close.soft_close(month=OCTOBER, by=finance, now=THIRD_DAY)
    close.approve_month(month=OCTOBER, by=controller, now=THIRD_DAY)
    close.close_month(month=OCTOBER, by=controller, now=THIRD_DAY)
    look = ask(controller, "reopen", {"month": "2026-10", "reason": "Coded wrongly."})
    assert reading.month_state(month=OCTOBER) == "closed"
    with pytest.raises(Sentence, match="You asked for it"):
        decide(look, controller)
    assert reading.month_state(month=OCTOBER) == "closed"
    decide(look, finance)
    assert reading.month_state(month=OCTOBER) == "open"
