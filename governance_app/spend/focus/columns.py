"""
The columns of FOCUS 1.0 to 1.4, dataset Cost and Usage.

The canonical line of the spend ledger carries the names of 1.4 plus ``x_`` columns.
Source: FinOps Open Cost and Usage Specification (CC BY 4.0); a test compares this table
with a machine-readable model of the specification.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The four data types of FOCUS."""

    TEXT = "text"
    DECIMAL = "decimal"
    MOMENT = "moment"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column: since which version, until (exclusive), and how binding it is.

    ``level`` is M (mandatory), C (conditional) or R (recommended). ``is_nullable`` is what the
    specification says; real bills are weaker, so a null is refused only in ``NEVER_NULL``.
    """

    name: str
    kind: Kind
    since: str
    level: str
    until: str = ""
    is_nullable: bool = True


VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4")

TEXT, DECIMAL, MOMENT, JSON = Kind.TEXT, Kind.DECIMAL, Kind.MOMENT, Kind.JSON

COLUMNS = (
    Column("AllocatedMethodDetails", JSON, "1.3", "R"),
    Column("AllocatedMethodId", TEXT, "1.3", "C"),
    Column("AllocatedResourceId", TEXT, "1.3", "C"),
    Column("AllocatedResourceName", TEXT, "1.3", "C"),
    Column("AllocatedTags", JSON, "1.3", "C"),
    Column("AvailabilityZone", TEXT, "1.0", "R"),
    Column("BilledCost", DECIMAL, "1.0", "M", is_nullable=False),
    Column("BillingAccountId", TEXT, "1.0", "M", is_nullable=False),
    Column("BillingAccountName", TEXT, "1.0", "M"),
    Column("BillingAccountType", TEXT, "1.2", "C", is_nullable=False),
    Column("BillingCurrency", TEXT, "1.0", "M", is_nullable=False),
    Column("BillingPeriodEnd", MOMENT, "1.0", "M", is_nullable=False),
    Column("BillingPeriodStart", MOMENT, "1.0", "M", is_nullable=False),
    Column("CapacityReservationId", TEXT, "1.1", "C"),
    Column("CapacityReservationStatus", TEXT, "1.1", "C"),
    Column("ChargeCategory", TEXT, "1.0", "M", is_nullable=False),
    Column("ChargeClass", TEXT, "1.0", "M"),
    Column("ChargeDescription", TEXT, "1.0", "M"),
    Column("ChargeFrequency", TEXT, "1.0", "R", is_nullable=False),
    Column("ChargePeriodEnd", MOMENT, "1.0", "M", is_nullable=False),
    Column("ChargePeriodStart", MOMENT, "1.0", "M", is_nullable=False),
    Column("CommitmentDiscountCategory", TEXT, "1.0", "C"),
    Column("CommitmentDiscountId", TEXT, "1.0", "C"),
    Column("CommitmentDiscountName", TEXT, "1.0", "C"),
    Column("CommitmentDiscountQuantity", DECIMAL, "1.1", "C"),
    Column("CommitmentDiscountStatus", TEXT, "1.0", "C"),
    Column("CommitmentDiscountType", TEXT, "1.0", "C"),
    Column("CommitmentDiscountUnit", TEXT, "1.1", "C"),
    Column("CommitmentProgramEligibilityDetails", JSON, "1.4", "C"),
    Column("ConsumedQuantity", DECIMAL, "1.0", "C"),
    Column("ConsumedUnit", TEXT, "1.0", "C"),
    Column("ContractApplied", JSON, "1.3", "C"),
    Column("ContractedCost", DECIMAL, "1.0", "M", is_nullable=False),
    Column("ContractedUnitPrice", DECIMAL, "1.0", "C"),
    Column("EffectiveCost", DECIMAL, "1.0", "M", is_nullable=False),
    Column("HostProviderName", TEXT, "1.3", "M"),
    Column("InvoiceDetailId", TEXT, "1.4", "C"),
    Column("InvoiceId", TEXT, "1.2", "C"),
    Column("InvoiceIssuerName", TEXT, "1.0", "M", is_nullable=False),
    Column("ListCost", DECIMAL, "1.0", "M", is_nullable=False),
    Column("ListUnitPrice", DECIMAL, "1.0", "C"),
    Column("PricingCategory", TEXT, "1.0", "C"),
    Column("PricingCurrency", TEXT, "1.2", "C", is_nullable=False),
    Column("PricingCurrencyContractedUnitPrice", DECIMAL, "1.2", "C"),
    Column("PricingCurrencyEffectiveCost", DECIMAL, "1.2", "C", is_nullable=False),
    Column("PricingCurrencyListUnitPrice", DECIMAL, "1.2", "C"),
    Column("PricingQuantity", DECIMAL, "1.0", "M"),
    Column("PricingUnit", TEXT, "1.0", "M"),
    Column("ProviderName", TEXT, "1.0", "M", until="1.4", is_nullable=False),
    Column("PublisherName", TEXT, "1.0", "M", until="1.4", is_nullable=False),
    Column("RegionId", TEXT, "1.0", "C"),
    Column("RegionName", TEXT, "1.0", "C"),
    Column("ResourceId", TEXT, "1.0", "C"),
    Column("ResourceName", TEXT, "1.0", "C"),
    Column("ResourceType", TEXT, "1.0", "C"),
    Column("ServiceCategory", TEXT, "1.0", "M", is_nullable=False),
    Column("ServiceName", TEXT, "1.0", "M", is_nullable=False),
    Column("ServiceProviderName", TEXT, "1.3", "M", is_nullable=False),
    Column("ServiceSubcategory", TEXT, "1.1", "R", is_nullable=False),
    Column("SkuId", TEXT, "1.0", "C"),
    Column("SkuMeter", TEXT, "1.1", "C"),
    Column("SkuPriceDetails", JSON, "1.1", "C"),
    Column("SkuPriceId", TEXT, "1.0", "C"),
    Column("SubAccountId", TEXT, "1.0", "C"),
    Column("SubAccountName", TEXT, "1.0", "C"),
    Column("SubAccountType", TEXT, "1.2", "C"),
    Column("Tags", JSON, "1.0", "C"),
)
BY_NAME = {column.name: column for column in COLUMNS}

#: Names of the canonical line, alphabetical: what 1.4 lists.
CANONICAL = tuple(column.name for column in COLUMNS if not column.until)

#: What the next version of FOCUS says about AI usage, under names allowed today.
AI_COLUMNS = (
    "x_ModelDeveloper",
    "x_ModelFamily",
    "x_ModelId",
    "x_ModelVersion",
    "x_TokenDirection",
    "x_TokenCacheAction",
    "x_PrincipalId",
    "x_CredentialId",
)

#: The four cost bases. They are never added to each other.
COSTS = ("BilledCost", "EffectiveCost", "ContractedCost", "ListCost")
QUANTITIES = ("ConsumedQuantity", "PricingQuantity")
MOMENTS = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
UNIT_PRICES = (
    "ListUnitPrice",
    "ContractedUnitPrice",
    "PricingCurrencyListUnitPrice",
    "PricingCurrencyContractedUnitPrice",
)

#: Without these a line cannot be counted, so a file must have them and no line may lack them.
NEVER_NULL = (
    "BilledCost",
    "EffectiveCost",
    "BillingCurrency",
    "BillingAccountId",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ServiceName",
)

CHARGE_CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")

#: What describes a line and repeats over many: the columns of a spend key, in digest order.
#: What differs on nearly every line (SKU price, description, invoice) is left out.
KEY_COLUMNS = (
    "ServiceProviderName",
    "InvoiceIssuerName",
    "BillingAccountId",
    "BillingAccountName",
    "SubAccountId",
    "SubAccountName",
    "ServiceCategory",
    "ServiceSubcategory",
    "ServiceName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "RegionId",
    "ChargeCategory",
    "ChargeClass",
    "PricingCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountStatus",
    "ConsumedUnit",
    "PricingUnit",
    "x_ModelDeveloper",
    "x_ModelId",
    "x_TokenDirection",
    "x_TokenCacheAction",
    "x_PrincipalId",
    "x_CredentialId",
    "Tags",
)
