"""When the figures a viewer sees were last made anew."""

import datetime as dt

from django.db.models import Max

from governance_app.people.models import User
from governance_app.rollups.models import InitiativeNow, PortfolioMonth


def figures_made_at(*, viewer: User) -> dt.datetime | None:
    """Give the moment the newest of the current figures of this viewer became known."""
    found = [
        kind.objects.visible_to(viewer).filter(known_to=None).aggregate(at=Max("known_from"))["at"]
        for kind in (InitiativeNow, PortfolioMonth)
    ]
    return max((at for at in found if at is not None), default=None)
