"""
Azure's own usage details of an enterprise agreement or customer agreement, actual cost.

Its dates are days, the end of a billing period included; FOCUS ends are excluded.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import polars as pl

from governance_app.spend.focus import values
from governance_app.spend.focus.native.making import (
    Columns,
    Made,
    Making,
    always,
    by_folded,
    mapped,
    taken,
)

TITLE = "Azure usage file"
_SIGNS = ("metercategory", "costinbillingcurrency", "date")
ONE_COST = (
    "An Azure usage file states one cost; it counts as billed and as effective. Commitments are "
    "spread over their use only in a FOCUS export."
)

_CATEGORIES = {
    "Usage": "Usage", "Purchase": "Purchase", "UnusedReservation": "Usage",
    "UnusedSavingsPlan": "Usage", "Tax": "Tax", "Credit": "Credit", "Refund": "Adjustment",
    "RoundingAdjustment": "Adjustment",
}  # fmt: skip
_FREQUENCIES = {"UsageBased": "Usage-Based", "Recurring": "Recurring", "OneTime": "One-Time"}
_PRICING = {
    "OnDemand": "Standard", "Reservation": "Committed", "SavingsPlan": "Committed",
    "Spot": "Dynamic",
}  # fmt: skip
_FAMILIES = {
    "AI + Machine Learning": "AI and Machine Learning", "Analytics": "Analytics",
    "Compute": "Compute", "Containers": "Compute", "Databases": "Databases",
    "Developer Tools": "Developer Tools", "Identity": "Identity", "Integration": "Integration",
    "Internet of Things": "Internet of Things",
    "Management and Governance": "Management and Governance", "Media": "Media",
    "Networking": "Networking", "Security": "Security", "Storage": "Storage", "Web": "Web",
}  # fmt: skip
_UNUSED = ("UnusedReservation", "UnusedSavingsPlan")


def find(columns: Sequence[str], *, is_day_first: bool = False) -> Making | None:
    """Give the converter of a usage file, None for any other file."""
    received = by_folded(columns)
    if not all(name in received for name in _SIGNS) or "billedcost" in received:
        return None
    made = {
        **_MADE,
        "BillingPeriodEnd": _day("billingperiodenddate", days=1, is_day_first=is_day_first),
        "BillingPeriodStart": _day("billingperiodstartdate", days=0, is_day_first=is_day_first),
        "ChargePeriodEnd": _day("date", days=1, is_day_first=is_day_first),
        "ChargePeriodStart": _day("date", days=0, is_day_first=is_day_first),
    }
    return Making(TITLE, made, received, (ONE_COST,))


def _day(name: str, *, days: int, is_day_first: bool) -> Made:
    """Write a day as the moment it begins, some days on; what is no day stays to be judged."""

    def read(text: str) -> str:
        try:
            at = values.read_moment(text, day_first=is_day_first).at
        except values.Unreadable:
            return text
        return f"{at + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"

    def written(series: pl.Series) -> pl.Series:
        distinct = series.drop_nulls().unique().to_list()
        return series.replace_strict(
            pl.Series(distinct, dtype=pl.String),
            pl.Series([read(text) for text in distinct], dtype=pl.String),
            default=None,
            return_dtype=pl.String,
        )

    return Made((name,), lambda column: column(name).map_batches(written, return_dtype=pl.String))


def _status(column: Columns) -> pl.Expr:
    commitment = pl.coalesce(column("benefitid"), column("reservationid"))
    return (
        pl.when(column("chargetype").is_in(_UNUSED))
        .then(pl.lit("Unused"))
        .when(commitment.is_not_null() & (column("chargetype") == "Usage"))
        .then(pl.lit("Used"))
    )


_MADE: Mapping[str, Made] = {
    "AvailabilityZone": taken("availabilityzone"),
    "BilledCost": taken("costinbillingcurrency"),
    "BillingAccountId": taken("billingaccountid"),
    "BillingAccountName": taken("billingaccountname"),
    "BillingCurrency": taken("billingcurrencycode", "billingcurrency"),
    "ChargeCategory": mapped("chargetype", _CATEGORIES, "Adjustment"),
    "ChargeDescription": taken("productname", "product"),
    "ChargeFrequency": mapped("frequency", _FREQUENCIES, "Usage-Based"),
    "CommitmentDiscountId": taken("benefitid", "reservationid"),
    "CommitmentDiscountName": taken("benefitname", "reservationname"),
    "CommitmentDiscountStatus": Made(("chargetype", "benefitid", "reservationid"), _status),
    "ConsumedQuantity": taken("quantity"),
    "ConsumedUnit": taken("unitofmeasure"),
    "ContractedUnitPrice": taken("unitprice"),
    "EffectiveCost": taken("costinbillingcurrency"),
    "InvoiceId": taken("invoiceid"),
    "InvoiceIssuerName": always("Microsoft"),
    "ListUnitPrice": taken("paygprice"),
    "PricingCategory": mapped("pricingmodel", _PRICING, "Other"),
    "PricingQuantity": taken("quantity"),
    "PricingUnit": taken("unitofmeasure"),
    "ProviderName": always("Microsoft"),
    "PublisherName": taken("publishername", "publishertype"),
    "RegionId": taken("resourcelocation", "meterregion"),
    "ResourceId": taken("resourceid"),
    "ResourceName": taken("resourcename"),
    "ServiceCategory": mapped("servicefamily", _FAMILIES, "Other"),
    "ServiceName": taken("metercategory"),
    "SkuId": taken("meterid"),
    "SkuMeter": taken("metername"),
    "SkuPriceId": taken("partnumber"),
    "SubAccountId": taken("subscriptionid", "subscriptionguid"),
    "SubAccountName": taken("subscriptionname"),
    "Tags": taken("tags"),
}
