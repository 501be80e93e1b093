"""A workbook of initiatives on its way back in."""

from django.db import models

from governance_app.audit.capture import capture
from governance_app.audit.rows import Row
from governance_app.files.models import StoredFile
from governance_app.people.models import User
from governance_app.people.querysets import ScopedQuerySet


class OwnWorkbookQuerySet(ScopedQuerySet["WorkbookReturn"]):
    """Whoever sent a workbook sees it; nobody else."""

    def visible_to(self, viewer: User, permission: str = "view") -> "OwnWorkbookQuerySet":
        """Keep the viewer's own."""
        return super().visible_to(viewer, permission).filter(sent_by=viewer)


class WorkbookReturn(Row):
    """
    One uploaded workbook with what it would change; applied once, or left.

    The workbook carries each row's version and its cells as they left the house, so that base,
    mine and theirs are all known.
    """

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="workbook_returns")
    file_name = models.CharField(max_length=255)
    rows = models.JSONField(help_text="Row number, key, version, base and cells, as read.")
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="workbook_returns")
    applied_at = models.DateTimeField(null=True, blank=True)
    change = models.ForeignKey(
        "initiatives.TableChange", on_delete=models.PROTECT, null=True, blank=True,
        related_name="workbook_returns",
    )  # fmt: skip

    scope_lookup = None
    objects = OwnWorkbookQuerySet.as_manager()

    class Meta(Row.Meta):
        triggers = capture("rows")

    def __str__(self) -> str:
        return self.file_name
