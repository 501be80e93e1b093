"""Business cases: written as drafts, approved by somebody else, frozen from then on."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Max
from django.db.models.functions import Lower
from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.books.selectors import setting
from governance_app.domain.allocation import TooFine, to_units
from governance_app.domain.errors import Sentence
from governance_app.domain.money import exact_sum
from governance_app.domain.periods import add_months, month_of
from governance_app.domain.records import AssumptionRecord, CaseLineRecord
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User
from governance_app.value import choices
from governance_app.value.models import BusinessCase, CaseAssumption
from governance_app.value.writing import insert_lines


class CaseRefused(Sentence):
    """A business case that cannot be written or approved as it is; says why."""


@recorded
def write_case(
    *,
    initiative: Initiative,
    lines: Sequence[CaseLineRecord],
    currency: str,
    by: User,
    annual_rate: Decimal | None = None,
    valuation_month: dt.date | None = None,
    go_live_month: dt.date | None = None,
    assumptions: str = "",
    rests_on: Sequence[AssumptionRecord] | None = None,
    version: int | None = None,
) -> BusinessCase:
    """
    Write the draft of an initiative's next business case, all lines in one go.

    A draft that stands is replaced; beside an approved case a new version begins.

    Args:
        lines: costs and benefits by month, in ``currency``, never negative.
        annual_rate: discount rate; by default the one in force today.
        valuation_month: month of t = 0; by default the first month of the lines.
        go_live_month: from here on costs are no longer investment.
        assumptions: in prose.
        rests_on: the assumptions with their ranges; None keeps those of the draft.
        version: of the draft as the writer read it.

    Raises:
        CaseRefused: no lines, or one that cannot be; names its place.
        StaleWrite: somebody rewrote the draft meanwhile.
    """
    access.require(by, "value.edit", initiative)
    today = timezone.localdate()
    _check_lines(lines, currency)
    owners = _owners(rests_on or ())
    first = month_of(valuation_month or min(line.month for line in lines))
    _check_horizon(lines, first, today)
    if annual_rate is None:
        annual_rate = Decimal(str(setting(key="discount_rate", on=today, node=initiative.node)))
    facts = {
        "currency": currency,
        "annual_rate": annual_rate,
        "valuation_month": first,
        "go_live_month": month_of(go_live_month) if go_live_month else None,
        "assumptions": assumptions,
        "total_cost": exact_sum(line.amount for line in lines if line.side == "cost"),
        "total_benefit": exact_sum(line.amount for line in lines if line.side == "benefit"),
        "line_count": len(lines),
        "lines_sha256": _digest(lines),
        "written_by": by,
    }
    # The initiative is the lock: two people beginning a case at once get one draft.
    Initiative.objects.select_for_update(of=("self",)).get(pk=initiative.pk)
    case = BusinessCase.objects.filter(initiative=initiative, state="draft").first()
    if case is None:
        newest = BusinessCase.objects.filter(initiative=initiative).aggregate(Max("number"))
        number = (newest["number__max"] or 0) + 1
        case = BusinessCase.objects.create(initiative=initiative, number=number, **facts)
    else:
        check_version(case, version)
        case.lines.all().delete()
        save_changes(case, **facts)
    insert_lines(case, lines)
    if rests_on is not None:
        _write_assumptions(case, rests_on, owners)
    return case


@recorded
def rebaseline(*, case: BusinessCase, by: User) -> BusinessCase:
    """
    Begin the next version as a copy of an approved one, lines and assumptions included.

    The approved one stays as it is: what was promised first is never written over.

    Raises:
        CaseRefused: the version is no promise yet, or a draft stands already.
    """
    access.require(by, "value.edit", case)
    initiative = case.initiative
    if not case.is_approved:
        raise CaseRefused(f"{case} of {initiative.key} is a draft: change it as it stands.")
    if BusinessCase.objects.filter(initiative=initiative, state="draft").exists():
        raise CaseRefused(f"A draft of {initiative.key} stands already: change that one.")
    return write_case(
        initiative=initiative,
        lines=[
            CaseLineRecord(
                line.side, line.category, line.month, line.amount, line.is_recurring,
                line.treatment, line.low, line.high,
            )
            for line in case.lines.order_by("pk")
        ],
        currency=case.currency,
        annual_rate=case.annual_rate,
        valuation_month=case.valuation_month,
        go_live_month=case.go_live_month,
        assumptions=case.assumptions,
        rests_on=[_record_of(row) for row in case.rests_on.select_related("owner").order_by("pk")],
        by=by,
    )  # fmt: skip


@recorded
def approve_case(
    *, case: BusinessCase, by: User, sentence: str = "", version: int | None = None
) -> BusinessCase:
    """
    Freeze a draft as the promise in force; from then on the database refuses any change.

    A re-baseline stands beside what was approved before and says why it was needed.

    Raises:
        CaseRefused: the approver wrote it, it is approved already, or it re-baselines a promise
            without a sentence.
        Refused: the actor may not approve there.
    """
    access.require(by, "value.approve", case)
    case = BusinessCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    check_version(case, version)
    if case.is_approved:
        raise CaseRefused(f"{case} of {case.initiative.key} is approved already.")
    if case.written_by_id == by.pk:
        raise CaseRefused(
            f"You wrote {str(case).lower()} of {case.initiative.key}: somebody else approves it."
        )
    earlier = BusinessCase.objects.filter(initiative=case.initiative_id, state="approved")
    if not sentence.strip() and earlier.exists():
        raise CaseRefused(
            f"{case} of {case.initiative.key} re-baselines what was promised: "
            f"say in a sentence why."
        )
    save_changes(
        case,
        state="approved",
        approved_by=by,
        approved_at=timezone.now(),
        approval_sentence=sentence.strip(),
    )
    return case


def _check_lines(lines: Sequence[CaseLineRecord], currency: str) -> None:
    if not lines:
        raise CaseRefused("A business case needs at least one line.")
    if len(currency) != 3:
        raise CaseRefused(f"{currency!r} is no currency; give its three letters.")
    categories = {"cost": choices.COST_CATEGORIES, "benefit": choices.BENEFIT_TYPES}
    for row, line in enumerate(lines, start=1):
        if line.side not in categories:
            raise CaseRefused(f"Line {row}: the side is cost or benefit, not {line.side!r}.")
        if line.category not in categories[line.side]:
            known = ", ".join(categories[line.side])
            raise CaseRefused(f"Line {row}: a {line.side} is one of {known}, not {line.category}.")
        if not line.amount.is_finite() or line.amount < 0:
            raise CaseRefused(f"Line {row}: the amount {line.amount} is below 0 or no number.")
        if line.treatment and (line.side != "cost" or line.treatment not in choices.TREATMENTS):
            raise CaseRefused(f"Line {row}: only a cost is opex or capex.")
        for amount in (line.amount, line.low, line.high):
            if amount is not None and not amount.is_finite():
                raise CaseRefused(f"Line {row}: {amount} is no number.")
        low, high = line.low, line.high
        if low is not None and not 0 <= low <= line.amount:
            raise CaseRefused(f"Line {row}: the low {low} lies between 0 and the likely amount.")
        if high is not None and high < line.amount:
            raise CaseRefused(f"Line {row}: the high {high} is not below the likely amount.")
        try:
            for amount in (line.amount, line.low, line.high):
                to_units(amount or Decimal(0))
        except TooFine as error:
            raise CaseRefused(f"Line {row}: {error}") from error


def _check_horizon(lines: Sequence[CaseLineRecord], first: dt.date, today: dt.date) -> None:
    horizon = int(setting(key="value_horizon_months", on=today))
    end = add_months(first, horizon)
    for row, line in enumerate(lines, start=1):
        if line.side == "benefit" and line.amount and month_of(line.month) >= end:
            raise CaseRefused(
                f"Line {row}: {line.month:%B %Y} lies beyond the {horizon} months "
                f"for which a case may count benefits."
            )


def _digest(lines: Sequence[CaseLineRecord]) -> str:
    """Hash the lines in an order of their own, so that the same case gives the same digest."""
    rows = sorted(
        f"{line.side}|{line.category}|{month_of(line.month)}|{to_units(line.amount)}"
        f"|{line.is_recurring:d}|{line.treatment}{_range_text(line)}"
        for line in lines
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _range_text(line: CaseLineRecord) -> str:
    """Write the range of a line for its digest; nothing where nobody gave one."""
    if line.low is None and line.high is None:
        return ""
    return "".join(f"|{'' if end is None else to_units(end)}" for end in (line.low, line.high))


def _record_of(row: CaseAssumption) -> AssumptionRecord:
    """Give an assumption as it was written."""
    return AssumptionRecord(
        row.name, row.low, row.likely, row.high, row.unit, row.factor, row.moves, row.driver,
        row.owner.email if row.owner else "", row.evidence,
    )  # fmt: skip


def _owners(records: Sequence[AssumptionRecord]) -> dict[str, User]:
    """Check assumptions and find who answers for them."""
    wanted = {record.owner.strip().lower() for record in records if record.owner.strip()}
    people = User.objects.alias(address=Lower("email")).filter(
        address__in=wanted, kind=User.Kind.PERSON
    )
    known: dict[str, User] = {person.email.lower(): person for person in people}
    names: set[str] = set()
    for row, record in enumerate(records, start=1):
        name = record.name.strip()
        where = f"Assumption {row}"
        if not name or len(name) > 200:
            raise CaseRefused(f"{where} needs a name of at most 200 letters.")
        if name.casefold() in names:
            raise CaseRefused(f"{where}: {name} stands twice.")
        names.add(name.casefold())
        ends = (record.low, record.likely, record.high)
        if not all(end.is_finite() and abs(end) < 10**15 for end in ends):
            raise CaseRefused(f"{where}, {name}: low, likely and high are numbers.")
        if not record.low <= record.likely <= record.high:
            raise CaseRefused(f"{where}, {name}: low, likely and high do not rise.")
        for label, said, options in (
            ("factor", record.factor, choices.FACTORS),
            ("side it moves", record.moves, choices.SIDES),
        ):
            if said not in options:
                words = ", ".join(option for option in options if option)
                raise CaseRefused(f"{where}, {name}: the {label} is one of {words}, not {said!r}.")
        email = record.owner.strip().lower()
        if email and email not in known:
            raise CaseRefused(f"{where}, {name}: nobody has the address {record.owner.strip()}.")
    return known


def _write_assumptions(
    case: BusinessCase, records: Sequence[AssumptionRecord], owners: dict[str, User]
) -> None:
    """Put these in the place of those that stand."""
    case.rests_on.all().delete()
    CaseAssumption.objects.bulk_create(
        CaseAssumption(
            case=case,
            name=record.name.strip(),
            factor=record.factor,
            unit=record.unit.strip()[:50],
            low=record.low,
            likely=record.likely,
            high=record.high,
            moves=record.moves,
            driver=record.driver.strip()[:60],
            owner=owners.get(record.owner.strip().lower()),
            evidence=record.evidence.strip()[:500],
        )
        for record in records
    )
