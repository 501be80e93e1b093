"""
Databricks: usage times price from the system tables, through the SQL Statement API.

``system.billing.usage`` holds originals, retractions and restatements; all of them together
are the truth, so they are summed, a day, SKU, workspace and set of tags at a time. Lines come
late and old days are restated: every month of the window is read whole. The price is the
list price of the day, or the account's own where the table of account prices is named.
"""

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from governance_app.connectors.base import (
    Batch,
    Brings,
    Check,
    Errand,
    PermanentError,
    Plugin,
    Setting,
    SettingKind,
    shaped_as_documented,
    tried,
)
from governance_app.connectors.billing import exact, line, month_batch, months_of
from governance_app.connectors.http import Outbound
from governance_app.connectors.statements import Databricks as Statements
from governance_app.domain.periods import add_months

COLUMNS = (
    "SubAccountId", "SkuId", "SkuMeter", "ConsumedQuantity", "ConsumedUnit", "Tags",
    "ListUnitPrice",
)  # fmt: skip
_TABLE = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+){2}\Z")
AI_PRODUCTS = ("MODEL_SERVING", "VECTOR_SEARCH", "FOUNDATION_MODEL_TRAINING", "AI_GATEWAY")

USAGE = """
SELECT u.account_id, u.workspace_id, u.sku_name, u.billing_origin_product AS product,
  CAST(u.usage_date AS STRING) AS day, u.usage_unit AS unit, to_json(u.custom_tags) AS tags,
  p.currency_code AS currency,
  CAST(p.{price} AS STRING) AS price,
  CAST(SUM(u.usage_quantity) AS STRING) AS quantity,
  CAST(SUM(u.usage_quantity * p.{price}) AS STRING) AS amount
FROM system.billing.usage u
JOIN {prices} p ON p.sku_name = u.sku_name AND p.cloud = u.cloud
  AND u.usage_start_time >= p.price_start_time
  AND (p.price_end_time IS NULL OR u.usage_start_time < p.price_end_time)
WHERE u.usage_date >= :since AND u.usage_date < :until
GROUP BY ALL
"""
UNPRICED = """
SELECT u.sku_name, CAST(SUM(u.usage_quantity) AS STRING) AS quantity
FROM system.billing.usage u
LEFT ANTI JOIN {prices} p ON p.sku_name = u.sku_name AND p.cloud = u.cloud
  AND u.usage_start_time >= p.price_start_time
  AND (p.price_end_time IS NULL OR u.usage_start_time < p.price_end_time)
WHERE u.usage_date >= :since AND u.usage_date < :until
GROUP BY u.sku_name HAVING SUM(u.usage_quantity) <> 0
"""


class Databricks(Plugin):
    """Reads whole months; usage without a price is refused by name, not left out."""

    name = "databricks"
    title = "Databricks billing"
    summary = "Databricks usage times price by day, SKU, workspace and tags, from system tables."
    brings = (Brings.SPEND,)
    settings = (
        Setting(
            "address",
            "Workspace address",
            SettingKind.ADDRESS,
            is_required=True,
            help="https://dbc-….cloud.databricks.com",
        ),
        Setting("warehouse_id", "SQL warehouse", is_required=True, help="Its id."),
        Setting("access_token", "Token", is_secret=True, is_required=True),
        Setting(
            "prices",
            "Table of prices",
            default="system.billing.list_prices",
            help="system.billing.account_prices where your account has it.",
        ),
    )

    def clean(self, values: Mapping[str, Any]) -> dict[str, str | bool]:
        cleaned = super().clean(values)
        if not _TABLE.match(str(cleaned["prices"])):
            raise PermanentError(f"Table of prices {cleaned['prices']!r} is not a.b.c.")
        return cleaned

    def test(self, errand: Errand) -> list[Check]:
        """Ask for one line of usage."""
        needs = "CAN USE on the warehouse and SELECT on system.billing.usage and the prices"

        def ask() -> str:
            with _outbound(errand) as outbound:
                sql = "SELECT CAST(usage_date AS STRING) AS day FROM system.billing.usage LIMIT 1"
                found = list(Statements(outbound, errand.settings).rows(sql))
            return f"{len(found)} line read."

        return [tried("System tables can be read", ask, needs=needs)]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield one bill a month."""
        with _outbound(errand) as outbound, shaped_as_documented(self.title):
            statements = Statements(outbound, errand.settings)
            for month in months_of(errand):
                yield from month_batch(
                    errand=errand,
                    month=month,
                    scope=str(errand.settings["address"]),
                    lines=_lines(statements, errand, month),
                    columns=COLUMNS,
                )


def _outbound(errand: Errand) -> Outbound:
    headers = {"authorization": f"Bearer {errand.settings['access_token']}"}
    return Outbound(reach=errand.reach, headers=headers)


def _lines(statements: Statements, errand: Errand, month: dt.date) -> Iterator[dict[str, Any]]:
    """
    Read a month.

    Raises:
        PermanentError: something was used that has no price.
    """
    prices = str(errand.settings["prices"])
    bounds = {"since": month.isoformat(), "until": add_months(month, 1).isoformat()}
    lacking = [
        str(row["sku_name"]) for row in statements.rows(UNPRICED.format(prices=prices), **bounds)
    ]
    if lacking:
        raise PermanentError(f"{prices} has no price for {', '.join(lacking)} in {month:%B %Y}.")
    price = (
        "pricing.effective_list.default" if prices.endswith("list_prices") else "pricing.default"
    )
    for row in statements.rows(USAGE.format(prices=prices, price=price), **bounds):
        product = str(row["product"] or "")
        yield line(
            vendor="Databricks",
            account=str(row["account_id"]),
            day=dt.date.fromisoformat(str(row["day"])),
            amount=exact(row["amount"]),
            currency=str(row["currency"]),
            service=product.replace("_", " ").title() or "Databricks",
            category="AI and Machine Learning" if product in AI_PRODUCTS else "Analytics",
            SubAccountId=row["workspace_id"],
            SkuId=row["sku_name"],
            SkuMeter=row["sku_name"],
            ConsumedQuantity=row["quantity"],
            ConsumedUnit=row["unit"],
            ListUnitPrice=row["price"],
            Tags=json.loads(row["tags"] or "null") or {},
        )
