from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.files.models import StoredFile
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.fields import money
from governance_app.spend.models.source import Source


class Delivery(Row):
    """
    The files of one bill as received at one time; never changed.

    ``identity``: equal identities are the same delivery (manifest version, or the digests of
    the files). ``made_at`` orders deliveries: the manifest's time, else the time of receipt.
    ``report`` is the judgement on the files: counts and the first hundred problems.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="deliveries")
    identity = models.CharField(max_length=500)
    made_at = models.DateTimeField()
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="deliveries")
    scope = models.CharField(
        max_length=200, blank=True, help_text="Of all its lines; empty: each billing account."
    )
    part = models.CharField(
        max_length=100,
        blank=True,
        help_text="Names it among deliveries that add up; empty: it is the whole month.",
    )
    focus_version = models.CharField(max_length=10)
    form = models.CharField(
        max_length=60,
        blank=True,
        help_text="What its files are: a version of FOCUS, or a vendor's.",
    )
    rows = models.BigIntegerField()
    refused_rows = models.BigIntegerField(default=0)
    refused = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="refused_of"
    )
    report = models.JSONField(default=dict)

    scope_lookup = "source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        indexes = [models.Index(fields=["source", "-created_at"], name="spend_delivery_newest")]

    def __str__(self) -> str:
        return f"{self.source} {self.made_at:%d %b %Y}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.source.node


class DeliveryFile(Row):
    """One file of a delivery, under the name its sender gave it."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="deliveries")
    name = models.CharField(max_length=255)
    position = models.PositiveIntegerField()

    scope_lookup = "delivery__source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "position"], name="spend_delivery_file_position"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Load(Row):
    """
    What one delivery says about one scope and billing month: a version of it.

    One version is current (:class:`CurrentLoad`); its key-months are in the ledger, those of
    the others are in their archives. A load is never edited but for its state.
    """

    class State(models.TextChoices):
        CURRENT = "current"
        SUPERSEDED = "superseded"
        PARKED = "parked"

    class Kind(models.TextChoices):
        BILL = "bill"
        ADJUSTMENT = "adjustment", "What a late bill changes in a closed month"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.BILL)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="loads")
    scope = models.CharField(max_length=200)
    period = models.DateField(help_text="First day of the billing month.")
    number = models.PositiveIntegerField(help_text="Version of this scope and month, from 1.")
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="loads")
    identity = models.CharField(max_length=500)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State)
    rows = models.BigIntegerField()
    declared_rows = models.BigIntegerField(null=True, blank=True)

    scope_lookup = "source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["source", "scope", "period", "number"], name="spend_load_version_once"
            ),
            models.CheckConstraint(condition=Q(period__day=1), name="spend_load_first_of_month"),
            models.CheckConstraint(
                condition=Q(declared_rows=None) | Q(declared_rows=models.F("rows")),
                name="spend_load_rows_as_declared",
            ),
        ]
        indexes = [models.Index(fields=["period"], name="spend_load_period")]

    def __str__(self) -> str:
        return f"{self.source} {self.scope} {self.period:%b %Y}, version {self.number}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.source.node


class LoadTotal(Row):
    """What a load sums to in one currency, counted line by line while it was read."""

    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="totals")
    currency = models.CharField(max_length=3)
    billed = money()
    effective = money()
    contracted = money(is_optional=True)
    list = money(is_optional=True)
    lines = models.BigIntegerField()
    declared_billed = money(is_optional=True)

    scope_lookup = "load__source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["load", "currency"], name="spend_load_total_once"),
            models.CheckConstraint(
                condition=Q(declared_billed=None) | Q(declared_billed=models.F("billed")),
                name="spend_load_billed_as_declared",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.billed} {self.currency}"


class LoadArchive(Row):
    """
    The lines of a load as sorted Parquet with every received and canonical column.

    Made by a follow-up job from the kept source files; immutable.
    """

    load = models.OneToOneField(Load, on_delete=models.PROTECT, related_name="archive")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="load_archives")
    rows = models.BigIntegerField()

    scope_lookup = "load__source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        pass

    def __str__(self) -> str:
        return f"Lines of {self.load}"


class CurrentLoad(Row):
    """Points at the load that counts for a source, scope and billing month."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="current_loads")
    scope = models.CharField(max_length=200)
    period = models.DateField()
    load = models.OneToOneField(Load, on_delete=models.PROTECT, related_name="current_in")

    scope_lookup = "source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["source", "scope", "period"], name="spend_one_current_load"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.scope} {self.period:%b %Y}"
