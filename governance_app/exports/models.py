"""What left the house as a file: which sheet, filter, control totals, for whom."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.files.models import StoredFile
from governance_app.jobs.models import Job
from governance_app.people.models import User


class ExportJob(Row):
    """
    One export, from the wish to the finished file; the history of reports.

    ``chosen`` is the filter as in the URL of the page it came from. ``seen`` are the scope paths
    the asker could see when it was made: whoever downloads it must still see them. The file
    stands here only once its control totals were equal to those of the ledger.
    """

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel workbook"
        PARQUET = "parquet", "Parquet"

    sheet = models.CharField(max_length=40)
    format = models.CharField(max_length=10, choices=Format)
    title = models.CharField(max_length=300)
    chosen = models.JSONField(default=dict)
    words = models.TextField(help_text="The filter in words.")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="exports")
    seen = ArrayField(models.TextField())
    job = models.ForeignKey(
        Job, on_delete=models.PROTECT, null=True, blank=True, related_name="exports"
    )
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="exports"
    )
    rows = models.BigIntegerField(null=True, blank=True)
    control = models.JSONField(default=dict, help_text="Currency -> cost basis -> exact total.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(file=None, rows=None, finished_at=None)
                | Q(file__isnull=False, rows__isnull=False, finished_at__isnull=False),
                name="exports_finished_with_file",
            )
        ]
        indexes = [models.Index(fields=["-created_at"], name="exports_newest")]

    def __str__(self) -> str:
        return self.title
