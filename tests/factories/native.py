"""Bills in the vendors' own shapes, as their documentation describes them."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

CUR: dict[str, str] = {
    "identity/LineItemId": "line-1",
    "bill/InvoiceId": "0000123",
    "bill/BillingEntity": "AWS",
    "bill/PayerAccountId": "000123456789",
    "bill/BillingPeriodStartDate": "2026-10-01T00:00:00Z",
    "bill/BillingPeriodEndDate": "2026-11-01T00:00:00Z",
    "lineItem/UsageAccountId": "000000000042",
    "lineItem/LineItemType": "Usage",
    "lineItem/UsageStartDate": "2026-10-07T00:00:00Z",
    "lineItem/UsageEndDate": "2026-10-07T01:00:00Z",
    "lineItem/ProductCode": "AmazonBedrock",
    "lineItem/UsageType": "USE1-Model-input-tokens",
    "lineItem/Operation": "InvokeModelInference",
    "lineItem/ResourceId": "arn:aws:bedrock:us-east-1::inference-profile/p1",
    "lineItem/UsageAmount": "1000",
    "lineItem/CurrencyCode": "USD",
    "lineItem/UnblendedCost": "1.5",
    "lineItem/LineItemDescription": "Model, input",
    "lineItem/LegalEntity": "Amazon Web Services, Inc.",
    "product/ProductName": "Amazon Bedrock",
    "product/region": "us-east-1",
    "pricing/publicOnDemandCost": "2.0",
    "pricing/unit": "1K tokens",
    "reservation/ReservationARN": "",
    "reservation/EffectiveCost": "",
    "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": "",
    "reservation/UnusedRecurringFee": "",
    "savingsPlan/SavingsPlanARN": "",
    "savingsPlan/SavingsPlanEffectiveCost": "",
    "savingsPlan/TotalCommitmentToDate": "",
    "savingsPlan/UsedCommitment": "",
    "resourceTags/user:ai-initiative": "AI-1",
    "resourceTags/user:Note": "",
}


def cur_line(**values: str) -> dict[str, str]:
    """Give a line of a Cost and Usage Report; ``lineItem_LineItemType`` names its column."""
    return {**CUR, **{name.replace("_", "/", 1): value for name, value in values.items()}}


def as_csv(lines: Iterable[Mapping[str, str]]) -> bytes:
    """Write lines with their own columns as CSV."""
    rows = list(lines)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def openai_page(*results: Mapping[str, Any], start: int = 1_790_812_800) -> bytes:
    """Write a page of organization costs: one day, the results given."""
    bucket = {
        "object": "bucket", "start_time": start, "end_time": start + 86_400,
        "results": [{"object": "organization.costs.result", **one} for one in results],
    }  # fmt: skip
    return json.dumps({"object": "page", "data": [bucket], "has_more": False}).encode()


def anthropic_page(*results: Mapping[str, Any]) -> bytes:
    """Write a page of a cost report: one day, the results given."""
    bucket = {
        "starting_at": "2026-10-07T00:00:00Z", "ending_at": "2026-10-08T00:00:00Z",
        "results": list(results),
    }  # fmt: skip
    return json.dumps({"data": [bucket], "has_more": False, "next_page": None}).encode()
