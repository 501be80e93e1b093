"""Changing rates, settings and months."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.books.apart import read_rates
from governance_app.books.models import (
    AccountingMonth,
    Currency,
    DatedSetting,
    LegalEntity,
    Rate,
)
from governance_app.books.rate_files import Derived, monthly
from governance_app.books.settings_known import KNOWN
from governance_app.domain.errors import Sentence
from governance_app.files.models import StoredFile
from governance_app.files.selectors import local_path
from governance_app.people import access
from governance_app.people.models import ScopeNode, User


@recorded
def add_currency(*, code: str, name: str, by: User, minor_units: int = 2) -> Currency:
    """Add a currency; one that stands is given back unchanged."""
    access.require(by, "settings.edit")
    if len(code) != 3 or not code.isascii() or not code.isupper():
        raise Sentence(f"{code!r} is not an ISO 4217 code; those are three capitals, like EUR.")
    return Currency.objects.get_or_create(
        code=code, defaults={"name": name, "minor_units": minor_units}
    )[0]


@recorded
def enter_rates(
    *, rates: list[tuple[str, str, dt.date, str, Decimal]], source: str, by: User
) -> list[Rate]:
    """
    Enter many rates: (base, quote, month, kind, value). A pair that stands with the same
    value is left alone; another value is a correction, kept beside the old one.

    Raises:
        Sentence: a value is not positive, a kind unknown, or the month is closed.
    """
    access.require(by, "settings.edit")
    closed = set(
        AccountingMonth.objects.filter(state=AccountingMonth.State.CLOSED).values_list(
            "month", flat=True
        )
    )
    standing = {
        (r.base, r.quote, r.month, r.kind): r.value
        for r in Rate.objects.filter(month__in={m for _, _, m, _, _ in rates}).order_by(
            "created_at", "pk"
        )
    }
    new: list[Rate] = []
    for base, quote, month, kind, value in rates:
        if kind not in Rate.Kind.values:
            raise Sentence(
                f"Unknown kind of rate {kind!r}; kinds are {', '.join(Rate.Kind.values)}."
            )
        if not value.is_finite() or value <= 0:
            raise Sentence(f"A rate is positive; {base} to {quote} for {month:%b %Y} is {value}.")
        if standing.get((base, quote, month, kind)) == value:
            continue
        if month in closed:
            raise Sentence(f"{month:%B %Y} is closed; its rates are frozen.")
        new.append(Rate(base=base, quote=quote, month=month, kind=kind, value=value, source=source))
    return Rate.objects.bulk_create(new)


@recorded
def set_value(
    *,
    key: str,
    value: Any,
    from_on: dt.date,
    by: User,
    node: ScopeNode | None = None,
    source: str = "",
) -> DatedSetting:
    """
    Set a dated setting from a day on; earlier days keep what they had.

    Raises:
        Sentence: the key is unknown or the value has another shape.
    """
    access.require(by, "settings.edit", node)
    if key not in KNOWN:
        raise Sentence(f"Unknown setting {key!r}; settings are {', '.join(KNOWN)}.")
    _check_shape(key, value)
    return DatedSetting.objects.create(
        key=key, value=value, from_on=from_on, node=node, source=source
    )


def _check_shape(key: str, value: Any) -> None:
    kind = KNOWN[key].kind
    number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = {
        "text": isinstance(value, str),
        "number": number and float(value).is_integer() and value > 0,
        "ratio": number and 0 <= value <= 10,
        "flag": isinstance(value, bool),
        "object": isinstance(value, list | dict),
    }[kind]
    if not fits:
        raise Sentence(f"{KNOWN[key].meaning}: {value!r} is not a {kind}.")
    if key == "fiscal_start_month" and not 1 <= value <= 12:
        raise Sentence(f"A fiscal year starts in a month from 1 to 12, not {value}.")
    if key.endswith("_alert_ratios") and not (
        isinstance(value, list)
        and all(isinstance(one, int | float) and 0 < one <= 10 for one in value)
    ):
        raise Sentence(f"{KNOWN[key].meaning}: write a list of shares, such as [0.5, 0.8, 1].")
    if key == "risk_grid":
        from governance_app.domain import risk

        risk.check_grid(value)


@recorded
def add_entity(
    *, code: str, name: str, currency: str, by: User, node: ScopeNode | None = None
) -> LegalEntity:
    """
    Add a legal entity; what is borne at ``node`` or below is its cost.

    Raises:
        Sentence: the code or the place is taken, or the currency is no ISO 4217 code.
    """
    access.require(by, "settings.edit")
    code, name = code.strip(), name.strip()
    if not code or not name:
        raise Sentence("A legal entity needs the code it has in the ERP, and a name.")
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise Sentence(f"{currency!r} is not an ISO 4217 code; those are three capitals, like EUR.")
    if LegalEntity.objects.filter(code=code).exists():
        raise Sentence(f"There is already an entity with the code {code}.")
    if node is not None and (taken := LegalEntity.objects.filter(node=node).first()):
        raise Sentence(f"What {node} bears is the cost of {taken} already.")
    return LegalEntity.objects.create(code=code, name=name, currency=currency, node=node)


@recorded
def open_months(*, first: dt.date, last: dt.date, by: User) -> int:
    """Open the accounting months of a span that do not stand yet; give how many were new."""
    access.require(by, "settings.edit")
    standing = set(AccountingMonth.objects.values_list("month", flat=True))
    new, month = [], first.replace(day=1)
    while month <= last:
        if month not in standing:
            new.append(AccountingMonth(month=month))
        month = (month + dt.timedelta(days=32)).replace(day=1)
    AccountingMonth.objects.bulk_create(new)
    return len(new)


@dataclass(frozen=True, slots=True)
class RatesImported:
    """What a file of rates brought: ``rates`` that are new or corrected, and what was left out."""

    rates: tuple[Derived, ...]
    unchanged: int
    remarks: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Give the answer of the command and the API."""
        return {
            "new": len(self.rates),
            "unchanged": self.unchanged,
            "months": sorted({f"{one.month:%Y-%m}" for one in self.rates}),
            "remarks": list(self.remarks),
        }


@recorded
def import_rates(
    *,
    file: StoredFile,
    name: str,
    by: User,
    quotes: Sequence[str],
    bases: Sequence[str] | None = None,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> RatesImported:
    """
    Enter the monthly average and closing rates of a file of daily euro reference rates.

    Every rate names the file as its source, and a cross rate says that it went through the euro.
    A rate that stands with the same value is left alone; months that are closed keep theirs.

    Args:
        quotes: currencies to convert into, usually the reporting currency.
        bases: currencies to convert from; None = every one in the file.
        progress: hears how many days were read.

    Raises:
        BadRateFile: a cell cannot be read, or a currency is not in the file; nothing is entered.
    """
    access.require(by, "settings.edit")
    days = read_rates(local_path(file=file), name=name)
    if progress is not None:
        progress(len(days))
    made = monthly(days, quotes=quotes, bases=bases)
    months = {one.month for one in made.rates}
    standing: dict[tuple[str, str, dt.date, str], Decimal] = {}
    for row in Rate.objects.filter(month__in=months).order_by("created_at", "pk"):
        standing[row.base, row.quote, row.month, row.kind] = row.value
    changed = [
        one
        for one in made.rates
        if standing.get((one.base, one.quote, one.month, one.kind)) != one.value
    ]
    frozen = _closed_months() & {one.month for one in changed}
    remarks = list(made.remarks)
    remarks += [f"{month:%B %Y} is closed; its rates stay as they are." for month in sorted(frozen)]
    new = tuple(one for one in changed if one.month not in frozen)
    if not dry_run:
        for is_cross, source in ((False, name), (True, f"{name}, cross through EUR")):
            enter_rates(
                rates=[
                    (one.base, one.quote, one.month, one.kind, one.value)
                    for one in new
                    if one.is_cross is is_cross
                ],
                source=source[:200],
                by=by,
            )
        audit.note(
            by=by,
            action="import",
            subject=file,
            sentence=f"Entered {len(new)} rates from {name}.",
            data={"sha256": file.sha256, "new": len(new)},
        )
    return RatesImported(new, len(made.rates) - len(changed), tuple(remarks))


def _closed_months() -> set[dt.date]:
    closed = AccountingMonth.objects.filter(state=AccountingMonth.State.CLOSED)
    return set(closed.values_list("month", flat=True))
