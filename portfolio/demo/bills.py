"""
Bills of the invented company as FOCUS 1.2 files, one gzipped CSV per source and month.

The lines of a charge add up to it exactly, and a manifest beside each file states how many
lines it has and what they come to.
"""

import csv
import gzip
import io
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random

from governance_app.domain.periods import add_months
from portfolio.demo.dice import draw
from portfolio.demo.money import CENT_SOURCES, account_id, stage_in
from portfolio.demo.shapes import Charge, Company, Initiative
from portfolio.demo.skus import BY_SLUG, MODELS, Sku, Source

#: The columns of FOCUS 1.2 and one of ours: what a cost item is in a business case.
COLUMNS: tuple[str, ...] = (
    "AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName",
    "BillingAccountType", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart",
    "CapacityReservationId", "CapacityReservationStatus", "ChargeCategory", "ChargeClass",
    "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName",
    "CommitmentDiscountQuantity", "CommitmentDiscountStatus", "CommitmentDiscountType",
    "CommitmentDiscountUnit", "ConsumedQuantity", "ConsumedUnit", "ContractedCost",
    "ContractedUnitPrice", "EffectiveCost", "InvoiceId", "InvoiceIssuerName", "ListCost",
    "ListUnitPrice", "PricingCategory", "PricingCurrency", "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost", "PricingCurrencyListUnitPrice", "PricingQuantity",
    "PricingUnit", "ProviderName", "PublisherName", "RegionId", "RegionName", "ResourceId",
    "ResourceName", "ResourceType", "ServiceCategory", "ServiceName", "ServiceSubcategory",
    "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId", "SubAccountId", "SubAccountName",
    "SubAccountType", "Tags", "x_TcoCategory",
)  # fmt: skip

TAG = "initiative"
_LINE = dict.fromkeys(COLUMNS, "")
_LIST_MARKUP = Decimal("1.08")
_SHARED_ACCOUNTS = ("shared-platform", "network-hub", "security-tooling")
#: Key that lines with a mistyped tag name; no initiative has it.
WRONG_KEY = "AI-9{0:03d}"


@dataclass(frozen=True)
class Bill:
    """One file: whose, of which month, with its control totals."""

    source: str
    month: date
    path: Path
    rows: int
    billed: Decimal
    currency: str


def bills(company: Company) -> list[tuple[str, date]]:
    """List the bills there are, by month and source."""
    found = {(charge.month, charge.source) for charge in company.charges}
    return [(source, month) for month, source in sorted(found)]


def write(company: Company, folder: Path, *, charges: Sequence[Charge] | None = None) -> list[Bill]:
    """
    Write every bill below a folder, a folder per source, each with its manifest.

    A file is written beside its place and moved there, so nobody reads half a bill; one that
    stands already is written again with the same bytes.
    """
    by_bill: dict[tuple[str, date], list[Charge]] = defaultdict(list)
    for charge in charges if charges is not None else company.charges:
        by_bill[charge.source, charge.month].append(charge)
    rows = {row.key: row for row in company.initiatives}
    return [
        _write_one(company, rows, BY_SLUG[slug], month, by_bill[slug, month], folder)
        for slug, month in sorted(by_bill, key=lambda bill: (bill[1], bill[0]))
    ]


def lines(
    company: Company,
    source: Source,
    month: date,
    charges: Sequence[Charge],
    rows: dict[str, Initiative] | None = None,
) -> Iterator[dict[str, str]]:
    """Split the charges of one bill into lines."""
    known = rows if rows is not None else {row.key: row for row in company.initiatives}
    for index, charge in enumerate(charges):
        row = known.get(charge.key) if charge.key else None
        random = draw(
            company.seed, "bill", source.slug, month, charge.key or index, charge.how, charge.kind
        )
        if charge.kind == "usage":
            yield from _usage(company, source, charge, row, random)
        else:
            yield _single(company, source, charge, row)
    if source.slug == "aws":
        yield from _covered(company, source, month, charges, known)


def _write_one(
    company: Company,
    rows: dict[str, Initiative],
    source: Source,
    month: date,
    charges: Sequence[Charge],
    folder: Path,
) -> Bill:
    place = folder / source.slug
    place.mkdir(parents=True, exist_ok=True)
    name = f"{source.slug}-{month:%Y-%m}.csv.gz"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    count, billed = 0, Decimal(0)
    for line in lines(company, source, month, charges, rows):
        writer.writerow(line.values())
        count, billed = count + 1, billed + Decimal(line["BilledCost"])
    content = gzip.compress(text.getvalue().encode(), compresslevel=5, mtime=0)
    _put(place / name, content)
    manifest = {
        "scope": f"{source.slug}/{source.account_id}",
        "billing_period": f"{month:%Y-%m}",
        "version": f"{add_months(month, 1).replace(day=3):%Y-%m-%d}T04:00:00Z",
        "files": [name],
        "rows": count,
        "billed": {source.currency: f"{billed:f}"},
    }
    _put(
        place / f"{source.slug}-{month:%Y-%m}.manifest.json",
        (json.dumps(manifest, indent=1) + "\n").encode(),
    )
    return Bill(source.slug, month, place / name, count, billed, source.currency)


def _put(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)


def _usage(
    company: Company, source: Source, charge: Charge, row: Initiative | None, random: Random
) -> Iterator[dict[str, str]]:
    skus = _choose(source, charge, row, random)
    windows = _windows(source, charge, random)
    weights = [
        random.uniform(0.4, 1.6) * (1.8 if sku is skus[0] else 1.0) for sku in skus for _ in windows
    ]
    parts = split(charge.amount, weights, Decimal("0.01") if source.slug in CENT_SOURCES else None)
    place = iter(parts)
    base = _base(company, source, charge, row)
    for sku in skus:
        for start, end in windows:
            amount = next(place)
            line = base.copy()
            _fill_sku(line, source, sku, charge, row, amount)
            line["ChargePeriodStart"], line["ChargePeriodEnd"] = _moment(start), _moment(end)
            yield line


def split(amount: Decimal, weights: Sequence[float], step: Decimal | None = None) -> list[Decimal]:
    """
    Split an amount by weights on a grid of `step` (by default 1E-10), losing nothing.

    >>> split(Decimal("1.00"), [1, 1, 1], Decimal("0.01"))
    [Decimal('0.33'), Decimal('0.34'), Decimal('0.33')]
    """
    grid = step or Decimal("1E-10")
    units = int(amount / grid)
    total, passed, given, parts = sum(weights), 0.0, 0, []
    for weight in weights[:-1]:
        passed += weight
        upto = round(units * (passed / total))
        parts.append((upto - given) * grid)
        given = upto
    parts.append((units - given) * grid)
    return parts


def _choose(source: Source, charge: Charge, row: Initiative | None, random: Random) -> list[Sku]:
    if row is None:
        return [sku for sku in source.skus if sku.kind == "shared"]
    if source.slug in {"openai", "anthropic"}:
        return [sku for sku in source.skus if sku.kind == "gen"]
    if source.slug == "vendors":
        return [source.skus[0]] if charge.amount < 4000 else list(source.skus)
    if source.slug == "labour":
        count = 1 if charge.amount < 800 else 2 if charge.amount < 8000 else 4
        return draw(0, "roles", row.key).sample(source.skus, count)
    wanted = "gen" if row.is_generative else "ml"
    own = [sku for sku in source.skus if sku.kind == wanted]
    base = [sku for sku in source.skus if sku.kind == "base"]
    chosen = draw(0, "skus", row.key, source.slug)
    count = 1 if charge.amount < 250 else 2 if charge.amount < 4000 else 3
    return [*chosen.sample(own, min(count, len(own))), *chosen.sample(base, min(count, 2))]


def _windows(source: Source, charge: Charge, random: Random) -> list[tuple[date, date]]:
    """Give the charge periods of the lines: weeks for a large charge, the month for a small one."""
    month, after = charge.month, add_months(charge.month, 1)
    if source.slug in CENT_SOURCES or charge.amount < 450:
        return [(month, after)]
    if charge.amount < 3000:
        return [(month, month + timedelta(15)), (month + timedelta(15), after)]
    edges = [month, *(month + timedelta(days) for days in (7, 14, 21)), after]
    return list(pairwise(edges))


def _base(
    company: Company, source: Source, charge: Charge, row: Initiative | None
) -> dict[str, str]:
    """Give a line with everything that does not depend on what was bought."""
    line = dict(_LINE)
    month, after = charge.month, add_months(charge.month, 1)
    issuer = source.issuer or (row.vendor if row else "")
    line.update(
        BillingAccountId=source.account_id,
        BillingAccountName=source.account_name,
        BillingAccountType=source.account_type,
        BillingCurrency=source.currency,
        BillingPeriodStart=_moment(month),
        BillingPeriodEnd=_moment(after),
        ChargePeriodStart=_moment(month),
        ChargePeriodEnd=_moment(after),
        InvoiceId=_invoice(company, source, month, issuer),
        InvoiceIssuerName=issuer,
        PricingCurrency=source.currency,
        ProviderName=source.provider if source.slug != "vendors" else issuer,
        PublisherName=source.provider if source.slug != "vendors" else issuer,
        SubAccountType=_SUB_ACCOUNT_TYPES[source.slug],
        x_TcoCategory=_category(source, charge, row),
    )
    line["SubAccountId"], line["SubAccountName"] = _sub_account(company, source, charge, row)
    line["Tags"] = _tags(charge, row)
    return line


_SUB_ACCOUNT_TYPES = {
    "aws": "Linked Account",
    "azure-us": "Subscription",
    "azure-eu": "Subscription",
    "gcp": "Project",
    "openai": "Project",
    "anthropic": "Workspace",
    "labour": "Team",
    "vendors": "Cost centre",
}


def _invoice(company: Company, source: Source, month: date, issuer: str) -> str:
    """Give the invoice of a month; model providers have not sent the last one yet."""
    if source.slug in {"openai", "anthropic"} and month == company.months[-1]:
        return ""
    suffix = f"-{sum(issuer.encode()) % 900 + 100}" if source.slug == "vendors" else ""
    return f"{source.invoice}-{month:%y%m}{suffix}"


def _sub_account(
    company: Company, source: Source, charge: Charge, row: Initiative | None
) -> tuple[str, str]:
    if row is None:
        name = _SHARED_ACCOUNTS[charge.month.month % len(_SHARED_ACCOUNTS)]
        return account_id(source.slug, 1 + _SHARED_ACCOUNTS.index(name)), name
    own = company.accounts_by_key.get(row.key)
    if own is not None and source.slug == row.source:
        return own, f"ai-{row.key.removeprefix('AI-')}"
    division, _, department = row.unit_code.partition("-")
    if source.slug in {"openai", "anthropic"}:
        return f"proj_{row.unit_code.lower()}", row.unit_code
    if source.slug in CENT_SOURCES:
        return row.unit_code, row.unit_code
    number = 20 + sum(row.unit_code.encode()) % 60
    return account_id(source.slug, number), f"{division}-{department}".lower()


def _tags(charge: Charge, row: Initiative | None) -> str:
    if row is None or charge.how in {"none", "account"}:
        return '{"environment": "shared"}' if row is None else '{"environment": "prod"}'
    key = row.key
    if charge.how == "wrong":
        key = WRONG_KEY.format(int(row.key.removeprefix("AI-")) % 1000)
    stage = stage_in(row, charge.month)
    environment = "prod" if stage in {"production", "scaling"} else "test"
    return json.dumps({TAG: key, "environment": environment, "cost-centre": row.unit_code})


def _category(source: Source, charge: Charge, row: Initiative | None) -> str:
    if source.slug == "labour":
        return "people"
    if row is not None and source.slug == "vendors":
        return "licences"
    if row is not None and stage_in(row, charge.month) in {"assessment", "pilot"}:
        return "build"
    return "run"


def _fill_sku(
    line: dict[str, str],
    source: Source,
    sku: Sku,
    charge: Charge,
    row: Initiative | None,
    amount: Decimal,
) -> None:
    price = Decimal(sku.price)
    quantity = (amount / price).quantize(Decimal("1E-6"))
    listed = (amount * _LIST_MARKUP).quantize(amount) if source.slug in _DISCOUNTED else amount
    list_price = price * _LIST_MARKUP if source.slug in _DISCOUNTED else price
    model = _model(source, sku, charge, row)
    owner = row.key.lower() if row else "shared"
    sku_id = _sku_id(source, sku)
    line.update(
        BilledCost=f"{amount:f}",
        EffectiveCost=f"{amount:f}",
        ContractedCost=f"{amount:f}",
        ListCost=f"{listed:f}",
        ChargeCategory="Usage",
        ChargeFrequency="Recurring" if source.slug == "vendors" else "Usage-Based",
        ChargeDescription=f"{sku.service}, {model + ', ' if model else ''}{sku.meter}",
        ConsumedQuantity=f"{quantity:f}",
        ConsumedUnit=sku.unit,
        PricingQuantity=f"{quantity:f}",
        PricingUnit=sku.unit,
        PricingCategory="Standard",
        ContractedUnitPrice=sku.price,
        ListUnitPrice=f"{list_price:f}",
        PricingCurrencyContractedUnitPrice=sku.price,
        PricingCurrencyEffectiveCost=f"{amount:f}",
        PricingCurrencyListUnitPrice=f"{list_price:f}",
        ServiceCategory=sku.category,
        ServiceName=sku.service if source.slug != "vendors" else _product(sku, row),
        ServiceSubcategory=sku.subcategory,
        SkuId=sku_id,
        SkuMeter=sku.meter,
        SkuPriceId=f"{sku_id}.P1",
        SkuPriceDetails=json.dumps({"x_ModelId": model}) if model else "",
    )
    regions = source.regions
    region = regions[sum(owner.encode()) % len(regions)]
    line["RegionId"], line["RegionName"] = region
    if source.slug in _DISCOUNTED:
        name = f"{owner}-{sku.service.split()[-1].lower()}-{sku_id[-3:].lower()}"
        line["ResourceId"] = f"urn:{source.slug}:{region[0]}:{line['SubAccountId']}:{name}"
        line["ResourceName"] = name
        line["ResourceType"] = sku.subcategory


_DISCOUNTED = frozenset({"aws", "azure-us", "azure-eu", "gcp"})


def _product(sku: Sku, row: Initiative | None) -> str:
    return f"{row.vendor}: {sku.service.lower()}" if row else sku.service


def _model(source: Source, sku: Sku, charge: Charge, row: Initiative | None) -> str:
    """Give the model an initiative used in a month: the newest when it chose, kept for a year."""
    if row is None or source.slug not in MODELS or sku.kind != "gen":
        return ""
    behind = draw(0, "generation", row.key).randint(0, 7)
    chosen_in = f"{add_months(charge.month, -behind):%Y-%m}"
    return [name for since, name in MODELS[source.slug] if since <= chosen_in][-1]


def _single(
    company: Company, source: Source, charge: Charge, row: Initiative | None
) -> dict[str, str]:
    """Give the one line of a tax, a credit, a correction or a commitment."""
    line = _base(company, source, charge, row)
    amount = f"{charge.amount:f}"
    line.update(BilledCost=amount, EffectiveCost=amount, ContractedCost=amount, ListCost=amount,
                PricingCurrencyEffectiveCost=amount)  # fmt: skip
    line["ServiceName"] = next(sku.service for sku in source.skus)
    line["ServiceCategory"] = source.skus[0].category
    line["ServiceSubcategory"] = source.skus[0].subcategory
    line["ChargeFrequency"] = "One-Time"
    if charge.kind == "tax":
        line.update(ChargeCategory="Tax", ChargeDescription="Sales tax, not recoverable")
    elif charge.kind == "credit":
        line.update(ChargeCategory="Credit", ChargeDescription="Programme credit")
    elif charge.kind == "purchase":
        line.update(_COMMITMENT, EffectiveCost="0", PricingCurrencyEffectiveCost="0",
                    ChargeCategory="Purchase", ChargeFrequency="Recurring",
                    ServiceCategory="Compute", ServiceName=_COMPUTE,
                    ServiceSubcategory="Virtual Machines",
                    ChargeDescription="Compute savings plan, one year, no upfront")  # fmt: skip
    else:
        before = add_months(charge.month, -1)
        line.update(
            ChargeCategory="Usage",
            ChargeClass="Correction",
            ChargeDescription="Correction of the month before",
            ChargePeriodStart=_moment(before),
            ChargePeriodEnd=_moment(charge.month),
        )
    return line


_COMPUTE = "Amazon Elastic Compute Cloud"
_COMMITMENT = {
    "CommitmentDiscountCategory": "Spend",
    "CommitmentDiscountId": "sp-2026-meridian-01",
    "CommitmentDiscountName": "Compute savings plan",
    "CommitmentDiscountType": "Savings Plan",
    "CommitmentDiscountUnit": "USD",
}


def _covered(
    company: Company,
    source: Source,
    month: date,
    charges: Sequence[Charge],
    rows: dict[str, Initiative],
) -> Iterator[dict[str, str]]:
    """Give the usage that a savings plan paid for: billed nothing, effective its share of it."""
    bought = next((charge for charge in charges if charge.kind == "purchase"), None)
    if bought is None:
        return
    tagged = sorted(
        (charge for charge in charges if charge.how == "tag" and charge.kind == "usage"),
        key=lambda charge: (-charge.amount, charge.key or ""),
    )[:8]
    parts = split(bought.amount, [float(charge.amount) for charge in tagged] + [0.0])
    unused = (bought.amount * Decimal("0.06")).quantize(Decimal("1E-10"))
    parts[0] -= unused
    parts[-1] += unused
    for charge, effective in zip([*tagged, bought], parts, strict=True):
        row = rows.get(charge.key) if charge.key else None
        line = _base(company, source, charge, row)
        line.update(_COMMITMENT, BilledCost="0", ContractedCost=f"{effective:f}",
                    EffectiveCost=f"{effective:f}", ListCost=f"{effective:f}",
                    PricingCurrencyEffectiveCost=f"{effective:f}", PricingCategory="Committed",
                    CommitmentDiscountStatus="Used" if row else "Unused", ChargeCategory="Usage",
                    ChargeFrequency="Usage-Based", ServiceCategory="Compute", ServiceName=_COMPUTE,
                    ServiceSubcategory="Virtual Machines",
                    CommitmentDiscountQuantity=f"{effective:f}",
                    ChargeDescription="Covered by the compute savings plan" if row
                    else "Savings plan, not used")  # fmt: skip
        yield line


@cache
def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


@cache
def _sku_id(source: Source, sku: Sku) -> str:
    slug = f"{sku.service}-{sku.meter}"
    code = sum(ord(letter) * (place + 7) for place, letter in enumerate(slug)) % 0xFFFFF
    return f"SKU-{source.invoice}-{code:05X}"
