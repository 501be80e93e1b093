"""FOCUS files out of what a scenario holds."""

import csv
import datetime as dt
import gzip
import io
import json
from collections.abc import Iterable

from governance_app.domain.periods import add_months
from tests.connectors.bills import COLUMNS
from tests.servers.scenario import Charge


def focus_csv(month: dt.date, charges: Iterable[Charge], *, vendor: str = "AWS") -> bytes:
    """Write the charges of one billing month as FOCUS 1.0."""
    sink = io.StringIO()
    writer = csv.DictWriter(sink, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for each in charges:
        following = each.on + dt.timedelta(days=1)
        writer.writerow(
            {
                **dict.fromkeys(
                    ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"),
                    f"{each.amount:f}",
                ),
                "BillingAccountId": "001234567890",
                "BillingCurrency": "USD",
                "BillingPeriodStart": f"{month}T00:00:00Z",
                "BillingPeriodEnd": f"{add_months(month, 1)}T00:00:00Z",
                "ChargePeriodStart": f"{each.on}T00:00:00Z",
                "ChargePeriodEnd": f"{following}T00:00:00Z",
                "ChargeCategory": "Usage",
                **dict.fromkeys(("ProviderName", "PublisherName", "InvoiceIssuerName"), vendor),
                "ServiceCategory": "AI and Machine Learning",
                "ServiceName": each.service,
                "Tags": json.dumps({"initiative": each.initiative} if each.initiative else {}),
            }
        )
    return sink.getvalue().encode()


def zipped(content: bytes) -> bytes:
    """Pack as providers do."""
    return gzip.compress(content, mtime=0)


def by_month(charges: Iterable[Charge]) -> dict[dt.date, list[Charge]]:
    """Group charges by billing month."""
    months: dict[dt.date, list[Charge]] = {}
    for each in charges:
        months.setdefault(each.on.replace(day=1), []).append(each)
    return months
