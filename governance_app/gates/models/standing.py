"""What holds beside requests: stand-ins, emergencies, guardrails of what is live, the board."""

from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row, UncapturedRow
from governance_app.domain.policy import MODES
from governance_app.gates.models.request import GateRequest
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class Delegation(Row):
    """
    From a day until a day one person decides at gates for another, in a part of the tree.

    What was delegated cannot be delegated further: only the delegator's own rights count.
    """

    giver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_given")
    taker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_taken")
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="delegations")
    from_on = models.DateField()
    until_on = models.DateField(help_text="Last day, inclusive.")
    reason = models.TextField()
    ended_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~Q(giver=F("taker")), name="gates_delegation_to_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")), name="gates_delegation_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["taker", "until_on"], name="gates_delegation_of")]

    def __str__(self) -> str:
        return f"{self.taker} for {self.giver} until {self.until_on}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class BreakGlass(Row):
    """
    An emergency move past a gate: a second person confirms it by a clock, it lapses by another,
    and somebody else looks at it afterwards.
    """

    class Finding(models.TextChoices):
        JUSTIFIED = "justified", "Justified"
        NOT = "not", "Not justified"

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="emergencies")
    from_stage = models.SlugField(max_length=30, blank=True)
    to_stage = models.SlugField(max_length=30)
    reason = models.TextField()
    incident = models.CharField(max_length=300, help_text="The incident it answers.")
    verdict = models.JSONField(default=dict, help_text="What the policies said at that moment.")

    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="glass_broken")
    opened_at = models.DateTimeField()
    confirm_by = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="glass_confirmed"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    lapses_at = models.DateTimeField()
    review_due_on = models.DateField()
    finding = models.CharField(max_length=10, choices=Finding, blank=True)
    sentence = models.TextField(blank=True)
    reviewed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="glass_reviewed"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("opened_by")),
                name="gates_glass_second_person",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("opened_by")),
                name="gates_glass_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(finding="", reviewed_by=None)
                | Q(reviewed_by__isnull=False) & ~Q(finding=""),
                name="gates_glass_review_who",
            ),
        ]

    def __str__(self) -> str:
        return f"Emergency move to {self.to_stage}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class Guardrail(UncapturedRow):
    """
    How the checks stand for one initiative that is live; derived, written by the daily round.

    ``facts_hash`` covers every fact the policies ask about, so what did not change is not
    judged again.
    """

    initiative = models.OneToOneField(
        Initiative, on_delete=models.PROTECT, related_name="guardrail"
    )
    rules_hash = models.CharField(max_length=64)
    facts_hash = models.CharField(max_length=64)
    mode = models.CharField(max_length=12, choices=dict(MODES))
    is_green = models.BooleanField()
    findings = models.JSONField()
    judged_on = models.DateField(help_text="When it was last judged.")
    ages_on = models.DateField(null=True, help_text="When a fact in it becomes too old.")

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.initiative_id} {'green' if self.is_green else 'not green'}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class Breach(Row):
    """A check that a live initiative no longer passes, with a clock; closed when it does again."""

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="breaches")
    check_id = models.CharField(max_length=80)
    title = models.CharField(max_length=300)
    why = models.TextField()
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    mended_at = models.DateTimeField(null=True, blank=True)
    how = models.TextField(blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "check_id"],
                condition=Q(mended_at=None),
                name="gates_breach_open_once",
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], name="gates_breach_when")]

    def __str__(self) -> str:
        return self.title

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class BoardMeeting(Row):
    """A sitting of the board of a node: its agenda beforehand, its minutes afterwards."""

    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="board_meetings")
    on = models.DateField()
    title = models.CharField(max_length=200)
    minutes = models.TextField(blank=True)
    called_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="meetings_called")
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="meetings_held"
    )

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["node", "on"], name="gates_one_meeting_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.on}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class AgendaItem(Row):
    """A request on the agenda of a meeting, and what the minutes say about it."""

    meeting = models.ForeignKey(BoardMeeting, on_delete=models.PROTECT, related_name="items")
    request = models.ForeignKey(GateRequest, on_delete=models.PROTECT, related_name="agenda_items")
    position = models.PositiveSmallIntegerField()
    minute = models.TextField(blank=True)

    scope_lookup = "meeting__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["meeting", "request"], name="gates_on_agenda_once"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.request_id}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.meeting.node
