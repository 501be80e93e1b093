from django.db import models

from governance_app.initiatives.models import Initiative
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.fields import money
from governance_app.spend.models.rule import RuleVersion


class SpendFacet(models.Model):
    """
    What pages group and narrow by: a key without its resource, tags and who asked.

    ``id`` is the digest of its columns, which the database also keeps with each key. Many keys
    share a facet, so sums over facets read thousands of rows where keys are millions.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    provider = models.TextField()
    issuer = models.TextField()
    billing_account = models.TextField()
    billing_account_name = models.TextField()
    account = models.TextField()
    account_name = models.TextField()
    service_category = models.TextField()
    service_subcategory = models.TextField()
    service = models.TextField()
    resource_type = models.TextField()
    region = models.TextField()
    charge_category = models.TextField()
    charge_class = models.TextField()
    pricing_category = models.TextField()
    commitment = models.TextField()
    commitment_status = models.TextField()
    consumed_unit = models.TextField()
    model_developer = models.TextField()
    model = models.TextField()
    token_direction = models.TextField()
    token_cache = models.TextField()

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.provider} {self.service}".strip()


class SpendAllotment(models.Model):
    """
    What a facet cost in a load and who bears it: the sums that pages, rollups and balances read.

    Kept in step with the key-months by every load and every allocation, in their transaction;
    ``contracted_gaps`` and ``list_gaps`` count key-months that do not state that cost.
    ``lines`` are the bill lines it bears a part of; of a split line only one part counts it in
    ``first_lines``. An empty initiative is unallocated.
    """

    id = models.BigAutoField(primary_key=True)
    load = models.ForeignKey(
        "spend.Load", on_delete=models.PROTECT, db_constraint=False, db_index=False,
        related_name="allotments",
    )  # fmt: skip
    facet = models.ForeignKey(
        SpendFacet, on_delete=models.PROTECT, db_constraint=False, db_index=False,
        related_name="allotments",
    )  # fmt: skip
    billing_month = models.DateField()
    charge_month = models.DateField()
    currency = models.CharField(max_length=3)
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, db_constraint=False, null=True, blank=True,
        related_name="allotments",
    )  # fmt: skip
    rule_version = models.ForeignKey(
        RuleVersion, on_delete=models.PROTECT, db_constraint=False, db_index=False, null=True,
        blank=True, related_name="allotments",
    )  # fmt: skip
    billed = money()
    effective = money()
    contracted = money()
    list = money()
    consumed = money()
    gross_billed = money()
    gross_effective = money()
    contracted_gaps = models.BigIntegerField()
    list_gaps = models.BigIntegerField()
    lines = models.BigIntegerField()
    first_lines = models.BigIntegerField()
    parts = models.BigIntegerField(help_text="Key-months, or parts of them, in these sums.")

    scope_lookup = "load__source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "load", "facet", "billing_month", "charge_month", "currency", "initiative",
                    "rule_version",
                ],
                nulls_distinct=False,
                name="spend_allotment_once",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["charge_month"], name="spend_allotment_month")]

    def __str__(self) -> str:
        return f"{self.billed} {self.currency} in {self.charge_month:%b %Y}"


class SpendDay(models.Model):
    """
    What a facet cost on a day, from the archived lines of a load; made by a follow-up job.
    """

    id = models.BigAutoField(primary_key=True)
    load = models.ForeignKey("spend.Load", on_delete=models.PROTECT, related_name="days")
    facet = models.ForeignKey(
        SpendFacet, on_delete=models.PROTECT, db_constraint=False, db_index=False,
        related_name="days",
    )  # fmt: skip
    day = models.DateField()
    currency = models.CharField(max_length=3)
    billed = money()
    effective = money()
    lines = models.BigIntegerField()

    scope_lookup = "load__source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["day"], name="spend_day_when")]

    def __str__(self) -> str:
        return f"{self.billed} {self.currency} on {self.day}"
