"""
What one division wants to fund next year: asked under a budget, proposed, and begun at gates.

Finance asks and proposes; whoever answers for an initiative takes its proposal to the gate. A few
are handed in with evidence, a few are drafts, the rest wait: every state that the page can show.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from governance_app.domain.errors import Sentence
from governance_app.domain.periods import month_of
from governance_app.gates import services as gates
from governance_app.gates.models import GateRequest
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.scenarios import selectors as reading
from governance_app.scenarios import services as scenarios
from governance_app.scenarios.models import Proposal, Scenario
from portfolio.demo.accounts import ACCOUNTS
from portfolio.demo.dice import money
from portfolio.demo.governing import asker_of
from portfolio.demo.load import Progress
from portfolio.demo.shapes import Company

DIVISION = "RB"
NAME = "Retail banking, three quarters of this year's budget"
SHARE = 0.75
#: How many proposals are begun at their gates, and how many of those are handed in.
BEGUN, HANDED_IN = 8, 4
_WHY = "Next year's run budget is a quarter smaller; this keeps most of what is still to come."


def load_funding(story: Company, *, job: Progress, by: User) -> dict[str, Any]:
    """Propose what a division funds and begin some of it at gates; a second run adds nothing."""
    if Proposal.objects.filter(state="taken").exists():
        return {"proposals": Proposal.objects.count()}
    job.stage("What to fund: proposals")
    partner = User.objects.get(
        email=next(each.email for each in ACCOUNTS if each.role == "finance_partner")
    )
    scenario = scenarios.solve(scenario=_asked(story, partner), by=partner)
    if scenario.state != "solved":
        return {"proposals": 0, "funding": scenario.sentence}
    made = scenarios.propose(scenario=scenario, sentence=_WHY, by=partner)
    job.stage("What to fund: gates", total=BEGUN)
    begun, left = _begin(scenario, job)
    return {"proposals": made, "begun": begun, "left": left}


def _asked(story: Company, by: User) -> Scenario:
    """Ask what a division funds on a share of what it may spend this year."""
    node = ScopeNode.objects.get(code=DIVISION, kind=ScopeNode.Kind.UNIT)
    keys = set(
        Initiative.objects.filter(node__path__startswith=node.path).values_list("key", flat=True)
    )
    yearly = sum(
        (
            each.amount
            for each in story.budgets
            if each.key in keys and each.month.year == story.as_of.year
        ),
        Decimal(0),
    )
    standing = Scenario.objects.filter(node=node, name=NAME).first()
    return standing or scenarios.add_scenario(
        name=NAME, node=node, by=by, on=month_of(story.as_of) - dt.timedelta(days=1),
        budgets={reading.years(on=story.as_of)[1]: money(float(yearly) * SHARE, Decimal(1))},
    )  # fmt: skip


def _begin(scenario: Scenario, job: Progress) -> tuple[int, dict[str, str]]:
    """Take the first proposals to their gates; gives how many, and why others were left."""
    begun, left = 0, {}
    found = Proposal.objects.filter(scenario=scenario, state="open").select_related(
        "initiative__node", "initiative__program_manager", "initiative__business_owner"
    )
    for row in found.order_by("action", "initiative__number"):
        asker = asker_of(row.initiative)
        if asker is None:
            continue
        try:
            request = scenarios.take_to_gate(proposal=row, by=asker)
        except Sentence as refusal:
            left[row.initiative.key] = str(refusal)
            continue
        if begun < HANDED_IN and request.state == GateRequest.State.DRAFT:
            _hand_in(request, asker)
        begun += 1
        job.advance(begun)
        if begun == BEGUN:
            break
    return begun, left


def _hand_in(request: GateRequest, by: User) -> None:
    gates.add_evidence(
        request=request, title="Result of the pilot", kind="test", reference="QA portal",
        collected_on=timezone.localdate() - dt.timedelta(days=5), by=by,
    )  # fmt: skip
    gates.submit(request=request, by=by, now=None)
