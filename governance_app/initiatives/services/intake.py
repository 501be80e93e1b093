"""Proposing initiatives, signed in or by a link, and deciding what becomes of a proposal."""

import datetime as dt
import secrets

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.initiatives.models import Initiative, IntakeLink, IntakeRequest
from governance_app.initiatives.services import drafts, register
from governance_app.initiatives.tokens import digest
from governance_app.people import access
from governance_app.people.models import ScopeNode, User

MOST_DAYS = 365
#: A link answers no more than this many proposals that nobody has looked at yet.
MOST_WAITING = 100


class LinkShut(Sentence):
    """A link that is unknown, closed, over or full; nobody learns which unit it was for."""


@recorded
def open_link(
    *, name: str, unit: ScopeNode, expires_on: dt.date, by: User
) -> tuple[IntakeLink, str]:
    """
    Open a door through which people without an account may propose for a unit.

    Returns:
        The link and its token, which is shown once; only its digest is kept.
    """
    access.require(by, "initiative.add", unit)
    if unit.kind == ScopeNode.Kind.INITIATIVE:
        raise Sentence("A link is for a unit.")
    name = " ".join(name.split())
    if not name or len(name) > 200:
        raise Sentence("Say in a few words who the link is for.")
    days = (expires_on - timezone.localdate()).days
    if not 0 < days <= MOST_DAYS:
        raise Sentence(f"A link ends on a day ahead, at most {MOST_DAYS} days from today.")
    token = secrets.token_urlsafe(24)
    link = IntakeLink.objects.create(
        name=name, unit=unit, token_digest=digest(token), expires_on=expires_on, made_by=by
    )
    return link, token


@recorded
def close_link(*, link: IntakeLink, by: User) -> IntakeLink:
    """Shut a link; what was proposed through it stays."""
    access.require(by, "initiative.add", link.unit)
    row = IntakeLink.objects.select_for_update().get(pk=link.pk)
    if row.closed_at is None:
        save_changes(row, closed_at=timezone.now())
    return row


@recorded
def propose(
    *,
    name: str,
    purpose: str,
    by: User,
    unit: ScopeNode | None = None,
    token: str = "",
    proposer_name: str = "",
    proposer_email: str = "",
    benefit: str = "",
    vendor: str = "",
) -> IntakeRequest:
    """
    Propose an initiative for a unit one may see, or through a link with its token.

    Args:
        unit: where, for somebody who is signed in.
        token: of a link; then ``by`` is the system's person for intake, and a name and an
            e-mail say who proposes.

    Raises:
        LinkShut: the token opens nothing.
        Sentence: a part is missing.
    """
    name = drafts.check_name(name)
    purpose = purpose.strip()
    if not purpose:
        raise Sentence("Say what it shall do, and for whom.")
    if len(purpose) > 20000 or len(benefit) > 20000:
        raise Sentence("That is too long; at most 20,000 characters.")
    link = None
    if token:
        link = _open(token)
        unit, who = link.unit, " ".join(proposer_name.split())[:200]
        if not who:
            raise Sentence("Say who you are, so that somebody can ask back.")
        try:
            validate_email(proposer_email)
        except ValidationError as error:
            raise Sentence(f"“{proposer_email[:60]}” is no e-mail address.") from error
    elif unit is None:
        raise Sentence("Choose the unit it is for.")
    else:
        access.require(by, "view", unit)
        who, proposer_email = by.name, by.email
    return IntakeRequest.objects.create(
        unit=unit, link=link, person=None if link else by, proposer_name=who,
        proposer_email=proposer_email, name=name, purpose=purpose, benefit=benefit.strip(),
        vendor=vendor.strip()[:300],
    )  # fmt: skip


@recorded
def take_up(
    *, request: IntakeRequest, by: User, unit: ScopeNode | None = None, reason: str = ""
) -> Initiative:
    """Make a proposal an initiative, as an idea; who proposed it stands in its history."""
    row = _waiting(request, by)
    where = unit or row.unit
    made = register.add(
        name=row.name, unit=where, by=by, purpose=row.purpose, vendor=row.vendor,
        extra={
            "Proposed by": f"{row.proposer_name} {row.proposer_email}".strip(),
            **({"Expected benefit": row.benefit} if row.benefit else {}),
        },
    )  # fmt: skip
    _decide(row, IntakeRequest.State.TAKEN_UP, made, reason, by)
    return made


@recorded
def join(*, request: IntakeRequest, initiative: Initiative, by: User) -> IntakeRequest:
    """Say that a proposal is what an initiative there is does already."""
    row = _waiting(request, by)
    access.require(by, "view", initiative)
    return _decide(row, IntakeRequest.State.JOINED, initiative, f"It is {initiative.key}.", by)


@recorded
def decline(*, request: IntakeRequest, reason: str, by: User) -> IntakeRequest:
    """
    Turn a proposal down.

    Raises:
        Sentence: there is no reason.
    """
    row = _waiting(request, by)
    if not reason.strip():
        raise Sentence("Say why, so that whoever proposed it can be answered.")
    return _decide(row, IntakeRequest.State.DECLINED, None, reason, by)


def _open(token: str) -> IntakeLink:
    links = IntakeLink.objects.select_for_update(of=("self",)).select_related("unit")
    link = links.filter(token_digest=digest(token), closed_at=None).first()
    if link is None or link.expires_on < timezone.localdate():
        raise LinkShut("This link is not open. Ask whoever sent it for a new one.")
    waiting = IntakeRequest.objects.filter(link=link, state=IntakeRequest.State.WAITING)
    if waiting.count() >= MOST_WAITING:
        raise LinkShut("Too many proposals wait to be read already. Try again in some days.")
    return link


def _waiting(request: IntakeRequest, by: User) -> IntakeRequest:
    access.require(by, "initiative.add", request.unit)
    row = IntakeRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if row.state != IntakeRequest.State.WAITING:
        raise Sentence(f"“{row}” was decided already: {row.get_state_display().lower()}.")
    return row


def _decide(
    row: IntakeRequest, state: str, initiative: Initiative | None, reason: str, by: User
) -> IntakeRequest:
    save_changes(
        row, state=state, initiative=initiative, reason=reason.strip(), decided_by=by,
        decided_at=timezone.now(),
    )  # fmt: skip
    return row
