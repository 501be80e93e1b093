"""
The finance desk of the company: entities, coding, invoices, orders, and its last months closed.

Everything goes through the services a finance partner uses. Invoices state what the bills sum
to, with one that does not; the general ledger holds what the books say, with one account that
does not. The newest month is left in the middle of its close.
"""

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from governance_app.books import services as books
from governance_app.books.models import AccountingMonth, LegalEntity
from governance_app.domain.periods import add_months
from governance_app.files import services as files
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.spend.models import CodingRule, CurrentLoad, Invoice, PurchaseOrder
from governance_app.spend.selectors import close as reading
from governance_app.spend.services import close
from portfolio.demo.load import SOURCE, Progress
from portfolio.demo.shapes import Company
from portfolio.demo.skus import BY_SLUG

#: How many months before the newest one are closed.
CLOSED_MONTHS = 2
CENT = Decimal("0.01")
#: What the invoice that does not tie states too much.
OVERCHARGED = Decimal("412.40")
#: What the general ledger holds too little on one account.
MISBOOKED = Decimal("1240.55")

_SETTINGS = {
    "close_variance_amount": 40_000,
    "close_variance_ratio": 0.15,
    "close_unallocated_ratio": 0.08,
}
_ACCOUNTS: tuple[tuple[list[dict[str, str]], str], ...] = (
    ([{"dimension": "source", "value": "Timesheets bill"}], "610400"),
    ([{"dimension": "service category", "value": "AI and Machine Learning"}], "640100"),
    ([{"dimension": "service category", "value": "Business Applications"}], "640300"),
    ([], "640200"),
)
_VENDORS = {
    "aws": "0000104417", "azure-us": "0000100283", "azure-eu": "0000100284", "gcp": "0000107720",
    "openai": "0000113904", "anthropic": "0000114011", "labour": "0000900001",
}  # fmt: skip
_WHY_OVER = (
    "More calls went through the assistant than planned; the price per call is as planned.",
    "The pilot was kept on for another quarter before the decision to scale.",
    "Retraining ran twice because the first data delivery was incomplete.",
    "A new team joined earlier than the budget assumed.",
)
_WHY_UNDER = (
    "Go-live moved by a month; the cost follows.",
    "Seats were bought as people came, not all at the start.",
)
_ORDERS = (
    ("4500018211", "Software suppliers", 480_000, "Annotation and evaluation, framework order"),
    ("4500018377", "OpenAI Ireland Ltd", 900_000, "Model usage, annual commitment"),
    ("4500018590", "Amazon Web Services, Inc.", 2_400_000, "Accelerated computing, annual"),
)
_COSTS = (
    ("Penetration test of the assistants", "governance", 38_500, "4500018211"),
    ("Training days for claims handlers", "change and training", 21_750, ""),
    ("Bias audit by an outside laboratory", "governance", 46_000, ""),
)


@dataclass(frozen=True)
class _Desk:
    """Who does what at the desk."""

    preparer: User
    approver: User
    people: Sequence[User]


def are_bills_in(company: Company) -> bool:
    """Tell whether the newest month of every source has been loaded."""
    newest = company.months[-1]
    expected = {charge.source for charge in company.charges if charge.month == newest}
    held = set(
        CurrentLoad.objects.filter(period=newest).values_list("source__name", flat=True).distinct()
    )
    return {f"{BY_SLUG[slug].title} bill" for slug in expected} <= held


def load_close(company: Company, *, job: Progress, by: User) -> dict[str, Any]:
    """Set the desk up, close the months before the newest one, and leave that one half done."""
    desk = _desk(company)
    job.stage("Entities and coding")
    with transaction.atomic():
        _set_up(company, by)
    newest = company.months[-1]
    job.stage("Closing months", total=CLOSED_MONTHS + 1)
    for count, back in enumerate(range(CLOSED_MONTHS, 0, -1), start=1):
        with transaction.atomic():
            _close(add_months(newest, -back), desk)
        job.advance(count)
    with transaction.atomic():
        _begin(newest, desk)
    job.advance(CLOSED_MONTHS + 1)
    return {"closed": AccountingMonth.objects.filter(state=AccountingMonth.State.CLOSED).count()}


def _desk(company: Company) -> _Desk:
    people = {user.email: user for user in User.objects.filter(kind=User.Kind.PERSON)}
    finance = [people[person.email] for person in company.people if person.post == "finance"]
    group = [people[p.email] for p in company.people if p.post == "finance" and not p.unit_code]
    controller = people[company.controller]
    approver = next(user for user in group if user != controller)
    return _Desk(controller, approver, finance)


def _set_up(company: Company, by: User) -> None:
    """Add entities, coding, agreements and thresholds, as far as they do not stand."""
    if LegalEntity.objects.exists():
        return
    first = company.months[0]
    for key, value in _SETTINGS.items():
        books.set_value(key=key, value=value, from_on=first, source=SOURCE, by=by)
    group = books.add_entity(code="1000", name="Meridian Bank plc", currency="USD", by=by)
    insurance = books.add_entity(
        code="2000", name="Meridian Insurance SE", currency="EUR", by=by,
        node=ScopeNode.objects.get(code="INS"),
    )  # fmt: skip
    _code("entity", [], "1000", by)
    europe = [{"dimension": "source", "value": "Azure, Europe bill"}]
    _code("payer", europe, "2000", by)
    _code("payer", [], "1000", by)
    for conditions, account in _ACCOUNTS:
        _code("gl_account", conditions, account, by)
    divisions = ScopeNode.objects.filter(kind=ScopeNode.Kind.UNIT, parent__parent=None)
    for position, unit in enumerate(divisions.order_by("code"), start=1):
        place = [{"dimension": "unit", "value": unit.code}]
        _code("cost_centre", place, f"00{7000 + 10 * position}", by)
    _code("cost_centre", [], "007999", by)
    for slug, number in _VENDORS.items():
        _code("vendor", [{"dimension": "source", "value": f"{BY_SLUG[slug].title} bill"}], number,
              by)  # fmt: skip
    for payer, bearer in ((group, insurance), (insurance, group)):
        close.add_recharge_agreement(
            payer=payer, bearer=bearer, reference=f"IC-{payer.code}-{bearer.code}",
            mark_up=Decimal("0.05"), tax_code="V0", from_month=first, by=by,
        )  # fmt: skip


def _code(field: str, conditions: list[dict[str, str]], value: str, by: User) -> CodingRule:
    return close.add_coding_rule(field=field, conditions=conditions, value=value, by=by)


def _close(month: dt.date, desk: _Desk) -> None:
    """Take a month from open to closed, as its desk does."""
    state = reading.month_state(month=month)
    if state == AccountingMonth.State.CLOSED:
        return
    now = timezone.now()
    if state == AccountingMonth.State.OPEN:
        _enter_invoices(month, desk)
        close.soft_close(month=month, by=desk.preparer, now=now)
    _explain_variances(month, desk, now)
    _import_balance(month, desk, now)
    close.approve_month(month=month, by=desk.approver, now=now)
    close.close_month(month=month, by=desk.approver, now=now)


def _begin(month: dt.date, desk: _Desk) -> None:
    """Leave a month soft closed: an invoice that does not tie, one that has not come, a dispute."""
    if reading.month_state(month=month) != AccountingMonth.State.OPEN:
        return
    now = timezone.now()
    _enter_orders_and_costs(month, desk)
    _enter_invoices(month, desk, is_newest=True)
    close.soft_close(month=month, by=desk.preparer, now=now)
    _dispute(month, desk)


def _enter_invoices(month: dt.date, desk: _Desk, *, is_newest: bool = False) -> None:
    """Enter what the invoices of a month state; of the newest month one is wrong, one missing."""
    standing = set(Invoice.objects.values_list("issuer", "number", "currency"))
    rows = [
        row
        for row in reading.reconciliation(viewer=desk.preparer, month=month)
        if row.number and row.month == month
    ]
    rows.sort(key=lambda row: -row.billed)
    for place, row in enumerate(rows):
        if (row.issuer, row.number, row.currency) in standing or (is_newest and place == 1):
            continue
        stated = row.billed.quantize(CENT, ROUND_HALF_UP)
        if is_newest and place == 0:
            stated += OVERCHARGED
        close.enter_invoice(
            issuer=row.issuer, number=row.number, currency=row.currency, month=month,
            total=stated, issued_on=add_months(month, 1) + dt.timedelta(days=2),
            due_on=add_months(month, 2), by=desk.preparer,
        )  # fmt: skip


def _explain_variances(month: dt.date, desk: _Desk, now: dt.datetime) -> None:
    for place, row in enumerate(reading.variances(viewer=desk.preparer, month=month)):
        if row.is_settled or row.said.state:
            continue
        over = row.difference > 0
        words = (_WHY_OVER if over else _WHY_UNDER)[place % (4 if over else 2)]
        partner = desk.people[place % len(desk.people)]
        author = partner if partner != desk.approver else desk.preparer
        said = close.explain_variance(node=row.node, month=month, sentence=words, by=author)
        close.decide_explanation(explanation=said, is_accepted=True, by=desk.approver, now=now)


def _import_balance(month: dt.date, desk: _Desk, now: dt.datetime) -> None:
    """Import what the ERP holds for the month: the books in cents, one account misbooked."""
    sums = reading.account_sums(viewer=desk.preparer, month=month)
    booked = {key: amount.quantize(CENT, ROUND_HALF_UP) for key, amount in sums.items()}
    wrong = max(booked, key=lambda key: booked[key])
    booked[wrong] -= MISBOOKED
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(["Entity", "Account", "Cost centre", "Currency", "Amount"])
    sheet.writerows([*key, f"{amount:f}"] for key, amount in sorted(booked.items()))
    stored = files.store(
        content=text.getvalue().encode(), name=f"trial-balance-{month:%Y-%m}.csv",
        media_type="text/csv", by=desk.preparer,
    )  # fmt: skip
    close.import_trial_balance(file=stored, month=month, by=desk.preparer)
    said = close.explain_difference(
        subject="|".join(wrong), month=month, by=desk.preparer,
        sentence="Freight of the hardware order was booked here by mistake; moved next month.",
    )  # fmt: skip
    close.decide_explanation(explanation=said, is_accepted=True, by=desk.approver, now=now)


def _enter_orders_and_costs(month: dt.date, desk: _Desk) -> None:
    year = dt.date(month.year, 1, 1)
    evidence = files.store(
        content=b"Offer, order and acceptance, scanned. Invented.\n", name="order-papers.txt",
        media_type="text/plain", by=desk.preparer,
    )  # fmt: skip
    entity = LegalEntity.objects.get(code="1000")
    standing = {order.number: order for order in PurchaseOrder.objects.all()}
    for number, vendor, amount, words in _ORDERS:
        if number not in standing:
            standing[number] = close.add_purchase_order(
                number=number, vendor=vendor, amount=Decimal(amount), currency="USD",
                from_month=year, until_month=add_months(year, 11), description=words,
                entity=entity, evidence=evidence, by=desk.preparer,
            )  # fmt: skip
    running = Initiative.objects.filter(stage__slug="production").order_by("number")
    for (words, category, amount, number), row in zip(_COSTS, running, strict=False):
        close.add_manual_cost(
            month=month, description=words, category=category, amount=Decimal(amount),
            currency="USD", evidence=evidence, initiative=row, vendor="Outside supplier",
            entity=entity, order=standing.get(number), by=desk.preparer,
        )  # fmt: skip
    close.set_day_rate(
        persona="Data steward", amount=Decimal("620.00"), currency="USD",
        from_month=month, by=desk.preparer,
    )  # fmt: skip
    for place, row in enumerate(running[:6]):
        close.enter_days(
            initiative=row, persona="Data steward", month=month, days=Decimal(3 + place),
            note="Data quality rounds", by=desk.preparer,
        )  # fmt: skip


def _dispute(month: dt.date, desk: _Desk) -> None:
    """Let a unit dispute a line that is charged to it."""
    charged = [
        line
        for line in reading.book_lines(viewer=desk.preparer, month=month)
        if line.initiative and line.origin == "bill"
    ]
    line = max(charged, key=lambda one: (one.billed, one.initiative))
    row = Initiative.objects.select_related("unit").get(key=line.initiative)
    close.raise_dispute(
        node=row.unit, month=month, source=line.source, amount=line.billed.quantize(CENT),
        currency=line.currency, initiative=line.initiative, service=line.service,
        reason="This account was handed over to another team in September.",
        owner=desk.preparer, by=desk.people[-1],
    )  # fmt: skip
