from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class Pool(Row):
    """
    A shared cost: rules send cost in, another rule passes it on to those who use it.

    Pools step down in order of ``position``: one passes on to initiatives and to later pools.
    What no rule passes on stays unallocated, and ``owner`` answers for it.
    """

    name = models.CharField(max_length=200, unique=True)
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="spend_pools")
    position = models.PositiveIntegerField()
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="spend_pools"
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


class TagSynonym(Row):
    """
    Another spelling of a tag's name or of one of its values, in some charge months.

    With an empty ``tag``, ``written`` is another name of the tag ``means``; otherwise
    ``written`` is another value of the tag ``tag`` and means the value ``means``. All three are
    kept in small letters; only ``until_month`` is ever changed.
    """

    tag = models.CharField(max_length=200, blank=True)
    written = models.CharField(max_length=500)
    means = models.CharField(max_length=500)
    from_month = models.DateField()
    until_month = models.DateField(null=True, blank=True)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tag", "written", "from_month"], name="spend_synonym_once"
            ),
            models.CheckConstraint(
                condition=Q(until_month=None) | Q(until_month__gte=F("from_month")),
                name="spend_synonym_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        if self.tag:
            return f"{self.tag}: {self.written} is {self.means}"
        return f"tag {self.written} is {self.means}"
