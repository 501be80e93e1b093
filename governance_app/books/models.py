"""Currencies, rates, accounting months and the settings that change with time."""

from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class Currency(Row):
    """A currency the organisation books or reports in (ISO 4217)."""

    code = models.CharField(max_length=3, unique=True)
    name = models.CharField(max_length=100)
    minor_units = models.PositiveSmallIntegerField(default=2)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.code


class Rate(Row):
    """
    What one unit of ``base`` is worth in ``quote`` in a month, by kind.

    Actuals use ``average``, balances ``closing``, plans ``budget`` (METHOD section 1).
    A correction is a new row; the newest by ``created_at`` counts until the month closes.
    """

    class Kind(models.TextChoices):
        AVERAGE = "average"
        CLOSING = "closing"
        BUDGET = "budget"

    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    month = models.DateField(help_text="First day of the month.")
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.DecimalField(max_digits=38, decimal_places=18)
    source = models.CharField(max_length=200)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(value__gt=0), name="books_rate_positive"),
            models.CheckConstraint(condition=~Q(base=F("quote")), name="books_rate_two_currencies"),
            models.CheckConstraint(condition=Q(month__day=1), name="books_rate_first_of_month"),
        ]
        indexes = [models.Index(fields=["base", "quote", "kind", "month"], name="books_rate_pair")]

    def __str__(self) -> str:
        value = f"{self.value.normalize():f}"
        return f"1 {self.base} = {value} {self.quote}, {self.kind} {self.month:%b %Y}"


class AccountingMonth(Row):
    """A month of the books: open until finance closes it; a closed month is never edited."""

    class State(models.TextChoices):
        OPEN = "open"
        SOFT_CLOSED = "soft closed"
        APPROVED = "approved"
        CLOSED = "closed"

    month = models.DateField(unique=True, help_text="First day of the month.")
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="closed_months"
    )

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="books_month_first_day"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="books_month_closed_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%b %Y} ({self.state})"


class LegalEntity(Row):
    """
    A company of the group that keeps books of its own, in a currency of its own.

    Costs borne at ``node`` or below are its costs unless a coding rule says otherwise.
    """

    code = models.CharField(max_length=20, unique=True, help_text="Company code in the ERP.")
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3, help_text="It keeps its books in (ISO 4217).")
    node = models.OneToOneField(
        ScopeNode, on_delete=models.PROTECT, null=True, blank=True, related_name="legal_entity"
    )
    closed_on = models.DateField(null=True, blank=True)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class DatedSetting(Row):
    """
    A value in force from a day on, for the organisation or one node of the tree.

    Keys and their meaning stand in ``books/settings_known.py``. A change is a new row,
    so that yesterday's figure can be made again today.
    """

    key = models.CharField(max_length=100)
    value = models.JSONField()
    from_on = models.DateField()
    node = models.ForeignKey(
        ScopeNode, on_delete=models.PROTECT, null=True, blank=True, related_name="settings"
    )
    source = models.CharField(max_length=300, blank=True)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        indexes = [models.Index(fields=["key", "from_on"], name="books_setting_key")]

    def __str__(self) -> str:
        return f"{self.key} from {self.from_on}"
