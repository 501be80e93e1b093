"""
Bills made to the documented shape of FOCUS, clean or with the traps of real ones.

A line is a mapping of FOCUS 1.4 names to the text a file carries; ``None`` is an empty cell.
The writers turn lines into the bytes of a file of any version and dialect.
"""

import csv
import gzip
import io
import random
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from governance_app.spend.focus.columns import COLUMNS

Line = dict[str, str | None]

BASE: Line = {
    "BilledCost": "1.00",
    "EffectiveCost": "1.00",
    "ContractedCost": "1.00",
    "ListCost": "1.25",
    "BillingAccountId": "000123456789",
    "BillingAccountName": "Meridian payer",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-10-01T00:00:00Z",
    "BillingPeriodEnd": "2026-11-01T00:00:00Z",
    "ChargePeriodStart": "2026-10-07T00:00:00Z",
    "ChargePeriodEnd": "2026-10-08T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargeDescription": "Model inference",
    "ChargeFrequency": "Usage-Based",
    "ConsumedQuantity": "10",
    "ConsumedUnit": "Hours",
    "PricingQuantity": "10",
    "PricingUnit": "Hours",
    "PricingCategory": "Standard",
    "ListUnitPrice": "0.125",
    "ContractedUnitPrice": "0.1",
    "InvoiceIssuerName": "Cloudworks",
    "InvoiceId": "INV-7",
    "ProviderName": "Cloudworks",
    "PublisherName": "Cloudworks",
    "ServiceProviderName": "Cloudworks",
    "HostProviderName": "Cloudworks",
    "ServiceCategory": "AI and Machine Learning",
    "ServiceName": "Inference",
    "ServiceSubcategory": "Generative AI",
    "SubAccountId": "000000000042",
    "SubAccountName": "models-prod",
    "RegionId": "eu-west-1",
    "RegionName": "Ireland",
    "ResourceId": "endpoint/alpha",
    "ResourceName": "alpha",
    "ResourceType": "Endpoint",
    "SkuId": "SKU-1",
    "SkuPriceId": "SKU-1.ONDEMAND",
    "Tags": '{"ai-initiative":"AI-1"}',
}


def line(**values: str | None) -> Line:
    """Give a line that differs from an ordinary one in the named columns."""
    return {**BASE, **values}


def columns_of(version: str) -> list[str]:
    """Give the columns a file of a FOCUS version has."""
    return [
        column.name
        for column in COLUMNS
        if column.since <= version and (not column.until or version < column.until)
    ]


def as_csv(
    lines: Iterable[Mapping[str, str | None]],
    *,
    version: str = "1.2",
    columns: Sequence[str] | None = None,
    extra: Sequence[str] = (),
    delimiter: str = ",",
    null: str = "",
    bom: bool = False,
    quote_all: bool = False,
    newline: str = "\r\n",
) -> bytes:
    """Write lines as a CSV file of a version, with ``extra`` columns and ``null`` for nothing."""
    header = [*(columns or columns_of(version)), *extra]
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=delimiter,
        quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL,
        lineterminator=newline,
    )
    writer.writerow(header)
    for one in lines:
        writer.writerow([null if one.get(name) is None else one[name] for name in header])
    return (b"\xef\xbb\xbf" if bom else b"") + out.getvalue().encode()


def as_gzip(content: bytes) -> bytes:
    """Pack bytes as gzip, the same bytes each time."""
    return gzip.compress(content, mtime=0)


def as_parquet(
    lines: Iterable[Mapping[str, Any]],
    *,
    version: str = "1.2",
    types: Mapping[str, pa.DataType] | None = None,
    compression: str = "snappy",
) -> bytes:
    """Write lines as a Parquet file; columns not named in ``types`` are text."""
    rows = list(lines)
    types = types or {}
    names = columns_of(version)
    arrays = [
        pa.array([row.get(name) for row in rows], types.get(name, pa.string())) for name in names
    ]
    out = io.BytesIO()
    pq.write_table(pa.table(arrays, names=names), out, compression=compression)
    return out.getvalue()


def messy_lines(count: int, *, seed: int, month: int = 10) -> list[Line]:
    """
    Invent lines with the traps of real bills, the same for a seed: eleven to eighteen decimals,
    credits, taxes, corrections of an earlier month, two currencies and accounts, leading zeros,
    quotes and line breaks inside text, tags in three shapes, nulls written out.
    """
    dice = random.Random(seed)
    made = []
    for number in range(count):
        kind = dice.choices(["Usage", "Purchase", "Tax", "Credit", "Adjustment"], [80, 5, 5, 5, 5])[
            0
        ]
        places = dice.choice([0, 2, 6, 11, 15, 18])
        amount = Decimal(dice.randrange(-5 if kind in ("Credit", "Adjustment") else 0, 900))
        amount += Decimal(dice.randrange(10**places)).scaleb(-places)
        day = dice.randrange(1, 29)
        charged = month - 1 if kind == "Adjustment" else month
        initiative = dice.choice(["AI-1", "ai-2 ", "AI-999", None])
        tags = {
            None: dice.choice([None, "{}", "NULL"]),
        }.get(initiative, f'{{"ai-initiative": "{initiative}", "env": "pröd"}}')
        if initiative == "AI-1" and dice.random() < 0.3:
            tags = '"ai-initiative": "AI-1","env": "prod"'
        made.append(
            line(
                BilledCost=f"{amount:f}",
                EffectiveCost=f"{amount / 2:f}",
                ListCost=dice.choice([f"{amount:f}", f"{amount:.20f}"]),
                BillingAccountId=dice.choice(["000123456789", "000000000001"]),
                BillingCurrency="EUR" if number % 7 == 0 else "USD",
                BillingPeriodStart=dice.choice(
                    [f"2026-{month:02}-01T00:00:00Z", f"2026-{month:02}-01 00:00:00",
                     f"{month}/1/26", f"2026-{month:02}-01T00:00:00.000+00:00"]
                ),
                ChargePeriodStart=f"2026-{charged:02}-{day:02}T00:00:00Z",
                ChargePeriodEnd=f"2026-{charged:02}-{day:02}T01:00:00Z",
                ChargeCategory=kind,
                ChargeClass="Correction" if kind == "Adjustment" else None,
                ChargeDescription='=cmd|"/c calc"!A1, "quoted"\nnext line',
                ServiceName=dice.choice(["Inference", "Storage, \"cold\"", "Vektor-Suche"]),
                ResourceId=f"res/{dice.randrange(40):05}",
                InvoiceId=dice.choice(["0001", None]),
                Tags=tags,
                x_Team="läb",
            )
        )  # fmt: skip
    return made


def billed(lines: Iterable[Mapping[str, str | None]]) -> dict[str, Decimal]:
    """Sum what lines bill, by currency, with plain decimals."""
    sums: dict[str, Decimal] = {}
    for one in lines:
        currency = one["BillingCurrency"] or ""
        sums[currency] = sums.get(currency, Decimal(0)) + Decimal(one["BilledCost"] or "0")
    return sums
