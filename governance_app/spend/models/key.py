from django.db import models

from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.fields import money

#: The columns of a key that its facet keeps, in the order they are digested.
FACET_FIELDS = (
    "provider", "issuer", "billing_account", "billing_account_name", "account", "account_name",
    "service_category", "service_subcategory", "service", "resource_type", "region",
    "charge_category", "charge_class", "pricing_category", "commitment", "commitment_status",
    "consumed_unit", "model_developer", "model", "token_direction", "token_cache",
)  # fmt: skip
_FACET = "md5(" + " || chr(31) || ".join(FACET_FIELDS) + ")::uuid"


class SpendKey(models.Model):
    """
    One distinct combination of the columns that describe a line; added by loads, never changed.

    ``id`` is the 128-bit digest of its canonical form, so any reader finds the same id; a load
    verifies that equal digests are equal keys. An empty text means that the bill says nothing.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    provider = models.TextField()
    issuer = models.TextField()
    billing_account = models.TextField()
    billing_account_name = models.TextField()
    account = models.TextField(help_text="Sub-account: account, subscription or project.")
    account_name = models.TextField()
    service_category = models.TextField()
    service_subcategory = models.TextField()
    service = models.TextField()
    resource = models.TextField()
    resource_name = models.TextField()
    resource_type = models.TextField()
    region = models.TextField()
    charge_category = models.TextField()
    charge_class = models.TextField()
    pricing_category = models.TextField()
    commitment = models.TextField()
    commitment_status = models.TextField()
    consumed_unit = models.TextField()
    pricing_unit = models.TextField()
    model_developer = models.TextField()
    model = models.TextField()
    token_direction = models.TextField()
    token_cache = models.TextField()
    principal = models.TextField()
    credential = models.TextField()
    tags = models.JSONField(default=dict)
    facet_id = models.GeneratedField(
        expression=models.Func(template=_FACET, output_field=models.UUIDField()),
        output_field=models.UUIDField(),
        db_persist=True,
        help_text="Digest of the columns that SpendFacet keeps.",
    )

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.service} {self.resource_name or self.resource}".strip()


class SpendKeyMonth(models.Model):
    """
    What a key cost in a load: per invoice, billing month, charge month and currency.

    Only the key-months of current loads are here; everything downstream reads them. The table
    is partitioned by billing month and has no foreign keys: each load checks its own integrity.
    """

    pk = models.CompositePrimaryKey(
        "billing_month", "key", "load", "charge_month", "currency", "invoice"
    )
    load = models.ForeignKey(
        "spend.Load", on_delete=models.PROTECT, db_constraint=False, db_index=False,
        related_name="key_months",
    )  # fmt: skip
    key = models.ForeignKey(
        SpendKey, on_delete=models.PROTECT, db_constraint=False, db_index=False,
        related_name="months",
    )  # fmt: skip
    invoice = models.TextField()
    billing_month = models.DateField()
    charge_month = models.DateField()
    currency = models.CharField(max_length=3)
    billed = money()
    effective = money()
    contracted = money(is_optional=True)
    list = money(is_optional=True)
    consumed = money(is_optional=True)
    priced = money(is_optional=True)
    lines = models.BigIntegerField()

    scope_lookup = "load__source__node__path"
    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.billed} {self.currency} in {self.billing_month:%b %Y}"
