"""What chance says: of one initiative right away, of a part of the tree as it was drawn."""

import datetime as dt
import uuid

from django.db.models import QuerySet

from governance_app.domain.figures import Figure, Null
from governance_app.domain.uncertainty import DRAWS, Outcome
from governance_app.initiatives.models import Initiative
from governance_app.people.access import can
from governance_app.people.models import ScopeNode, User
from governance_app.value import chance
from governance_app.value.models import Simulation


def outcome_of(
    *, initiative: Initiative, viewer: User, on: dt.date, currency: str, seed: int = 1
) -> Figure[Outcome]:
    """Draw what going on with one initiative may be worth; the same seed gives the same."""
    decision = can(viewer, "money.view", initiative)
    if not decision:
        return Null(decision.reason)
    found = chance.cases(initiatives=[initiative.pk], on=on, currency=currency)
    case = found.get(initiative.pk)
    if case is None:
        return Null("No approved business case holds a month to come.")
    return chance.of_initiative(case=case, seed=seed, draws=DRAWS)


def simulations(*, viewer: User, node: ScopeNode | None = None) -> QuerySet[Simulation]:
    """Give the runs a viewer may see, newest first; of one node when it is named."""
    found = Simulation.objects.visible_to(viewer, "money.view")
    if node is not None:
        found = found.filter(node=node)
    return found.select_related("node", "asked_by").order_by("-created_at", "-pk")


def newest_simulation(
    *, viewer: User, node: ScopeNode, on: dt.date, until: dt.datetime | None = None
) -> Simulation | None:
    """Give the newest run of a node that looks from no later day, as it was known at a moment."""
    found = simulations(viewer=viewer, node=node).filter(outcome__draws__gt=0, on__lte=on)
    return found.filter(finished_at__lte=until).first() if until else found.first()


def simulation(*, viewer: User, simulation_id: uuid.UUID | str) -> Simulation | None:
    """Give one run, or None when it does not exist or is not the viewer's to see."""
    return simulations(viewer=viewer).filter(pk=simulation_id).first()
