"""Benefits up the ladder: claimed by an owner, measured, validated by finance, banked."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.books.models import AccountingMonth
from governance_app.domain.allocation import from_units
from governance_app.domain.benefits import counts_until
from governance_app.domain.errors import Sentence
from governance_app.domain.money import EXACT
from governance_app.domain.periods import month_of, month_range
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User
from governance_app.value import choices, guarding
from governance_app.value.measuring import Measured, measured_months
from governance_app.value.models import Benefit, BenefitMonth, Kpi
from governance_app.value.writing import update_months

SMALLEST = from_units(1)


class BadMonths(Sentence):
    """Months that cannot reach a rung; says which and why."""


@dataclass(frozen=True, slots=True)
class MeasureOutcome:
    """How many months were measured anew, and why the others have no measured amount."""

    measured: int = 0
    unchanged: int = 0
    reasons: Mapping[dt.date, str] = field(default_factory=dict)


@recorded
def add_benefit(
    *,
    initiative: Initiative,
    name: str,
    benefit_type: str,
    value_type: str,
    starts_month: dt.date,
    ends_month: dt.date,
    currency: str,
    by: User,
    kpi: Kpi | None = None,
    population: str = "",
    owner: User | None = None,
    method: str = "expert_claim",
    formula: str = "kpi",
    unit_value: Decimal | None = None,
    attribution: Decimal | None = None,
    minutes_saved: Decimal | None = None,
    acceptance: Decimal | None = None,
    capture: Decimal | None = None,
    template: str = "",
) -> Benefit:
    """
    Add a benefit with its first and last month.

    Args:
        kpi: what measures it; without one it can be claimed and never measured.
        population: whom it touches; by default the population of the KPI.
        unit_value: overrides the KPI's; in a labour formula the loaded hourly rate.
        attribution: share due to this initiative; by default the KPI's.

    Raises:
        Sentence: something does not make sense; says what to mend.
    """
    access.require(by, "value.edit", initiative)
    name = name.strip()
    fields: dict[str, Any] = {
        "name": name,
        "benefit_type": benefit_type,
        "value_type": value_type,
        "starts_month": month_of(starts_month),
        "ends_month": month_of(ends_month),
        "currency": currency,
        "kpi": kpi,
        "population": population or (kpi.population if kpi else ""),
        "owner": owner,
        "method": method,
        "formula": formula,
        "unit_value": unit_value,
        "attribution": attribution or (kpi.attribution if kpi else Decimal(1)),
        "minutes_saved": minutes_saved,
        "acceptance": acceptance,
        "capture": capture,
        "template": template,
    }
    check_benefit(initiative, fields)
    if Benefit.objects.filter(initiative=initiative, name=name).exists():
        raise Sentence(f"{initiative.key} already has a benefit called {name}.")
    return Benefit.objects.create(initiative=initiative, **fields)


@recorded
def claim(*, benefit: Benefit, months: Mapping[dt.date, Decimal], by: User, basis: str = "") -> int:
    """
    Say what a benefit was worth in some months; a new claim replaces one not yet validated.

    Args:
        months: month -> amount in the currency of the benefit.
        basis: how the estimate was made.

    Returns:
        How many months changed.

    Raises:
        BadMonths: outside the benefit's months, validated already, or closed.
    """
    access.require(by, "value.edit", benefit)
    wanted = _wanted(benefit, months)
    rows = _locked(benefit, wanted)
    validated = [month for month, row in rows.items() if row.review == "validated"]
    if validated:
        raise BadMonths(f"{_names(validated)} of {benefit}: validated, so the claim stands.")
    changed = []
    for month, amount in wanted.items():
        row = rows.get(month) or _new(benefit, month)
        if row.claimed == amount and row.claimant_id == by.pk and row.claim_basis == basis:
            continue
        row.claimed, row.claimant, row.claim_basis = amount, by, basis
        # A claim after a rejection is a new one, to be reviewed afresh.
        row.review, row.validator, row.reviewed_at, row.review_sentence = "", None, None, ""
        changed.append(row)
    return _save(
        changed, "claimed", "claimant", "claim_basis", "review", "validator", "reviewed_at",
        "review_sentence",
    )  # fmt: skip


@recorded
def measure(
    *, benefit: Benefit, by: User, on: dt.date, months: Iterable[dt.date] | None = None
) -> MeasureOutcome:
    """
    Work out what the KPI says a benefit was worth, month by month.

    A month without a fresh enough reading, baseline or unit value gets no amount; where the
    month stands already its reason is kept with it.

    Args:
        on: the day of looking; later months are not measured.
        months: only these; by default every month of the benefit up to ``on``.
    """
    access.require(by, "value.edit", benefit)
    last = min(counts_until(benefit.ends_month, benefit.rebased_month), month_of(on))
    chosen = [month_of(month) for month in months] if months is not None else None
    asked = chosen if chosen is not None else month_range(benefit.starts_month, last)
    asked = [month for month in asked if benefit.starts_month <= month <= last]
    found = measured_months(benefit=benefit, months=asked, on=on)
    rows = _locked(benefit, asked)
    closed = _closed(asked)
    changed, reasons, unchanged = [], {}, 0
    for month, result in found.items():
        if result.amount.value is None:
            reasons[month] = result.amount.reason
        if month in closed:
            reasons[month] = f"{month:%B %Y} is closed."
            continue
        row = rows.get(month)
        if row is None and result.amount.value is None:
            continue
        row = row or _new(benefit, month)
        if _take(row, result):
            changed.append(row)
        else:
            unchanged += 1
    _save(changed, "measured", "measured_from", "hours")
    return MeasureOutcome(len(changed), unchanged, reasons)


@recorded
def validate(
    *,
    benefit: Benefit,
    months: Mapping[dt.date, Decimal],
    by: User,
    evidence: StoredFile | None = None,
    evidence_ref: str = "",
    sentence: str = "",
) -> int:
    """
    Agree, for finance, to what a benefit was worth in some months.

    Args:
        months: month -> amount, at most the higher of claimed and measured.
        evidence: a stored file, or ``evidence_ref`` where the proof is kept elsewhere.

    Returns:
        How many months changed.

    Raises:
        BadMonths: nothing claimed or measured, too much, no evidence, claimed by the
            validator, claimed twice over by several initiatives, or closed.
    """
    access.require(by, "value.validate", benefit)
    if evidence is None and not evidence_ref.strip():
        raise BadMonths(f"To validate {benefit}, name the evidence or attach it.")
    wanted = _wanted(benefit, months)
    rows = _reviewable(benefit, wanted, by)
    for month, amount in wanted.items():
        ceiling = max(
            value for value in (rows[month].claimed, rows[month].measured) if value is not None
        )
        if amount > ceiling:
            raise BadMonths(
                f"{month:%B %Y} of {benefit}: {amount:f} is more than was claimed or measured "
                f"({ceiling.normalize():f})."
            )
        banked = rows[month].banked
        if banked is not None and amount < banked:
            raise BadMonths(f"{month:%B %Y} of {benefit}: more than that is banked.")
    for conflict in guarding.conflicts_of(benefit=benefit, months=wanted):
        raise BadMonths(f"{benefit}: {conflict.sentence} {conflict.remedy}")
    now = timezone.now()
    until = guarding.valid_until(benefit=benefit, on=timezone.localdate(now))
    changed = []
    for month, amount in wanted.items():
        row = rows[month]
        is_standing = row.review == "validated" and row.validated == amount
        if is_standing and row.valid_until_on == until:
            continue
        row.review, row.validated, row.validator, row.reviewed_at = "validated", amount, by, now
        row.valid_until_on = until
        row.review_sentence = sentence.strip()
        row.evidence, row.evidence_ref = evidence, evidence_ref.strip()
        changed.append(row)
    return _save(
        changed, "review", "validated", "validator", "reviewed_at", "review_sentence", "evidence",
        "evidence_ref", "valid_until_on",
    )  # fmt: skip


@recorded
def reject(*, benefit: Benefit, months: Sequence[dt.date], sentence: str, by: User) -> int:
    """
    Refuse, for finance, what was claimed or measured for some months; the sentence says why.

    Raises:
        BadMonths: no sentence, nothing to reject, banked already, or closed.
    """
    access.require(by, "value.validate", benefit)
    if not sentence.strip():
        raise BadMonths(f"To reject {benefit}, say why in a sentence.")
    wanted = _wanted(benefit, dict.fromkeys(months, Decimal(0)))
    rows = _reviewable(benefit, wanted, by)
    banked = [month for month, row in rows.items() if row.banked is not None]
    if banked:
        raise BadMonths(f"{_names(banked)} of {benefit}: banked already.")
    now = timezone.now()
    for row in rows.values():
        row.review, row.validated, row.validator, row.reviewed_at = "rejected", None, by, now
        row.valid_until_on = None
        row.review_sentence = sentence.strip()
    return _save(
        list(rows.values()), "review", "validated", "validator", "reviewed_at",
        "review_sentence", "valid_until_on",
    )  # fmt: skip


@recorded
def bank(*, benefit: Benefit, months: Mapping[dt.date, Decimal], bank_ref: str, by: User) -> int:
    """
    Record that validated amounts are in the budget or the books.

    Args:
        months: month -> amount, at most the validated one.
        bank_ref: the budget line or journal.

    Raises:
        BadMonths: not validated, too much, no reference, or a type that no budget holds.
    """
    access.require(by, "value.validate", benefit)
    if not bank_ref.strip():
        raise BadMonths(f"To bank {benefit}, name the budget line or the journal.")
    if benefit.benefit_type not in ("hard", "avoided"):
        kind = choices.BENEFIT_TYPES[benefit.benefit_type].split(":")[0].lower()
        raise BadMonths(f"{benefit} is {kind}: no budget line holds it, so it cannot be banked.")
    wanted = _wanted(benefit, months)
    rows = _locked(benefit, wanted)
    changed = []
    for month, amount in wanted.items():
        row = rows.get(month)
        if row is None or row.validated is None:
            raise BadMonths(f"{month:%B %Y} of {benefit}: validate it before banking it.")
        if amount > row.validated:
            raise BadMonths(f"{month:%B %Y} of {benefit}: {amount:f} is more than was validated.")
        if row.banked != amount or row.bank_ref != bank_ref.strip():
            row.banked, row.bank_ref = amount, bank_ref.strip()
            changed.append(row)
    return _save(changed, "banked", "bank_ref")


def check_benefit(initiative: Initiative, fields: dict[str, Any]) -> None:
    """Say what does not make sense, before the database would only refuse."""
    name = fields["name"]
    if not name:
        raise Sentence("A benefit needs a name.")
    for label, known in (
        ("benefit_type", choices.BENEFIT_TYPES),
        ("value_type", choices.VALUE_TYPES),
        ("method", choices.METHODS),
        ("formula", choices.FORMULAS),
        ("template", choices.TEMPLATES),
    ):
        if fields[label] not in known:
            words = label.replace("_", " ")
            raise Sentence(f"{name}: the {words} is one of {', '.join(known)}.")
    if fields["ends_month"] < fields["starts_month"]:
        raise Sentence(f"{name}: it ends before it starts.")
    if len(fields["currency"]) != 3:
        raise Sentence(f"{name}: give the three letters of its currency.")
    if not 0 < fields["attribution"] <= 1:
        raise Sentence(f"{name}: attribution lies above 0 and is at most 1.")
    for label in ("acceptance", "capture"):
        if fields[label] is not None and not 0 <= fields[label] <= 1:
            raise Sentence(f"{name}: {label} lies between 0 and 1.")
    kpi = fields["kpi"]
    if kpi is not None and kpi.initiative_id != initiative.pk:
        raise Sentence(f"{name}: the KPI {kpi} belongs to another initiative.")
    if kpi is not None and kpi.currency and kpi.currency != fields["currency"]:
        raise Sentence(f"{name}: its KPI is valued in {kpi.currency}, not {fields['currency']}.")
    labour = ("minutes_saved", "acceptance", "capture", "unit_value")
    missing = [label.replace("_", " ") for label in labour if fields[label] is None]
    if fields["formula"] == "labour" and missing:
        raise Sentence(f"{name}: a labour benefit needs {', '.join(missing)}.")


def _wanted(benefit: Benefit, months: Mapping[dt.date, Decimal]) -> dict[dt.date, Decimal]:
    """Bring amounts to first days and 18 decimals; refuse months that cannot be written."""
    wanted = {month_of(month): amount for month, amount in months.items()}
    last = counts_until(benefit.ends_month, benefit.rebased_month)
    outside = [month for month in wanted if not benefit.starts_month <= month <= last]
    if outside and last < benefit.ends_month:
        raise BadMonths(
            f"{_names(outside)} of {benefit}: a budget was rebased by it from "
            f"{benefit.rebased_month:%B %Y}, so it counts as new to {last:%B %Y} and is baseline "
            f"from then on."
        )
    if outside:
        raise BadMonths(
            f"{_names(outside)} of {benefit}: it runs from {benefit.starts_month:%B %Y} "
            f"to {benefit.ends_month:%B %Y}."
        )
    for month, amount in wanted.items():
        if not amount.is_finite():
            raise BadMonths(f"{month:%B %Y} of {benefit}: {amount} is no amount.")
        wanted[month] = amount.quantize(SMALLEST, rounding="ROUND_HALF_UP", context=EXACT)
    closed = _closed(wanted)
    if closed:
        raise BadMonths(f"{_names(closed)}: closed. Post the difference in an open month.")
    return wanted


def _closed(months: Iterable[dt.date]) -> set[dt.date]:
    found = AccountingMonth.objects.filter(
        month__in=list(months), state=AccountingMonth.State.CLOSED
    )
    return set(found.values_list("month", flat=True))


def _locked(benefit: Benefit, months: Iterable[dt.date]) -> dict[dt.date, BenefitMonth]:
    """Lock the benefit, so that its months have one writer at a time, and read them."""
    Benefit.objects.select_for_update(of=("self",)).get(pk=benefit.pk)
    found = BenefitMonth.objects.filter(benefit=benefit, month__in=list(months))
    return {row.month: row for row in found.order_by("month", "pk")}


def _reviewable(
    benefit: Benefit, wanted: Mapping[dt.date, Decimal], by: User
) -> dict[dt.date, BenefitMonth]:
    """Give the months to review, once each has something to review by somebody else."""
    rows = _locked(benefit, wanted)
    empty = [
        month
        for month in wanted
        if month not in rows or (rows[month].claimed is None and rows[month].measured is None)
    ]
    if empty:
        raise BadMonths(f"{_names(empty)} of {benefit}: nothing is claimed or measured.")
    own = [month for month, row in rows.items() if row.claimant_id == by.pk]
    if own:
        raise BadMonths(f"{_names(own)} of {benefit}: you claimed it, so somebody else reviews it.")
    return rows


def _new(benefit: Benefit, month: dt.date) -> BenefitMonth:
    """Begin a month; version 0 becomes 1 when it is saved."""
    return BenefitMonth(
        initiative_id=benefit.initiative_id,
        benefit=benefit,
        month=month,
        currency=benefit.currency,
        version=0,
    )


def _take(row: BenefitMonth, result: Measured) -> bool:
    """Put a measured amount or its reason into a month; tell whether that changed it."""
    amount = result.amount.value
    if amount is not None:
        amount = amount.quantize(SMALLEST, rounding="ROUND_HALF_UP", context=EXACT)
    inputs = result.inputs if amount is not None else {"reason": result.amount.reason}
    hours = Decimal(inputs["hours"]) if "hours" in inputs else None
    if hours is not None:
        hours = hours.quantize(Decimal("0.000001"), rounding="ROUND_HALF_UP", context=EXACT)
    if (row.measured, row.measured_from, row.hours) == (amount, inputs, hours):
        return False
    row.measured, row.measured_from, row.hours = amount, inputs, hours
    return True


def _save(rows: Sequence[BenefitMonth], *fields: str) -> int:
    """Write changed months in one statement, and new ones in another."""
    fresh = [row for row in rows if row._state.adding]
    standing = [row for row in rows if not row._state.adding]
    for row in rows:
        row.version += 1
    update_months(standing, [*fields, "version"])
    BenefitMonth.objects.bulk_create(fresh)
    return len(rows)


def _names(months: Iterable[dt.date]) -> str:
    return ", ".join(f"{month:%B %Y}" for month in sorted(months))
