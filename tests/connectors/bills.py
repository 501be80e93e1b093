"""Small FOCUS bills for folders under test."""

import os
from decimal import Decimal
from pathlib import Path

COLUMNS = (
    "BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "BillingAccountId",
    "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart",
    "ChargePeriodEnd", "ChargeCategory", "ProviderName", "PublisherName", "InvoiceIssuerName",
    "ServiceCategory", "ServiceName", "Tags",
)  # fmt: skip


def write_bill(path: Path, *lines: tuple[str, str], month: str = "2026-10", at: int = 0) -> Path:
    """
    Write a FOCUS 1.0 bill of one month.

    Args:
        lines: (amount, value of the tag ``initiative``; empty for none).
        at: time of change of the file, seconds since 1970; as it is when 0.
    """
    year, number = map(int, month.split("-"))
    following = f"{year + number // 12}-{number % 12 + 1:02d}"
    rows = [",".join(COLUMNS)]
    for amount, initiative in lines:
        tags = f'"{{""initiative"": ""{initiative}""}}"' if initiative else "{}"
        rows.append(
            f"{amount},{amount},{amount},{amount},account-1,USD,"
            f"{month}-01T00:00:00Z,{following}-01T00:00:00Z,"
            f"{month}-05T00:00:00Z,{month}-06T00:00:00Z,"
            f"Usage,AWS,AWS,AWS,AI and Machine Learning,Bedrock,{tags}"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(rows) + "\n")
    if at:
        os.utime(path, (at, at))
    return path


def billed() -> Decimal:
    """Give what the current ledger sums to."""
    from django.db.models import Sum

    from governance_app.spend.models import SpendKeyMonth

    return SpendKeyMonth.objects.aggregate(total=Sum("billed"))["total"] or Decimal(0)
