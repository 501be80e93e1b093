"""What time does to compliance: evidence runs out, so requirements are no longer met."""

import datetime as dt

from django.db.models import Q

from governance_app.audit.acting import recorded
from governance_app.compliance import standing
from governance_app.compliance.models import NodeStanding
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User


@recorded
def age_standings(*, on: dt.date, by: User) -> int:
    """
    Derive anew where requirements stand for initiatives whose evidence ran out before a day, and
    let those of retired ones go.

    Returns:
        How many initiatives were looked at.
    """
    access.require(by, "compliance.edit")
    over = NodeStanding.objects.filter(Q(until__lt=on) | Q(initiative__stage__is_final=True))
    touched = set(over.values_list("initiative_id", flat=True).distinct())
    rows = Initiative.objects.filter(pk__in=touched).select_related("node", "stage").order_by("pk")
    for row in rows:
        standing.restand(row, on=on)
    return len(touched)
