"""Spend by any dimension: headline, pictures, table; and the lines behind a number."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pandas as pd
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from governance_app.books import selectors as books
from governance_app.books.selectors import MissingRate
from governance_app.domain.money import EXACT, convert, exact_sum
from governance_app.domain.periods import month_range
from governance_app.domain.phrases import phrase
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.spend import selectors
from governance_app.spend.selectors import Amount, LinesWaiting, SpendFilter
from portfolio.charts import spelling, spend_by, spend_days, spend_months
from portfolio.charts.wording import said, worded, worded_count
from portfolio.web.access import page, viewer_of
from portfolio.web.htmx import render_fragment
from portfolio.web.spend.asked import BASES, GROUPED, NAMED, Asked, read

ROWS_SHOWN = 200
LINES_SHOWN = 50
COLUMNS_SHOWN = 6
WHY_SHOWN = 200


@dataclass(frozen=True)
class Line:
    """One row of the table: a group, its sum, its share and its months."""

    code: str
    label: str
    amount: Decimal | None
    share: float | None
    months: list[float | None]
    lines: int
    is_unallocated: bool
    address: str = ""
    cells: list[Decimal | None] = field(default_factory=list)


@page("money.view")
@require_GET
@selectors.one_state()
def spend(request: HttpRequest) -> HttpResponse:
    """Show spend by the dimension in the address, with budget, unallocated and its owners."""
    viewer = viewer_of(request)
    asked = read(request, viewer)
    context: dict[str, Any] = {"asked": asked, "missing": ""}
    try:
        found = _amounts(viewer, asked)
    except MissingRate as missing:
        context["missing"] = str(missing)
        asked = _as_billed(viewer, asked)
        context["asked"] = asked
        found = _amounts(viewer, asked)
    try:
        context |= _results(viewer, asked, found)
    except LinesWaiting as waiting:
        context["missing"] = str(waiting)
        context |= _results(viewer, replace(asked, grain="month"), found)
    if request.headers.get("HX-Target") == "results":
        return render_fragment(request, "spend/explore.html", "results", context)
    return render(request, "spend/explore.html", context | _form(viewer, asked))


@page("money.view")
@require_GET
def lines(request: HttpRequest) -> HttpResponse:
    """Show the bill lines behind one initiative's spend, out of the archives."""
    viewer = viewer_of(request)
    asked = read(request, viewer)
    if not asked.chosen.initiative:  # lines are of one initiative: choose it there
        return redirect(f"{reverse('spend')}?{asked.address(by='initiative')}")
    found = selectors.lines_of_initiative(
        viewer=viewer, key=asked.chosen.initiative, chosen=asked.chosen
    )
    shown = Paginator(range(len(found)), LINES_SHOWN).get_page(request.GET.get("page"))
    first = max(shown.start_index() - 1, 0)
    context = {
        "asked": asked,
        "rows": found[first : shown.end_index()].to_dict("records"),
        "page": shown,
        "total": found.total,
        "waiting": found.waiting,
        "basis": {"billed": "BilledCost", "effective": "EffectiveCost"}.get(
            asked.basis, "BilledCost"
        ),
    }
    return render(request, "spend/lines.html", context)


@page("money.view")
@require_GET
def suggest(request: HttpRequest) -> HttpResponse:
    """Say which tag, account or service would cover most of what no rule matches."""
    viewer = viewer_of(request)
    asked = read(request, viewer)
    found = selectors.suggestions(viewer=viewer, chosen=asked.chosen)
    rows = [
        {
            "one": one,
            "address": f"{reverse('spend-rule-add')}?"
            + urlencode(
                {
                    "name": f"{one.label} is {one.initiative}" if one.initiative else one.label,
                    "dimension": one.dimension,
                    "tag": one.tag,
                    "value": one.value,
                    "initiative": one.initiative,
                }
            ),
        }
        for one in found
    ]
    context = {"rows": rows, "may_edit": access.can_anywhere(viewer, "spend.rules")}
    return render(request, "spend/suggestions.html", context)


@page("money.view")
@require_GET
def why(request: HttpRequest) -> HttpResponse:
    """Explain allocated amounts: by which rule, version, driver and share."""
    viewer = viewer_of(request)
    asked = read(request, viewer)
    context = {
        "asked": asked,
        "rows": selectors.explained(viewer=viewer, chosen=asked.chosen, limit=WHY_SHOWN),
        "limit": WHY_SHOWN,
    }
    return render(request, "spend/why.html", context)


@page("money.view")
@require_GET
def passport(request: HttpRequest) -> HttpResponse:
    """Show what the sum on the spend page is made of: loads, files, rates."""
    viewer = viewer_of(request)
    asked = read(request, viewer)
    origins = selectors.origins(viewer=viewer, chosen=asked.chosen)
    rates = (
        books.rates_of(
            pairs={(one.currency, asked.currency, one.month) for one in origins}, kind="average"
        )
        if origins
        else {}
    )
    basis = "effective" if asked.basis == "effective" else "billed"
    parts = []
    for one in origins:
        rate = rates[one.currency, asked.currency, one.month]
        native: Decimal = getattr(one, basis)
        parts.append((one, rate, native, convert(native, rate)))
    total = exact_sum(part[3] for part in parts)
    run = selectors.last_run(viewer=viewer)
    shown = [
        {
            "line": {
                "label": f"{one.source}, {spelling.month(one.month)}",
                "where": _where(one, rate, native),
                "reason": "",
            },
            "text": spelling.money_exact(amount, asked.currency),
            "url": "",
        }
        for one, rate, native, amount in parts
    ]
    return render(
        request,
        "components/passport.html",
        {
            "passport": {
                "title": worded(
                    "{basis} cost, {period}",
                    basis=said(selectors.BASES[basis]),
                    period=asked.period,
                ),
                "formula": phrase(
                    "Sum of the lines of the current loads, each month at its average rate."
                )
                if asked.is_converted
                else phrase("Sum of the lines of the current loads."),
                "is_total": True,
                "completeness": worded_count(
                    "{count} bill line",
                    "{count} bill lines",
                    count=int(sum(origin.lines for origin, *_ in parts)),
                ),
                "known_from": run.created_at if run else None,
                "confidence": phrase(
                    "Billed by the issuer; allocated + unallocated = source, exactly."
                ),
            },
            "about": said(asked.chosen.words()),
            "reading": spelling.money_exact(total, asked.currency),
            "lines": shown,
            "sum": spelling.money_exact(total, asked.currency),
        },
    )


def _where(one: selectors.Origin, rate: Decimal, native: Decimal) -> str:
    words = worded(
        "{scope}, version {version}, {files}",
        scope=one.scope,
        version=one.version,
        files=", ".join(one.files),
    )
    if rate != 1:
        words += worded(
            "; {amount} at {rate}",
            amount=f"{native.normalize():f} {one.currency}",
            rate=f"{rate.normalize():f}",
        )
    return words


def _amounts(viewer: Any, asked: Asked, by: tuple[str, str] | None = None) -> list[Amount]:
    by = by or (asked.by, "month")
    if asked.is_converted:
        return selectors.amounts_in(
            viewer=viewer, by=by, chosen=asked.chosen, basis=asked.basis, currency=asked.currency
        )
    return selectors.amounts(viewer=viewer, by=by, chosen=asked.chosen, basis=asked.basis)


def _as_billed(viewer: Any, asked: Asked) -> Asked:
    """Fall back to the billing currency with the most lines, when a rate is missing."""
    counts: dict[str, int] = {}
    for cell in selectors.totals(viewer=viewer, chosen=asked.chosen):
        counts[cell.currency] = counts.get(cell.currency, 0) + int(cell.lines)
    currency = max(counts, key=lambda code: (counts[code], code), default=asked.currency)
    chosen = replace(asked.chosen, currency=currency)
    return replace(asked, chosen=chosen, currency=currency, is_converted=False)


def _results(viewer: Any, asked: Asked, found: Sequence[Amount]) -> dict[str, Any]:
    months = month_range(asked.chosen.since, asked.chosen.until)  # type: ignore[arg-type]
    names = [f"{month:%Y-%m}" for month in months]
    groups: dict[tuple[str, str, bool], dict[str, Decimal | None]] = {}
    counts: dict[tuple[str, str, bool], int] = {}
    for one in found:
        nobodys = asked.by in ("initiative", "unit") and not one.is_allocated
        name = (one.codes[0], one.labels[0], nobodys)
        at = groups.setdefault(name, {})
        known = at.get(one.codes[1], Decimal(0))
        at[one.codes[1]] = (
            None if one.amount is None or known is None else EXACT.add(known, one.amount)
        )
        counts[name] = counts.get(name, 0) + int(one.lines)
    total = _sum([one.amount for one in found])
    unallocated = _sum([one.amount for one in found if not one.is_allocated])
    rows = [
        _line(asked, name, by_month, counts[name], names, total)
        for name, by_month in groups.items()
    ]
    rows.sort(
        key=lambda row: (row.is_unallocated, row.amount is None, -(row.amount or 0), row.label)
    )
    budget = _budget(viewer, asked)
    heads, rows = _across(viewer, asked, rows)
    return {
        "heads": heads,
        "across": said(selectors.DIMENSIONS[asked.across].title),
        "basis_links": [
            (words, f"{reverse('spend')}?{asked.address(basis=name)}", name == asked.basis)
            for name, words in selectors.BASES.items()
        ],
        "suggestions": f"{reverse('spend-suggestions')}?{asked.query.urlencode()}",
        "why": f"{reverse('spend-why')}?{asked.query.urlencode()}",
        "total": total,
        "unallocated": unallocated,
        "coverage": _coverage(found),
        "budget": exact_sum(budget.values()) if budget else None,
        "rows": [replace(row, address=_deeper(asked, row)) for row in rows[:ROWS_SHOWN]],
        "row_count": len(rows),
        "months": months,
        "what": said(selectors.DIMENSIONS[asked.by].title),
        "passport": f"{reverse('spend-passport')}?{asked.query.urlencode()}",
        "unused": _unused(asked, rows),
        "owners": _owners(viewer, asked),
        "pictures": _pictures(asked, rows, names, budget, _daily(viewer, asked)),
        "chips": _chips(viewer, asked),
        "exports": _exports(viewer, asked),
        "basis_words": said(selectors.BASES[asked.basis]),
        "is_empty": not found,
        "ledger_is_empty": asked.held is None,
        "may_import": access.can_anywhere(viewer, "spend.import"),
    }


def _unused(asked: Asked, rows: Sequence[Line]) -> Decimal | None:
    """Give what commitments nobody used cost, where the page groups by commitment."""
    if asked.by != "commitment":
        return None
    return _sum([row.amount for row in rows if row.code.startswith("Unused/")])


def _across(viewer: Any, asked: Asked, rows: Sequence[Line]) -> tuple[list[str], list[Line]]:
    """Give the columns of the second dimension, largest first, and each row with its cells."""
    if asked.across == "month":
        return [], list(rows)
    sums: dict[tuple[str, bool], dict[str, Decimal | None]] = {}
    sizes: dict[str, Decimal] = {}
    for one in _amounts(viewer, asked, (asked.by, asked.across)):
        nobodys = asked.by in ("initiative", "unit") and not one.is_allocated
        label = one.labels[1]
        sizes[label] = sizes.get(label, Decimal(0)) + abs(one.amount or Decimal(0))
        at = sums.setdefault((one.codes[0], nobodys), {})
        known = at.get(label, Decimal(0))
        at[label] = None if one.amount is None or known is None else EXACT.add(known, one.amount)
    order = sorted(sizes, key=lambda label: (-sizes[label], label))
    shown, tail = order[:COLUMNS_SHOWN], order[COLUMNS_SHOWN:]
    heads = [*shown, *([worded("Other")] if tail else [])]
    found = []
    for row in rows:
        at = sums.get((row.code, row.is_unallocated), {})
        cells: list[Decimal | None] = [at.get(label) for label in shown]
        if tail:
            cells.append(_sum([at[label] for label in tail if label in at]))
        found.append(replace(row, cells=cells))
    return heads, found


def _line(
    asked: Asked,
    name: tuple[str, str, bool],
    by_month: dict[str, Decimal | None],
    count: int,
    names: Sequence[str],
    total: Decimal | None,
) -> Line:
    code, label, is_unallocated = name
    amount = _sum(list(by_month.values()))
    return Line(
        code=code,
        label=label,
        amount=amount,
        share=float(amount / total) if amount is not None and total else None,
        months=[None if by_month.get(m, 0) is None else float(by_month.get(m) or 0) for m in names],
        lines=count,
        is_unallocated=is_unallocated,
    )


def _deeper(asked: Asked, row: Line) -> str:
    """Give the address one step down from a row: what it is made of."""
    if row.is_unallocated:
        return f"{reverse('spend')}?{asked.address(only='unallocated', by='service')}"
    if asked.by not in NAMED or not row.code:
        return ""
    if asked.by == "initiative":
        return f"{reverse('spend-lines')}?{asked.address(initiative=row.code)}"
    if asked.by == "unit":
        return f"{reverse('spend')}?{asked.address(unit=row.code, by='initiative')}"
    deeper = "service" if asked.by in ("provider", "category", "account") else asked.by
    return f"{reverse('spend')}?{asked.address(**{asked.by: row.code, 'by': deeper})}"


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """Add up; one unknown part makes the sum unknown, no part makes it unknown too."""
    known = [amount for amount in amounts if amount is not None]
    return exact_sum(known) if known and len(known) == len(amounts) else None


def _coverage(found: Sequence[Amount]) -> float | None:
    """Give the allocated part in gross amounts, so that credits do not flatter it."""
    gross = {True: Decimal(0), False: Decimal(0)}
    for one in found:
        gross[one.is_allocated] += abs(one.amount or Decimal(0))
    whole = gross[True] + gross[False]
    return float(gross[True] / whole) if whole else None


def _budget(viewer: Any, asked: Asked) -> dict[dt.date, Decimal]:
    """Give the budget by month in the currency shown; none where the filter cuts finer than it."""
    chosen = asked.chosen
    finer = (chosen.provider, chosen.service, chosen.category, chosen.model, chosen.account)
    if any(finer) or chosen.source or chosen.search or chosen.is_unallocated is not None:
        return {}
    lines = selectors.budget_months(
        viewer=viewer,
        chosen=SpendFilter(
            since=chosen.since, until=chosen.until, unit=chosen.unit,
            initiative=chosen.initiative, currency=chosen.currency,
        ),
    )  # fmt: skip
    try:
        rates = books.rates_of(
            pairs={(currency, asked.currency, month) for month, currency in lines}, kind="budget"
        )
    except MissingRate:
        return {}  # the page shows no budget line rather than a wrong one
    by_month: dict[dt.date, Decimal] = {}
    for (month, currency), amount in lines.items():
        here = convert(amount, rates[currency, asked.currency, month])
        by_month[month] = EXACT.add(by_month.get(month, Decimal(0)), here)
    return by_month


def _owners(viewer: Any, asked: Asked) -> list[dict[str, Any]]:
    """Give what is unallocated by source and who answers for it, in its billing currency."""
    if asked.chosen.is_unallocated is False:
        return []
    owners = {str(one.pk): one for one in selectors.sources(viewer=viewer)}
    sums: dict[tuple[str, str], Decimal] = {}
    nobodys = replace(asked.chosen, is_unallocated=True)
    for one in selectors.amounts(viewer=viewer, by=("source",), chosen=nobodys, basis=asked.basis):
        sums[one.codes[0], one.currency] = one.amount or Decimal(0)
    return [
        {
            "source": owners[source].name,
            "owner": owners[source].owner,
            "amount": amount,
            "currency": currency,
            "address": reverse("spend")
            + "?"
            + asked.address(source=source, only="unallocated", by="service"),
        }
        for (source, currency), amount in sorted(sums.items(), key=lambda item: -item[1])
        if source in owners and amount
    ]


def _daily(viewer: Any, asked: Asked) -> dict[str, Any] | None:
    """Draw the days of the months asked for; None at the grain of months."""
    if asked.grain != "day" or asked.basis not in ("billed", "effective"):
        return None
    chosen = asked.chosen
    who = chosen.initiative or chosen.unit or chosen.search or chosen.is_unallocated is not None
    if asked.by in selectors.OF_DAYS and not who:
        days = selectors.days(viewer=viewer, by=asked.by, chosen=chosen)
    elif asked.by in ("initiative", "unit"):
        days = selectors.borne_days(viewer=viewer, by=asked.by, chosen=chosen)
    else:
        return None
    pairs = {(one.currency, asked.currency, one.day.replace(day=1)) for one in days}
    rates = books.rates_of(pairs=pairs, kind="average") if pairs else {}
    frame = pd.DataFrame(
        [
            {
                "day": one.day,
                "category": one.label,
                "amount": float(
                    convert(
                        getattr(one, asked.basis),
                        rates[one.currency, asked.currency, one.day.replace(day=1)],
                    )
                ),
            }
            for one in days
        ],
        columns=["day", "category", "amount"],
    )
    return spend_days.build(
        frame,
        currency=asked.currency,
        what=said(selectors.DIMENSIONS[asked.by].title.lower()),
        period=asked.period,
    )


def _pictures(
    asked: Asked,
    rows: Sequence[Line],
    names: Sequence[str],
    budget: dict[dt.date, Decimal],
    daily: dict[str, Any] | None,
) -> dict[str, Any]:
    stacked = [
        {"month": dt.date.fromisoformat(f"{name}-01"), "category": row.label, "amount": amount}
        for row in rows
        for name, amount in zip(names, row.months, strict=True)
        if amount
    ]
    planned = pd.DataFrame(
        [{"month": month, "amount": float(amount)} for month, amount in sorted(budget.items())],
        columns=["month", "amount"],
    )
    parts = [
        {"label": row.label, "amount": float(row.amount)} for row in rows if row.amount is not None
    ]
    what = said(selectors.DIMENSIONS[asked.by].title.lower())
    return {
        "months": daily
        or spend_months.build(
            pd.DataFrame(stacked, columns=["month", "category", "amount"]),
            currency=asked.currency,
            budget=planned,
            what=what,
        ),
        "parts": spend_by.build(
            pd.DataFrame(parts, columns=["label", "amount"]),
            what=what,
            currency=asked.currency,
            period=asked.period,
        ),
    }


_FORMATS = (("xlsx", "Excel"), ("csv", "CSV"), ("parquet", "Parquet"))
_EXPORTS = (
    ("initiative_spend", phrase("Initiative spend"), _FORMATS),
    ("ledger", phrase("Spend ledger"), _FORMATS),
    (
        "lines",
        phrase("Bill lines"),
        (*_FORMATS, ("focus-1.2", "FOCUS 1.2"), ("focus-1.4", "FOCUS 1.4")),
    ),
)


def _exports(viewer: Any, asked: Asked) -> list[dict[str, str]]:
    """Give what the page can be exported as: the same filter and search, by POST."""
    if not access.can_anywhere(viewer, "export"):
        return []
    return [
        {
            "words": worded("{title} as {label}", title=said(title), label=label),
            "address": f"{reverse('report-ask', args=[sheet, name])}?{asked.query.urlencode()}",
        }
        for sheet, title, formats in _EXPORTS
        for name, label in formats
    ]


def _chips(viewer: Any, asked: Asked) -> list[dict[str, str]]:
    """Give what narrows the page, each with the address without it."""
    found = []
    for name in NAMED:
        if value := getattr(asked.chosen, name):
            words = _called(viewer, name, value)
            without = f"{reverse('spend')}?{asked.address(**{name: None})}"
            found.append({"words": f"{name}: {words}", "without": without})
    if asked.chosen.search:
        without = f"{reverse('spend')}?{asked.address(q=None)}"
        found.append({"words": f"“{asked.chosen.search}”", "without": without})
    if asked.chosen.is_unallocated is not None:
        words = (
            worded("only unallocated") if asked.chosen.is_unallocated else worded("only allocated")
        )
        found.append({"words": words, "without": f"{reverse('spend')}?{asked.address(only=None)}"})
    return found


def _called(viewer: Any, name: str, value: str) -> str:
    """Give the name of what a filter holds by id."""
    if name == "unit":
        return next((n.name for n in people.units(viewer=viewer) if str(n.pk) == value), value)
    if name == "source":
        return next((s.name for s in selectors.sources(viewer=viewer) if str(s.pk) == value), value)
    return value


def _form(viewer: Any, asked: Asked) -> dict[str, Any]:
    months = list(reversed(month_range(*asked.held))) if asked.held else []
    depths = [(node, node.path.count("/") - 2) for node in people.units(viewer=viewer)]
    return {
        "dimensions": [(name, said(selectors.DIMENSIONS[name].title)) for name in GROUPED],
        "across_choices": [
            ("month", worded("Month")),
            *(
                (name, said(selectors.DIMENSIONS[name].title))
                for name in GROUPED
                if name != asked.by
            ),
        ],
        "bases": [(name, said(selectors.BASES[name])) for name in BASES],
        "all_months": [(f"{month:%Y-%m}", month) for month in months],
        "since": f"{asked.chosen.since:%Y-%m}",
        "until": f"{asked.chosen.until:%Y-%m}",
        "units": [
            {"id": str(node.pk), "name": node.name, "indent": "\u2003" * max(depth, 0)}
            for node, depth in depths
        ],
        "providers": selectors.choices(viewer=viewer, dimension="provider"),
        "sources": [(str(one.pk), one.name) for one in selectors.sources(viewer=viewer)],
        "currencies": selectors.currencies(viewer=viewer),
        "kept": [
            (name, getattr(asked.chosen, name))
            for name in ("initiative", "service", "category", "model", "account")
            if getattr(asked.chosen, name)
        ],
        "reporting": asked.reporting,
    }


urlpatterns = [
    path("spend/", spend, name="spend"),
    path("spend/lines/", lines, name="spend-lines"),
    path("spend/suggestions/", suggest, name="spend-suggestions"),
    path("spend/why/", why, name="spend-why"),
    path("spend/passport/", passport, name="spend-passport"),
]
