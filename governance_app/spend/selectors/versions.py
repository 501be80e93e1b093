"""What differs between two loads of a scope and month, out of their archives, to the last digit."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl
from django.db.models import QuerySet

from governance_app.domain.errors import Sentence
from governance_app.domain.money import EXACT, exact_sum
from governance_app.files import selectors as files
from governance_app.people.models import User
from governance_app.spend.models import Load, LoadArchive

#: What two loads can be compared by -> (title, column of the lines, column of its name).
COMPARED_BY = {
    "service": ("Service", "ServiceName", "ServiceName"),
    "account": ("Account", "SubAccountId", "SubAccountName"),
    "resource": ("Resource", "ResourceId", "ResourceName"),
    "charge": ("Charge category", "ChargeCategory", "ChargeCategory"),
    "invoice": ("Invoice", "InvoiceId", "InvoiceId"),
}
_SUMMED = ("billed", "effective", "lines")
_NOTHING = (Decimal(0), Decimal(0), 0)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a group of lines came to before and after, in one currency."""

    code: str
    label: str
    currency: str
    billed_before: Decimal
    billed_after: Decimal
    effective_before: Decimal
    effective_after: Decimal
    lines_before: int
    lines_after: int

    @property
    def billed(self) -> Decimal:
        """By how much the billed cost changed."""
        return EXACT.subtract(self.billed_after, self.billed_before)

    @property
    def effective(self) -> Decimal:
        """By how much the effective cost changed."""
        return EXACT.subtract(self.effective_after, self.effective_before)

    @property
    def lines(self) -> int:
        return self.lines_after - self.lines_before


@dataclass(frozen=True)
class Comparison:
    """
    Two loads of one scope and month beside each other.

    ``changed``: the groups that differ, the largest change of billed cost first. ``totals``: per
    currency over all lines; ``same``: how many groups did not change.
    """

    before: Load
    after: Load
    by: str
    changed: Sequence[Difference]
    totals: Sequence[Difference]
    same: int


def load_of(*, viewer: User, load_id: uuid.UUID | str) -> Load | None:
    """Give one load, or None when it is not the viewer's to see."""
    return loads(viewer=viewer).filter(pk=load_id).first()


def loads(*, viewer: User) -> QuerySet[Load]:
    """Give the versions of every scope and month, newest month and version first."""
    return (
        Load.objects.visible_to(viewer, "money.view")
        .select_related("source", "delivery")
        .order_by("-period", "source__name", "scope", "-number", "pk")
    )


def versions_of(*, viewer: User, load: Load) -> QuerySet[Load]:
    """Give every version of the scope and month of a load, newest first."""
    same = loads(viewer=viewer).filter(source=load.source_id, scope=load.scope, period=load.period)
    return same.order_by("-number", "pk")


def compare_loads(
    *, viewer: User, before_id: uuid.UUID | str, after_id: uuid.UUID | str, by: str = "service"
) -> Comparison | None:
    """
    Say what changed from one load of a scope and month to another; None when not to be seen.

    Raises:
        Sentence: the loads are of different scopes or months, the lines of one are still being
            archived, or they cannot be compared by that.
    """
    if by not in COMPARED_BY:
        raise Sentence(f"Loads are compared by {', '.join(COMPARED_BY)}.")
    before, after = (
        load_of(viewer=viewer, load_id=before_id), load_of(viewer=viewer, load_id=after_id),
    )  # fmt: skip
    if before is None or after is None:
        return None
    if (before.source_id, before.scope, before.period) != (
        after.source_id, after.scope, after.period,
    ):  # fmt: skip
        raise Sentence(f"{before} and {after} are not of one scope and month.")
    sums = {load.pk: _sums(load, by) for load in (before, after)}
    names = {**sums[before.pk][1], **sums[after.pk][1]}
    old, new = sums[before.pk][0], sums[after.pk][0]
    found = [
        _difference(code, names.get(code) or code, currency, old, new)
        for code, currency in sorted({*old, *new})
    ]
    changed = [one for one in found if one.billed or one.effective or one.lines]
    changed.sort(key=lambda one: (-abs(one.billed), -abs(one.effective), one.code, one.currency))
    return Comparison(
        before=before,
        after=after,
        by=by,
        changed=changed,
        totals=_totals(found),
        same=len(found) - len(changed),
    )


_Sums = dict[tuple[str, str], tuple[Decimal, Decimal, int]]


def _sums(load: Load, by: str) -> tuple[_Sums, dict[str, str]]:
    """Sum the lines of a load by group and currency, and name the groups."""
    if not load.rows:
        return {}, {}
    kept = LoadArchive.objects.filter(load=load).select_related("file").first()
    if kept is None:
        raise Sentence(f"The lines of {load} are still being archived; ask again in a moment.")
    _, code, label = COMPARED_BY[by]
    summed = (
        pl.scan_parquet(files.local_path(file=kept.file))
        .group_by(
            pl.col(code).fill_null("").alias("code"), pl.col("BillingCurrency").alias("currency")
        )
        .agg(
            pl.col(label).drop_nulls().max().alias("label"),
            pl.col("BilledCost").sum().alias("billed"),
            pl.col("EffectiveCost").sum().alias("effective"),
            pl.len().alias("lines"),
        )
        .collect(engine="streaming")
    )
    sums: _Sums = {}
    names: dict[str, str] = {}
    for row in summed.iter_rows(named=True):
        billed, effective, lines = (row[name] for name in _SUMMED)
        sums[row["code"], row["currency"]] = (billed, effective, int(lines))
        names[row["code"]] = row["label"] or row["code"] or "(not stated)"
    return sums, names


def _difference(code: str, label: str, currency: str, old: _Sums, new: _Sums) -> Difference:
    was, now = old.get((code, currency), _NOTHING), new.get((code, currency), _NOTHING)
    return Difference(code, label, currency, was[0], now[0], was[1], now[1], was[2], now[2])


def _totals(found: Sequence[Difference]) -> list[Difference]:
    totals = []
    for currency in sorted({one.currency for one in found}):
        of_it = [one for one in found if one.currency == currency]
        totals.append(
            Difference(
                code="", label="Total", currency=currency,
                billed_before=exact_sum(one.billed_before for one in of_it),
                billed_after=exact_sum(one.billed_after for one in of_it),
                effective_before=exact_sum(one.effective_before for one in of_it),
                effective_after=exact_sum(one.effective_after for one in of_it),
                lines_before=sum(one.lines_before for one in of_it),
                lines_after=sum(one.lines_after for one in of_it),
            )
        )  # fmt: skip
    return totals
