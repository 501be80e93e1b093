"""Letters of the close: who is asked for a word, and who waits for one, hears of it once."""

from decimal import Decimal

import pytest
from django.utils import timezone

from governance_app.jobs.models import OutboxMessage
from governance_app.spend.models import Anomaly
from governance_app.spend.selectors import close as reading
from governance_app.spend.services import close, set_budget
from governance_app.spend.services.budgets import BudgetLine
from governance_app.spend.services.watching import hand_anomaly
from tests.factories import focus
from tests.spend.close.conftest import OCTOBER, THIRD_DAY

pytestmark = pytest.mark.django_db


def letters():
    return [
        (row.payload["to"], row.payload["context"]["subject"], row.payload["context"]["sentence"])
        for row in OutboxMessage.objects.order_by("created_at", "pk")
    ]


@pytest.fixture
def over(books, unit, load, finance):
    """Retail banking spent 3,000 of 1,000."""
    load(focus.as_csv([focus.line(BilledCost="3000", EffectiveCost="3000")]), now=THIRD_DAY)
    set_budget(
        name="B", fiscal_year=2026, lines=[BudgetLine(unit, OCTOBER, Decimal(1000), "USD")],
        by=finance,
    )  # fmt: skip


def ask(by):
    return close.ask_for_explanations(month=OCTOBER, by=by, on=timezone.localdate())


def test_who_answers_for_a_unit_is_asked_once(over, finance, person, unit, other_unit, load):
    owner = person("business_owner", unit, name="Olga Owner")
    person("business_owner", other_unit, name="Not Asked")
    assert ask(finance) == [owner]
    ((to, subject, sentence),) = letters()
    assert to == [owner.email] and "Retail banking against its budget in October 2026" in subject
    assert "cost 3,000.00 USD" in sentence and "+2,000.00" in sentence
    ask(finance)
    assert len(letters()) == 1
    load(focus.as_csv([focus.line(BilledCost="3100", EffectiveCost="3100")]), now=THIRD_DAY)
    ask(finance)
    assert len(letters()) == 2, "a figure that moved asks anew"


def test_nobody_is_asked_about_what_is_small_or_explained(over, finance, person, unit):
    owner = person("business_owner", unit, name="Olga Owner")
    close.explain_variance(node=unit, month=OCTOBER, sentence="A burst of tests.", by=owner)
    assert ask(finance) == [] and letters() == []


def test_an_explanation_reaches_finance_and_its_answer_the_owner(
    over, finance, controller, person, unit
):
    owner = person("business_owner", unit, name="Olga Owner")
    close.soft_close(month=OCTOBER, by=finance, now=THIRD_DAY)
    said = close.explain_variance(node=unit, month=OCTOBER, sentence="A burst.", by=owner)
    assert letters()[-1][0] == [finance.email]
    assert "“A burst.”" in letters()[-1][2]
    close.decide_explanation(
        explanation=said, is_accepted=False, answer="Which tests?", by=controller, now=THIRD_DAY
    )
    assert letters()[-1][0] == [owner.email] and "sent back" in letters()[-1][1]
    assert "Which tests?" in letters()[-1][2]
    assert len(letters()) == 2


def test_a_dispute_reaches_its_owner_and_the_outcome_who_raised_it(over, finance, person, unit):
    owner = person("business_owner", unit, name="Olga Owner")
    dispute = close.raise_dispute(
        node=unit, month=OCTOBER, source="Cloud", amount=Decimal(30), currency="USD",
        reason="Not ours.", owner=finance, by=owner,
    )  # fmt: skip
    assert letters()[-1][0] == [finance.email] and "disputes" in letters()[-1][1]
    before = reading.chargeback(viewer=finance, month=OCTOBER)
    close.decide_dispute(
        dispute=dispute, state="accepted", outcome="A rule from November.", by=finance,
        now=THIRD_DAY,
    )  # fmt: skip
    assert letters()[-1][0] == [owner.email] and "A rule from November." in letters()[-1][2]
    assert reading.chargeback(viewer=finance, month=OCTOBER) == before


def test_who_is_handed_an_anomaly_hears_of_it(source, finance, person, unit):
    anomaly = Anomaly.objects.create(
        source=source, grain="month", on=OCTOBER, service="Inference", account="", currency="USD",
        actual=Decimal(9), usual=Decimal(1), score=9.0, sentence="Inference cost 9 instead of 1.",
    )  # fmt: skip
    other = person("finance_partner", name="Second Eyes")
    hand_anomaly(anomaly=anomaly, owner=other, by=finance)
    hand_anomaly(anomaly=anomaly, owner=finance, by=finance)
    assert [to for to, _, _ in letters()] == [[other.email]], "nobody writes to themselves"
