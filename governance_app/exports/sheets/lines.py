from collections.abc import Iterator

import polars as pl

from governance_app.exports.columns import DTYPES, Column, Kind
from governance_app.exports.sheets.base import CODING, Sheet
from governance_app.people.models import User
from governance_app.spend import selectors as spend
from governance_app.spend.selectors import SpendFilter

#: Column of the sheet -> column of the archive.
_FROM_ARCHIVE = {
    "billing_from": "BillingPeriodStart",
    "charge_from": "ChargePeriodStart",
    "charge_to": "ChargePeriodEnd",
    "issuer": "InvoiceIssuerName",
    "invoice": "InvoiceId",
    "provider": "ServiceProviderName",
    "billing_account": "BillingAccountId",
    "account": "SubAccountId",
    "account_name": "SubAccountName",
    "category": "ServiceCategory",
    "service": "ServiceName",
    "charge": "ChargeCategory",
    "correction": "ChargeClass",
    "commitment": "CommitmentDiscountId",
    "commitment_status": "CommitmentDiscountStatus",
    "pricing": "PricingCategory",
    "description": "ChargeDescription",
    "sku": "SkuId",
    "region": "RegionId",
    "resource": "ResourceId",
    "resource_name": "ResourceName",
    "model": "x_ModelId",
    "token_direction": "x_TokenDirection",
    "token_cache": "x_TokenCacheAction",
    "tags": "Tags",
    "consumed": "ConsumedQuantity",
    "consumed_unit": "ConsumedUnit",
    "currency": "BillingCurrency",
    "billed": "BilledCost",
    "effective": "EffectiveCost",
    "contracted": "ContractedCost",
    "list": "ListCost",
}


class Lines(Sheet):
    """Every bill line with the initiative that bears it; a shared line once for each."""

    name = "lines"
    title = "Bill lines"
    columns = (
        Column("source", "Source", width=20),
        Column("billing_from", "Billing period from", Kind.MOMENT, 18),
        Column("charge_from", "Charge period from", Kind.MOMENT, 18),
        Column("charge_to", "Charge period to", Kind.MOMENT, 18),
        Column("issuer", "Invoice issuer", width=20),
        Column("invoice", "Invoice", width=18),
        Column("provider", "Provider", width=16),
        Column("billing_account", "Billing account", width=18),
        Column("account", "Account", width=18),
        Column("account_name", "Account name", width=20),
        Column("category", "Service category", width=20),
        Column("service", "Service", width=24),
        Column("charge", "Charge category", width=12),
        Column("correction", "Charge class", width=12),
        Column("commitment", "Commitment", width=20),
        Column("commitment_status", "Commitment used or unused", width=12),
        Column("pricing", "Pricing category", width=12),
        Column("description", "Description", width=40),
        Column("sku", "SKU", width=14),
        Column("region", "Region", width=14),
        Column("resource", "Resource", width=30),
        Column("resource_name", "Resource name", width=20),
        Column("model", "Model", width=16),
        Column("token_direction", "Token direction", width=10),
        Column("token_cache", "Token cache", width=10),
        Column("tags", "Tags", width=30),
        Column("initiative", "Initiative", width=12),
        Column("name", "Initiative name", width=30),
        Column("unit", "Unit", width=20),
        Column("rule", "Rule", width=20),
        Column("rule_version", "Rule version", Kind.COUNT, 8),
        Column("share", "Share", Kind.QUANTITY, 10),
        Column("consumed", "Consumed quantity", Kind.QUANTITY, 16),
        Column("consumed_unit", "Consumed unit", width=12),
        *CODING,
        Column("currency", "Currency", width=9),
        Column("billed", "Billed cost", Kind.MONEY, 16),
        Column("effective", "Effective cost", Kind.MONEY, 16),
        Column("contracted", "Contracted cost", Kind.MONEY, 16),
        Column("list", "List cost", Kind.MONEY, 16),
    )

    def frames(self, *, viewer: User, chosen: SpendFilter) -> Iterator[pl.DataFrame]:
        archived = {theirs: ours for ours, theirs in _FROM_ARCHIVE.items()}
        dtypes = {column.name: DTYPES[column.kind] for column in self.columns}
        names = [column.name for column in self.columns]
        for load in spend.line_frames(viewer=viewer, chosen=chosen, columns=tuple(archived)):
            source = pl.lit(load.source).alias("source")
            for frame in load.frames:
                named = frame.rename(archived).with_columns(source)
                wrong = [name for name in names if named.schema[name] != dtypes[name]]
                yield named.with_columns(pl.col(n).cast(dtypes[n]) for n in wrong).select(names)
