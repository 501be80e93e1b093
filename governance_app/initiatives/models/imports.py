"""Imported inventories: how a file is read, what came of it, and which row became what."""

from django.db import models
from django.db.models import Q

from governance_app.audit.capture import capture
from governance_app.audit.rows import Row, UncapturedRow
from governance_app.files.models import StoredFile
from governance_app.initiatives.models.initiative import Initiative
from governance_app.jobs.models import Job
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class ImportMapping(Row):
    """
    A named way to read inventories of one shape: columns to fields, values to ours, keys.

    ``data`` follows ``importing.mapping`` and carries its schema version; ``signature`` is the
    digest of the column labels, so that the next file of that shape finds its mapping.
    """

    name = models.CharField(max_length=200, unique=True)
    data = models.JSONField()
    signature = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="import_mappings")

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        indexes = [models.Index(fields=["signature"], name="initiatives_mapping_shape")]

    def __str__(self) -> str:
        return self.name


class InventoryImport(Row):
    """
    One uploaded inventory on its way in.

    ``mapping`` is the mapping as used, kept with the import; ``survey`` is what its columns
    hold, so that the pages need not read the file again; ``report`` is what the last dry run
    or the application found. The file itself is kept unchanged.
    """

    class State(models.TextChoices):
        OPEN = "open"
        APPLIED = "applied"
        ABANDONED = "abandoned"

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="inventory_imports")
    file_name = models.CharField(max_length=255)
    under = models.ForeignKey(
        ScopeNode, on_delete=models.PROTECT, related_name="inventory_imports",
        help_text="Units of the file are found or made below this node.",
    )  # fmt: skip
    mapping = models.JSONField(default=dict)
    saved_mapping = models.ForeignKey(
        ImportMapping, on_delete=models.PROTECT, null=True, blank=True, related_name="imports"
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    survey = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="inventory_imports")
    job = models.ForeignKey(
        Job, on_delete=models.PROTECT, null=True, blank=True, related_name="inventory_imports"
    )
    applied_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "under__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        triggers = capture("survey", "report")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="applied", applied_at__isnull=False)
                | ~Q(state="applied") & Q(applied_at=None),
                name="initiatives_import_applied_when",
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def scope_node(self) -> ScopeNode:
        return self.under


class ImportedRow(UncapturedRow):
    """
    One row of an inventory and the initiative it became; only an import writes it.

    ``key_digest`` and ``occurrence`` find it again in the next file. ``raw`` holds every cell
    as received, in the order of the columns in the mapping of ``last_import``; ``values`` what
    the mapping made of it. An edit made here since is left alone unless the file's own value
    changes. The ledger holds the import, whose file is kept, and every initiative it changed.
    """

    initiative = models.OneToOneField(
        Initiative, on_delete=models.PROTECT, related_name="imported_row"
    )
    key_digest = models.CharField(max_length=64)
    occurrence = models.PositiveIntegerField(default=1)
    key_values = models.JSONField()
    row_hash = models.CharField(max_length=64)
    raw = models.JSONField()
    values = models.JSONField()
    row_number = models.PositiveIntegerField()
    last_import = models.ForeignKey(
        InventoryImport, on_delete=models.PROTECT, related_name="imported_rows"
    )

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key_digest", "occurrence"], name="initiatives_imported_key"
            )
        ]

    def __str__(self) -> str:
        return f"row {self.row_number} of import {self.last_import_id}"
