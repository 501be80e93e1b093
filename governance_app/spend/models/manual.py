from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.books.models import LegalEntity
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.fields import money
from governance_app.spend.models.invoice import PurchaseOrder
from governance_app.spend.models.source import Source


class CostCategory(models.TextChoices):
    """The parts of what an initiative costs in all (METHOD section 2)."""

    BUILD = "build"
    DATA = "data"
    RUN = "run"
    PEOPLE = "people"
    REFRESH = "model refresh"
    GOVERNANCE = "governance"
    CHANGE = "change and training"
    RETIREMENT = "retirement"


class TaxRule(Row):
    """
    What a tax code means for an entity from a month on: its rate and how much comes back.

    Recoverable tax is no cost; irrecoverable tax is (METHOD section 1).
    """

    entity = models.ForeignKey(LegalEntity, on_delete=models.PROTECT, related_name="tax_rules")
    code = models.CharField(max_length=20)
    rate = models.DecimalField(max_digits=9, decimal_places=6, help_text="0.19 is 19 %.")
    recoverable = models.DecimalField(
        max_digits=9, decimal_places=6, help_text="Share of the tax that comes back, 0 to 1."
    )
    from_month = models.DateField()

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "code", "from_month"], name="spend_tax_rule_once"
            ),
            models.CheckConstraint(
                condition=Q(rate__gte=0, recoverable__gte=0, recoverable__lte=1),
                name="spend_tax_rule_parts",
            ),
            models.CheckConstraint(
                condition=Q(from_month__day=1), name="spend_tax_rule_first_of_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} in {self.entity}"


class ManualCost(Row):
    """
    A cost that no bill brings: typed in, with the file that proves it.

    A wrong one is withdrawn and written again, never edited. ``amount`` is net of tax.
    """

    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, null=True, blank=True, related_name="manual_costs"
    )
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="manual_costs")
    month = models.DateField()
    category = models.CharField(max_length=20, choices=CostCategory)
    is_capex = models.BooleanField(default=False)
    is_recurring = models.BooleanField(default=False)
    vendor = models.CharField(max_length=200, blank=True)
    description = models.CharField(max_length=500)
    entity = models.ForeignKey(
        LegalEntity, on_delete=models.PROTECT, null=True, blank=True, related_name="manual_costs"
    )
    amount = money(help_text="Net of tax.")
    tax = money(default=0, help_text="Tax on it, recoverable or not.")
    tax_code = models.CharField(max_length=20, blank=True)
    currency = models.CharField(max_length=3)
    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.PROTECT, null=True, blank=True, related_name="costs"
    )
    evidence = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="manual_costs")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="spend_manual_first_of_month"),
        ]
        indexes = [models.Index(fields=["month"], name="spend_manual_month")]

    def __str__(self) -> str:
        return self.description

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class DayRate(Row):
    """What a day of a kind of person costs an entity from a month on; a change is a new row."""

    persona = models.CharField(max_length=100)
    entity = models.ForeignKey(
        LegalEntity, on_delete=models.PROTECT, null=True, blank=True, related_name="day_rates"
    )
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="day_rates")
    from_month = models.DateField()
    amount = money(help_text="Per day, net of tax.")
    currency = models.CharField(max_length=3)
    tax_code = models.CharField(max_length=20, blank=True, help_text="Of contractors who invoice.")

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["persona", "entity", "from_month"],
                name="spend_day_rate_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="spend_day_rate_not_negative"),
            models.CheckConstraint(
                condition=Q(from_month__day=1), name="spend_day_rate_first_of_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.persona} from {self.from_month:%b %Y}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class WorkedDays(Row):
    """Days that people of one kind worked for an initiative in a month."""

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="worked_days")
    persona = models.CharField(max_length=100)
    entity = models.ForeignKey(
        LegalEntity, on_delete=models.PROTECT, null=True, blank=True, related_name="worked_days"
    )
    month = models.DateField()
    days = models.DecimalField(max_digits=12, decimal_places=4)
    note = models.CharField(max_length=300, blank=True)
    evidence = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="worked_days")

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "persona", "entity", "month"],
                name="spend_worked_days_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(days__gte=0), name="spend_worked_not_negative"),
            models.CheckConstraint(condition=Q(month__day=1), name="spend_worked_first_of_month"),
        ]

    def __str__(self) -> str:
        return f"{self.days} days of {self.persona}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class PrepaidEntry(Row):
    """
    What moves a prepaid balance besides bills: an opening balance, a write-off, FX.

    ``amount`` is what it adds to the balance; a write-off is negative.
    """

    class Kind(models.TextChoices):
        OPENING = "opening", "Opening balance"
        WRITE_OFF = "write-off", "Written off"
        FX = "fx", "Exchange difference"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="prepaid_entries")
    month = models.DateField()
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=10, choices=Kind)
    amount = money()
    sentence = models.CharField(max_length=500)
    evidence = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="prepaid_entries")

    scope_lookup = "source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="spend_prepaid_first_of_month"),
            models.CheckConstraint(
                condition=~Q(kind="write-off") | Q(amount__lte=0), name="spend_write_off_takes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount} {self.currency}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.source.node
