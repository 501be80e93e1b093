"""Late bills for closed months: what they change is booked in an open month, never edited in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Sum

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.domain.money import EXACT
from governance_app.domain.periods import fiscal_year
from governance_app.people import access
from governance_app.people.models import User
from governance_app.spend import shares
from governance_app.spend.closed import is_closed
from governance_app.spend.ledger import announce
from governance_app.spend.models import (
    Accrual,
    AllocationRun,
    CurrentLoad,
    LateAdjustment,
    Load,
    LoadTotal,
    ParkedKeyMonth,
)

_COSTS = ("billed", "effective", "contracted", "list", "consumed", "priced")

#: Parked - (frozen + adjustments posted before), key by key; what is equal falls out. Its lines
#: are those of the late bill, at least the one that is gone.
_DIFFERENCE = f"""
SELECT key_id, charge_month, currency, invoice, {", ".join(f"sum({c}) AS {c}" for c in _COSTS)},
    greatest(sum(lines), 1) AS lines
FROM (
    SELECT key_id, charge_month, currency, invoice, {", ".join(_COSTS)}, lines
    FROM spend_parkedkeymonth WHERE load_id = %(parked)s
    UNION ALL
    SELECT key_id, charge_month, currency, invoice, {", ".join(f"-{c}" for c in _COSTS)}, 0
    FROM spend_spendkeymonth
    WHERE load_id = ANY(%(held)s) AND billing_month = ANY(%(months)s)
) AS part
GROUP BY 1, 2, 3, 4
HAVING sum(billed) <> 0 OR sum(effective) <> 0 OR coalesce(sum(contracted), 0) <> 0
    OR coalesce(sum(list), 0) <> 0
"""


@dataclass(frozen=True, slots=True)
class Change:
    """What a late bill changes in one currency."""

    billed: Decimal
    effective: Decimal


def take_parked(*, cursor: CursorWrapper, load: Load, by: User, now: datetime) -> LateAdjustment:
    """
    Book what a parked load changes in the next open month, or let it wait for a ruling.

    Called by the import, in its transaction, once the load's key-months are parked.
    """
    _supersede_waiting(load)
    changes = _changes(cursor, load)
    target = books.next_open_month(after=load.period)
    is_material, why_material = _is_material(load, changes)
    start = books.fiscal_start_month(on=load.period)
    is_cross_year = fiscal_year(load.period, start_month=start) != fiscal_year(
        target, start_month=start
    )
    if is_material:
        sentence = why_material
    elif is_cross_year:
        sentence = f"It would carry cost from {load.period:%B %Y} into another fiscal year."
    else:
        sentence = f"{load.period:%B %Y} is closed; what changed is booked in {target:%B %Y}."
    adjustment = LateAdjustment.objects.create(
        source=load.source,
        scope=load.scope,
        original_month=load.period,
        parked=load,
        state=LateAdjustment.State.WAITING,
        amounts={
            currency: {"billed": f"{one.billed:f}", "effective": f"{one.effective:f}"}
            for currency, one in sorted(changes.items())
        },
        is_material=is_material,
        is_cross_year=is_cross_year,
        sentence=sentence,
    )
    if not changes:
        save_changes(
            adjustment,
            state=LateAdjustment.State.SET_ASIDE,
            sentence="It says what the books say already: nothing changes.",
        )
    elif not is_material and not is_cross_year:
        _post(cursor, adjustment, target, by, now)
    return adjustment


@recorded
def rule_on_adjustment(
    *,
    adjustment: LateAdjustment,
    is_booked: bool,
    ruling: str,
    by: User,
    now: datetime,
    month: date | None = None,
    version: int | None = None,
) -> LateAdjustment:
    """
    Decide on a late change that waits: book it in an open month, or set it aside.

    Args:
        month: where it is booked; None = the first open month after the original one.

    Raises:
        Sentence: it does not wait, the month is closed or not later, or there is no reason.
    """
    access.require(by, "close.reopen", adjustment)
    adjustment = (
        LateAdjustment.objects.select_for_update(of=("self",))
        .select_related("parked", "source")
        .get(pk=adjustment.pk)
    )
    check_version(adjustment, version)
    if adjustment.state != LateAdjustment.State.WAITING:
        raise Sentence(f"{adjustment} waits for nothing: it is {adjustment.get_state_display()}.")
    if not ruling.strip():
        raise Sentence("Write why; the ruling is kept with the adjustment.")
    save_changes(adjustment, ruling=ruling.strip(), ruled_by=by, ruled_at=now)
    with connection.cursor() as cursor:
        if is_booked:
            target = month or books.next_open_month(after=adjustment.original_month)
            if target <= adjustment.original_month or is_closed(month=target):
                raise Sentence(
                    f"A late change of {adjustment.original_month:%B %Y} is booked in a later "
                    f"open month; {target:%B %Y} is not one."
                )
            shares.lock_rules(cursor, alone=False)
            _post(cursor, adjustment, target, by, now)
        else:
            save_changes(adjustment, state=LateAdjustment.State.SET_ASIDE)
            ParkedKeyMonth.objects.filter(load=adjustment.parked).delete()
    audit.note(
        by=by,
        action="ruling",
        subject=adjustment,
        sentence=f"{adjustment}: {'booked' if is_booked else 'set aside'}. {ruling.strip()}",
    )
    return adjustment


def _supersede_waiting(load: Load) -> None:
    earlier = LateAdjustment.objects.select_for_update().filter(
        source=load.source,
        scope=load.scope,
        original_month=load.period,
        state=LateAdjustment.State.WAITING,
    )
    for one in earlier:
        save_changes(one, state=LateAdjustment.State.SUPERSEDED)
        ParkedKeyMonth.objects.filter(load=one.parked_id).delete()


def _held(load: Load) -> dict[str, Any]:
    """Name what the books hold of the bill: the frozen load and the adjustments after it."""
    held = list(
        CurrentLoad.objects.filter(
            source=load.source_id, scope=load.scope, period=load.period
        ).values_list("load_id", "period")
    )
    posted = LateAdjustment.objects.filter(
        source=load.source_id,
        scope=load.scope,
        original_month=load.period,
        state=LateAdjustment.State.POSTED,
    )
    held += [
        (one, month) for one, month in posted.values_list("posted_id", "posted_month") if month
    ]
    return {
        "parked": load.pk,
        "held": [one for one, _ in held],
        "months": sorted({month for _, month in held}),
    }


def _changes(cursor: CursorWrapper, load: Load) -> dict[str, Change]:
    cursor.execute(
        f"SELECT currency, sum(billed), sum(effective) FROM ({_DIFFERENCE}) AS d GROUP BY 1",
        _held(load),
    )
    return {currency: Change(billed, effective) for currency, billed, effective in cursor}


def _is_material(load: Load, changes: Mapping[str, Change]) -> tuple[bool, str]:
    """Weigh what changes, less what was accrued for it, against the setting."""
    limit = Decimal(str(books.setting(key="close_material_amount", on=load.period)))
    reporting = books.reporting_currency(on=load.period)
    accrued = {
        row["currency"]: row["amount"]
        for row in Accrual.objects.filter(
            source=load.source_id, month=load.period, withdrawn_at=None, actual=None
        ).values("currency", "amount")
    }
    weight = Decimal(0)
    for currency, change in changes.items():
        surprise = EXACT.subtract(change.effective, accrued.get(currency, Decimal(0)))
        try:
            rate = books.rate(base=currency, quote=reporting, month=load.period, kind="average")
        except books.MissingRate as missing:
            return True, f"Nobody can say how large it is. {missing}"
        weight = EXACT.add(weight, abs(EXACT.multiply(surprise, rate)))
    if weight < limit:
        return False, ""
    return True, (
        f"It changes {load.period:%B %Y} by {weight:,.2f} {reporting} more or less than accrued, "
        f"from {limit:,.0f} {reporting} on finance rules."
    )


def _post(
    cursor: CursorWrapper, adjustment: LateAdjustment, target: date, by: User, now: datetime
) -> Load:
    """Write the load of kind adjustment, with its key-months, shares and balances."""
    parked = adjustment.parked
    cursor.execute("SELECT spend_make_month(%s)", [target])
    load = Load.objects.create(
        kind=Load.Kind.ADJUSTMENT,
        source=parked.source,
        scope=f"{parked.scope[:150]} late {parked.period:%Y-%m} version {parked.number}",
        period=target,
        number=1,
        delivery=parked.delivery,
        identity=f"adjustment:{parked.pk}",
        made_at=parked.made_at,
        state=Load.State.CURRENT,
        rows=0,
    )
    cursor.execute(
        "INSERT INTO spend_spendkeymonth (load_id, billing_month, key_id, charge_month, currency,"
        f" invoice, {', '.join(_COSTS)}, lines)"
        f" SELECT %(load)s, %(target)s, d.* FROM ({_DIFFERENCE}) AS d",
        {**_held(parked), "load": load.pk, "target": target},
    )
    cursor.execute(
        "SELECT currency, sum(billed), sum(effective), sum(contracted), sum(list), sum(lines)"
        " FROM spend_spendkeymonth WHERE load_id = %s AND billing_month = %s GROUP BY 1 ORDER BY 1",
        [load.pk, target],
    )
    rows = 0
    for currency, billed, effective, contracted, listed, lines in cursor.fetchall():
        LoadTotal.objects.create(
            load=load, currency=currency, billed=billed, effective=effective,
            contracted=contracted, list=listed, lines=int(lines),
        )  # fmt: skip
        rows += int(lines)
    save_changes(load, rows=rows)
    CurrentLoad.objects.create(source=load.source, scope=load.scope, period=target, load=load)
    save_changes(adjustment, state=LateAdjustment.State.POSTED, posted=load, posted_month=target)
    ParkedKeyMonth.objects.filter(load=parked).delete()
    shares.balance(
        cursor,
        cause=AllocationRun.Cause.DELIVERY,
        months=[target],
        added=0,
        removed=0,
        delivery=parked.delivery,
    )
    announce(
        cursor,
        "SELECT s.initiative_id FROM spend_keyshare s JOIN spend_spendkeymonth m"
        " ON m.key_id = s.key_id WHERE m.billing_month = %s AND m.load_id = %s",
        [target, load.pk],
    )
    _true_up(adjustment, now)
    audit.note(
        by=by,
        action="adjust",
        subject=adjustment,
        sentence=f"{adjustment}: booked in {target:%B %Y}.",
        data={"amounts": adjustment.amounts, "load": str(load.pk), "parked": str(parked.pk)},
    )
    return load


def _true_up(adjustment: LateAdjustment, now: datetime) -> None:
    """Tell the accruals of the source and month what the bill came to."""
    accruals = Accrual.objects.select_for_update().filter(
        source=adjustment.source_id, month=adjustment.original_month, withdrawn_at=None
    )
    for accrual in accruals:
        came = LoadTotal.objects.filter(
            load__adjustment__source=adjustment.source_id,
            load__adjustment__original_month=adjustment.original_month,
            currency=accrual.currency,
        ).aggregate(sum=Sum("effective"))["sum"]
        if came is not None:
            save_changes(accrual, actual=came, trued_up_at=now)
