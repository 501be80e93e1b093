"""Connections to outside systems, and every run that pulled from one."""

from django.db import models
from django.db.models import Q

from governance_app.audit.capture import capture
from governance_app.audit.rows import Row
from governance_app.jobs.models import Job
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models import Source


class Connection(Row):
    """
    A source set up by an administrator: a plug-in, its settings, and how often it runs.

    ``settings`` holds what may be shown; ``sealed`` the secrets, encrypted, which no page,
    log or trail ever shows. A deleted connection keeps its row, runs and what they brought.
    """

    name = models.CharField(max_length=200)
    plugin = models.CharField(max_length=50)
    settings = models.JSONField(default=dict, blank=True)
    sealed = models.TextField(blank=True)
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="connections")
    every_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="How often it runs by itself; empty: only by hand."
    )
    spend_source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="connections",
        help_text="Whose bills it brings, once it has brought one.",
    )  # fmt: skip
    is_on_trial = models.BooleanField(
        default=False, help_text="Until somebody accepts its rehearsal nothing it brings is kept."
    )
    fresh_within_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="How old its last good run may be; empty: nobody said."
    )
    paused_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        triggers = capture("sealed")
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(deleted_at=None),
                name="connectors_connection_name_once",
            ),
            models.CheckConstraint(
                condition=Q(every_seconds=None) | Q(every_seconds__gte=10),
                name="connectors_not_too_often",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.node

    @property
    def source(self) -> str:
        """How rows of other nouns name this connection as their source."""
        return f"connection:{self.pk}"


class SyncRun(Row):
    """
    One run of a connection: what it read and what that changed; written even for no change.

    ``watermark`` is where the next run starts; it moves with each batch that was stored. A
    rehearsal stores nothing: its counts and ``findings`` say what a run would have changed.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        PARTIAL = "partial", "Done in part"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    class Kind(models.TextChoices):
        SYNC = "sync", "Run"
        REHEARSAL = "rehearsal", "Rehearsal"
        BACKFILL = "backfill", "Backfill"

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="runs")
    job = models.OneToOneField(
        Job, on_delete=models.PROTECT, null=True, blank=True, related_name="sync_run"
    )
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SYNC)
    since = models.DateField(null=True, blank=True, help_text="First day of a backfill.")
    until = models.DateField(null=True, blank=True, help_text="Last day of a backfill.")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    rows_read = models.PositiveBigIntegerField(default=0)
    rows_new = models.PositiveBigIntegerField(default=0)
    rows_changed = models.PositiveBigIntegerField(default=0)
    rows_gone = models.PositiveBigIntegerField(default=0)
    rows_refused = models.PositiveBigIntegerField(default=0)
    rows_waiting = models.PositiveBigIntegerField(default=0)
    refusals = models.JSONField(default=list, blank=True, help_text="The first hundred.")
    watermark = models.JSONField(default=dict, blank=True)
    findings = models.JSONField(
        default=dict, blank=True, help_text="What a rehearsal would have changed."
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    scope_lookup = "connection__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running", finished_at=None)
                | ~Q(state="running") & Q(finished_at__isnull=False),
                name="connectors_run_finished_with_moment",
            ),
        ]
        indexes = [models.Index(fields=["connection", "-started_at"], name="connectors_run_newest")]

    def __str__(self) -> str:
        return f"{self.connection}, {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.connection.node

    @property
    def has_changed_nothing(self) -> bool:
        return not (self.rows_new or self.rows_changed or self.rows_gone)
