"""Policies: written, approved by somebody else, published, attested, and excepted from."""

import datetime as dt
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import check_version, save_changes
from governance_app.books.selectors import setting
from governance_app.compliance.models import (
    Attestation,
    Campaign,
    Document,
    DocumentException,
    DocumentVersion,
)
from governance_app.domain.errors import Sentence
from governance_app.files.models import StoredFile
from governance_app.people import access
from governance_app.people.models import Grant, ScopeNode, User

State = DocumentVersion.State
OPEN = (State.DRAFT, State.SUBMITTED, State.APPROVED)


class BadPolicy(Sentence):
    """Something about a policy that cannot be done; says what to mend."""


@recorded
def add_document(
    *,
    title: str,
    node: ScopeNode,
    owner: User,
    text: str,
    by: User,
    purpose: str = "",
    review_months: int | None = None,
    file: StoredFile | None = None,
) -> DocumentVersion:
    """
    Begin a policy with the draft of its first version.

    Args:
        review_months: how often it is looked at again; as the settings say when left out.

    Raises:
        BadPolicy: no title or text, or the title is taken.
    """
    access.require(by, "policy.edit", node)
    if not title.strip() or not text.strip():
        raise BadPolicy("A policy needs a title and a text.")
    if review_months is None:
        review_months = int(setting(key="policy_review_months", on=timezone.localdate()))
    _check_review(review_months)
    key = slugify(title)[:60] or "policy"
    if Document.objects.filter(key=key).exists():
        raise BadPolicy(f"There is a policy called “{title.strip()}” already.")
    document = Document.objects.create(
        key=key,
        title=title.strip()[:200],
        purpose=purpose.strip(),
        node=node,
        owner=owner,
        review_months=review_months,
    )
    return DocumentVersion.objects.create(
        document=document, number=1, text=text.strip(), file=file, author=by
    )


@recorded
def change_document(
    *,
    document: Document,
    by: User,
    owner: User | None = None,
    purpose: str | None = None,
    review_months: int | None = None,
    version: int | None = None,
) -> Document:
    """
    Change who owns a policy, what it is for, or how often it is looked at again.

    Raises:
        BadPolicy: it is retired, the owner left, or it would be looked at never.
        StaleWrite: somebody changed it since ``version`` was read.
    """
    access.require(by, "policy.edit", document)
    row = _standing(document)
    check_version(row, version)
    changes: dict[str, Any] = {}
    if owner is not None:
        if not owner.is_active:
            raise BadPolicy(f"{owner} can no longer sign in.")
        changes["owner"] = owner
    if purpose is not None:
        changes["purpose"] = purpose.strip()
    if review_months is not None:
        _check_review(review_months)
        changes["review_months"] = review_months
    save_changes(row, **changes)
    return row


@recorded
def retire_document(*, document: Document, reason: str, on: dt.date, by: User) -> Document:
    """
    Take a policy out of force for good: nobody attests it or asks for exceptions any more.

    Raises:
        BadPolicy: it is retired already, or no reason is given.
    """
    access.require(by, "policy.approve", document)
    row = _standing(document)
    if not reason.strip():
        raise BadPolicy("Say why the policy is retired.")
    held = DocumentVersion.objects.select_for_update().filter(document=row, state=State.PUBLISHED)
    for each in held:
        save_changes(each, state=State.SUPERSEDED)
    save_changes(row, retired_on=on)
    audit.note(
        by=by,
        action="compliance.policy_retired",
        subject=row,
        sentence=f"Retired “{row}”: {reason.strip()}",
    )
    return row


@recorded
def write_version(
    *,
    document: Document,
    text: str,
    by: User,
    changes: str = "",
    file: StoredFile | None = None,
    version: int | None = None,
) -> DocumentVersion:
    """
    Write the draft of the next version, or change the draft there is.

    Raises:
        BadPolicy: no text, retired, or a version waits for approval or publication.
        StaleWrite: somebody changed the draft since ``version`` was read.
    """
    access.require(by, "policy.edit", document)
    document = _standing(document)
    if not text.strip():
        raise BadPolicy("A policy needs a text.")
    rows = DocumentVersion.objects.select_for_update(of=("self",)).filter(document=document)
    standing = rows.filter(state__in=OPEN).first()
    if standing is not None:
        check_version(standing, version)
        if standing.state != State.DRAFT:
            raise BadPolicy(f"{standing}: {standing.get_state_display().lower()}; decide it first.")
        save_changes(
            standing, text=text.strip(), changes=changes.strip(), author=by,
            file=file or standing.file,
        )  # fmt: skip
        return standing
    number = (rows.aggregate(top=Max("number"))["top"] or 0) + 1
    return DocumentVersion.objects.create(
        document=document,
        number=number,
        text=text.strip(),
        changes=changes.strip(),
        file=file,
        author=by,
    )


@recorded
def submit_version(
    *, policy_version: DocumentVersion, by: User, version: int | None = None
) -> DocumentVersion:
    """Hand a draft in for approval."""
    access.require(by, "policy.edit", policy_version)
    row = _locked(policy_version)
    check_version(row, version)
    if row.state != State.DRAFT:
        raise BadPolicy(f"{row}: only a draft can be submitted.")
    save_changes(row, state=State.SUBMITTED)
    return row


@refusals_noted
@recorded
def decide_version(
    *,
    policy_version: DocumentVersion,
    is_approved: bool,
    on: dt.date,
    by: User,
    reason: str = "",
    version: int | None = None,
) -> DocumentVersion:
    """
    Approve a version or return it.

    Raises:
        BadPolicy: by its author or the policy's owner, not submitted, returned without a reason.
    """
    access.require(by, "policy.approve", policy_version)
    row = _locked(policy_version)
    check_version(row, version)
    if row.state != State.SUBMITTED:
        raise BadPolicy(f"{row} does not wait for approval.")
    if row.author_id == by.pk:
        raise BadPolicy("Somebody else than its author approves a policy.")
    if not is_approved and not reason.strip():
        raise BadPolicy("Say what is missing when you return a policy.")
    save_changes(
        row,
        state=State.APPROVED if is_approved else State.RETURNED,
        decided_by=by,
        decided_on=on,
        decision_reason=reason.strip(),
    )
    return row


@recorded
def publish_version(
    *, policy_version: DocumentVersion, in_force_from: dt.date, on: dt.date, by: User
) -> DocumentVersion:
    """
    Put an approved version in force, from today or a day to come; the one before it counts until
    then.

    Raises:
        BadPolicy: it is not approved, or it would be in force before it was approved.
    """
    access.require(by, "policy.edit", policy_version)
    row = _locked(policy_version)
    if row.state != State.APPROVED:
        raise BadPolicy(f"{row}: only an approved version can be published.")
    if row.decided_on is not None and in_force_from < row.decided_on:
        raise BadPolicy(f"{row} was approved on {row.decided_on}; it cannot be in force before.")
    before = DocumentVersion.objects.select_for_update().filter(
        document=row.document, state=State.PUBLISHED
    )
    for each in before:
        save_changes(each, state=State.SUPERSEDED)
    save_changes(row, state=State.PUBLISHED, in_force_from=in_force_from)
    return row


@recorded
def begin_campaign(
    *, policy_version: DocumentVersion, audience: ScopeNode, due_on: dt.date, on: dt.date, by: User
) -> Campaign:
    """
    Ask everybody who holds a role in a part of the organisation to attest a published version.

    Raises:
        BadPolicy: it is not in force, due before today, asked already, or nobody is there.
    """
    access.require(by, "policy.edit", policy_version)
    row = _locked(policy_version)
    if row.state != State.PUBLISHED:
        raise BadPolicy(f"{row} is not in force; publish it first.")
    if due_on < on:
        raise BadPolicy("A campaign cannot be due before it begins.")
    if Campaign.objects.filter(policy_version=row, audience=audience).exists():
        raise BadPolicy(f"{audience} is asked about {row} already.")
    whom = (
        Grant.objects.filter(
            node__path__startswith=audience.path, from_on__lte=on, user__kind="person",
            user__is_active=True,
        )
        .exclude(until_on__lt=on)
        .values_list("user_id", flat=True)
        .distinct()
    )  # fmt: skip
    people_asked = sorted(set(whom), key=str)
    if not people_asked:
        raise BadPolicy(f"Nobody holds a role in {audience}.")
    campaign = Campaign.objects.create(
        policy_version=row, audience=audience, begun_on=on, due_on=due_on, begun_by=by
    )
    Attestation.objects.bulk_create(
        [Attestation(campaign=campaign, person_id=person) for person in people_asked]
    )
    return campaign


@recorded
def attest(*, campaign: Campaign, by: User) -> Attestation:
    """
    Say that one has read a policy and follows it; only for oneself.

    Raises:
        BadPolicy: not asked, or the version has been superseded.
    """
    row = Attestation.objects.select_for_update().filter(campaign=campaign, person=by).first()
    if row is None:
        raise BadPolicy("You were not asked to attest this policy.")
    if campaign.policy_version.state != State.PUBLISHED:
        raise BadPolicy(f"{campaign.policy_version} is no longer in force.")
    if row.attested_at is None:
        save_changes(row, attested_at=timezone.now())
    return row


@recorded
def request_exception(
    *,
    document: Document,
    node: ScopeNode,
    reason: str,
    expires_on: dt.date,
    on: dt.date,
    by: User,
    instead: str = "",
) -> DocumentException:
    """
    Ask not to follow a policy somewhere until a day.

    Raises:
        BadPolicy: no reason, expires too soon or too late, or no version is in force.
    """
    access.require(by, "compliance.edit", node)
    if not reason.strip():
        raise BadPolicy("Say why the policy cannot be followed.")
    most = int(setting(key="exception_days", on=on, node=node))
    if not on < expires_on <= on + dt.timedelta(days=most):
        raise BadPolicy(f"An exception expires after today and within {most} days.")
    if not DocumentVersion.objects.filter(document=document, state=State.PUBLISHED).exists():
        raise BadPolicy(f"No version of “{document}” is in force; there is nothing to except.")
    return DocumentException.objects.create(
        document=document,
        node=node,
        reason=reason.strip(),
        instead=instead.strip(),
        expires_on=expires_on,
        requested_by=by,
    )


@refusals_noted
@recorded
def decide_exception(
    *, exception: DocumentException, is_granted: bool, on: dt.date, by: User, reason: str = ""
) -> DocumentException:
    """
    Grant an exception or refuse it.

    Raises:
        BadPolicy: by who asked, decided already, expired meanwhile, refused without a reason.
    """
    access.require(by, "policy.approve", exception)
    row = DocumentException.objects.select_for_update(of=("self",)).get(pk=exception.pk)
    if row.is_granted is not None:
        raise BadPolicy("It has been decided already.")
    if row.requested_by_id == by.pk:
        raise BadPolicy("Somebody else than who asked grants an exception.")
    if row.expires_on <= on:
        raise BadPolicy(f"It was asked until {row.expires_on}, which is over; ask again.")
    if not is_granted and not reason.strip():
        raise BadPolicy("Say why the exception is refused.")
    save_changes(
        row, is_granted=is_granted, decided_by=by, decided_on=on, decision_reason=reason.strip()
    )
    return row


@recorded
def end_exception(*, exception: DocumentException, on: dt.date, by: User) -> DocumentException:
    """Give an exception up before it expires."""
    access.require(by, "compliance.edit", exception)
    row = DocumentException.objects.select_for_update(of=("self",)).get(pk=exception.pk)
    if row.ended_on is not None:
        raise BadPolicy("It has ended already.")
    save_changes(row, ended_on=on)
    return row


def _standing(document: Document) -> Document:
    rows = Document.objects.select_for_update(of=("self",)).select_related("node")
    row = rows.get(pk=document.pk)
    if row.retired_on is not None:
        raise BadPolicy(f"“{row}” is retired.")
    return row


def _check_review(months: int) -> None:
    if months < 1:
        raise BadPolicy("A policy is reviewed every month at most.")


def _locked(policy_version: DocumentVersion) -> DocumentVersion:
    rows = DocumentVersion.objects.select_for_update(of=("self",)).select_related("document__node")
    return rows.get(pk=policy_version.pk)
