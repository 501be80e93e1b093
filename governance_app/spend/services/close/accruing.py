"""Accruals: what a source is estimated to cost while its bill has not come."""

import calendar
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain.allocation import from_units, split_exact, to_units, whole_weights
from governance_app.domain.errors import Sentence
from governance_app.domain.money import EXACT
from governance_app.domain.periods import add_months, month_of
from governance_app.files.models import StoredFile
from governance_app.people import access
from governance_app.people.models import User
from governance_app.spend.borne import BORNE
from governance_app.spend.closed import refuse_closed
from governance_app.spend.models import Accrual, AccrualLine, Source, SourceMonth

SMALLEST = Decimal(1).scaleb(-18)


@recorded
def accrue(
    *,
    source: Source,
    month: date,
    currency: str,
    method: str,
    sentence: str,
    by: User,
    amount: Decimal | None = None,
    evidence: StoredFile | None = None,
    through: date | None = None,
) -> Accrual:
    """
    Accrue what a source is estimated to cost in a month; it is taken back by itself next month.

    Args:
        method: how it is estimated; only ``stated`` takes an ``amount`` and needs evidence.
        through: last day that the bill so far covers, for the run rate.

    Returns:
        the accrual, borne by the initiatives that bore the source in the month before.

    Raises:
        Sentence: it stands already, cannot be estimated, or says nothing about why.
        MonthClosed: the month is closed.
    """
    access.require(by, "close.prepare", source)
    month = month_of(month)
    refuse_closed(month=month, what="an accrual")
    if not sentence.strip():
        raise Sentence("Write why this is accrued; an auditor reads it beside the figure.")
    if Accrual.objects.filter(
        source=source, month=month, currency=currency, withdrawn_at=None
    ).exists():
        raise Sentence(
            f"{source} is accrued in {currency} for {month:%B %Y} already. Withdraw that first."
        )
    if method == Accrual.Method.STATED:
        if amount is None or evidence is None:
            raise Sentence("A stated figure needs the amount and the file that proves it.")
        estimate, workings = amount, {"stated": f"{amount:f}"}
    elif amount is not None:
        raise Sentence("Only a stated figure is typed in; the other methods work it out.")
    else:
        estimate, workings = _estimate(source, month, currency, method, through)
    if estimate.as_tuple().exponent < -18 or not estimate:  # type: ignore[operator]
        raise Sentence("An accrual is an amount other than zero with at most 18 decimals.")
    accrual = Accrual.objects.create(
        source=source,
        month=month,
        reversal_month=add_months(month, 1),
        currency=currency,
        amount=estimate,
        method=method,
        sentence=sentence.strip(),
        workings=workings,
        evidence=evidence,
        accrued_by=by,
    )
    for initiative, part in _borne(source, month, currency, estimate).items():
        AccrualLine.objects.create(accrual=accrual, initiative_id=initiative, amount=part)
    return accrual


@recorded
def withdraw_accrual(
    *, accrual: Accrual, by: User, now: datetime, version: int | None = None
) -> Accrual:
    """
    Take an accrual back in its own month, because the bill came or it was wrong.

    Raises:
        MonthClosed: its month is closed; it is reversed by itself in the next one.
        StaleWrite: somebody changed it meanwhile.
    """
    access.require(by, "close.prepare", accrual)
    accrual = Accrual.objects.select_for_update(of=("self",)).get(pk=accrual.pk)
    check_version(accrual, version)
    refuse_closed(month=accrual.month, what="an accrual")
    if accrual.withdrawn_at is None:
        save_changes(accrual, withdrawn_at=now)
    return accrual


@recorded
def declare_final(*, source: Source, month: date, sentence: str, by: User) -> SourceMonth:
    """
    Give one's word that what a source brought for a month is final, or that it brings nothing.

    Raises:
        Sentence: there is no reason, or it is declared already.
        MonthClosed: the month is closed.
    """
    access.require(by, "close.prepare", source)
    month = month_of(month)
    refuse_closed(month=month, what="a source")
    if not sentence.strip():
        raise Sentence("Write how you know that it is final.")
    if SourceMonth.objects.filter(source=source, month=month, withdrawn_at=None).exists():
        raise Sentence(f"{source} is declared final for {month:%B %Y} already.")
    return SourceMonth.objects.create(
        source=source, month=month, sentence=sentence.strip()[:300], declared_by=by
    )


def _totals(source: Source, currency: str, months: list[date]) -> dict[date, Decimal]:
    """Give what a source cost, as booked, by month; months without lines are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.billing_month, sum(m.effective) FROM spend_spendkeymonth m"
            " JOIN spend_load l ON l.id = m.load_id WHERE l.source_id = %s AND l.kind = 'bill'"
            " AND m.currency = %s AND m.billing_month = ANY(%s) GROUP BY 1",
            [source.pk, currency, months],
        )
        return dict(cursor.fetchall())


def _estimate(
    source: Source, month: date, currency: str, method: str, through: date | None
) -> tuple[Decimal, dict[str, Any]]:
    before = [add_months(month, -count) for count in (1, 2, 3)]
    if method == Accrual.Method.LAST_MONTH:
        found = _totals(source, currency, before[:1])
        if not found:
            raise Sentence(
                f"{source} brought nothing in {currency} for {before[0]:%B %Y}; "
                "state a figure with its evidence instead."
            )
        return found[before[0]], {f"{before[0]:%Y-%m}": f"{found[before[0]]:f}"}
    if method == Accrual.Method.AVERAGE:
        found = _totals(source, currency, before)
        if not found:
            raise Sentence(
                f"{source} brought nothing in {currency} in the three months before "
                f"{month:%B %Y}; state a figure with its evidence instead."
            )
        total = sum(found.values(), Decimal(0))
        return _exact(EXACT.divide(total, Decimal(len(found)))), {
            f"{one:%Y-%m}": f"{amount:f}" for one, amount in sorted(found.items())
        }
    if method == Accrual.Method.RUN_RATE:
        so_far = _totals(source, currency, [month]).get(month)
        days = calendar.monthrange(month.year, month.month)[1]
        if so_far is None or through is None or month_of(through) != month:
            raise Sentence(
                "A run rate needs a bill of part of the month and the last day it covers."
            )
        if through.day == days:
            raise Sentence(f"The bill covers {month:%B %Y} to its last day; nothing is missing.")
        rest = EXACT.divide(
            EXACT.multiply(so_far, Decimal(days - through.day)), Decimal(through.day)
        )
        return _exact(rest), {
            "billed_so_far": f"{so_far:f}", "days_covered": through.day, "days": days,
        }  # fmt: skip
    raise Sentence(f"Unknown method {method!r}; methods are {', '.join(Accrual.Method.values)}.")


def _borne(source: Source, month: date, currency: str, amount: Decimal) -> dict[Any, Decimal]:
    """Split an estimate as the source's cost was borne in the newest of the three months before."""
    with connection.cursor() as cursor:
        for back in (1, 2, 3):
            cursor.execute(
                f"SELECT m.initiative_id, sum(m.effective) {BORNE} WHERE f.id = %s"
                " AND l.kind = 'bill' AND w.billing_month = %s AND m.currency = %s"
                " GROUP BY 1 HAVING sum(m.effective) > 0 ORDER BY 1 NULLS LAST",
                [source.pk, add_months(month, -back), currency],
            )
            if weights := dict(cursor.fetchall()):
                parts = split_exact(to_units(amount), whole_weights(weights))
                return {key: from_units(part) for key, part in parts.items() if part}
    return {None: amount}


def _exact(amount: Decimal) -> Decimal:
    return amount.quantize(SMALLEST, rounding=ROUND_HALF_UP, context=EXACT)
