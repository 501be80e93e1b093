"""Letters of the close: whoever is asked for a word, or waits for one, hears of it once."""

from collections.abc import Iterable
from datetime import date

from django.conf import settings

from governance_app.jobs import services as jobs
from governance_app.people.models import Grant, ScopeNode, User
from governance_app.people.roles import ROLES

#: More people than this at one place are no addressee any more.
MOST = 10


def tell(
    *,
    to: Iterable[User],
    dedupe: str,
    subject: str,
    sentence: str,
    page: str,
    why: str,
    by: User,
) -> list[User]:
    """
    Send each a letter once per ``dedupe``; who acts, left or is a system gets none.

    Args:
        page: the path of the page it is about.
        why: why they get the letter.
    """
    told = [one for one in to if one.is_active and not one.is_system and one.pk != by.pk]
    for one in told:
        jobs.put_in_outbox(
            channel="email",
            dedupe=f"{dedupe}:{one.pk}",
            payload={
                "to": [one.email],
                "template": "close-asked",
                "context": {
                    "subject": subject,
                    "name": one.name,
                    "sentence": sentence,
                    "link": f"{settings.SITE_URL}{page}",
                    "why": why,
                },
            },
            by=by,
        )
    return told


def who_explains(*, node: ScopeNode, on: date) -> list[User]:
    """Give who answers for a unit's spend: those with the grant there, else nearest above it."""
    roles = [role.slug for role in ROLES.values() if "close.explain" in role.permissions]
    place: ScopeNode | None = node
    while place is not None:
        grants = Grant.objects.filter(
            node=place, role__in=roles, from_on__lte=on, user__is_active=True
        ).exclude(until_on__lt=on)
        found = list(
            User.objects.filter(pk__in=grants.values("user"), kind=User.Kind.PERSON).order_by(
                "name", "pk"
            )[:MOST]
        )
        if found:
            return found
        place = place.parent
    return []
