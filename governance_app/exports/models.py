"""What leaves the house as a file: exports with their control totals, layouts, schedules."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.exports.documents import DOCUMENTS
from governance_app.files.models import StoredFile
from governance_app.jobs.models import Job
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class ColumnSet(Row):
    """
    A named layout of a sheet: which columns in which order under which headings, with fixed
    values between them and the spelling of dates and decimals that an ERP asks for.

    ``columns`` is a list of {"name", "heading"} or {"value", "heading"} (a fixed value).
    """

    name = models.CharField(max_length=100, unique=True)
    sheet = models.CharField(max_length=40)
    columns = models.JSONField()
    delimiter = models.CharField(max_length=1, default=",")
    decimal_mark = models.CharField(max_length=1, default=".")
    decimal_places = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Empty: every digit; otherwise rounded half up."
    )
    date_format = models.CharField(max_length=20, default="%Y-%m-%d")
    has_bom = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~Q(delimiter=models.F("decimal_mark")), name="exports_marks_differ"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ExportSchedule(Row):
    """
    A report that comes round and is delivered: by e-mail, to a folder or to an object store.

    It sees what ``owner`` sees. Each period is delivered once: :class:`ExportDelivery`.
    """

    class Every(models.TextChoices):
        DAY = "day", "every day"
        WEEK = "week", "every week"
        MONTH = "month", "every month"
        CLOSE = "close", "when a month is closed"

    class Target(models.TextChoices):
        EMAIL = "email", "E-mail"
        STORE = "store", "Folder or object store"

    name = models.CharField(max_length=100, unique=True)
    sheet = models.CharField(max_length=40)
    format = models.CharField(max_length=10)
    layout = models.ForeignKey(
        ColumnSet, on_delete=models.PROTECT, null=True, blank=True, related_name="schedules"
    )
    chosen = models.JSONField(default=dict)
    months = models.PositiveSmallIntegerField(
        default=1, help_text="How many months up to the newest complete (or closed) one."
    )
    every = models.CharField(max_length=10, choices=Every)
    target = models.CharField(max_length=10, choices=Target)
    address = models.TextField(help_text="Addresses by comma, or the URL of a folder.")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="export_schedules")
    is_active = models.BooleanField(default=True)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        pass

    def __str__(self) -> str:
        return self.name

    @property
    def is_document(self) -> bool:
        """Whether a document comes round, rather than a sheet of some months."""
        return self.sheet in DOCUMENTS


class ExportJob(Row):
    """
    One export, from the wish to the finished file; the history of reports.

    ``chosen`` is the filter as in the URL of the page it came from, or what a document tells of.
    ``seen`` are the scope paths the asker could see when it was made: whoever downloads it must
    still see them. The file stands here only once its control totals were equal to those of the
    ledger.
    """

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel workbook"
        PARQUET = "parquet", "Parquet"
        FOCUS_1_2 = "focus-1.2", "FOCUS 1.2"
        FOCUS_1_4 = "focus-1.4", "FOCUS 1.4"
        PDF = "pdf", "PDF"
        PPTX = "pptx", "PowerPoint"

    sheet = models.CharField(max_length=40)
    format = models.CharField(max_length=10, choices=Format)
    title = models.CharField(max_length=300)
    chosen = models.JSONField(default=dict)
    words = models.TextField(help_text="The filter in words.")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="exports")
    seen = ArrayField(models.TextField())
    layout = models.ForeignKey(
        ColumnSet, on_delete=models.PROTECT, null=True, blank=True, related_name="exports"
    )
    schedule = models.ForeignKey(
        "exports.ExportSchedule",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="exports",
    )
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

    @property
    def is_document(self) -> bool:
        """Whether it states figures on pages, rather than rows with control totals."""
        return self.sheet in DOCUMENTS


class ExportDelivery(Row):
    """One period of a schedule, delivered once; ``place`` says where it went."""

    schedule = models.ForeignKey(
        ExportSchedule, on_delete=models.PROTECT, related_name="deliveries"
    )
    period = models.CharField(max_length=20)
    export = models.ForeignKey(ExportJob, on_delete=models.PROTECT, related_name="deliveries")
    place = models.TextField()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "period"], name="exports_period_delivered_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.schedule}, {self.period}"


class BoardPack(Row):
    """
    What a board is shown of the organisation or a unit: figures of a day, words by people.

    ``content`` holds every figure as it was read for ``on`` with what was known at ``known_at``;
    reading it again for the same moment gives the same. ``words``: section -> narrative. Signed
    packs never change.
    """

    title = models.CharField(max_length=200)
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="board_packs")
    on = models.DateField(help_text="The day that its figures are of.")
    known_at = models.DateTimeField(help_text="What was known then is in it, what came later not.")
    since = models.DateField(help_text="Changes are counted from here: the pack before.")
    before = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="after"
    )
    content = models.JSONField(default=dict)
    words = models.JSONField(default=dict)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="packs_written")
    signed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="packs_signed"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    template = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    slides = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    paper = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    job = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_by=None, signed_at=None)
                | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="exports_pack_signed_whole",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=models.F("written_by")),
                name="exports_pack_second_person",
            ),
            models.CheckConstraint(
                condition=Q(since__lt=models.F("on")), name="exports_pack_since_before_on"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scope_node(self) -> ScopeNode:
        """Where it belongs."""
        return self.node


class PackAction(Row):
    """What a board asked for: the next pack tells what became of it."""

    pack = models.ForeignKey(BoardPack, on_delete=models.PROTECT, related_name="actions")
    text = models.CharField(max_length=500)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="pack_actions")
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=500, blank=True)

    scope_lookup = "pack__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        pass

    def __str__(self) -> str:
        return self.text

    @property
    def scope_node(self) -> ScopeNode:
        """Where it belongs."""
        return self.pack.node
