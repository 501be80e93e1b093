"""Business cases: written as drafts, approved by somebody else, frozen from then on."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Max
from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.books.selectors import setting
from governance_app.domain.allocation import TooFine, to_units
from governance_app.domain.errors import Sentence
from governance_app.domain.money import exact_sum
from governance_app.domain.periods import add_months, month_of
from governance_app.domain.records import CaseLineRecord
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User
from governance_app.value import choices
from governance_app.value.models import BusinessCase
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
        version: of the draft as the writer read it.

    Raises:
        CaseRefused: no lines, or one that cannot be; names its place.
        StaleWrite: somebody rewrote the draft meanwhile.
    """
    access.require(by, "value.edit", initiative)
    today = timezone.localdate()
    _check_lines(lines, currency)
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
    return case


@recorded
def approve_case(
    *, case: BusinessCase, by: User, sentence: str = "", version: int | None = None
) -> BusinessCase:
    """
    Freeze a draft as the promise in force; from then on the database refuses any change.

    Raises:
        CaseRefused: the approver wrote it, or it is approved already.
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
        try:
            to_units(line.amount)
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
        f"|{line.is_recurring:d}|{line.treatment}"
        for line in lines
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
