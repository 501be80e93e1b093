from django.db import models

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

    name = models.CharField(max_length=200, unique=True)
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="spend_sources")
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="spend_sources"
    )
    scope_by = models.CharField(max_length=20, choices=ScopeBy, default=ScopeBy.BILLING_ACCOUNT)
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
        pass

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.node
