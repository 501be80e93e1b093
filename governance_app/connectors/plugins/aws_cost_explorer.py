"""
AWS Cost Explorer: the bill by day, service and account (or tag), where no Data Export exists.

Coarser than an export and charged per request (USD 0.01), so it is the fallback: no SKU, no
resource, no list price. Billed is the unblended cost, effective the amortized one.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from governance_app.connectors.aws import ACCESS, Service
from governance_app.connectors.base import (
    Batch,
    Brings,
    Check,
    Errand,
    Plugin,
    Setting,
    SourceError,
    shaped_as_documented,
    tried,
)
from governance_app.connectors.billing import exact, line, month_batch, months_of
from governance_app.domain.periods import add_months

HOST = "ce.us-east-1.amazonaws.com"
TARGET = "AWSInsightsIndexService"
METRICS = ("UnblendedCost", "AmortizedCost")
COLUMNS = ("SubAccountId", "Tags", "x_IsEstimated")
MACHINE_LEARNING = ("Bedrock", "SageMaker", "Comprehend", "Rekognition", "Textract", "Lex", "Polly")


class AwsCostExplorer(Plugin):
    """Reads whole months: one request for each, more when there are many groups."""

    name = "aws_cost_explorer"
    title = "AWS Cost Explorer"
    summary = "The AWS bill by day, service and account or tag; for when no Data Export exists."
    brings = (Brings.SPEND,)
    settings = (
        Setting("account", "Payer account", is_required=True, help="Its twelve digits."),
        Setting(
            "tag",
            "Cost allocation tag",
            help="Split by this tag beside the service; empty: split by account.",
        ),
        *ACCESS,
    )

    def test(self, errand: Errand) -> list[Check]:
        """Ask for one day."""
        day = errand.window.until - dt.timedelta(days=2)

        def ask() -> str:
            with _service(errand) as service:
                service.call("GetCostAndUsage", _asked(errand, day, day + dt.timedelta(days=1)))
            return f"{day} can be read."

        try:
            return [tried("Costs can be read", ask, needs="ce:GetCostAndUsage")]
        except SourceError as error:
            return [Check("Credentials are accepted", False, str(error))]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield one bill a month."""
        account = str(errand.settings["account"])
        with _service(errand) as service, shaped_as_documented(self.title):
            for month in months_of(errand):
                yield from month_batch(
                    errand=errand,
                    month=month,
                    scope=account,
                    lines=_lines(service, errand, month, account),
                    columns=COLUMNS,
                )


def _service(errand: Errand) -> Service:
    return Service(errand, service="ce", host=HOST, target=TARGET)


def _asked(errand: Errand, since: dt.date, until: dt.date) -> dict[str, Any]:
    tag = str(errand.settings["tag"])
    second = {"Type": "TAG", "Key": tag} if tag else {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}
    return {
        "TimePeriod": {"Start": since.isoformat(), "End": until.isoformat()},
        "Granularity": "DAILY",
        "Metrics": list(METRICS),
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}, second],
    }


def _lines(
    service: Service, errand: Errand, month: dt.date, account: str
) -> Iterator[dict[str, Any]]:
    until = min(add_months(month, 1), errand.window.until + dt.timedelta(days=1))
    asked = _asked(errand, month, until)
    for page in service.pages("GetCostAndUsage", asked, continues="NextPageToken"):
        for bucket in page["ResultsByTime"]:
            day = dt.date.fromisoformat(bucket["TimePeriod"]["Start"])
            for group in bucket["Groups"]:
                name, second = group["Keys"]
                billed, amortized = (group["Metrics"][metric] for metric in METRICS)
                if not exact(billed["Amount"]) and not exact(amortized["Amount"]):
                    continue
                is_ai = any(word in name for word in MACHINE_LEARNING)
                tag, _, value = second.partition("$")
                is_tagged = bool(errand.settings["tag"])
                yield line(
                    vendor="AWS",
                    account=account,
                    day=day,
                    amount=exact(billed["Amount"]),
                    effective=exact(amortized["Amount"]),
                    currency=str(billed["Unit"]),
                    service=name,
                    category="AI and Machine Learning" if is_ai else "Other",
                    ChargeCategory="Tax" if name == "Tax" else "Usage",
                    SubAccountId="" if is_tagged else second,
                    Tags={tag: value} if is_tagged and value else {},
                    x_IsEstimated=str(bool(bucket.get("Estimated"))).lower(),
                )
