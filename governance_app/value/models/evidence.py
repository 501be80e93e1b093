from django.db import models

from governance_app.audit.rows import Row
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.value.models.benefit import Benefit


class BenefitEvidence(Row):
    """A file that speaks for a benefit, in a month or in all; kept whatever is decided."""

    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="benefit_evidence"
    )
    benefit = models.ForeignKey(Benefit, on_delete=models.PROTECT, related_name="evidence_files")
    month = models.DateField(null=True, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    sentence = models.CharField(max_length=500, blank=True)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="benefit_evidence")

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["benefit", "month", "file"],
                name="value_evidence_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.sentence or self.file.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node
