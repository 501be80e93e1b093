"""What people plan and say about an initiative."""

from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.initiatives import choices
from governance_app.initiatives.models.initiative import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class Milestone(Row):
    """Something an initiative shall have reached by a day; done when ``done_on`` is set."""

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="milestones")
    name = models.CharField(max_length=300)
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="milestones"
    )

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "name"], name="initiatives_milestone_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class Dependency(Row):
    """
    One initiative cannot go on before another delivers; the service refuses circles.

    ``needed_on`` is by when; ``delivered_on`` is set once it came.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="needs")
    needs = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="needed_by")
    note = models.CharField(max_length=300, blank=True)
    needed_on = models.DateField(null=True, blank=True)
    delivered_on = models.DateField(null=True, blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "needs"], name="initiatives_dependency_once"
            ),
            models.CheckConstraint(
                condition=~Q(initiative=F("needs")), name="initiatives_dependency_on_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} needs {self.needs_id}"


class StatusUpdate(Row):
    """How an initiative stood on a day, in somebody's words; rows are added, never changed."""

    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="status_updates"
    )
    status = models.CharField(max_length=10, choices=choices.STATUSES)
    sentence = models.TextField()
    on = models.DateField()
    posted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="status_updates")

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        indexes = [models.Index(fields=["initiative", "-on"], name="initiatives_status_newest")]

    def __str__(self) -> str:
        return self.sentence


class Comment(Row):
    """A remark on an initiative, or an answer to one."""

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="initiative_comments")
    text = models.TextField()
    answers = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="answered_by"
    )

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        indexes = [models.Index(fields=["initiative", "-created_at"], name="initiatives_comments")]

    def __str__(self) -> str:
        return self.text
