"""What has a person as its owner until it is done: what a leaver leaves to the next one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from governance_app.compliance.models import AppliedControl, Document, Gap
from governance_app.initiatives.models import LogEntry, Milestone
from governance_app.oversight.models import Action
from governance_app.people.models import User
from governance_app.risk.models import Incident, Risk, TreatmentStep
from governance_app.value.models import Benefit


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of thing that has an owner: its name in the singular, and which of it is open."""

    one: str
    model: Any
    is_open: Q


#: Retired initiatives need nobody, so what is theirs stays as it is.
_ALIVE = ~Q(initiative__stage__is_final=True)
SORTS = (
    Sort("action", Action, Q(closed_at=None)),
    Sort("risk", Risk, Q(closed_at=None) & _ALIVE),
    Sort("treatment step", TreatmentStep, Q(done_on=None, risk__closed_at=None)),
    Sort("incident", Incident, ~Q(state=Incident.State.CLOSED)),
    Sort("gap", Gap, Q(closed_on=None)),
    Sort("control", AppliedControl, ~Q(state=AppliedControl.State.NOT_APPLICABLE) & _ALIVE),
    Sort("policy", Document, Q(retired_on=None)),
    Sort("milestone", Milestone, Q(done_on=None) & _ALIVE),
    Sort("log entry", LogEntry, Q(closed_on=None) & _ALIVE),
    Sort("benefit", Benefit, _ALIVE),
)
#: Plurals that are not an s.
MANY = {"policy": "policies", "log entry": "log entries"}


def held(*, viewer: User, person: User) -> Iterator[tuple[Sort, QuerySet[Any]]]:
    """Give what a person holds as far as a viewer sees it, sort by sort."""
    for sort in SORTS:
        rows = sort.model.objects.visible_to(viewer).filter(sort.is_open, owner=person)
        yield sort, rows.order_by("pk")
