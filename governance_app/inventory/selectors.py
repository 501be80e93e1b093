"""Reading the inventory."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from governance_app.initiatives.models import Initiative
from governance_app.inventory.models import (
    BillOfMaterials,
    Dataset,
    DatasetLink,
    Flow,
    ModelAsset,
    ModelLink,
    ModelVersion,
    Origin,
    Vendor,
)
from governance_app.people.models import User


def models(
    *, viewer: User, search: str = "", is_unclaimed: bool = False, with_gone: bool = False
) -> QuerySet[ModelAsset]:
    """
    Give models by name, with ``version_count``, ``newest_at`` and the links the viewer sees.

    Args:
        search: part of a name or former name.
        is_unclaimed: only those that no initiative has claimed.
        with_gone: also those that left their registry.
    """
    found = ModelAsset.objects.visible_to(viewer).select_related("vendor", "renamed_to")
    if not with_gone:
        found = found.filter(gone_at=None)
    if search:
        found = found.filter(Q(name__icontains=search) | Q(former_names__icontains=search))
    if is_unclaimed:
        found = found.exclude(links__in=ModelLink.objects.filter(ended_at=None))
    present = Q(versions__gone_at=None)
    return (
        found.annotate(
            version_count=Count("versions", filter=present),
            newest_at=Max("versions__registered_at", filter=present),
        )
        .prefetch_related(
            Prefetch("links", _links(viewer), to_attr="visible_links"),
            Prefetch(
                "versions",
                ModelVersion.objects.filter(gone_at=None).exclude(aliases=[]).order_by("pk"),
                to_attr="aliased_versions",
            ),
        )
        .order_by("name", "pk")
    )


def model(*, model_id: uuid.UUID | str, viewer: User) -> ModelAsset | None:
    """Give one model, gone or not, or None when it is not the viewer's to see."""
    return models(viewer=viewer, with_gone=True).filter(pk=model_id).first()


def versions(*, model: ModelAsset) -> QuerySet[ModelVersion]:
    """Give the versions of a model that the viewer was given, newest first."""
    return ModelVersion.objects.filter(model=model).order_by("-registered_at", "-pk")


def models_of(*, initiative: Initiative, viewer: User) -> QuerySet[ModelAsset]:
    """Give the models that serve an initiative."""
    claimed = ModelLink.objects.visible_to(viewer).filter(initiative=initiative, ended_at=None)
    return models(viewer=viewer).filter(pk__in=claimed.values("model"))


def flows_into(*, model: ModelAsset, viewer: User) -> QuerySet[Flow]:
    """Give what data went into the versions of a model, newest version first."""
    found = Flow.objects.visible_to(viewer).filter(to_version__model=model)
    return found.select_related("from_dataset", "to_version").order_by(
        "-to_version__registered_at", "from_dataset__name", "pk"
    )


def flows_of(*, datasets: Sequence[Dataset], viewer: User) -> QuerySet[Flow]:
    """Give what the data of these datasets went into."""
    found = Flow.objects.visible_to(viewer).filter(from_dataset__in=datasets)
    return found.select_related("from_dataset", "to_dataset", "to_version__model").order_by("pk")


def datasets(*, viewer: User, search: str = "") -> QuerySet[Dataset]:
    """Give datasets by name with the links the viewer sees."""
    found = Dataset.objects.visible_to(viewer).filter(gone_at=None)
    if search:
        found = found.filter(name__icontains=search)
    links = DatasetLink.objects.visible_to(viewer).filter(ended_at=None)
    return found.prefetch_related(
        Prefetch("links", links.select_related("initiative"), to_attr="visible_links")
    ).order_by("name", "digest", "pk")


def bills(
    *, viewer: User, initiative: Initiative | None = None, model: ModelAsset | None = None
) -> QuerySet[BillOfMaterials]:
    """Give bills of materials, the newest first."""
    found = BillOfMaterials.objects.visible_to(viewer)
    if initiative is not None:
        found = found.filter(initiative=initiative)
    if model is not None:
        found = found.filter(model=model)
    return found.select_related("initiative__node", "model", "file", "taken_by").order_by("-pk")


def newest_bills(*, viewer: User, search: str = "") -> QuerySet[BillOfMaterials]:
    """Give the bill that counts of every subject, the one taken last first."""
    seen = BillOfMaterials.objects.visible_to(viewer)
    newest = seen.order_by("initiative_id", "model_id", "-pk").distinct("initiative_id", "model_id")
    found = bills(viewer=viewer).filter(pk__in=newest.values("pk"))
    if search:
        found = found.filter(
            Q(initiative__name__icontains=search)
            | Q(model__name__icontains=search)
            | Q(file__name__icontains=search)
        )
    return found


def bill(*, viewer: User, bill_id: uuid.UUID | str) -> BillOfMaterials | None:
    """Give one bill of materials, or None when it is not the viewer's to see."""
    return bills(viewer=viewer).filter(pk=bill_id).first()


@dataclass(frozen=True)
class VendorUse:
    """A vendor by name: in how many visible initiatives and models it takes part."""

    name: str
    initiatives: int
    models: int
    website: str = ""


def vendors(*, viewer: User) -> list[VendorUse]:
    """Give every vendor that the inventory or a visible initiative names, most used first."""
    named = (
        Initiative.objects.visible_to(viewer)
        .exclude(vendor="")
        .values_list("vendor")
        .annotate(count=Count("pk"))
    )
    uses: dict[str, VendorUse] = {}
    for name, count in named:
        known = uses.get(name.casefold(), VendorUse(name, 0, 0))
        uses[name.casefold()] = VendorUse(known.name, known.initiatives + count, 0)
    seen = ModelAsset.objects.visible_to(viewer).filter(gone_at=None).values("pk")
    listed = Vendor.objects.visible_to(viewer).annotate(
        count=Count("models", filter=Q(models__in=seen))
    )
    for vendor in listed:
        known = uses.get(vendor.name.casefold(), VendorUse(vendor.name, 0, 0))
        uses[vendor.name.casefold()] = VendorUse(
            vendor.name, known.initiatives, vendor.count, vendor.website
        )
    return sorted(uses.values(), key=lambda use: (-use.initiatives - use.models, use.name))


def linked_by_people(*, source: str) -> frozenset[str]:
    """Name the models of a source that a person linked to an initiative."""
    links = ModelLink.objects.filter(ended_at=None, model__source=source, model__gone_at=None)
    return frozenset(links.values_list("model__name", flat=True))


def held_models(*, source: str) -> frozenset[str]:
    """Name the models of a source that have not gone."""
    rows = ModelAsset.objects.filter(source=source, gone_at=None)
    return frozenset(rows.values_list("name", flat=True))


def held_versions(*, source: str) -> frozenset[tuple[str, str]]:
    """Name the (model, version) pairs of a source that have not gone."""
    rows = ModelVersion.objects.filter(model__source=source, gone_at=None)
    return frozenset(rows.values_list("model__name", "number"))


def claimable(*, source: str) -> list[tuple[uuid.UUID, str, dict[str, str], str]]:
    """
    Give model, name, tags and experiment of each version of the models of a source that no tag
    and no person has linked; a model without versions once, without an experiment.
    """
    linked = ModelLink.objects.filter(ended_at=None).exclude(origin=Origin.RULE)
    rows = ModelAsset.objects.filter(source=source, gone_at=None).exclude(
        pk__in=linked.values("model")
    )
    return list(
        rows.order_by("pk", "versions__pk").values_list(
            "pk", "name", "tags", Coalesce("versions__experiment", Value(""))
        )
    )


def initiatives_of_model(*, source: str, name: str) -> list[Initiative]:
    """Give the initiatives that a model of a source serves."""
    return list(
        Initiative.objects.filter(
            model_links__model__source=source,
            model_links__model__name=name,
            model_links__ended_at=None,
        )
        .select_related("node")
        .distinct()
        .order_by("pk")
    )


def _links(viewer: User) -> QuerySet[ModelLink]:
    found = ModelLink.objects.visible_to(viewer).filter(ended_at=None)
    return found.select_related("initiative__node").order_by("initiative__number")
