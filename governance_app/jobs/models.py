"""The queue and the truth about work. Celery carries only ids."""

from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row, UncapturedRow
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class Job(Row):
    """
    One piece of work somebody or something asked for.

    ``kind`` is the dotted path of the function that does it. Only ``jobs.services`` and
    the runner change a job; its progress stands in :class:`Progress`.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"
        QUARANTINED = "quarantined"

    UNFINISHED = (State.QUEUED, State.RUNNING)

    kind = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=200, null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="jobs")
    node = models.ForeignKey(
        ScopeNode, on_delete=models.PROTECT, null=True, blank=True, related_name="jobs"
    )
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    not_before = models.DateTimeField()
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True)
    reference = models.CharField(max_length=12, blank=True, help_text="Finds the log entry.")

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state__in=["queued", "running"]),
                name="jobs_key_once_while_unfinished",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(state__in=["queued", "running"]),
                name="jobs_unfinished",
            ),
            models.Index(fields=["-created_at"], name="jobs_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_finished(self) -> bool:
        return self.state not in self.UNFINISHED


class Progress(UncapturedRow):
    """
    How far a job is and who holds it; written on a connection of its own, so that it
    shows while the job's transaction is open, and never locked by the work itself.
    """

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="progress")
    worker = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=100, blank=True)
    stage_at = models.DateTimeField(null=True, blank=True)
    rows = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True, blank=True)
    log = models.JSONField(default=list)
    is_cancel_requested = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.stage} {self.rows}"


class Schedule(Row):
    """Work that comes round: every so many seconds from an anchor, by the database's clock."""

    name = models.CharField(max_length=200, unique=True)
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    every_seconds = models.PositiveIntegerField()
    anchor_at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="schedules")
    node = models.ForeignKey(
        ScopeNode, on_delete=models.PROTECT, null=True, blank=True, related_name="schedules"
    )
    is_active = models.BooleanField(default=True)

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(every_seconds__gte=10), name="jobs_schedule_not_too_often"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Slot(UncapturedRow):
    """One turn of a schedule: unique, so that two beats cannot double it."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="slots")
    at = models.DateTimeField()
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="slots")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schedule", "at"], name="jobs_slot_once")]

    def __str__(self) -> str:
        return f"{self.schedule} {self.at}"


class OutboxMessage(Row):
    """
    Something to send out once the transaction that decided it has committed.

    ``dedupe`` makes the decision idempotent; the receiver may still see a message twice.
    """

    channel = models.CharField(max_length=20)
    dedupe = models.CharField(max_length=200, unique=True)
    payload = models.JSONField()
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta(Row.Meta):
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(sent_at=None, failed_at=None),
                name="jobs_outbox_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.dedupe}"


class Pulse(UncapturedRow):
    """When a part of the running system was last seen alive."""

    name = models.CharField(max_length=50, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at}"


class Answer(UncapturedRow):
    """
    What was answered to a request that named a key, so that sending it again changes nothing.

    Written in the transaction of the change it tells about; ``digest`` is of the request.
    """

    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="answers")
    key = models.CharField(max_length=200)
    route = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["by", "key"], name="jobs_answer_once")]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
