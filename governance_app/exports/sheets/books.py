"""Sheets of the books: what units are charged, journals, invoices, budgets."""

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import polars as pl

from governance_app.domain.money import EXACT
from governance_app.domain.periods import month_range
from governance_app.exports.columns import DTYPES, Column, Kind
from governance_app.exports.sheets.base import Controls, Sheet
from governance_app.people.models import User
from governance_app.spend import selectors as spend
from governance_app.spend.selectors import SpendFilter, close


def months_of(chosen: SpendFilter) -> list[dt.date]:
    """Give the months a sheet is asked for; without any, the newest the ledger holds."""
    held = spend.months_held(dated="billing")
    if held is None and not (chosen.since or chosen.until):
        return []
    last = chosen.until or (held[1] if held else chosen.since)
    assert last is not None
    return month_range(chosen.since or last, last)


class _BookSheet(Sheet):
    """A sheet whose rows come month by month from a page of the close."""

    def frames(self, *, viewer: User, chosen: SpendFilter) -> Iterator[pl.DataFrame]:
        schema = {column.name: DTYPES[column.kind] for column in self.columns}
        for month in months_of(chosen):
            rows = list(self.rows(viewer, month, chosen))
            yield pl.DataFrame(rows, schema=schema, orient="row")

    def rows(self, viewer: User, month: dt.date, chosen: SpendFilter) -> Iterable[tuple[Any, ...]]:
        """Give the rows of a month in the order of the columns."""
        raise NotImplementedError

    def controls(self, *, viewer: User, chosen: SpendFilter) -> Controls:
        sums: dict[str, dict[str, Decimal]] = {}
        for month in months_of(chosen):
            for code, name, amount in self.parts(viewer, month, chosen):
                named = sums.setdefault(code, dict.fromkeys(self.amounts.values(), Decimal(0)))
                named[name] = EXACT.add(named[name], amount)
        return sums

    def parts(
        self, viewer: User, month: dt.date, chosen: SpendFilter
    ) -> Iterable[tuple[str, str, Decimal]]:
        """Give (currency, name, amount) of the totals the page shows, summed on their own."""
        raise NotImplementedError


class Chargeback(_BookSheet):
    """What each unit is charged: cost without the tax that comes back; unallocated last."""

    name = "chargeback"
    title = "Chargeback"
    amounts = {"amount": "cost"}
    columns = (
        Column("month", "Month", Kind.MONTH, 10),
        Column("unit", "Unit", width=24),
        Column("initiative", "Initiative", width=12),
        Column("source", "Source", width=20),
        Column("service", "Service", width=24),
        Column("origin", "Origin", width=14),
        Column("entity", "Legal entity", width=12),
        Column("cost_centre", "Cost centre", width=14),
        Column("gl_account", "GL account", width=12),
        Column("currency", "Currency", width=9),
        Column("amount", "Cost", Kind.MONEY, 16),
    )

    def rows(self, viewer: User, month: dt.date, chosen: SpendFilter) -> Iterable[tuple[Any, ...]]:
        for one in self._charges(viewer, month, chosen):
            yield (
                month, one.unit, one.initiative, one.source, one.service, one.origin, one.entity,
                one.cost_centre, one.gl_account, one.currency, one.amount,
            )  # fmt: skip

    def _charges(self, viewer: User, month: dt.date, chosen: SpendFilter) -> list[Any]:
        found = close.chargeback(viewer=viewer, month=month)
        if chosen.initiative:
            found = [one for one in found if one.initiative == chosen.initiative]
        return found

    def parts(
        self, viewer: User, month: dt.date, chosen: SpendFilter
    ) -> Iterable[tuple[str, str, Decimal]]:
        lines = close.book_lines(viewer=viewer, month=month)
        for line in lines:
            if not chosen.initiative or line.initiative == chosen.initiative:
                yield line.currency, "cost", line.cost


class Journals(_BookSheet):
    """Journal lines; debits and credits of every journal, entity and currency are equal."""

    name = "journal"
    title = "Journal"
    amounts = {"debit": "debit", "credit": "credit"}
    columns = (
        Column("journal", "Journal", width=18),
        Column("kind", "Kind", width=14),
        Column("month", "Month", Kind.MONTH, 10),
        Column("entity", "Legal entity", width=12),
        Column("state", "State", width=9),
        Column("erp_number", "ERP document", width=16),
        Column("line", "Line", Kind.COUNT, 7),
        Column("account", "GL account", width=12),
        Column("cost_centre", "Cost centre", width=14),
        Column("project", "WBS or project", width=14),
        Column("vendor", "Vendor", width=14),
        Column("tax_code", "Tax code", width=10),
        Column("partner", "Partner entity", width=12),
        Column("initiative", "Initiative", width=12),
        Column("text", "Text", width=40),
        Column("currency", "Currency", width=9),
        Column("debit", "Debit", Kind.MONEY, 16),
        Column("credit", "Credit", Kind.MONEY, 16),
    )

    def rows(self, viewer: User, month: dt.date, chosen: SpendFilter) -> Iterable[tuple[Any, ...]]:
        for each in close.journals(viewer=viewer, month=month):
            for line in sorted(each.lines.all(), key=lambda one: one.number):
                yield (
                    each.number, each.get_kind_display(), each.month, each.entity, each.state,
                    each.erp_number, line.number, line.account, line.cost_centre, line.project,
                    line.vendor, line.tax_code, line.partner, line.initiative, line.text,
                    each.currency, line.debit, line.credit,
                )  # fmt: skip

    def parts(
        self, viewer: User, month: dt.date, chosen: SpendFilter
    ) -> Iterable[tuple[str, str, Decimal]]:
        for each in close.journals(viewer=viewer, month=month):
            yield each.currency, "debit", each.debit
            yield each.currency, "credit", each.credit

    def notes(self, *, viewer: User, chosen: SpendFilter) -> list[str]:
        return ["Debits less credits are 0 in every journal, entity and currency."]


class InvoiceReconciliation(_BookSheet):
    """Each invoice against the billed lines, tax included; what has no invoice yet stands last."""

    name = "invoice_reconciliation"
    title = "Invoice reconciliation"
    amounts = {"billed": "billed"}
    columns = (
        Column("month", "Billing month", Kind.MONTH, 10),
        Column("issuer", "Invoice issuer", width=24),
        Column("invoice", "Invoice", width=20),
        Column("currency", "Currency", width=9),
        Column("stated", "Stated by the invoice", Kind.MONEY, 16),
        Column("details", "Sum of invoice details", Kind.MONEY, 16),
        Column("billed", "Billed lines", Kind.MONEY, 16),
        Column("tax", "Tax in it", Kind.MONEY, 16),
        Column("lines", "Bill lines", Kind.COUNT, 10),
        Column("difference", "Difference", Kind.MONEY, 16),
        Column("rounding", "Issuer rounding", Kind.MONEY, 16),
        Column("rest", "To be explained", Kind.MONEY, 16),
        Column("status", "Status", width=18),
        Column("comment", "Comment", width=40),
        Column("evidence", "Evidence", width=24),
    )

    def rows(self, viewer: User, month: dt.date, chosen: SpendFilter) -> Iterable[tuple[Any, ...]]:
        for one in close.reconciliation(viewer=viewer, month=month):
            yield (
                month, one.issuer, one.number, one.currency, one.stated, one.details, one.billed,
                one.tax, one.lines, one.difference, one.rounding, one.rest, one.words, one.comment,
                one.evidence,
            )  # fmt: skip

    def parts(
        self, viewer: User, month: dt.date, chosen: SpendFilter
    ) -> Iterable[tuple[str, str, Decimal]]:
        for one in close.reconciliation(viewer=viewer, month=month):
            yield one.currency, "billed", one.billed


class BudgetVariance(_BookSheet):
    """Each budget against what its place bore, with price, volume and FX where data allows."""

    name = "budget_variance"
    title = "Budget variance"
    amounts = {"budget": "budget", "actual": "actual"}
    columns = (
        Column("month", "Month", Kind.MONTH, 10),
        Column("place", "Initiative or unit", width=30),
        Column("key", "Key", width=10),
        Column("owner", "Answers for it", width=20),
        Column("currency", "Currency", width=9),
        Column("budget", "Budget", Kind.MONEY, 16),
        Column("actual", "Actual cost", Kind.MONEY, 16),
        Column("difference", "Actual less budget", Kind.MONEY, 16),
        Column("volume", "of it volume", Kind.MONEY, 14),
        Column("price", "of it price", Kind.MONEY, 14),
        Column("fx", "of it FX", Kind.MONEY, 14),
        Column("reason", "What cannot be told", width=40),
    )

    def rows(self, viewer: User, month: dt.date, chosen: SpendFilter) -> Iterable[tuple[Any, ...]]:
        for one in self._found(viewer, month, chosen):
            parts = one.parts
            reasons = dict.fromkeys(
                part.reason for part in (parts.volume, parts.price, parts.fx) if part.reason
            )
            yield (
                month, one.node.name, one.key, str(one.owner or ""), one.currency, one.budget,
                one.actual, one.difference, _places(parts.volume.value),
                _places(parts.price.value), _places(parts.fx.value), " ".join(reasons),
            )  # fmt: skip

    def _found(self, viewer: User, month: dt.date, chosen: SpendFilter) -> list[Any]:
        found = spend.budget_variance(viewer=viewer, since=month, until=month)
        if chosen.unit:
            found = [one for one in found if chosen.unit.replace("-", "") in one.node.path]
        if chosen.initiative:
            found = [one for one in found if one.key == chosen.initiative]
        return found

    def parts(
        self, viewer: User, month: dt.date, chosen: SpendFilter
    ) -> Iterable[tuple[str, str, Decimal]]:
        for one in self._found(viewer, month, chosen):
            yield one.currency, "budget", one.budget
            yield one.currency, "actual", one.actual


def _places(amount: Decimal | None) -> Decimal | None:
    """Keep the 18 decimals a file holds; a quotient has more."""
    return None if amount is None else amount.quantize(Decimal("1e-18"), context=EXACT)
