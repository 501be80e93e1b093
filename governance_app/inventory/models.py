"""What initiatives are made of: models and their versions, deployments, datasets, vendors."""

from typing import Self, TypeVar, cast

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower

from governance_app.audit.rows import Row
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative
from governance_app.people.access import scope_paths
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet

M = TypeVar("M", bound=models.Model, covariant=True)


class Origin(models.TextChoices):
    """Who says that a thing belongs to an initiative."""

    TAG = "tag", "a tag at the source"
    PERSON = "person", "a person"
    RULE = "rule", "a mapping rule"


class LinkedQuerySet(ScopedQuerySet[M]):
    """
    Rows seen through the initiatives they are linked to.

    What no initiative has claimed is seen by those who see the whole organisation.
    The model's link table points at it under ``links``.
    """

    def visible_to(self, viewer: User, permission: str = "view") -> Self:
        """Keep what is linked to an initiative the viewer sees."""
        paths = scope_paths(viewer, permission)
        if not paths:
            return self.none()
        if paths == ("",):
            return self.all()
        below = Q()
        for path in paths:
            below |= Q(initiative__node__path__startswith=path)
        links = cast(models.ManyToOneRel, self.model._meta.get_field("links"))
        own = {links.field.name: OuterRef("pk")}
        claims = links.related_model._default_manager
        return self.filter(Exists(claims.filter(below, ended_at=None, **own)))


class Vendor(Row):
    """A company that supplies models, data or tools; names are common knowledge inside."""

    name = models.CharField(max_length=200)
    website = models.URLField(blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166 code.")
    notes = models.TextField(blank=True)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(Lower("name"), name="inventory_vendor_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ModelAsset(Row):
    """
    A registered model as its registry knows it; a sync or a person writes it.

    A model that left its registry keeps its row with ``gone_at``. One that was renamed there
    keeps it too, with ``renamed_to``; the row under the new name lists its ``former_names``.
    """

    source = models.CharField(max_length=100, help_text='"manual" or "connection:<id>".')
    name = models.CharField(max_length=500)
    description = models.TextField(blank=True)
    tags = models.JSONField(default=dict, blank=True)
    vendor = models.ForeignKey(
        Vendor, on_delete=models.PROTECT, null=True, blank=True, related_name="models"
    )
    former_names = ArrayField(models.CharField(max_length=500), default=list, blank=True)
    renamed_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="renamed_from"
    )
    source_ref = models.CharField(max_length=1000, blank=True)
    registered_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)

    objects = LinkedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["source", "name"], name="inventory_model_once_per_source"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ModelLink(Row):
    """That a model serves an initiative, and who says so; ended, never deleted."""

    model = models.ForeignKey(ModelAsset, on_delete=models.PROTECT, related_name="links")
    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="model_links")
    origin = models.CharField(max_length=10, choices=Origin)
    ended_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["model", "initiative"],
                condition=Q(ended_at=None),
                name="inventory_model_linked_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} serves {self.initiative}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class ModelVersion(Row):
    """One version of a model with its aliases and last metrics; a sync writes it."""

    model = models.ForeignKey(ModelAsset, on_delete=models.PROTECT, related_name="versions")
    number = models.CharField(max_length=100, help_text="As the registry counts it.")
    aliases = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    description = models.TextField(blank=True)
    tags = models.JSONField(default=dict, blank=True)
    metrics = models.JSONField(default=dict, blank=True)
    params = models.JSONField(default=dict, blank=True)
    run_ref = models.CharField(max_length=200, blank=True)
    experiment = models.CharField(max_length=500, blank=True)
    source_uri = models.CharField(max_length=2000, blank=True)
    source_ref = models.CharField(max_length=1000, blank=True)
    status = models.CharField(max_length=50, blank=True)
    registered_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["model", "number"], name="inventory_version_once_per_model"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.number}"


class Deployment(Row):
    """A place where a version of a model runs for an initiative, from a day until a day."""

    class Environment(models.TextChoices):
        CLOUD = "cloud", "Cloud"
        ON_PREMISES = "on_premises", "On-premises"
        EDGE = "edge", "Edge"

    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="deployments"
    )
    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="deployments")
    name = models.CharField(max_length=300)
    environment = models.CharField(max_length=12, choices=Environment)
    region = models.CharField(max_length=100, blank=True)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="inventory_deployment_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class Dataset(Row):
    """A set of data that models are trained or judged on; ``digest`` tells its states apart."""

    source = models.CharField(max_length=100, help_text='"manual" or "connection:<id>".')
    name = models.CharField(max_length=500)
    digest = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=100, blank=True)
    location = models.TextField(blank=True)
    schema = models.JSONField(default=dict, blank=True)
    source_ref = models.CharField(max_length=1000, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)

    objects = LinkedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["source", "name", "digest"], name="inventory_dataset_once_per_source"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DatasetLink(Row):
    """That an initiative uses a dataset, and who says so; ended, never deleted."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="links")
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="dataset_links"
    )
    origin = models.CharField(max_length=10, choices=Origin)
    ended_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "initiative"],
                condition=Q(ended_at=None),
                name="inventory_dataset_linked_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative} uses {self.dataset}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class FlowQuerySet(ScopedQuerySet[M]):
    """Flows are seen by whoever sees the dataset they start from."""

    def visible_to(self, viewer: User, permission: str = "view") -> Self:
        """Keep what starts from a dataset the viewer sees."""
        return self.filter(from_dataset__in=Dataset.objects.visible_to(viewer, permission))


class Flow(Row):
    """
    That data went from a dataset into a version of a model, or into another dataset.

    ``via`` is the run or pipeline that did it; a sync or an OpenLineage event writes it.
    """

    source = models.CharField(max_length=100, help_text='"connection:<id>" or "inbound:<id>".')
    from_dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="flows_out")
    to_dataset = models.ForeignKey(
        Dataset, on_delete=models.PROTECT, null=True, blank=True, related_name="flows_in"
    )
    to_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="flows_in"
    )
    via = models.CharField(max_length=500, blank=True)
    context = models.CharField(max_length=100, blank=True, help_text="Such as training.")

    objects = FlowQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["source", "from_dataset", "to_dataset", "to_version", "via"],
                nulls_distinct=False,
                name="inventory_flow_once",
            ),
            models.CheckConstraint(
                condition=Q(to_dataset=None, to_version__isnull=False)
                | Q(to_dataset__isnull=False, to_version=None),
                name="inventory_flow_to_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_dataset} → {self.to_version or self.to_dataset}"


class BillQuerySet(ScopedQuerySet[M]):
    """Bills of materials are seen by whoever sees what they list the parts of."""

    def visible_to(self, viewer: User, permission: str = "view") -> Self:
        """Keep those of an initiative or a model that the viewer sees."""
        initiatives = Initiative.objects.visible_to(viewer, permission)
        models_seen = ModelAsset.objects.visible_to(viewer, permission)
        return self.filter(Q(initiative__in=initiatives) | Q(model__in=models_seen))


class BillOfMaterials(Row):
    """
    What an initiative or a model is made of, as a CycloneDX file says; added, never changed.

    The newest one of its subject counts. ``vulnerabilities`` are those of the file, as
    ``domain.cyclonedx`` reads them.
    """

    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, null=True, blank=True, related_name="bills"
    )
    model = models.ForeignKey(
        ModelAsset, on_delete=models.PROTECT, null=True, blank=True, related_name="bills"
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    spec_version = models.CharField(max_length=10)
    serial_number = models.CharField(max_length=100, blank=True)
    number = models.PositiveIntegerField(default=1, help_text="The version the file gives itself.")
    made_at = models.DateTimeField(null=True, blank=True)
    components = models.PositiveIntegerField()
    vulnerabilities = models.JSONField(default=list, blank=True)
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="bills_taken")

    objects = BillQuerySet.as_manager()

    class Meta(Row.Meta):
        verbose_name_plural = "bills of materials"
        constraints = [
            models.CheckConstraint(
                condition=Q(initiative=None, model__isnull=False)
                | Q(initiative__isnull=False, model=None),
                name="inventory_bill_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"Bill of materials of {self.subject}"

    @property
    def subject(self) -> Initiative | ModelAsset:
        """What it lists the parts of."""
        subject = self.initiative or self.model
        assert subject is not None
        return subject
