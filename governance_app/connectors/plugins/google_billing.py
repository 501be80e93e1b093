"""
Google Cloud's bill from the tables that Cloud Billing exports into BigQuery.

From the **detailed export** (``gcp_billing_export_resource_v1_…``) or the standard one each
line's cost and its credits make billed cost; credits travel as JSON and are added here, so
nothing is rounded. From the **FOCUS export** (``…_focus_…``, preview) the cost columns are
read as they are. A first query fingerprints each month; only months that differ are read.
Google restates for weeks, so every month of the window is looked at in every run.
"""

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
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
    SourceError,
    shaped_as_documented,
    tried,
)
from governance_app.connectors.billing import exact, line, month_batch, months_of
from governance_app.connectors.google import ACCOUNT, BigQuery
from governance_app.domain.money import EXACT

COLUMNS = (
    "SubAccountId", "SubAccountName", "SkuId", "ChargeDescription", "RegionId", "ResourceName",
    "ConsumedQuantity", "ConsumedUnit", "Tags", "InvoiceId", "ChargeClass",
)  # fmt: skip
PRINTS = "fingerprint"
_TABLE = re.compile(r"[A-Za-z0-9_:.\-]+\.[A-Za-z0-9_]+\.[A-Za-z0-9_\-]+\Z")
AI_SERVICES = ("Vertex", "AI", "Gemini", "Machine Learning", "Natural Language", "Dialogflow")

DETAILED = """
SELECT billing_account_id AS account, project.id AS project, project.name AS project_name,
  service.description AS service, sku.id AS sku, sku.description AS description,
  location.region AS region, CAST(DATE(usage_start_time) AS STRING) AS day,
  CAST(cost AS STRING) AS cost, currency, cost_type,
  CAST(usage.amount_in_pricing_units AS STRING) AS quantity, usage.pricing_unit AS unit,
  TO_JSON_STRING(credits) AS credits, TO_JSON_STRING(labels) AS labels
FROM `{table}` WHERE invoice.month = @month
"""
DETAILED_PRINTS = """
SELECT invoice.month AS month, CAST(COUNT(*) AS STRING) AS lines,
  CAST(BIT_XOR(FARM_FINGERPRINT(TO_JSON_STRING(t))) AS STRING) AS print
FROM `{table}` AS t WHERE invoice.month >= @since GROUP BY 1
"""
FOCUS = """
SELECT BillingAccountId AS account, SubAccountId AS project, SubAccountName AS project_name,
  ServiceName AS service, SkuId AS sku, ChargeDescription AS description, RegionId AS region,
  CAST(DATE(ChargePeriodStart) AS STRING) AS day, CAST(BilledCost AS STRING) AS cost,
  CAST(EffectiveCost AS STRING) AS effective, BillingCurrency AS currency,
  ChargeCategory AS category, CAST(ConsumedQuantity AS STRING) AS quantity,
  ConsumedUnit AS unit, TO_JSON_STRING(Tags) AS labels
FROM `{table}` WHERE FORMAT_TIMESTAMP('%Y%m', BillingPeriodStart) = @month
"""
FOCUS_PRINTS = """
SELECT FORMAT_TIMESTAMP('%Y%m', BillingPeriodStart) AS month, CAST(COUNT(*) AS STRING) AS lines,
  CAST(BIT_XOR(FARM_FINGERPRINT(TO_JSON_STRING(t))) AS STRING) AS print
FROM `{table}` AS t WHERE FORMAT_TIMESTAMP('%Y%m', BillingPeriodStart) >= @since GROUP BY 1
"""
CATEGORIES = {"tax": "Tax", "adjustment": "Adjustment", "rounding_error": "Adjustment"}


class GoogleBilling(Plugin):
    """Asks for fingerprints of the months, then for the lines of those that differ."""

    name = "google_billing"
    title = "Google Cloud Billing (BigQuery)"
    summary = "The Google Cloud bill, from the detailed or FOCUS export in BigQuery."
    brings = (Brings.SPEND,)
    settings = (
        Setting(
            "table", "Table", is_required=True, help="project.dataset.table of the billing export."
        ),
        Setting(
            "kind",
            "Kind of export",
            SettingKind.CHOICE,
            default="detailed",
            choices=(("detailed", "Standard or detailed usage cost"), ("focus", "FOCUS")),
        ),
        Setting("project", "Project that runs the query", is_required=True),
        Setting("location", "Location of the dataset", help="For example EU."),
        *ACCOUNT,
        Setting(
            "endpoint", "Endpoint", SettingKind.ADDRESS, default="https://bigquery.googleapis.com"
        ),
    )

    def clean(self, values: Mapping[str, Any]) -> dict[str, str | bool]:
        cleaned = super().clean(values)
        if not _TABLE.match(str(cleaned["table"])):
            raise PermanentError(f"Table {cleaned['table']!r} is not project.dataset.table.")
        return cleaned

    def test(self, errand: Errand) -> list[Check]:
        """Ask for the fingerprints."""
        needs = "bigquery.jobs.create on the project and bigquery.tables.getData on the table"

        def ask() -> str:
            with _service(errand) as service:
                return f"{len(_prints(service, errand))} month(s) in the table."

        try:
            return [tried("Table can be queried", ask, needs=needs)]
        except SourceError as error:
            return [Check("Credentials are accepted", False, str(error))]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield the months whose fingerprint differs from the one that was stored."""
        table = str(errand.settings["table"])
        with _service(errand) as service, shaped_as_documented(self.title):
            prints = _prints(service, errand)
            for month in months_of(errand):
                mark, told = f"{PRINTS}/{month:%Y-%m}", prints.get(f"{month:%Y%m}")
                if errand.watermark.get(mark) == told:
                    continue
                lines = _lines(service, errand, month)
                batches = month_batch(
                    errand=errand, month=month, scope=table, lines=lines, columns=COLUMNS
                )
                for batch in batches:
                    marks = {**batch.marks, mark: told}
                    yield Batch(batch.stage, deliveries=batch.deliveries, marks=marks)


def _service(errand: Errand) -> BigQuery:
    settings = errand.settings
    return BigQuery(
        errand,
        address=str(settings["endpoint"]),
        project=str(settings["project"]),
        location=str(settings["location"]),
    )


def _prints(service: BigQuery, errand: Errand) -> dict[str, str]:
    """Give what changes when a month's lines do, by month ("202611")."""
    sql = FOCUS_PRINTS if errand.settings["kind"] == "focus" else DETAILED_PRINTS
    since = f"{months_of(errand)[0]:%Y%m}"
    found = service.rows(sql.format(table=errand.settings["table"]), since=since)
    return {str(row["month"]): f"{row['lines']}:{row['print']}" for row in found}


def _lines(service: BigQuery, errand: Errand, month: dt.date) -> Iterator[dict[str, Any]]:
    is_focus = errand.settings["kind"] == "focus"
    sql = (FOCUS if is_focus else DETAILED).format(table=errand.settings["table"])
    for row in service.rows(sql, month=f"{month:%Y%m}"):
        amount = exact(row["cost"])
        if not is_focus:
            for credit in json.loads(row["credits"] or "[]", parse_float=Decimal) or []:
                amount = EXACT.add(amount, exact(credit["amount"]))
        day = dt.date.fromisoformat(str(row["day"]))
        name = str(row["service"] or "Google Cloud")
        told = line(
            vendor="Google Cloud",
            account=str(row["account"]),
            day=day,
            amount=amount,
            effective=exact(row["effective"]) if is_focus else None,
            currency=str(row["currency"]),
            service=name,
            category="AI and Machine Learning" if _is_ai(name) else "Other",
            ChargeCategory=_category(row),
            ChargeDescription=row["description"],
            SubAccountId=row["project"],
            SubAccountName=row["project_name"],
            SkuId=row["sku"],
            RegionId=row["region"],
            ConsumedQuantity=row["quantity"],
            ConsumedUnit=row["unit"],
            Tags=_labels(row["labels"]),
        )
        if day.replace(day=1) != month:  # billed in a month, used in another
            begins, ends = f"{month}T00:00:00Z", _next(month)
            told |= {"BillingPeriodStart": begins, "BillingPeriodEnd": ends}
        yield told


def _next(month: dt.date) -> str:
    return f"{(month + dt.timedelta(days=32)).replace(day=1)}T00:00:00Z"


def _category(row: Mapping[str, str | None]) -> str:
    return str(row.get("category") or CATEGORIES.get(str(row.get("cost_type")), "Usage"))


def _labels(text: str | None) -> dict[str, str]:
    """Read labels as BigQuery writes them: a list of key and value, or an object."""
    told = json.loads(text or "null") or {}
    if isinstance(told, list):
        return {str(each["key"]): str(each.get("value") or "") for each in told}
    return {str(key): str(value) for key, value in told.items()}


def _is_ai(service: str) -> bool:
    return any(word in service for word in AI_SERVICES)
