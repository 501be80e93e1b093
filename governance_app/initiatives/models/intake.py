"""How initiatives begin: templates to start from, and proposals that wait to be looked at."""

from django.db import models
from django.db.models import Q

from governance_app.audit.capture import capture
from governance_app.audit.rows import Row
from governance_app.initiatives.models.initiative import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class InitiativeTemplate(Row):
    """
    What a new initiative of one kind starts with.

    ``details``: field -> value, as ``services.drafts`` takes it. ``milestones``: name and the
    days after the start. ``log``: kind and title of assumptions and issues to begin with.
    """

    name = models.CharField(max_length=200, unique=True)
    about = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)
    milestones = models.JSONField(default=list, blank=True)
    log = models.JSONField(default=list, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="initiative_templates")

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class IntakeLink(Row):
    """
    A door for people without an account: whoever has the token may propose for one unit.

    Only the digest of the token is kept. It opens until ``expires_on`` or until it is closed.
    """

    name = models.CharField(max_length=200)
    unit = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="intake_links")
    token_digest = models.CharField(max_length=64, unique=True)
    expires_on = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="intake_links")

    scope_lookup = "unit__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        triggers = capture("token_digest")

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.unit


class IntakeRequest(Row):
    """
    A proposed initiative until somebody takes it up, joins it to one there is, or declines it.

    ``person`` proposed it signed in; through a ``link`` a name and an e-mail stand instead.
    ``initiative`` is what it became, or what it was found to be already.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        TAKEN_UP = "taken_up", "Taken up"
        JOINED = "joined", "Joined to another"
        DECLINED = "declined"

    unit = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="intake_requests")
    link = models.ForeignKey(
        IntakeLink, on_delete=models.PROTECT, null=True, blank=True, related_name="requests"
    )
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="intake_requests"
    )
    proposer_name = models.CharField(max_length=200)
    proposer_email = models.EmailField(blank=True)
    name = models.CharField(max_length=500)
    purpose = models.TextField()
    benefit = models.TextField(blank=True)
    vendor = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, null=True, blank=True, related_name="intake_requests"
    )
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="intake_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    scope_lookup = "unit__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | ~Q(state="waiting") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="initiatives_intake_decided_who_when",
            ),
            models.CheckConstraint(
                condition=Q(link__isnull=False) | Q(person__isnull=False),
                name="initiatives_intake_from_somebody",
            ),
        ]
        indexes = [models.Index(fields=["unit", "state"], name="initiatives_intake")]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.unit
