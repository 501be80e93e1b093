from collections.abc import Iterator

import polars as pl

from governance_app.exports.columns import DTYPES, Column, Kind
from governance_app.exports.sheets.base import CODING, Sheet
from governance_app.people.models import User
from governance_app.spend import selectors as spend
from governance_app.spend.selectors import SpendFilter


class Ledger(Sheet):
    """The spend ledger itself: each key-month with its initiative, rule and load."""

    name = "ledger"
    title = "Spend ledger"
    columns = (
        Column("billing_month", "Billing month", Kind.MONTH, 10),
        Column("charge_month", "Charge month", Kind.MONTH, 10),
        Column("source", "Source", width=20),
        Column("scope", "Scope", width=20),
        Column("load", "Load version", Kind.COUNT, 8),
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
        Column("region", "Region", width=14),
        Column("resource", "Resource", width=30),
        Column("resource_name", "Resource name", width=20),
        Column("model", "Model", width=16),
        Column("tags", "Tags", width=30),
        Column("initiative", "Initiative", width=12),
        Column("name", "Initiative name", width=30),
        Column("unit", "Unit", width=20),
        Column("rule", "Rule", width=20),
        Column("rule_version", "Rule version", Kind.COUNT, 8),
        *CODING,
        Column("currency", "Currency", width=9),
        Column("billed", "Billed cost", Kind.MONEY, 16),
        Column("effective", "Effective cost", Kind.MONEY, 16),
        Column("contracted", "Contracted cost", Kind.MONEY, 16),
        Column("list", "List cost", Kind.MONEY, 16),
        Column("consumed", "Consumed quantity", Kind.QUANTITY, 16),
        Column("consumed_unit", "Consumed unit", width=12),
        Column("lines", "Bill lines", Kind.COUNT, 9),
    )

    def frames(self, *, viewer: User, chosen: SpendFilter) -> Iterator[pl.DataFrame]:
        schema = {column.name: DTYPES[column.kind] for column in self.columns}
        return spend.ledger_frames(viewer=viewer, chosen=chosen, schema=schema)
