"""
AWS Cost and Usage Reports (legacy and 2.0 without FOCUS), CSV or Parquet.

Billed is what the invoice says: the unblended cost. Usage that a savings plan covers and the
negation beside it cancel out there, so both count as nothing. Effective follows AWS's own
amortisation: covered usage carries its share of the commitment, fees what of it stayed unused.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from governance_app.spend.focus.judge import MONEY
from governance_app.spend.focus.native.making import (
    Columns,
    Made,
    Making,
    always,
    by_folded,
    mapped,
    taken,
)

TITLE = "AWS Cost and Usage Report"
_SIGNS = ("lineitemlineitemtype", "lineitemunblendedcost", "billpayeraccountid")

_TYPE = "lineitemlineitemtype"
_CATEGORIES = {
    "Usage": "Usage", "DiscountedUsage": "Usage", "SavingsPlanCoveredUsage": "Usage",
    "SavingsPlanNegation": "Usage", "Fee": "Purchase", "RIFee": "Purchase",
    "SavingsPlanRecurringFee": "Purchase", "SavingsPlanUpfrontFee": "Purchase", "Tax": "Tax",
    "Credit": "Credit",
}  # fmt: skip
_FREQUENCIES = {
    "Fee": "One-Time", "RIFee": "Recurring", "SavingsPlanRecurringFee": "Recurring",
    "SavingsPlanUpfrontFee": "One-Time", "Tax": "One-Time", "Credit": "One-Time",
    "Refund": "One-Time",
}  # fmt: skip
_PRICING = {
    "DiscountedUsage": "Committed", "SavingsPlanCoveredUsage": "Committed", "Usage": "Standard",
}  # fmt: skip
_SERVICES = {
    "AmazonBedrock": "AI and Machine Learning", "AmazonSageMaker": "AI and Machine Learning",
    "AmazonQ": "AI and Machine Learning", "AmazonTextract": "AI and Machine Learning",
    "AmazonRekognition": "AI and Machine Learning", "comprehend": "AI and Machine Learning",
    "AmazonEC2": "Compute", "AWSLambda": "Compute", "AmazonECS": "Compute", "AmazonEKS": "Compute",
    "AmazonS3": "Storage", "AmazonEFS": "Storage", "AmazonRDS": "Databases",
    "AmazonDynamoDB": "Databases", "AmazonElastiCache": "Databases", "AmazonRedshift": "Analytics",
    "AmazonAthena": "Analytics", "AWSGlue": "Analytics", "AmazonVPC": "Networking",
    "AmazonCloudFront": "Networking", "AWSDataTransfer": "Networking", "AWSELB": "Networking",
    "AmazonCloudWatch": "Management and Governance", "AWSCloudTrail": "Management and Governance",
    "awskms": "Security", "AWSSecretsManager": "Security", "AmazonApiGateway": "Integration",
    "AmazonSNS": "Integration", "AWSQueueService": "Integration",
}  # fmt: skip
#: Usage that a savings plan covers, and the line that takes its on-demand price back.
_CANCELLING = ("SavingsPlanCoveredUsage", "SavingsPlanNegation")


def find(columns: Sequence[str], *, is_day_first: bool = False) -> Making | None:
    """Give the converter of a Cost and Usage Report, None for any other file."""
    received = by_folded(columns)
    if not all(name in received for name in _SIGNS):
        return None
    return Making(TITLE, {**_MADE, "Tags": _tags(columns)}, received)


def _billed(column: Columns) -> pl.Expr:
    cost = column("lineitemunblendedcost")
    return pl.when(column(_TYPE).is_in(_CANCELLING)).then(pl.lit("0")).otherwise(cost)


def _amount(expression: pl.Expr) -> pl.Expr:
    return expression.cast(MONEY, strict=False)


def _effective(column: Columns) -> pl.Expr:
    kind = column(_TYPE)
    unused_plan = (
        _amount(column("savingsplantotalcommitmenttodate"))
        - _amount(column("savingsplanusedcommitment"))
    ).cast(pl.String)
    unused_reservation = (
        _amount(column("reservationunusedamortizedupfrontfeeforbillingperiod")).fill_null(0)
        + _amount(column("reservationunusedrecurringfee")).fill_null(0)
    ).cast(pl.String)
    cost = column("lineitemunblendedcost")
    return (
        pl.when(kind == "SavingsPlanCoveredUsage")
        .then(column("savingsplansavingsplaneffectivecost"))
        .when(kind == "SavingsPlanRecurringFee")
        .then(pl.coalesce(unused_plan, cost))
        .when(kind.is_in(["SavingsPlanNegation", "SavingsPlanUpfrontFee"]))
        .then(pl.lit("0"))
        .when(kind == "DiscountedUsage")
        .then(pl.coalesce(column("reservationeffectivecost"), cost))
        .when(kind == "RIFee")
        .then(unused_reservation)
        .when((kind == "Fee") & column("reservationreservationarn").is_not_null())
        .then(pl.lit("0"))
        .otherwise(cost)
    )


def _contracted(column: Columns) -> pl.Expr:
    return (
        pl.when(column(_TYPE) == "DiscountedUsage")
        .then(column("pricingpublicondemandcost"))
        .when(column(_TYPE) == "SavingsPlanNegation")
        .then(pl.lit("0"))
        .otherwise(column("lineitemunblendedcost"))
    )


def _commitment_status(column: Columns) -> pl.Expr:
    kind = column(_TYPE)
    return (
        pl.when(kind.is_in(["DiscountedUsage", "SavingsPlanCoveredUsage"]))
        .then(pl.lit("Used"))
        .when(kind.is_in(["RIFee", "SavingsPlanRecurringFee"]))
        .then(pl.lit("Unused"))
    )


def _of_usage(name: str) -> Made:
    return Made(
        (_TYPE, name),
        lambda column: pl.when(
            column(_TYPE).is_in(["Usage", "DiscountedUsage", "SavingsPlanCoveredUsage"])
        ).then(column(name)),
    )


def _tags(columns: Sequence[str]) -> Made:
    """Gather the columns of resource tags into one JSON object."""
    tags: Mapping[str, str] = {
        folded: name
        for folded, name in by_folded(columns).items()
        if folded.startswith("resourcetags")
    }

    def gathered(column: Columns) -> pl.Expr:
        pairs = []
        for folded, name in tags.items():
            key = name.split("/", 1)[-1].removeprefix("resource_tags_")
            key = key.removeprefix("user:").removeprefix("user_").replace('"', "")
            value = column(folded).str.replace_all("\\", "\\\\", literal=True)
            value = value.str.replace_all('"', '\\"', literal=True)
            value = value.str.replace_all(r"[\x00-\x1f]", " ")
            pairs.append(pl.format('"{}":"{}"', pl.lit(key), value))
        if not pairs:
            return pl.lit(None, pl.String)
        joined = pl.concat_str(pairs, separator=",", ignore_nulls=True)
        return pl.when(joined != "").then(pl.format("{{{}}}", joined))

    return Made(tuple(tags), gathered)


_MADE: Mapping[str, Made] = {
    "AvailabilityZone": taken("lineitemavailabilityzone"),
    "BilledCost": Made((_TYPE, "lineitemunblendedcost"), _billed),
    "BillingAccountId": taken("billpayeraccountid"),
    "BillingAccountName": taken("billpayeraccountname"),
    "BillingCurrency": taken("lineitemcurrencycode"),
    "BillingPeriodEnd": taken("billbillingperiodenddate"),
    "BillingPeriodStart": taken("billbillingperiodstartdate"),
    "ChargeCategory": mapped(_TYPE, _CATEGORIES, "Adjustment"),
    "ChargeDescription": taken("lineitemlineitemdescription"),
    "ChargeFrequency": mapped(_TYPE, _FREQUENCIES, "Usage-Based"),
    "ChargePeriodEnd": taken("lineitemusageenddate"),
    "ChargePeriodStart": taken("lineitemusagestartdate"),
    "CommitmentDiscountId": taken("savingsplansavingsplanarn", "reservationreservationarn"),
    "CommitmentDiscountStatus": Made((_TYPE,), _commitment_status),
    "ConsumedQuantity": _of_usage("lineitemusageamount"),
    "ConsumedUnit": _of_usage("pricingunit"),
    "ContractedCost": Made(
        (_TYPE, "lineitemunblendedcost", "pricingpublicondemandcost"), _contracted
    ),
    "EffectiveCost": Made(
        (
            _TYPE, "lineitemunblendedcost", "savingsplansavingsplaneffectivecost",
            "savingsplantotalcommitmenttodate", "savingsplanusedcommitment",
            "reservationeffectivecost", "reservationunusedamortizedupfrontfeeforbillingperiod",
            "reservationunusedrecurringfee", "reservationreservationarn",
        ),
        _effective,
    ),
    "InvoiceId": taken("billinvoiceid"),
    "InvoiceIssuerName": taken("lineitemlegalentity", "billinvoicingentity", "billbillingentity"),
    "ListCost": taken("pricingpublicondemandcost"),
    "ListUnitPrice": taken("pricingpublicondemandrate"),
    "PricingCategory": mapped(_TYPE, _PRICING, "Other"),
    "PricingQuantity": _of_usage("lineitemusageamount"),
    "PricingUnit": taken("pricingunit"),
    "ProviderName": always("AWS"),
    "PublisherName": taken("lineitemlegalentity", "billbillingentity"),
    "RegionId": taken("productregioncode", "productregion"),
    "ResourceId": taken("lineitemresourceid"),
    "ServiceCategory": mapped("lineitemproductcode", _SERVICES, "Other"),
    "ServiceName": taken("productproductname", "lineitemproductcode"),
    "SkuId": taken("productsku"),
    "SkuMeter": taken("lineitemusagetype"),
    "SkuPriceId": taken("pricingratecode"),
    "SubAccountId": taken("lineitemusageaccountid"),
    "SubAccountName": taken("lineitemusageaccountname"),
}  # fmt: skip
