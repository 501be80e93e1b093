"""
Snowflake: the FOCUS 1.3 view of the organization account, through the SQL API.

``SNOWFLAKE.BILLING.FOCUS_COST_USAGE_V1_3`` is read as it is, its columns under their names.
Snowflake restates days until the month closes, so every month of the window is read whole.
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
from governance_app.connectors.billing import BASIC, exact, line, month_batch, months_of
from governance_app.connectors.http import Outbound
from governance_app.connectors.statements import Snowflake as Statements
from governance_app.domain.periods import add_months

TEXTS = (
    "BillingAccountName", "SubAccountId", "SubAccountName", "ChargeDescription", "ChargeClass",
    "RegionId", "ResourceId", "ResourceName", "SkuId", "SkuMeter", "ConsumedUnit", "InvoiceId",
)  # fmt: skip
COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
_VIEW = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+){2}\Z")

BILL = """
SELECT {texts}, BillingAccountId, BillingCurrency, ChargeCategory, ServiceCategory, ServiceName,
  TO_CHAR(ChargePeriodStart, 'YYYY-MM-DD') AS Day, TO_VARCHAR(Tags) AS Tags,
  TO_VARCHAR(ConsumedQuantity) AS ConsumedQuantity, {costs}
FROM {view}
WHERE BillingPeriodStart >= TO_TIMESTAMP(?) AND BillingPeriodStart < TO_TIMESTAMP(?)
"""


class Snowflake(Plugin):
    """Reads whole months of the view."""

    name = "snowflake"
    title = "Snowflake billing (FOCUS)"
    summary = "The Snowflake bill from the FOCUS view of the organization account."
    brings = (Brings.SPEND,)
    settings = (
        Setting(
            "address",
            "Account address",
            SettingKind.ADDRESS,
            is_required=True,
            help="https://ORGANIZATION-ACCOUNT.snowflakecomputing.com",
        ),
        Setting(
            "access_token",
            "Programmatic access token",
            is_secret=True,
            is_required=True,
            help="Of a user whose network policy admits this server.",
        ),
        Setting("role", "Role", default="ORGANIZATION_BILLING_VIEWER"),
        Setting("warehouse", "Warehouse", is_required=True),
        Setting("view", "View", default="SNOWFLAKE.BILLING.FOCUS_COST_USAGE_V1_3"),
    )

    def clean(self, values: Mapping[str, Any]) -> dict[str, str | bool]:
        cleaned = super().clean(values)
        if not _VIEW.match(str(cleaned["view"])):
            raise PermanentError(f"View {cleaned['view']!r} is not database.schema.view.")
        return cleaned

    def test(self, errand: Errand) -> list[Check]:
        """Ask for one row of the view."""
        needs = f"USAGE on the warehouse and the role {errand.settings['role']}"

        def ask() -> str:
            with _outbound(errand) as outbound:
                sql = f"SELECT ServiceName FROM {errand.settings['view']} LIMIT 1"  # noqa: S608
                found = list(Statements(outbound, errand.settings).rows(sql))
            return f"{len(found)} line read."

        return [tried("View can be read", ask, needs=needs)]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield one bill a month."""
        columns = (*TEXTS, "ConsumedQuantity", "Tags")
        with _outbound(errand) as outbound, shaped_as_documented(self.title):
            statements = Statements(outbound, errand.settings)
            for month in months_of(errand):
                yield from month_batch(
                    errand=errand,
                    month=month,
                    scope=str(errand.settings["address"]),
                    lines=_lines(statements, errand, month),
                    columns=columns,
                )


def _outbound(errand: Errand) -> Outbound:
    headers = {
        "authorization": f"Bearer {errand.settings['access_token']}",
        "x-snowflake-authorization-token-type": "PROGRAMMATIC_ACCESS_TOKEN",
    }
    return Outbound(reach=errand.reach, headers=headers)


def _lines(statements: Statements, errand: Errand, month: dt.date) -> Iterator[dict[str, Any]]:
    costs = ", ".join(f"TO_VARCHAR({name}) AS {name}" for name in COSTS)
    sql = BILL.format(texts=", ".join(TEXTS), costs=costs, view=errand.settings["view"])
    written = {name.upper(): name for name in (*BASIC, *TEXTS, "Tags", "ConsumedQuantity", "Day")}
    for found in statements.rows(sql, f"{month} 00:00:00", f"{add_months(month, 1)} 00:00:00"):
        row = {written[name.upper()]: value for name, value in found.items()}
        told = line(
            vendor="Snowflake",
            account=str(row["BillingAccountId"]),
            day=dt.date.fromisoformat(str(row["Day"])),
            amount=exact(row["BilledCost"]),
            currency=str(row["BillingCurrency"]),
            service=str(row["ServiceName"]),
            category=str(row["ServiceCategory"] or "Other"),
            ChargeCategory=row["ChargeCategory"],
            ConsumedQuantity=row["ConsumedQuantity"],
            Tags=json.loads(row["Tags"] or "null") or {},
        )
        told |= {name: row[name] for name in TEXTS}
        told |= {name: exact(row[name] or row["BilledCost"]) for name in COSTS}
        yield told | {
            "BillingPeriodStart": f"{month}T00:00:00Z",
            "BillingPeriodEnd": f"{add_months(month, 1)}T00:00:00Z",
            "x_CostBasis": "",
        }
