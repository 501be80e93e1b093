"""Explanations of differences and disputes of what is charged."""

from datetime import date, datetime
from decimal import Decimal

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain.errors import Sentence
from governance_app.domain.periods import month_of
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.people.selectors import organisation
from governance_app.spend.closed import refuse_closed
from governance_app.spend.models import Dispute, Explanation, MonthClose
from governance_app.spend.selectors.close import comparing
from governance_app.spend.telling import tell, who_explains


@recorded
def ask_for_explanations(*, month: date, by: User, on: date) -> list[User]:
    """
    Ask whoever answers for a unit whose variance must be explained; each hears of it once.

    A figure that moves asks anew.

    Returns:
        who was asked, by name.

    Raises:
        MissingRate, MissingDayRate: the variances are not known yet.
        MonthClosed: the month is closed.
    """
    access.require(by, "close.prepare")
    month = month_of(month)
    refuse_closed(month=month, what="an explanation")
    asked: dict[str, User] = {}
    for one in comparing.variances(viewer=by, month=month):
        if one.is_settled or one.said.state == Explanation.State.PROPOSED:
            continue
        told = tell(
            to=who_explains(node=one.node, on=on),
            dedupe=f"variance:{month}:{one.node.pk}:{one.difference:.2f}",
            subject=f"{one.node} against its budget in {month:%B %Y}",
            sentence=(
                f"{one.node} cost {one.actual:,.2f} {one.currency} in {month:%B %Y}, "
                f"{one.difference:+,.2f} against its budget. Please explain why; finance cannot "
                "close the month before."
            ),
            page=f"/spend/close/{month:%Y-%m}/variances/",
            why=f"You answer for what {one.node} spends.",
            by=by,
        )
        asked |= {str(person.pk): person for person in told}
    return sorted(asked.values(), key=lambda person: (person.name, str(person.pk)))


@recorded
def explain_variance(*, node: ScopeNode, month: date, sentence: str, by: User) -> Explanation:
    """
    Explain why a unit's spend is not its budget; finance accepts it or sends it back.

    Raises:
        Sentence: the unit has no budget there, or nothing is said.
        MonthClosed: the month is closed.
    """
    access.require(by, "close.explain", node)
    month = month_of(month)
    refuse_closed(month=month, what="an explanation")
    found = next(
        (one for one in comparing.variances(viewer=by, month=month) if one.node == node), None
    )
    if found is None:
        raise Sentence(f"{node} has no budget for {month:%B %Y}, so there is nothing to explain.")
    return _explain(
        month, Explanation.About.VARIANCE, str(node.pk), node, found.difference, found.currency,
        sentence, by,
    )  # fmt: skip


@recorded
def explain_difference(*, subject: str, month: date, sentence: str, by: User) -> Explanation:
    """
    Explain why the ledger is not the general ledger for an account.

    Args:
        subject: entity|account|cost centre|currency, as the page keys it.

    Raises:
        Sentence: there is no such difference, or nothing is said.
        MonthClosed: the month is closed.
    """
    access.require(by, "close.prepare")
    month = month_of(month)
    refuse_closed(month=month, what="an explanation")
    differences = comparing.ledger_differences(viewer=by, month=month)
    found = next((one for one in differences if one.subject == subject), None)
    place = organisation()
    if found is None or not found.difference or place is None:
        raise Sentence("There is no such difference in this month.")
    return _explain(
        month, Explanation.About.GENERAL_LEDGER, subject, place, found.difference, found.currency,
        sentence, by,
    )  # fmt: skip


@recorded
def decide_explanation(
    *, explanation: Explanation, is_accepted: bool, by: User, now: datetime, answer: str = "",
    version: int | None = None,
) -> Explanation:  # fmt: skip
    """
    Accept an explanation, or send it back with what is missing.

    Raises:
        Sentence: it is decided, one's own, or returned without a word.
        MonthClosed: the month is closed.
    """
    access.require(by, "close.prepare", explanation)
    explanation = (
        Explanation.objects.select_for_update(of=("self",))
        .select_related("author")
        .get(pk=explanation.pk)
    )
    check_version(explanation, version)
    refuse_closed(month=explanation.month, what="an explanation")
    if explanation.state != Explanation.State.PROPOSED:
        raise Sentence(f"It is {explanation.state} already.")
    is_variance = explanation.about == Explanation.About.VARIANCE
    if is_variance and explanation.author_id == by.pk and not by.is_system:
        raise Sentence("You wrote it yourself; somebody else in finance accepts it.")
    if not is_accepted and not answer.strip():
        raise Sentence("Write what is missing, so that the owner can mend it.")
    save_changes(
        explanation,
        state=Explanation.State.ACCEPTED if is_accepted else Explanation.State.RETURNED,
        decided_by=by,
        decided_at=now,
        answer=answer.strip(),
    )
    verdict = "accepted" if is_accepted else "sent back"
    tell(
        to=[explanation.author],
        dedupe=f"explanation:{explanation.pk}:{verdict}",
        subject=f"Your explanation of {explanation.month:%B %Y} is {verdict}",
        sentence=" ".join(
            [f"{by} has {verdict} what you wrote:", f"“{explanation.sentence}”", answer.strip()]
        ).strip(),
        page=_page(explanation),
        why="You wrote the explanation.",
        by=by,
    )
    return explanation


@recorded
def raise_dispute(
    *,
    node: ScopeNode,
    month: date,
    source: str,
    amount: Decimal,
    currency: str,
    reason: str,
    owner: User,
    by: User,
    initiative: str = "",
    service: str = "",
) -> Dispute:
    """
    Dispute a line that is charged to a unit. It moves no total; its owner decides.

    Raises:
        Sentence: there is no reason, or the owner may not work on the close.
    """
    access.require(by, "close.explain", node)
    if not reason.strip():
        raise Sentence("Write why the line is not yours; its owner reads this first.")
    if not access.can(owner, "close.prepare", node):
        raise Sentence(f"{owner} may not decide on it. Choose a finance partner as owner.")
    dispute = Dispute.objects.create(
        node=node, month=month_of(month), source=source, amount=amount, currency=currency,
        reason=reason.strip(), raised_by=by, owner=owner, initiative=initiative, service=service,
    )  # fmt: skip
    tell(
        to=[owner],
        dedupe=f"dispute:{dispute.pk}",
        subject=f"{node} disputes what it is charged in {dispute.month:%B %Y}",
        sentence=f"{by} disputes {amount:,.2f} {currency} of {source}: “{reason.strip()}”",
        page=f"/spend/close/{dispute.month:%Y-%m}/chargeback/",
        why="You were named to decide on it.",
        by=by,
    )
    return dispute


@recorded
def decide_dispute(
    *, dispute: Dispute, state: str, outcome: str, by: User, now: datetime,
    version: int | None = None,
) -> Dispute:  # fmt: skip
    """
    Decide on a dispute, or withdraw one's own. No figure moves here.

    Args:
        outcome: what is done about an accepted one (a rule from a month on, a journal), or why
            it is rejected.

    Raises:
        Sentence: it is decided, there is no outcome, or it is not theirs to decide.
    """
    dispute = (
        Dispute.objects.select_for_update(of=("self",))
        .select_related("node", "owner", "raised_by")
        .get(pk=dispute.pk)
    )
    check_version(dispute, version)
    if dispute.state != Dispute.State.OPEN:
        raise Sentence(f"It is {dispute.state} already.")
    if state == Dispute.State.WITHDRAWN:
        if dispute.raised_by_id != by.pk:
            raise Sentence("Only who raised it withdraws it.")
    elif state in (Dispute.State.ACCEPTED, Dispute.State.REJECTED):
        access.require(by, "close.prepare", dispute)
        if dispute.raised_by_id == by.pk and not by.is_system:
            raise Sentence("You raised it yourself; somebody else decides on it.")
    else:
        raise Sentence(f"A dispute is accepted, rejected or withdrawn, not {state!r}.")
    if not outcome.strip():
        raise Sentence("Write the outcome: what is done about it, or why nothing is.")
    save_changes(dispute, state=state, outcome=outcome.strip(), decided_by=by, decided_at=now)
    tell(
        to=[dispute.raised_by, dispute.owner],
        dedupe=f"dispute:{dispute.pk}:{state}",
        subject=f"The dispute of {dispute.node} for {dispute.month:%B %Y} is {state}",
        sentence=f"{by}: “{outcome.strip()}”",
        page=f"/spend/close/{dispute.month:%Y-%m}/chargeback/",
        why="You raised the dispute or were named to decide on it.",
        by=by,
    )
    return dispute


def _explain(
    month: date, about: str, subject: str, node: ScopeNode, amount: Decimal, currency: str,
    sentence: str, by: User,
) -> Explanation:  # fmt: skip
    if not sentence.strip():
        raise Sentence("Write what the difference comes from.")
    explanation = Explanation.objects.create(
        month=month, about=about, subject=subject, node=node, amount=amount, currency=currency,
        sentence=sentence.strip(), author=by,
    )  # fmt: skip
    running = MonthClose.objects.filter(month__month=month, closed_at=None, returned_at=None)
    tell(
        to=[one.prepared_by for one in running.select_related("prepared_by")],
        dedupe=f"explanation:{explanation.pk}",
        subject=f"An explanation for {month:%B %Y} waits for you",
        sentence=f"{by} explains {amount:+,.2f} {currency} of {node}: “{sentence.strip()}”",
        page=_page(explanation),
        why=f"You prepare the close of {month:%B %Y}.",
        by=by,
    )
    return explanation


def _page(explanation: Explanation) -> str:
    is_variance = explanation.about == Explanation.About.VARIANCE
    tab = "variances" if is_variance else "general-ledger"
    return f"/spend/close/{explanation.month:%Y-%m}/{tab}/"
