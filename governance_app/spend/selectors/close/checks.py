"""The checklist of a month: each item with its facts, its owner and where it is mended."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max

from governance_app.books import selectors as books
from governance_app.domain.money import EXACT, exact_sum
from governance_app.domain.periods import add_months, last_day
from governance_app.domain.phrases import Phrase, counted, phrase
from governance_app.domain.spelling import rounded
from governance_app.people.models import User
from governance_app.spend.models import (
    Accrual,
    CurrentLoad,
    Dispute,
    LateAdjustment,
    Load,
    RechargeAgreement,
    Source,
    SourceMonth,
)
from governance_app.spend.pricing import MissingDayRate
from governance_app.spend.selectors.close.comparing import (
    ledger_differences,
    trial_balance,
    variances,
)
from governance_app.spend.selectors.close.invoicing import Reconciled, reconciliation
from governance_app.spend.selectors.close.lines import (
    BookLine,
    live_lines,
    source_totals,
)

OK, ATTENTION, BLOCKS = "ok", "attention", "blocks"
FINANCE = phrase("Finance")


@dataclass(frozen=True, slots=True)
class Check:
    """
    One item. ``state``: ok; attention, so that it may close and says so; or blocks.

    ``door`` names the page that mends it; ``facts`` are (what, how much) as people read them.
    """

    slug: str
    title: str
    state: str
    sentence: str
    owner: str
    door: str
    facts: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Give it as it is kept with the close."""
        return asdict(self)


def third_working_day(month: date) -> date:
    """Give the day by which finance closes a month: the third working day of the next one."""
    on, left = add_months(month, 1), 3
    while True:
        if on.weekday() < 5:
            left -= 1
            if left == 0:
                return on
        on += timedelta(days=1)


def checklist(
    *, viewer: User, month: date, on: date, lines: Sequence[BookLine] | None = None
) -> list[Check]:
    """Judge a month that is to be closed, item by item; ``on`` is the day it is asked."""
    unpaid = ""
    if lines is None:
        try:
            lines = live_lines(viewer=viewer, month=month)
        except MissingDayRate as missing:
            lines, unpaid = [], str(missing)
    return [
        _over(month, on),
        _rates(month, lines, unpaid),
        _sources(viewer, month),
        _invoices(viewer, month),
        _balance(month, lines),
        _unallocated(month, lines),
        _coded(lines),
        _recharged(month, lines),
        _general_ledger(viewer, month, lines),
        _variances(viewer, month, lines),
        _adjustments(viewer, month),
        _disputes(viewer, month),
    ]


def is_ready(checks: Sequence[Check]) -> bool:
    """Tell whether nothing on the list keeps the month open."""
    return all(one.state != BLOCKS for one in checks)


def source_states(*, viewer: User, month: date) -> list[dict[str, Any]]:
    """
    Say of each source expected in a month whether its bill is final, accrued or missing.

    Expected is what brought something in the month or the three before it. A bill is final when
    it was made after the month had ended, or when somebody gave their word.
    """
    recent = [add_months(month, -back) for back in range(4)]
    sources = Source.objects.visible_to(viewer, "money.view").select_related("owner")
    loaded = CurrentLoad.objects.filter(
        period__in=recent, load__kind=Load.Kind.BILL, load__rows__gt=0
    )
    expected = set(loaded.values_list("source_id", flat=True))
    made = dict(
        loaded.filter(period=month).values_list("source_id").annotate(at=Max("load__made_at"))
    )
    words = dict(
        SourceMonth.objects.filter(month=month, withdrawn_at=None).values_list(
            "source_id", "sentence"
        )
    )
    accruals: dict[Any, list[Accrual]] = {}
    for accrual in Accrual.objects.filter(month=month, withdrawn_at=None).order_by("currency"):
        accruals.setdefault(accrual.source_id, []).append(accrual)
    found = []
    for source in sources.order_by("name"):
        if source.pk not in expected | set(words) | set(accruals):
            continue
        at = made.get(source.pk)
        if source.pk in accruals:
            state = "accrued"
        elif source.pk in words or (at is not None and at.date() > last_day(month)):
            state = "final"
        else:
            state = "provisional" if at is not None else "missing"
        found.append(
            {
                "source": source,
                "state": state,
                "made_at": at,
                "word": words.get(source.pk, ""),
                "accruals": accruals.get(source.pk, []),
            }
        )
    return found


def _over(month: date, on: date) -> Check:
    end, due = last_day(month), third_working_day(month)
    return Check(
        "over",
        phrase("The month is over"),
        OK if on > end else BLOCKS,
        phrase("It ended on {end}; the third working day is {due}.", end=end, due=due)
        if on > end
        else phrase("It ends on {end}.", end=end),
        "",
        "close-month",
    )


def _rates(month: date, lines: Sequence[BookLine], unpaid: str) -> Check:
    quote = books.reporting_currency(on=month)
    missing = []
    for currency in sorted({line.currency for line in lines} - {quote}):
        try:
            books.rate(base=currency, quote=quote, month=month, kind="average")
        except books.MissingRate as error:
            missing.append((f"{currency} to {quote}", str(error)))
    if unpaid:
        missing.append((phrase("Day rate"), unpaid))
    return Check(
        "rates",
        phrase("Every currency has a rate"),
        BLOCKS if missing else OK,
        missing[0][1]
        if missing
        else phrase("All amounts convert to {quote} at the month's rates.", quote=quote),
        FINANCE,
        "close-costs" if unpaid and len(missing) == 1 else "settings-rates",
        tuple(missing),
    )


def _sources(viewer: User, month: date) -> Check:
    states = source_states(viewer=viewer, month=month)
    bad = [one for one in states if one["state"] in ("missing", "provisional")]
    owners = {str(one["source"].owner) for one in bad if one["source"].owner}
    accrued = sum(one["state"] == "accrued" for one in states)
    return Check(
        "sources",
        phrase("Sources are final or accrued"),
        BLOCKS if bad else OK,
        counted(
            "Neither: {count} source of {all}. Accrue it, or load the bill.",
            "Neither: {count} sources of {all}. Accrue it, or load the bill.",
            count=len(bad),
            all=len(states),
        )
        if bad
        else phrase(
            "{final} final, {accrued} accrued.", final=len(states) - accrued, accrued=accrued
        ),
        ", ".join(sorted(owners)) or FINANCE,
        "close-accruals",
        tuple((one["source"].name, Phrase(one["state"])) for one in states),
    )


def _invoices(viewer: User, month: date) -> Check:
    rows = reconciliation(viewer=viewer, month=month)
    bad = [one for one in rows if not one.may_close]
    waiting = [one for one in rows if one.status in ("not received", "not yet invoiced")]
    state = BLOCKS if bad else ATTENTION if waiting else OK
    if bad:
        sentence = counted(
            "Neither tied nor explained: {count} invoice.",
            "Neither tied nor explained: {count} invoices.",
            count=len(bad),
        )
    elif waiting:
        sentence = counted(
            "Not come yet: {count} invoice. The lines count as received and not invoiced.",
            "Not come yet: {count} invoices. The lines count as received and not invoiced.",
            count=len(waiting),
        )
    else:
        sentence = counted(
            "Tied or explained: {count} invoice.", "Tied or explained: {count} invoices.",
            count=len(rows),
        )  # fmt: skip
    return Check(
        "invoices", phrase("Invoices tie or are accrued"), state, sentence, FINANCE,
        "close-invoices", tuple(_of_invoice(one) for one in (bad or waiting)[:20]),
    )  # fmt: skip


def _of_invoice(one: Reconciled) -> tuple[str, str]:
    what = (
        phrase(
            "{issuer} {number} {currency}",
            issuer=one.issuer, number=one.number, currency=one.currency,
        )
        if one.number
        else phrase("{issuer} without number {currency}", issuer=one.issuer, currency=one.currency)
    )  # fmt: skip
    words = Phrase(one.words)
    if one.rest is None:
        return what, words
    return what, phrase("{words}: {rest}", words=words, rest=f"{one.rest:,.2f} {one.currency}")


def _balance(month: date, lines: Sequence[BookLine]) -> Check:
    """Allocated + unallocated = source, as the books read it now."""
    names = dict(Source.objects.values_list("pk", "name"))
    found: dict[tuple[str, str], list[Decimal]] = {}
    for line in lines:
        if line.origin in ("bill", "late adjustment"):
            sums = found.setdefault((line.source, line.currency), [Decimal(0), Decimal(0)])
            sums[0] = EXACT.add(sums[0], line.billed)
            sums[1] = EXACT.add(sums[1], line.effective)
    wrong = [
        (f"{names[source]} {currency}", phrase("{amount} billed", amount=f"{billed:f}"))
        for (source, currency), (billed, effective) in source_totals(month=month).items()
        if tuple(found.get((names[source], currency), (Decimal(0), Decimal(0))))
        != (billed, effective)
    ]
    return Check(
        "balance",
        phrase("Allocated + unallocated = source"),
        BLOCKS if wrong else OK,
        phrase("The books do not sum to what the bills brought; allocate again.")
        if wrong
        else counted(
            "Exactly, for {count} source and currency.",
            "Exactly, for {count} sources and currencies.",
            count=len(found),
        ),
        FINANCE,
        "spend-rules",
        tuple(wrong),
    )


def _unallocated(month: date, lines: Sequence[BookLine]) -> Check:
    limit = Decimal(str(books.setting(key="close_unallocated_ratio", on=month)))
    gross = exact_sum(abs(line.effective) for line in lines)
    loose: dict[str, Decimal] = {}
    for line in lines:
        if not line.initiative:
            key = f"{line.source}, {line.currency}"
            loose[key] = EXACT.add(loose.get(key, Decimal(0)), abs(line.effective))
    ratio = EXACT.divide(exact_sum(loose.values()), gross) if gross else Decimal(0)
    return Check(
        "unallocated",
        phrase("Unallocated is under its threshold"),
        BLOCKS if ratio > limit else OK,
        phrase(
            "{ratio} % of the month's gross spend; {limit} % may stay.",
            ratio=rounded(ratio * 100, 1),
            limit=rounded(limit * 100, 1),
        ),
        ", ".join(
            sorted(
                {
                    str(source.owner)
                    for source in Source.objects.select_related("owner")
                    if source.owner and any(key.startswith(f"{source.name},") for key in loose)
                }
            )
        )
        or FINANCE,
        "spend-rules",
        tuple((key, f"{amount:,.2f}") for key, amount in sorted(loose.items())),
    )


def _coded(lines: Sequence[BookLine]) -> Check:
    missing: dict[str, int] = {}
    for line in lines:
        for field in ("entity", "payer", "gl_account", "cost_centre"):
            if not getattr(line, field):
                missing[field] = missing.get(field, 0) + 1
    return Check(
        "coding",
        phrase("Every line is coded"),
        ATTENTION if missing else OK,
        counted(
            "Without coding: {count} line of the books; journals book them on the account for "
            "what is not coded.",
            "Without coding: {count} lines of the books; journals book them on the account for "
            "what is not coded.",
            count=max(missing.values()),
        )
        if missing
        else counted(
            "{count} line of the books, each with entity, account, cost centre.",
            "{count} lines of the books, each with entity, account, cost centre.",
            count=len(lines),
        ),
        FINANCE,
        "close-coding",
        tuple(
            (Phrase(field.replace("_", " ")), counted("{count} line", "{count} lines", count=n))
            for field, n in sorted(missing.items())
        ),
    )


def _recharged(month: date, lines: Sequence[BookLine]) -> Check:
    pairs = sorted(
        {
            (line.payer, line.entity)
            for line in lines
            if line.payer and line.entity and line.payer != line.entity
        }
    )
    agreed = {
        (one.payer.code, one.bearer.code)
        for one in RechargeAgreement.objects.filter(from_month__lte=month)
        .exclude(until_month__lte=month)
        .select_related("payer", "bearer")
    }
    missing = [pair for pair in pairs if pair not in agreed]
    return Check(
        "recharges",
        phrase("Recharges between entities have an agreement"),
        BLOCKS if missing else OK,
        phrase(
            "{payer} pays for {bearer} and there is no agreement.",
            payer=missing[0][0],
            bearer=missing[0][1],
        )
        if missing
        else counted(
            "{count} pair of entities, all agreed.",
            "{count} pairs of entities, all agreed.",
            count=len(pairs),
        )
        if pairs
        else phrase("No entity pays for another."),
        FINANCE,
        "close-coding",
        tuple((payer, phrase("pays for {bearer}", bearer=bearer)) for payer, bearer in missing),
    )


def _general_ledger(viewer: User, month: date, lines: Sequence[BookLine]) -> Check:
    title, door = phrase("The ledger is the general ledger"), "close-general-ledger"
    if trial_balance(viewer=viewer, month=month) is None:
        needed = bool(books.setting(key="close_needs_trial_balance", on=month))
        return Check(
            "general-ledger", title, BLOCKS if needed else ATTENTION,
            phrase("No trial balance was imported for the month."), FINANCE, door,
        )  # fmt: skip
    rows = ledger_differences(viewer=viewer, month=month, lines=lines)
    bad = [one for one in rows if not one.is_settled]
    return Check(
        "general-ledger", title, BLOCKS if bad else OK,
        counted(
            "Not tied and not explained: {count} account of {all}.",
            "Not tied and not explained: {count} accounts of {all}.",
            count=len(bad), all=len(rows),
        )
        if bad
        else counted(
            "Tied or explained: {count} account.", "Tied or explained: {count} accounts.",
            count=len(rows),
        ),
        FINANCE, door,
        tuple(
            (f"{one.entity} {one.account} {one.cost_centre}".strip(),
             f"{one.difference:,.2f} {one.currency}")
            for one in bad[:20]
        ),
    )  # fmt: skip


def _variances(viewer: User, month: date, lines: Sequence[BookLine]) -> Check:
    title, door = phrase("Variances are explained and accepted"), "close-variances"
    try:
        rows = variances(viewer=viewer, month=month, lines=lines)
    except books.MissingRate as missing:
        return Check("variances", title, BLOCKS, str(missing), FINANCE, door)
    bad = [one for one in rows if not one.is_settled]
    return Check(
        "variances", title, BLOCKS if bad else OK,
        counted(
            "To be explained: {count} unit of {all}.", "To be explained: {count} units of {all}.",
            count=len(bad), all=len(rows),
        )
        if bad
        else counted(
            "{count} budget compared; none needs a word more.",
            "{count} budgets compared; none needs a word more.",
            count=len(rows),
        )
        if rows
        else phrase("No unit has a budget for the month."),
        ", ".join(one.node.name for one in bad) or FINANCE, door,
        tuple((one.node.name, f"{one.difference:+,.2f} {one.currency}") for one in bad[:20]),
    )  # fmt: skip


def _adjustments(viewer: User, month: date) -> Check:
    found = LateAdjustment.objects.visible_to(viewer, "money.view").filter(
        state=LateAdjustment.State.WAITING, original_month__lt=month
    )
    waiting = list(found.select_related("source").order_by("created_at", "pk"))
    return Check(
        "adjustments",
        phrase("Late changes are ruled on"),
        BLOCKS if waiting else OK,
        counted(
            "Waiting for a ruling: {count} late change.",
            "Waiting for a ruling: {count} late changes.",
            count=len(waiting),
        )
        if waiting
        else phrase("None waits."),
        FINANCE,
        "close-adjustments",
        tuple((str(one), one.sentence) for one in waiting[:20]),
    )


def _disputes(viewer: User, month: date) -> Check:
    rows = Dispute.objects.visible_to(viewer, "money.view").filter(
        month=month, state=Dispute.State.OPEN
    )
    held = list(rows.select_related("node", "owner"))
    return Check(
        "disputes",
        phrase("Disputes of what is charged"),
        ATTENTION if held else OK,
        counted(
            "Open: {count} dispute. The charge stands until it is decided.",
            "Open: {count} disputes. The charge stands until it is decided.",
            count=len(held),
        )
        if held
        else phrase("None is open."),
        ", ".join(sorted({str(one.owner) for one in held})) or FINANCE,
        "close-chargeback",
        tuple((one.node.name, f"{one.amount:,.2f} {one.currency}") for one in held[:20]),
    )
