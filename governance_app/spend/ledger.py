"""
Key-months into the ledger, set by set.

A delivery is staged in temporary tables while it is read; what is accepted replaces the
key-months of the loads it supersedes. Called by services, inside their transaction.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from django.db import transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import UniqueViolation

from governance_app.domain.money import EXACT
from governance_app.spend.copying import Field, encoded
from governance_app.spend.focus.columns import KEY_COLUMNS
from governance_app.spend.focus.keymonths import Partial
from governance_app.spend.spilling import SpilledParts

#: Canonical column -> column of spend_spendkey, in digest order; tags are JSON and stand apart.
KEY_FIELDS = {
    "ServiceProviderName": "provider",
    "InvoiceIssuerName": "issuer",
    "BillingAccountId": "billing_account",
    "BillingAccountName": "billing_account_name",
    "SubAccountId": "account",
    "SubAccountName": "account_name",
    "ServiceCategory": "service_category",
    "ServiceSubcategory": "service_subcategory",
    "ServiceName": "service",
    "ResourceId": "resource",
    "ResourceName": "resource_name",
    "ResourceType": "resource_type",
    "RegionId": "region",
    "ChargeCategory": "charge_category",
    "ChargeClass": "charge_class",
    "PricingCategory": "pricing_category",
    "CommitmentDiscountId": "commitment",
    "CommitmentDiscountStatus": "commitment_status",
    "ConsumedUnit": "consumed_unit",
    "PricingUnit": "pricing_unit",
    "x_ModelDeveloper": "model_developer",
    "x_ModelId": "model",
    "x_TokenDirection": "token_direction",
    "x_TokenCacheAction": "token_cache",
    "x_PrincipalId": "principal",
    "x_CredentialId": "credential",
    "Tags": "tags",
}
TEXT_FIELDS = tuple(name for name in KEY_FIELDS.values() if name != "tags")

_AMOUNTS = ("billed", "effective", "contracted", "list", "consumed", "priced")
_STATED = ", ".join(f"nullif(m.{name}, 'NaN')" for name in _AMOUNTS)
#: What tells staged key-months apart.
_CELL = ("key_id", "scope", "invoice", "billing_month", "charge_month", "BillingCurrency")
_MONTH_FIELDS = (
    Field("key_id", "id"),
    Field("scope", "int4"),
    Field("invoice", "int4"),
    Field("billing_month", "date"),
    Field("charge_month", "date"),
    Field("BillingCurrency", "code"),
    Field("BilledCost", "numeric"),
    Field("EffectiveCost", "numeric"),
    Field("ContractedCost", "numeric"),
    Field("ListCost", "numeric"),
    Field("ConsumedQuantity", "numeric"),
    Field("PricingQuantity", "numeric"),
    Field("lines", "int8"),
)

_STAGE = f"""
DROP TABLE IF EXISTS pg_temp.stage_key, pg_temp.stage_month, pg_temp.stage_text,
    pg_temp.stage_load, pg_temp.new_key, pg_temp.stage_id;
CREATE TEMP TABLE stage_key (
    key_id uuid NOT NULL, {", ".join(f"{name} text NOT NULL" for name in TEXT_FIELDS)}, tags text
) ON COMMIT DROP;
CREATE TEMP TABLE stage_month (
    key_id uuid NOT NULL, scope int NOT NULL, invoice int NOT NULL, billing_month date NOT NULL,
    charge_month date NOT NULL, currency varchar(3) NOT NULL, billed numeric, effective numeric,
    contracted numeric, list numeric, consumed numeric, priced numeric, lines bigint
) ON COMMIT DROP;
CREATE TEMP TABLE stage_text (code int PRIMARY KEY, text text NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE stage_load (
    scope int NOT NULL, billing_month date NOT NULL, load_id uuid NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE new_key (key_id uuid NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE stage_id (key_id uuid NOT NULL) ON COMMIT DROP;
"""

#: Keys written out at a time.
KEYS_PER_BLOCK = 25_000
_KEY_COLUMNS = ", ".join((*TEXT_FIELDS, "tags"))


def in_part(scope: str, part: str) -> str:
    """
    Give the scope of one of several deliveries that add up.

    >>> in_part("000123456789", "1f2e"), in_part("000123456789", "")
    ('000123456789 +1f2e', '000123456789')
    """
    return f"{scope} +{part}" if part else scope


class KeysDiffer(RuntimeError):
    """Two different keys have one digest: the load must not be applied."""


@dataclass
class Totals:
    """What the lines of one scope, billing month and currency sum to, as they were read."""

    billed: Decimal = Decimal(0)
    effective: Decimal = Decimal(0)
    lines: int = 0

    def add(self, row: dict[str, Any]) -> None:
        """Add a row of sums."""
        self.billed = EXACT.add(self.billed, row["BilledCost"])
        self.effective = EXACT.add(self.effective, row["EffectiveCost"])
        self.lines += row["lines"]


@dataclass(frozen=True, slots=True)
class Held:
    """What the ledger holds of one load in one currency; None = no line knows that cost."""

    billed: Decimal
    effective: Decimal
    contracted: Decimal | None
    list: Decimal | None
    lines: int


@dataclass
class Staging:
    """
    A delivery on its way in: what has been staged, and what it sums to.

    ``scope``: the one scope of the whole delivery, or "" when each billing account is one.
    ``part``: names the delivery among those that add up. ``accounts``: the billing accounts of
    its lines; ``invoices``: the numbers on them. ``totals``: (scope, billing month) -> currency
    -> sums. ``folder``: where the parts of a long bill wait until all of it was read.
    """

    cursor: CursorWrapper
    folder: Path
    scope: str = ""
    part: str = ""
    accounts: set[str] = field(default_factory=set)
    invoices: set[str] = field(default_factory=set)
    totals: dict[tuple[str, date], dict[str, Totals]] = field(default_factory=dict)
    _codes: dict[str, int] = field(default_factory=dict)
    _scopes: list[pl.DataFrame] = field(default_factory=list)
    #: Keys wait for the end, because most of them can go straight in.
    _waiting: list[pl.DataFrame] = field(default_factory=list)
    _spilled: SpilledParts | None = None
    _keys: int = 0

    def open(self) -> None:
        """Make the temporary tables."""
        self.cursor.execute(_STAGE)

    def add(self, partial: Partial) -> None:
        """Stage some key-months and their keys, and add them to the totals."""
        self._keys += partial.keys.height
        months = partial.months
        self.accounts.update(partial.keys["BillingAccountId"].unique().to_list())
        if self.scope:
            months = months.with_columns(pl.lit(in_part(self.scope, self.part)).alias("scope"))
        else:
            named = {account: in_part(account, self.part) for account in self.accounts}
            self._scopes.append(
                partial.keys.select(
                    "key_id",
                    pl.col("BillingAccountId").replace(named).cast(pl.Categorical).alias("scope"),
                )
            )
            if len(named) == 1:
                (only,) = named.values()
                months = months.with_columns(pl.lit(only).alias("scope"))
            else:  # an inner join looks each key up among those of the part, which are few
                months = months.join(pl.concat(self._scopes), on="key_id", how="inner")
                months = months.with_columns(pl.col("scope").cast(pl.String))
                if months.height != partial.months.height:
                    raise RuntimeError("A key-month came before its key.")
        sums = months.group_by("scope", "billing_month", "BillingCurrency").agg(
            pl.col("BilledCost", "EffectiveCost", "lines").sum()
        )
        for row in sums.iter_rows(named=True):
            of_month = self.totals.setdefault((row["scope"], row["billing_month"]), {})
            of_month.setdefault(row["BillingCurrency"], Totals()).add(row)
        self.invoices.update(months["InvoiceId"].unique().to_list())
        coded = months.with_columns(
            self._coded(months["scope"]).alias("scope"),
            self._coded(months["InvoiceId"]).alias("invoice"),
        )
        if partial.is_whole:
            self._waiting.append(partial.keys)
            self._stage_months(coded.sort("key_id"))
        else:
            if self._spilled is None:
                self._spilled = SpilledParts(self.folder)
            self._spilled.add(partial.keys, coded.drop("InvoiceId"))

    def accept(self, loads: Iterable[tuple[str, date, uuid.UUID]]) -> None:
        """Say which scopes and months become which loads; the rest of the stage is left out."""
        if self._spilled is not None:
            for months in self._spilled.take_months(by=_CELL):
                self._stage_months(months)
        self.cursor.executemany(
            "INSERT INTO stage_text VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [(code, text) for text, code in self._codes.items()],
        )
        self.cursor.executemany(
            "INSERT INTO stage_load VALUES (%s, %s, %s)",
            [
                (self._codes[scope], month, load)
                for scope, month, load in loads
                if scope in self._codes
            ],
        )
        self.cursor.execute(
            "ANALYZE stage_month (key_id, scope, invoice, billing_month, charge_month, currency);"
            " ANALYZE stage_key (key_id); ANALYZE stage_load"
        )

    def add_new_keys(self) -> int:
        """
        Add the keys the ledger does not have yet; ``new_key`` lists them.

        Raises:
            KeysDiffer: a known key has the digest of a different one.
        """
        self.cursor.execute("TRUNCATE new_key")
        count = sum(self._put_in(keys) for keys in self._keys_in_order())
        if count != self._keys:
            self._verify_known()
        return count

    def _keys_in_order(self) -> Iterator[pl.DataFrame]:
        """Give the keys that wait, in the order of their ids, so that no loads meet crosswise."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            yield pl.concat(waiting)
        if self._spilled is not None:
            yield from self._spilled.take_keys()

    def _put_in(self, keys: pl.DataFrame) -> int:
        """
        Copy those keys straight in that are new, and stage those that are known.

        When another transaction added some of them meanwhile, all are staged and merged instead.
        """
        try:
            with transaction.atomic():
                new = self._new_of(keys)
                self._copy_keys(
                    new.with_columns(pl.col("Tags").fill_null("{}")),
                    into=f"spend_spendkey (id, {_KEY_COLUMNS})",
                )
        except UniqueViolation:
            self._stage_keys(keys)
            return self._add_staged()
        if new.height < keys.height:
            known = keys.join(new, on="key_id", how="anti", maintain_order="left")
            self._stage_keys(known if new.height else keys)
        return new.height

    def _new_of(self, keys: pl.DataFrame) -> pl.DataFrame:
        """Give the keys, in order, that the ledger does not have, and note them as new."""
        self.cursor.execute("TRUNCATE stage_id")
        with self.cursor.copy("COPY stage_id FROM STDIN (FORMAT binary)") as copy:
            for block in encoded(keys, (Field("key_id", "id"),)):
                copy.write(block)
        self.cursor.execute("ANALYZE stage_id")
        # Only what lies between the first and the last of them is looked at.
        self.cursor.execute(
            "INSERT INTO new_key SELECT s.key_id FROM stage_id s WHERE NOT EXISTS"
            " (SELECT FROM spend_spendkey k WHERE k.id = s.key_id AND k.id BETWEEN %s AND %s)",
            [uuid.UUID(bytes=keys["key_id"][place]) for place in (0, -1)],
        )
        count = self.cursor.rowcount
        if count in (0, keys.height):
            return keys if count else keys.clear()
        self.cursor.execute("SELECT key_id FROM new_key JOIN stage_id USING (key_id)")
        ids = pl.Series([row[0].bytes for row in self.cursor.fetchall()], dtype=pl.Binary)
        return keys.filter(pl.col("key_id").is_in(ids.implode()))

    def _add_staged(self) -> int:
        # In order of id, so that two loads never wait for each other in a circle.
        staged = ", ".join((*TEXT_FIELDS, "coalesce(tags, '{}')::jsonb"))
        self.cursor.execute(
            f"WITH added AS (INSERT INTO spend_spendkey (id, {_KEY_COLUMNS})"
            f" SELECT key_id, {staged} FROM stage_key ORDER BY key_id"
            " ON CONFLICT (id) DO NOTHING RETURNING id)"
            " INSERT INTO new_key SELECT id FROM added"
        )
        return self.cursor.rowcount

    def _verify_known(self) -> None:
        same = " AND ".join(f"k.{name} = s.{name}" for name in TEXT_FIELDS)
        self.cursor.execute(
            "SELECT count(*) FROM stage_key s LEFT JOIN spend_spendkey k ON k.id = s.key_id"
            " WHERE NOT EXISTS (SELECT FROM new_key n WHERE n.key_id = s.key_id)"
            f" AND (k.id IS NULL OR NOT ({same} AND k.tags = coalesce(s.tags, '{{}}')::jsonb))"
        )
        if (differing := self.cursor.fetchone()[0]) != 0:
            raise KeysDiffer(f"{differing} staged keys differ from the known key of their digest.")

    def replace(self, *, superseded: Sequence[uuid.UUID], months: Sequence[date]) -> None:
        """Take the key-months of superseded loads out and put the accepted ones in."""
        self.cursor.execute(
            "DELETE FROM spend_spendkeymonth WHERE billing_month = ANY(%s) AND load_id = ANY(%s)",
            [list(months), list(superseded)],
        )
        self.cursor.execute(
            f"INSERT INTO spend_spendkeymonth (load_id, key_id, invoice, billing_month,"
            f" charge_month, currency, {', '.join(_AMOUNTS)}, lines)"
            f" SELECT l.load_id, m.key_id, i.text, m.billing_month, m.charge_month, m.currency,"
            f" {_STATED}, m.lines FROM stage_month m JOIN stage_load l USING (scope, billing_month)"
            " JOIN stage_text i ON i.code = m.invoice"
        )

    def park(self, loads: Sequence[uuid.UUID]) -> None:
        """Keep the key-months of accepted loads beside the ledger, for an adjustment to read."""
        self.cursor.execute(
            f"INSERT INTO spend_parkedkeymonth (load_id, key_id, invoice, charge_month, currency,"
            f" {', '.join(_AMOUNTS)}, lines)"
            f" SELECT l.load_id, m.key_id, i.text, m.charge_month, m.currency, {_STATED}, m.lines"
            " FROM stage_month m JOIN stage_load l USING (scope, billing_month)"
            " JOIN stage_text i ON i.code = m.invoice WHERE l.load_id = ANY(%s)",
            [list(loads)],
        )

    def held(self) -> dict[uuid.UUID, dict[str, Held]]:
        """Give what the ledger now holds of the accepted loads: load -> currency -> sums."""
        self.cursor.execute(
            "SELECT load_id, currency, sum(billed), sum(effective), sum(contracted), sum(list),"
            " sum(lines) FROM spend_spendkeymonth"
            " WHERE load_id IN (SELECT load_id FROM stage_load)"
            " AND billing_month IN (SELECT billing_month FROM stage_load) GROUP BY 1, 2"
        )
        found: dict[uuid.UUID, dict[str, Held]] = {}
        for load, currency, billed, effective, contracted, listed, lines in self.cursor.fetchall():
            found.setdefault(load, {})[currency] = Held(
                billed, effective, contracted, listed, int(lines)
            )
        return found

    def _stage_months(self, months: pl.DataFrame) -> None:
        with self.cursor.copy("COPY stage_month FROM STDIN (FORMAT binary)") as copy:
            for block in encoded(months, _MONTH_FIELDS):
                copy.write(block)

    def _stage_keys(self, keys: pl.DataFrame) -> None:
        self._copy_keys(keys, into="stage_key")

    def _copy_keys(self, keys: pl.DataFrame, *, into: str) -> None:
        """COPY keys as they come: in the order of their ids, so that no loads meet crosswise."""
        if not keys.height:
            return
        with self.cursor.copy(f"COPY {into} FROM STDIN (FORMAT csv)") as copy:
            for some in keys.iter_slices(KEYS_PER_BLOCK):
                text = some.select(
                    pl.col("key_id").bin.encode("hex"),
                    *(pl.col(column).fill_null("") for column in KEY_COLUMNS if column != "Tags"),
                    "Tags",
                ).write_csv(include_header=False, quote_style="non_numeric", null_value="")
                copy.write(text.encode())

    def _coded(self, texts: pl.Series) -> pl.Series:
        """Give each distinct text a number: fixed width for COPY, looked up once by the insert."""
        for text in texts.unique().to_list():
            self._codes.setdefault(text, len(self._codes))
        return texts.replace_strict(
            pl.Series(list(self._codes), dtype=pl.String),
            pl.Series(list(self._codes.values()), dtype=pl.Int32),
            return_dtype=pl.Int32,
        )


def announce(cursor: CursorWrapper, query: str, parameters: Sequence[Any] = ()) -> None:
    """
    Queue initiatives whose spend changed for whoever builds figures from it.

    Key-months and shares are not captured row by row, so the capture trigger cannot say it.
    ``query`` gives initiative ids.
    """
    cursor.execute(
        "INSERT INTO audit_change (tbl, row, initiative)"
        f" SELECT DISTINCT 'spend_keyshare', NULL::uuid, touched.id FROM ({query}) AS touched(id)",
        list(parameters),
    )
