from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class Source(Row):
    """
    Where bills come from: one export or billing relation, and how its files are read.

    Its ``owner`` answers for what no rule allocates. Finance partners change it.
    """

    class ScopeBy(models.TextChoices):
        BILLING_ACCOUNT = "billing account", "Each billing account is replaced by itself"
        EXPORT = "export", "A file replaces the whole month of this source"

    class Delivery(models.TextChoices):
        OVERWRITE = "overwrite", "Each delivery is the whole month so far"
        APPEND = "append", "Each delivery adds lines to the month"

    class Correction(models.TextChoices):
        REPLACEMENT = "replacement", "The lines are delivered again as they should have been"
        DELTA = "delta", "Lines say the difference"
        LEDGER = "ledger", "Lines take the old amount back and state the new one"

    name = models.CharField(max_length=200, unique=True)
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="spend_sources")
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="spend_sources"
    )
    scope_by = models.CharField(max_length=20, choices=ScopeBy, default=ScopeBy.BILLING_ACCOUNT)
    delivery = models.CharField(max_length=10, choices=Delivery, default=Delivery.OVERWRITE)
    correction = models.CharField(
        max_length=12,
        choices=Correction,
        default=Correction.REPLACEMENT,
        help_text="How the issuer mends what it delivered before.",
    )
    is_strict = models.BooleanField(
        default=True, help_text="A file with a line that cannot be counted is refused as a whole."
    )
    is_day_first = models.BooleanField(
        default=False, help_text="Slashed dates are day/month/year; otherwise month first."
    )
    host_is_provider = models.BooleanField(
        default=False, help_text="Services without a named host run on the provider's own cloud."
    )

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~Q(delivery="append", correction="replacement"),
                name="spend_source_appends_differences",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.node
