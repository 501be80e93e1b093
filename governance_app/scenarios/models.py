"""What to fund: a question with its limits, the answer line by line, and what was proposed."""

from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row, UncapturedRow
from governance_app.gates.models import GateRequest
from governance_app.initiatives.models import Initiative
from governance_app.jobs.models import Job
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.scenarios import choices


class Scenario(Row):
    """
    One question of what to fund in a part of the tree, with its limits and its answer.

    ``budgets`` and ``people``: fiscal year -> the most that may be spent, in ``currency``.
    ``must`` and ``never`` hold initiatives by id, ``either`` groups of which at most one is
    funded. The answer stands in ``result``; changing the question takes it away. It changes
    nothing else until a person applies it.
    """

    name = models.CharField(max_length=200)
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="scenarios")
    on = models.DateField(help_text="The day it looks from: what was spent by then is sunk.")
    currency = models.CharField(max_length=3)
    budgets = models.JSONField(default=dict, blank=True)
    people = models.JSONField(default=dict, blank=True)
    risk_cap = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    must = models.JSONField(default=list, blank=True)
    never = models.JSONField(default=list, blank=True)
    either = models.JSONField(default=list, blank=True)
    keeps_dependencies = models.BooleanField(default=True)
    seconds = models.PositiveSmallIntegerField(default=60)

    state = models.CharField(max_length=8, choices=choices.STATES, default="draft")
    sentence = models.TextField(blank=True, help_text="Why there is no answer.")
    result = models.JSONField(default=dict, blank=True)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="scenarios")
    solved_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["node", "name"], name="scenarios_name_once"),
            models.CheckConstraint(
                condition=Q(risk_cap=None) | Q(risk_cap__gte=0), name="scenarios_risk_cap"
            ),
            models.CheckConstraint(
                condition=~Q(state="solved") | Q(solved_at__isnull=False),
                name="scenarios_solved_when",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class Candidate(UncapturedRow):
    """
    One initiative in the answer of a scenario: funded or not, and what it would bring and take.

    ``value`` is its risk-adjusted value to go; ``costs`` and ``people``: fiscal year -> amount.
    Written in one go with the answer; ``reason`` says why it could not be considered.
    """

    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="candidates")
    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="candidacies")
    is_funded = models.BooleanField()
    is_considered = models.BooleanField(default=True)
    value = models.DecimalField(max_digits=38, decimal_places=18, null=True)
    worth = models.DecimalField(
        max_digits=38, decimal_places=18, null=True, help_text="Before chances."
    )
    cost = models.DecimalField(max_digits=38, decimal_places=18, null=True)
    costs = models.JSONField(default=dict)
    people = models.JSONField(default=dict)
    risk_points = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    reason = models.CharField(max_length=500, blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "initiative"], name="scenarios_candidate_once"
            ),
            models.CheckConstraint(
                condition=Q(is_considered=True, value__isnull=False)
                | Q(is_considered=False, is_funded=False) & ~Q(reason=""),
                name="scenarios_candidate_sense",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} in {self.scenario_id}"


class Proposal(Row):
    """
    What a person proposes to the gate of an initiative after a scenario; nothing happens by it.

    ``open`` until a gate takes it up or somebody withdraws it.
    """

    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="proposals")
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="funding_proposals"
    )
    action = models.CharField(max_length=4, choices=choices.ACTIONS)
    state = models.CharField(max_length=9, choices=choices.PROPOSAL_STATES, default="open")
    sentence = models.CharField(max_length=500, blank=True)
    amount = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    currency = models.CharField(max_length=3)
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="funding_proposals"
    )
    request = models.ForeignKey(
        GateRequest,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="funding_proposals",
        help_text="The request at a gate that took it up.",
    )
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative"],
                condition=Q(state="open"),
                name="scenarios_one_open_proposal",
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_by=None, ended_at=None)
                | ~Q(state="open") & Q(ended_by__isnull=False, ended_at__isnull=False),
                name="scenarios_proposal_ended_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.initiative_id}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node
