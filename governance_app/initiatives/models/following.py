"""Who wants to know of an initiative, and who was told of something on it."""

from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.files.models import StoredFile
from governance_app.initiatives.models.activity import Comment, Dependency
from governance_app.initiatives.models.initiative import Initiative
from governance_app.initiatives.models.log import LogEntry
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class Follow(Row):
    """Somebody wants to hear of what happens to an initiative; only they change that."""

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="follows")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="follows")

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["initiative", "person"], name="initiatives_follow_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} follows {self.initiative_id}"


class Mention(Row):
    """
    Somebody was named in a comment, or told of a dependency or an entry of the log.

    Exactly one of ``comment``, ``dependency`` and ``entry`` is set. It is open until
    ``answered_at``: the person answered, or said that it is dealt with.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="mentions")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="mentions")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="mentions_made")
    sentence = models.TextField()
    comment = models.ForeignKey(
        Comment, on_delete=models.PROTECT, null=True, blank=True, related_name="mentions"
    )
    dependency = models.ForeignKey(
        Dependency, on_delete=models.CASCADE, null=True, blank=True, related_name="mentions"
    )
    entry = models.ForeignKey(
        LogEntry, on_delete=models.PROTECT, null=True, blank=True, related_name="mentions"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(comment__isnull=False, dependency=None, entry=None)
                | Q(comment=None, dependency__isnull=False, entry=None)
                | Q(comment=None, dependency=None, entry__isnull=False),
                name="initiatives_mention_of_one_thing",
            )
        ]
        indexes = [
            models.Index(
                fields=["person", "created_at"],
                condition=Q(answered_at=None),
                name="initiatives_mentions_open",
            )
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class CommentFile(Row):
    """A file beside a comment; rows are added, never changed."""

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="comment_files")
    name = models.CharField(max_length=255)

    scope_lookup = "comment__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
