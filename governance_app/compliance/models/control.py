"""Controls of the library where they are applied, and the tests that show that they work."""

from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.compliance.models.evidence import Evidence
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class AppliedControl(Row):
    """
    A control of the library on an initiative. Shares come from its tests; services write them.

    ``design`` and ``operating`` are shares in 0..1, null until tested; their credit lasts
    ``max_age_days`` from the day of the test.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        IN_PLACE = "in_place", "In place"
        NOT_APPLICABLE = "not_applicable", "Does not apply"

    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="applied_controls"
    )
    library_key = models.CharField(max_length=60)
    ref = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=15, choices=State, default=State.PLANNED)
    reason = models.TextField(blank=True, help_text="Why it does not apply.")
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="controls_owned"
    )
    due_on = models.DateField(null=True, blank=True)
    design = models.DecimalField(max_digits=4, decimal_places=3, null=True, blank=True)
    design_on = models.DateField(null=True, blank=True)
    operating = models.DecimalField(max_digits=4, decimal_places=3, null=True, blank=True)
    operating_on = models.DateField(null=True, blank=True)
    max_age_days = models.PositiveSmallIntegerField()

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "library_key", "ref"], name="compliance_control_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="not_applicable") | ~Q(reason=""),
                name="compliance_control_na_reason",
            ),
            models.CheckConstraint(
                condition=Q(design=None, design_on=None)
                | Q(design__gte=0, design__lte=1, design_on__isnull=False),
                name="compliance_control_design",
            ),
            models.CheckConstraint(
                condition=Q(operating=None, operating_on=None)
                | Q(operating__gte=0, operating__lte=1, operating_on__isnull=False),
                name="compliance_control_operating",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class ControlTest(Row):
    """One test of a control: of its design, or of a sample of its operation; never changed."""

    class Aspect(models.TextChoices):
        DESIGN = "design", "Design"
        OPERATING = "operating", "Operating"

    control = models.ForeignKey(AppliedControl, on_delete=models.PROTECT, related_name="tests")
    aspect = models.CharField(max_length=10, choices=Aspect)
    share = models.DecimalField(max_digits=4, decimal_places=3)
    sample = models.PositiveIntegerField(null=True, blank=True, help_text="Cases looked at.")
    exceptions = models.PositiveIntegerField(null=True, blank=True, help_text="Cases that failed.")
    note = models.TextField(blank=True)
    tested_on = models.DateField()
    tested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="control_tests")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="control_tests")

    scope_lookup = "control__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(share__gte=0, share__lte=1), name="compliance_test_share"
            ),
            models.CheckConstraint(
                condition=Q(sample=None, exceptions=None)
                | Q(sample__gte=1, exceptions__lte=models.F("sample")),
                name="compliance_test_sample",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_aspect_display()} of {self.control}, {self.tested_on}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.control.initiative.node
