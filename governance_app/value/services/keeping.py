"""Keeping benefits true: signed by their owner, rebased into budgets, with evidence on file."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain import benefits as sums
from governance_app.domain.errors import Sentence
from governance_app.domain.money import exact_sum
from governance_app.domain.periods import month_of
from governance_app.files.models import StoredFile
from governance_app.people import access
from governance_app.people.models import User
from governance_app.value import choices
from governance_app.value.models import Benefit, BenefitEvidence
from governance_app.value.services.benefits import check_benefit

#: What an edit may change; the owner's signature falls with any of them but the owner's name.
EDITABLE = (
    "name", "benefit_type", "value_type", "kpi", "population", "owner", "starts_month",
    "ends_month", "method", "formula", "unit_value", "attribution", "minutes_saved", "acceptance",
    "capture", "template",
)  # fmt: skip


@recorded
def edit_benefit(
    *, benefit: Benefit, by: User, version: int | None = None, **changes: Any
) -> Benefit:
    """
    Change what a benefit says; its owner has to sign it again.

    Raises:
        Sentence: the result would not make sense, or leaves out months that are said already.
        StaleWrite: somebody changed it since ``version`` was read.
    """
    access.require(by, "value.edit", benefit)
    benefit = Benefit.objects.select_for_update(of=("self",)).get(pk=benefit.pk)
    check_version(benefit, version)
    unknown = sorted(set(changes) - set(EDITABLE))
    if unknown:
        raise Sentence(f"{', '.join(unknown)} cannot be edited; {', '.join(EDITABLE)} can.")
    for name in ("starts_month", "ends_month"):
        if name in changes:
            changes[name] = month_of(changes[name])
    fields = {name: getattr(benefit, name) for name in EDITABLE} | changes
    check_benefit(benefit.initiative, {**fields, "currency": benefit.currency})
    outside = (
        benefit.months.exclude(month__range=(fields["starts_month"], fields["ends_month"]))
        .order_by("month")
        .first()
    )
    if outside is not None:
        raise Sentence(
            f"{benefit}: {outside.month:%B %Y} is claimed or measured already and would lie "
            f"outside its months."
        )
    if any(getattr(benefit, name) != fields[name] for name in EDITABLE):
        save_changes(benefit, **fields, signed_by=None, signed_at=None)
    return benefit


@recorded
def sign_benefit(*, benefit: Benefit, by: User, version: int | None = None) -> Benefit:
    """
    Sign, as its owner, that a benefit is real and theirs to deliver.

    Raises:
        Sentence: it has no owner, or the actor is not the owner.
    """
    benefit = Benefit.objects.select_for_update(of=("self",)).get(pk=benefit.pk)
    access.require(by, "view", benefit)
    check_version(benefit, version)
    if benefit.owner is None:
        raise Sentence(f"{benefit} has no owner. Name one before it can be signed.")
    if benefit.owner_id != by.pk:
        raise Sentence(f"{benefit} is signed by its owner, {benefit.owner.name}.")
    if benefit.signed_by_id is None:
        save_changes(benefit, signed_by=by, signed_at=timezone.now())
    return benefit


@recorded
def rebase(
    *, benefit: Benefit, month: dt.date, budget_ref: str, by: User, version: int | None = None
) -> Benefit:
    """
    Record that a budget holds a benefit from a month on: new for 12 months, then baseline.

    Raises:
        Sentence: no reference, a type no budget holds, or a month outside the benefit.
    """
    access.require(by, "value.validate", benefit)
    benefit = Benefit.objects.select_for_update(of=("self",)).get(pk=benefit.pk)
    check_version(benefit, version)
    first = month_of(month)
    if not budget_ref.strip():
        raise Sentence(f"To rebase {benefit}, name the budget line that fell.")
    if benefit.benefit_type != "hard":
        kind = choices.BENEFIT_TYPES[benefit.benefit_type].split(":")[0].lower()
        raise Sentence(f"{benefit} is {kind}: only a hard benefit lowers a budget line.")
    if not benefit.starts_month <= first <= benefit.ends_month:
        raise Sentence(
            f"{benefit} runs from {benefit.starts_month:%B %Y} to {benefit.ends_month:%B %Y}; "
            f"{first:%B %Y} lies outside."
        )
    save_changes(benefit, rebased_month=first, rebase_ref=budget_ref.strip()[:300])
    return benefit


@recorded
def set_dispositions(
    *,
    benefit: Benefit,
    shares: Mapping[str, Decimal],
    by: User,
    version: int | None = None,
) -> Benefit:
    """
    Say where the freed time of a labour benefit went; its capture is the part of its own type.

    Args:
        shares: disposition -> share of the freed time, together at most 1.

    Raises:
        Sentence: it is no labour benefit, or the shares make no sense.
    """
    access.require(by, "value.edit", benefit)
    benefit = Benefit.objects.select_for_update(of=("self",)).get(pk=benefit.pk)
    check_version(benefit, version)
    if benefit.formula != "labour":
        raise Sentence(f"{benefit} frees no time: its formula is not labour.")
    try:
        sums.split_by_disposition(Decimal(1), shares)
    except ValueError as error:
        raise Sentence(f"{benefit}: {error}") from error
    kinds = {sums.DISPOSITIONS[name] for name, share in shares.items() if share}
    if not kinds <= {benefit.benefit_type, "soft"}:
        other = ", ".join(sorted(kinds - {benefit.benefit_type, "soft"}))
        raise Sentence(
            f"{benefit} is {benefit.benefit_type}, and part of its time is {other}: they never "
            f"share a figure. Add a benefit of its own for that part."
        )
    capture = exact_sum(
        share for name, share in shares.items() if sums.DISPOSITIONS[name] == benefit.benefit_type
    )
    save_changes(
        benefit,
        dispositions={name: f"{share.normalize():f}" for name, share in shares.items() if share},
        capture=capture,
        signed_by=None,
        signed_at=None,
    )
    return benefit


@recorded
def add_evidence(
    *,
    benefit: Benefit,
    file: StoredFile,
    by: User,
    month: dt.date | None = None,
    sentence: str = "",
) -> BenefitEvidence:
    """Attach a file that speaks for a benefit; the same file twice is one piece of evidence."""
    access.require(by, "value.edit", benefit)
    first = month_of(month) if month else None
    if first is not None and not benefit.starts_month <= first <= benefit.ends_month:
        raise Sentence(f"{first:%B %Y} lies outside the months of {benefit}.")
    standing = BenefitEvidence.objects.filter(benefit=benefit, month=first, file=file).first()
    return standing or BenefitEvidence.objects.create(
        initiative_id=benefit.initiative_id,
        benefit=benefit,
        month=first,
        file=file,
        sentence=sentence.strip()[:500],
        added_by=by,
    )
