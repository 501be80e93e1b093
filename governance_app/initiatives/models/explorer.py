"""What people keep of the portfolio explorer: views, and changes of many cells at once."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from governance_app.audit.rows import Row
from governance_app.people.models import User
from governance_app.people.querysets import ScopedQuerySet


class SavedViewQuerySet(ScopedQuerySet["SavedView"]):
    """A view is seen by its owner, and by everybody once it is shared."""

    def visible_to(self, viewer: User, permission: str = "view") -> "SavedViewQuerySet":
        """Keep the viewer's own views and those others share; what they show is cut anyway."""
        seen = super().visible_to(viewer, permission)
        return seen.filter(Q(owner=viewer) | Q(is_shared=True))

    def with_pins(self, viewer: User) -> "SavedViewQuerySet":
        """Say of each whether the viewer pinned it."""
        pins = ViewPin.objects.filter(view=OuterRef("pk"), person=viewer)
        return self.annotate(is_pinned=Exists(pins))


class SavedView(Row):
    """An address of the explorer under a name; its owner alone changes it."""

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="saved_views")
    name = models.CharField(max_length=80)
    query = models.TextField(blank=True, help_text="The address behind the question mark.")
    is_shared = models.BooleanField(default=False)

    scope_lookup = None
    objects = SavedViewQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="initiatives_view_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class ViewPin(Row):
    """Somebody keeps a view at hand, their own or a shared one; only they change that."""

    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="pins")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="view_pins")

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["view", "person"], name="initiatives_view_pin_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} keeps {self.view_id}"


class TableChange(Row):
    """
    Cells that one person changed in one go, kept so that they can be taken back once.

    ``cells`` lists for every initiative its key, the version the change left, and field ->
    before and after, as text that ``services.cells`` reads back.
    """

    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="table_changes")
    sentence = models.CharField(max_length=300)
    cells = models.JSONField()
    undone_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        indexes = [models.Index(fields=["made_by", "-created_at"], name="initiatives_changes")]

    def __str__(self) -> str:
        return self.sentence
