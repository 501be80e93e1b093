"""Reading scenarios: the list, one with its answer, two beside each other, proposals."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from governance_app.books import selectors as books
from governance_app.domain.money import EXACT
from governance_app.domain.periods import fiscal_label, fiscal_year
from governance_app.gates.models import GateRequest
from governance_app.initiatives.models import Initiative
from governance_app.people.models import User
from governance_app.scenarios.models import Candidate, Proposal, Scenario

#: Fiscal years that a limit may be set for: the one of the day and those after it.
YEARS = 5


def scenarios(*, viewer: User) -> QuerySet[Scenario]:
    """Give the scenarios whose money the viewer may see, newest first."""
    found = Scenario.objects.visible_to(viewer, "money.view")
    return found.select_related("node", "written_by", "job").order_by("-created_at", "-pk")


def scenario(*, viewer: User, scenario_id: uuid.UUID | str) -> Scenario | None:
    """Give one scenario, or None when it does not exist or is not the viewer's to see."""
    return scenarios(viewer=viewer).filter(pk=scenario_id).first()


def candidates(*, viewer: User, scenario: Scenario) -> QuerySet[Candidate]:
    """Give the lines of an answer: funded first, then by value; what was left out last."""
    found = Candidate.objects.visible_to(viewer, "money.view").filter(scenario=scenario)
    return found.select_related("initiative__stage").order_by(
        "-is_considered", "-is_funded", "-value", "initiative__number", "pk"
    )


def proposals(*, viewer: User, scenario: Scenario | None = None) -> QuerySet[Proposal]:
    """Give open proposals, of one scenario or all."""
    found = Proposal.objects.visible_to(viewer, "money.view").filter(state="open")
    if scenario is not None:
        found = found.filter(scenario=scenario)
    return found.select_related("initiative", "proposed_by", "scenario").order_by(
        "action", "initiative__number", "pk"
    )


def proposal(*, viewer: User, proposal_id: uuid.UUID | str) -> Proposal | None:
    """Give one open proposal, or None when it is over or not the viewer's to see."""
    return proposals(viewer=viewer).filter(pk=proposal_id).first()


def taken(*, viewer: User, scenario: Scenario) -> QuerySet[Proposal]:
    """Give the proposals of a scenario that a gate took up, with where each stands there."""
    found = Proposal.objects.visible_to(viewer, "money.view").filter(
        scenario=scenario, state="taken"
    )
    return found.select_related("initiative", "request").order_by("initiative__number", "pk")


def proposed_by(*, viewer: User, request: GateRequest) -> Proposal | None:
    """Give the proposal that a request at a gate took up, where the viewer sees its money."""
    found = Proposal.objects.visible_to(viewer, "money.view").filter(request=request)
    return found.select_related("scenario", "proposed_by").order_by("-created_at", "-pk").first()


def years(*, on: dt.date) -> list[str]:
    """Give the fiscal years that limits are set for, as people say them."""
    start = books.fiscal_start_month(on=on)
    first = fiscal_year(on, start_month=start)
    return [fiscal_label(first + more, start_month=start) for more in range(YEARS)]


@dataclass(frozen=True, slots=True)
class Difference:
    """What the other scenario funds and this one does not, or the other way round."""

    initiative: Initiative
    is_funded_here: bool
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Two answers beside each other; ``change``: what the other is worth more, None where their
    currencies differ.
    """

    one: Scenario
    other: Scenario
    change: Decimal | None
    differences: tuple[Difference, ...]


def compare(*, viewer: User, one: Scenario, other: Scenario) -> Comparison:
    """Put two solved scenarios beside each other."""
    change = None
    if one.currency == other.currency and one.result and other.result:
        change = EXACT.subtract(
            Decimal(repr(other.result["value"])), Decimal(repr(one.result["value"]))
        )
    mine = Candidate.objects.visible_to(viewer, "money.view").filter(
        Q(scenario=one) | Q(scenario=other)
    )
    funded: dict[uuid.UUID, set[uuid.UUID]] = {one.pk: set(), other.pk: set()}
    rows: dict[uuid.UUID, Candidate] = {}
    for row in mine.filter(is_funded=True).select_related("initiative"):
        funded[row.scenario_id].add(row.initiative_id)
        rows[row.initiative_id] = row
    moved = funded[one.pk] ^ funded[other.pk]
    return Comparison(
        one,
        other,
        change,
        tuple(
            Difference(row.initiative, pk in funded[one.pk], row.value)
            for pk, row in sorted(
                rows.items(), key=lambda each: (-(each[1].value or Decimal(0)), str(each[0]))
            )
            if pk in moved
        ),
    )


def keys_of(*, viewer: User, ids: Sequence[str]) -> list[str]:
    """Give the keys of initiatives by id, in order of their numbers; those hidden are left out."""
    found = Initiative.objects.visible_to(viewer).filter(pk__in=list(ids))
    return list(found.order_by("number").values_list("key", flat=True))
