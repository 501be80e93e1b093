"""
Bills of any size for measuring: FOCUS 1.2 lines with the traps of real ones.

Eleven to eighteen decimals, credits and taxes, corrections of the month before, two currencies,
account ids with leading zeros, tags as JSON, quotes and commas inside text, empty columns, and
columns of the vendor's own. The same arguments give the same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from governance_app.domain.periods import add_months

#: Lines made at a time, so that a bill of any size needs the same memory.
CHUNK = 100_000
ROW_GROUP = 100_000
ACCOUNTS, SERVICES, SKUS, APPS, INITIATIVES = 200, 120, 4_000, 3_000, 2_000

#: The columns of FOCUS 1.2, in the order AWS delivers them, and two of the vendor's own.
COLUMNS = (
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
    "SubAccountType", "Tags", "x_Discounts", "x_Operation",
)  # fmt: skip
DECIMALS = (
    "BilledCost", "CommitmentDiscountQuantity", "ConsumedQuantity", "ContractedCost",
    "ContractedUnitPrice", "EffectiveCost", "ListCost", "ListUnitPrice",
    "PricingCurrencyContractedUnitPrice", "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice", "PricingQuantity",
)  # fmt: skip
MOMENTS = ("BillingPeriodEnd", "BillingPeriodStart", "ChargePeriodEnd", "ChargePeriodStart")


@dataclass(frozen=True, slots=True)
class Made:
    """
    What to make: how many lines, over how many of them a key is shared, of which month.

    ``account``: the billing account, which names the scope. ``seed``: another one gives other
    amounts over the same keys.
    """

    lines: int
    lines_per_key: float
    month: date = date(2026, 10, 1)
    account: str = "000123456789"
    seed: int = 1

    @property
    def keys(self) -> int:
        return max(1, int(self.lines / self.lines_per_key))


def write_csv(made: Made, path: Path) -> None:
    """Write the bill as CSV."""
    with path.open("wb") as stream:
        for number, chunk in enumerate(_chunks(made)):
            chunk.write_csv(stream, include_header=number == 0, line_terminator="\n")


def write_parquet(made: Made, path: Path) -> None:
    """Write the bill as snappy Parquet with typed columns, as clouds deliver it."""
    schema = pa.schema(
        (name, pa.decimal128(38, 18))
        if name in DECIMALS
        else (name, pa.timestamp("ms", "UTC") if name in MOMENTS else pa.string())
        for name in COLUMNS
    )
    with pq.ParquetWriter(path, schema, compression="snappy") as writer:
        for chunk in _chunks(made):
            typed = chunk.with_columns(
                pl.col(*DECIMALS).cast(pl.Decimal(38, 18)),
                pl.col(*MOMENTS).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="ms"),
            )
            writer.write_table(typed.to_arrow().cast(schema), row_group_size=ROW_GROUP)


def _chunks(made: Made) -> Iterator[pl.DataFrame]:
    for start in range(0, made.lines, CHUNK):
        yield _chunk(made, start, min(CHUNK, made.lines - start))


def _chunk(made: Made, start: int, count: int) -> pl.DataFrame:
    dice = np.random.default_rng([made.seed, start])
    # Neighbouring lines are of different keys, and every key comes up equally often.
    key = (np.arange(start, start + count, dtype=np.int64) * 7_919) % made.keys
    k = pl.col("k")
    # One key in fifty is no usage: what a line charges for follows from its key.
    kind = (
        pl.when(k % 50 != 7)
        .then(pl.lit("Usage"))
        .otherwise(
            (k // 50 % 4).replace_strict(
                dict(enumerate(("Purchase", "Tax", "Credit", "Adjustment")))
            )
        )
    )
    sign = pl.when(kind == "Credit").then(pl.lit("-")).otherwise(pl.lit(""))
    day = pl.Series("day", dice.integers(0, 28, count))
    hour = pl.Series("hour", dice.integers(0, 23, count))
    first = pl.when(kind == "Adjustment").then(add_months(made.month, -1)).otherwise(made.month)
    begun = (first + pl.duration(days=pl.col("day"), hours=pl.col("hour"))).cast(pl.Datetime("ms"))
    sku = k * 31 % SKUS
    app = k % APPS
    initiative = k // 3 % INITIATIVES
    tags = pl.format(
        '{{"app":"app-{}","env":"{}","team":"team {}","cost, centre":"{}"{}}}',
        app,
        pl.when(k % 3 == 0).then(pl.lit("dev")).otherwise(pl.lit("prod")),
        k % 40,
        (k % 90).cast(pl.String).str.zfill(6),
        pl.when(k % 10 < 7)
        .then(pl.format(',"ai-initiative":"AI-{}"', initiative))
        .otherwise(pl.lit("")),
    )
    service, account = k % SERVICES, (k % ACCOUNTS).cast(pl.String).str.zfill(12)
    billed, effective = _amounts(dice, count, 14), _amounts(dice, count, 11)
    listed, quantity = _amounts(dice, count, 18), _amounts(dice, count, 6)
    currency = pl.when(k % 97 == 0).then(pl.lit("EUR")).otherwise(pl.lit("USD"))
    price = pl.format("0.{}", (k % 9_973).cast(pl.String).str.zfill(10))
    made_of: dict[str, pl.Expr] = {
        "AvailabilityZone": pl.format("region-{}a", k % 20),
        "BilledCost": sign + pl.col("billed"),
        "BillingAccountId": pl.lit(made.account),
        "BillingAccountName": pl.lit("Meridian, payer"),
        "BillingAccountType": pl.lit("Payer Account"),
        "BillingCurrency": currency,
        "BillingPeriodEnd": pl.lit(f"{add_months(made.month, 1):%Y-%m-%dT00:00:00Z}"),
        "BillingPeriodStart": pl.lit(f"{made.month:%Y-%m-%dT00:00:00Z}"),
        "ChargeCategory": kind,
        "ChargeClass": pl.when(kind == "Adjustment").then(pl.lit("Correction")),
        "ChargeDescription": pl.format('$0.{} per "hour" of use, tier {}', sku, k % 4),
        "ChargeFrequency": pl.lit("Usage-Based"),
        "ChargePeriodEnd": (begun + timedelta(hours=1)).dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ChargePeriodStart": begun.dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ConsumedQuantity": pl.col("quantity"),
        "ConsumedUnit": pl.lit("Hours"),
        "ContractedCost": sign + pl.col("effective"),
        "ContractedUnitPrice": price,
        "EffectiveCost": sign + pl.col("effective"),
        "InvoiceId": pl.format("INV-2026-{}", k % 3),
        "InvoiceIssuerName": pl.lit("AWS"),
        "ListCost": sign + pl.col("listed"),
        "ListUnitPrice": price,
        "PricingCategory": pl.when(k % 5 == 0)
        .then(pl.lit("Committed"))
        .otherwise(pl.lit("Standard")),
        "PricingCurrency": currency,
        "PricingCurrencyContractedUnitPrice": price,
        "PricingCurrencyEffectiveCost": sign + pl.col("effective"),
        "PricingCurrencyListUnitPrice": price,
        "PricingQuantity": pl.col("quantity"),
        "PricingUnit": pl.lit("Hours"),
        "ProviderName": pl.lit("AWS"),
        "PublisherName": pl.lit("AWS"),
        "RegionId": pl.format("region-{}", k % 20),
        "RegionName": pl.format("Region {} (North)", k % 20),
        "ResourceId": pl.format("arn:aws:svc:region-{}:{}:resource/{}", k % 20, account, k),
        "ResourceName": pl.format("resource-{}", k),
        "ResourceType": pl.format("Type {}", service % 30),
        "ServiceCategory": pl.lit("AI and Machine Learning"),
        "ServiceName": pl.format("Amazon Service {}", service),
        "ServiceSubcategory": pl.lit("Generative AI"),
        "SkuId": pl.format("SKU-{}", sku),
        "SkuMeter": pl.lit("Compute"),
        "SkuPriceDetails": pl.format(
            '{{"InstanceType":"m{}.large","CoreCount":{}}}', sku % 7, sku % 64
        ),
        "SkuPriceId": pl.format("SPRICE-{}", k * 17 % (2 * SKUS)),
        "SubAccountId": account,
        "SubAccountName": pl.format("account-{}", k % ACCOUNTS),
        "SubAccountType": pl.lit("Linked Account"),
        "Tags": tags,
        "x_Discounts": pl.lit("{}"),
        "x_Operation": pl.format("Run{}", sku % 50),
    }
    frame = pl.DataFrame([pl.Series("k", key), day, hour]).with_columns(
        billed.alias("billed"), effective.alias("effective"), listed.alias("listed"),
        quantity.alias("quantity"),
    )  # fmt: skip
    return frame.select(made_of.get(name, pl.lit(None, pl.String)).alias(name) for name in COLUMNS)


def _amounts(dice: np.random.Generator, count: int, places: int) -> pl.Series:
    """Draw amounts as the text of exact decimals."""
    whole = pl.Series("whole", dice.gamma(0.3, 2.0, count).astype(np.int64))
    digits = pl.Series("digits", dice.integers(0, 10**places, count))
    return pl.select(
        pl.format("{}.{}", whole, digits.cast(pl.String).str.zfill(places)).alias("amount")
    ).to_series()
