"""Keeping the inventory: what registries report, and what people link."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain.errors import Sentence
from governance_app.domain.records import (
    DatasetRecord,
    FlowRecord,
    ModelRecord,
    ModelVersionRecord,
)
from governance_app.initiatives.models import Initiative
from governance_app.inventory.merging import merge
from governance_app.inventory.models import (
    Dataset,
    DatasetLink,
    Deployment,
    Flow,
    ModelAsset,
    ModelLink,
    ModelVersion,
    Origin,
    Vendor,
)
from governance_app.people import access
from governance_app.people.models import User

ROWS_A_WRITE = 1000


@dataclass(frozen=True)
class Tally:
    """
    What a listing changed: rows new, changed and gone; what was refused, with reasons; and
    what goes under another name, as (old, new).
    """

    new: int = 0
    changed: int = 0
    gone: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()


@recorded
def take_models(*, source: str, records: Sequence[ModelRecord], by: User) -> Tally:
    """
    Take over models as their registry lists them; one that is back is no longer gone.

    Args:
        source: ``connection:<id>`` of the registry; names are unique within it.
    """
    access.require(by, "inventory.edit")
    wanted = {
        record.name: {
            "source": source,
            "name": record.name,
            "description": record.description,
            "tags": dict(record.tags),
            "registered_at": record.created_at,
            "source_ref": record.source_ref[:1000],
            "gone_at": None,
            "renamed_to_id": None,
        }
        for record in records
    }
    new, changed = merge(
        ModelAsset, list(wanted.values()), key=("source", "name"), at_first={"former_names": []}
    )
    return Tally(new=new, changed=changed)


@recorded
def take_versions(*, source: str, records: Sequence[ModelVersionRecord], by: User) -> Tally:
    """Take over versions of models that the same registry listed before."""
    access.require(by, "inventory.edit")
    names = {record.model_name for record in records}
    models = dict(
        ModelAsset.objects.filter(source=source, name__in=names).values_list("name", "pk")
    )
    refused = tuple(
        (f"{record.model_name} {record.version}", "Its model is not in the listing.")
        for record in records
        if record.model_name not in models
    )
    wanted = {
        (record.model_name, record.version): {
            "model_id": models[record.model_name],
            "number": record.version,
            "aliases": list(record.aliases),
            "description": record.description,
            "tags": dict(record.tags),
            "metrics": dict(record.metrics),
            "params": dict(record.params),
            "run_ref": record.run_ref,
            "experiment": record.experiment[:500],
            "source_uri": record.source_uri[:2000],
            "source_ref": record.source_ref[:1000],
            "status": record.status,
            "registered_at": record.created_at,
            "gone_at": None,
        }
        for record in records
        if record.model_name in models
    }
    new, changed = merge(ModelVersion, list(wanted.values()), key=("model_id", "number"))
    return Tally(new=new, changed=changed, refused=refused)


@recorded
def take_datasets(*, source: str, records: Sequence[DatasetRecord], by: User) -> Tally:
    """Take over datasets; another digest under the same name is another row."""
    access.require(by, "inventory.edit")
    wanted = {
        (record.name, record.digest): {
            "source": source,
            "name": record.name,
            "digest": record.digest,
            "kind": record.kind,
            "location": record.location,
            "schema": dict(record.schema),
            "source_ref": record.source_ref[:1000],
            "gone_at": None,
        }
        for record in records
    }
    new, changed = merge(Dataset, list(wanted.values()), key=("source", "name", "digest"))
    return Tally(new=new, changed=changed)


@recorded
def settle_models(*, source: str, seen: AbstractSet[str], by: User) -> Tally:
    """
    End a complete listing: what it lacks has gone, or goes under another name.

    A gone model and one that appeared since, registered at the same moment, are one that was
    renamed: its links by people move to the new row, which lists the former name.
    """
    access.require(by, "inventory.edit")
    present = ModelAsset.objects.filter(source=source, gone_at=None)
    lacking = set(present.values_list("name", flat=True)) - set(seen)
    if not lacking:
        return Tally()
    rows = list(present.select_for_update().order_by("pk"))
    missing = [row for row in rows if row.name in lacking]
    now = timezone.now()
    by_moment: dict[dt.datetime, list[ModelAsset]] = {}
    for row in rows:
        if row.name not in lacking and row.registered_at is not None:
            by_moment.setdefault(row.registered_at, []).append(row)
    renamed: list[tuple[str, str]] = []
    for row in missing:
        heirs = by_moment.get(row.registered_at, []) if row.registered_at else []
        heirs = [heir for heir in heirs if heir.created_at > row.created_at]
        if len(heirs) == 1 and row.name not in heirs[0].former_names:
            _rename(row, heirs[0], now)
            renamed.append((row.name, heirs[0].name))
        else:
            save_changes(row, gone_at=now)
    return Tally(gone=len(missing), renamed=tuple(renamed))


@recorded
def settle_versions(*, source: str, seen: AbstractSet[tuple[str, str]], by: User) -> Tally:
    """End a complete listing of versions: those it lacks have gone."""
    access.require(by, "inventory.edit")
    held = ModelVersion.objects.filter(model__source=source, gone_at=None)
    lacking = {
        pk
        for pk, name, number in held.values_list("pk", "model__name", "number")
        if (name, number) not in seen
    }
    missing = list(ModelVersion.objects.select_for_update().filter(pk__in=lacking))
    now = timezone.now()
    for row in missing:
        save_changes(row, gone_at=now)
    return Tally(gone=len(missing))


@recorded
def link_by_tag(*, source: str, tag: str, by: User) -> Tally:
    """
    Link the models of a registry to the initiatives that their tags, or a version's, name.

    A link that a tag made ends when the tag does; links by people are left alone.

    Returns:
        New and gone links; refused are the models whose tag names no initiative.
    """
    access.require(by, "inventory.edit")
    present = ModelAsset.objects.filter(source=source, gone_at=None)
    claim = KeyTextTransform(tag, "tags")
    versions = ModelVersion.objects.filter(model__in=present, gone_at=None)
    tagged = [
        *present.annotate(claim=claim)
        .exclude(claim__isnull=True)
        .values_list("pk", "name", "claim"),
        *versions.annotate(claim=claim)
        .exclude(claim__isnull=True)
        .values_list("model_id", "model__name", "claim"),
    ]
    claims = {(pk, name, str(key).strip()) for pk, name, key in tagged if key}
    keys = {key for _, _, key in claims}
    initiatives = dict(Initiative.objects.filter(key__in=keys).values_list("key", "pk"))
    refused = tuple(
        (name, f"Its tag {tag} names {key}, and there is no such initiative.")
        for _, name, key in sorted(claims, key=lambda claim: claim[1:])
        if key not in initiatives
    )
    wanted = {(pk, initiatives[key]) for pk, _, key in claims if key in initiatives}
    settled = _settle_links(source, Origin.TAG, wanted)
    return Tally(new=settled.new, gone=settled.gone, refused=refused)


@recorded
def link_by_rules(*, source: str, owners: Mapping[uuid.UUID, Initiative], by: User) -> Tally:
    """
    Link the models of a registry as mapping rules say: model -> its initiative.

    A link that a rule made ends when the rules say otherwise; links by tags and people stay,
    and a model that has one of those needs no rule.
    """
    access.require(by, "inventory.edit")
    wanted = {(model, initiative.pk) for model, initiative in owners.items()}
    return _settle_links(source, Origin.RULE, wanted)


@recorded
def take_flows(*, source: str, records: Sequence[FlowRecord], by: User) -> Tally:
    """Take over where data went; both ends were taken over from the same source before."""
    access.require(by, "inventory.edit")
    names = {record.from_name for record in records} | {record.to_name for record in records}
    datasets = {
        (name, digest): pk
        for name, digest, pk in Dataset.objects.filter(source=source, name__in=names).values_list(
            "name", "digest", "pk"
        )
    }
    held = ModelVersion.objects.filter(
        model__source=source, model__name__in={record.to_model for record in records}
    )
    versions = {
        (name, number): pk for name, number, pk in held.values_list("model__name", "number", "pk")
    }
    wanted: dict[tuple[object, ...], dict[str, object]] = {}
    refused: list[tuple[str, str]] = []
    for record in records:
        start = datasets.get((record.from_name, record.from_digest))
        version = versions.get((record.to_model, record.to_version)) if record.to_model else None
        end = datasets.get((record.to_name, record.to_digest)) if record.to_name else None
        if start is None or (version is None) == (end is None):
            refused.append((record.from_name, "One end of what it went into is not known."))
            continue
        wanted[start, end, version, record.via] = {
            "source": source,
            "from_dataset_id": start,
            "to_dataset_id": end,
            "to_version_id": version,
            "via": record.via[:500],
            "context": record.context[:100],
        }
    new, changed = merge(
        Flow,
        list(wanted.values()),
        key=("source", "from_dataset_id", "to_dataset_id", "to_version_id", "via"),
    )
    return Tally(new=new, changed=changed, refused=tuple(refused))


def _settle_links(
    source: str, origin: str, wanted: AbstractSet[tuple[uuid.UUID, uuid.UUID]]
) -> Tally:
    """Make the links of one origin those that are wanted; other origins' links are left alone."""
    links = ModelLink.objects.select_for_update().filter(model__source=source, ended_at=None)
    standing = {(link.model_id, link.initiative_id): link for link in links}
    now = timezone.now()
    ended = [
        link for pair, link in standing.items() if link.origin == origin and pair not in wanted
    ]
    for link in ended:
        save_changes(link, ended_at=now)
    new = sorted(wanted - standing.keys())
    ModelLink.objects.bulk_create(
        [ModelLink(model_id=m, initiative_id=i, origin=origin) for m, i in new],
        batch_size=ROWS_A_WRITE,
    )
    return Tally(new=len(new), gone=len(ended))


@recorded
def link_model(*, model: ModelAsset, initiative: Initiative, by: User) -> ModelLink:
    """Say that a model serves an initiative; a link by tag becomes one by a person."""
    access.require(by, "inventory.edit", initiative)
    link, is_new = ModelLink.objects.select_for_update().get_or_create(
        model=model, initiative=initiative, ended_at=None, defaults={"origin": Origin.PERSON}
    )
    if not is_new:
        save_changes(link, origin=Origin.PERSON)
    return link


@recorded
def unlink_model(*, link: ModelLink, by: User, version: int | None = None) -> ModelLink:
    """
    End a link that a person made.

    Raises:
        Sentence: a tag or a rule makes it; the next run would make it again.
    """
    access.require(by, "inventory.edit", link)
    link = ModelLink.objects.select_for_update().get(pk=link.pk)
    check_version(link, version)
    if link.origin == Origin.TAG:
        raise Sentence(f"A tag at the source links {link.model}. Remove the tag there.")
    if link.origin == Origin.RULE:
        raise Sentence(f"A mapping rule links {link.model}. End the rule, or link it by hand.")
    if link.ended_at is None:
        save_changes(link, ended_at=timezone.now())
    return link


@recorded
def link_dataset(
    *, dataset: Dataset, initiative: Initiative, by: User, origin: str = Origin.PERSON
) -> DatasetLink:
    """Say that an initiative uses a dataset."""
    access.require(by, "inventory.edit", initiative)
    link, _ = DatasetLink.objects.get_or_create(
        dataset=dataset, initiative=initiative, ended_at=None, defaults={"origin": origin}
    )
    return link


@recorded
def add_vendor(
    *, name: str, by: User, website: str = "", country: str = "", notes: str = ""
) -> Vendor:
    """
    Add a vendor.

    Raises:
        Sentence: the name is blank or taken, whatever its capitals.
    """
    access.require(by, "inventory.edit")
    name = name.strip()
    if not name:
        raise Sentence("A vendor needs a name.")
    if Vendor.objects.filter(name__iexact=name).exists():
        raise Sentence(f"There is already a vendor called {name}.")
    return Vendor.objects.create(name=name, website=website, country=country, notes=notes)


@recorded
def set_vendor(
    *, model: ModelAsset, vendor: Vendor | None, by: User, version: int | None = None
) -> ModelAsset:
    """Say who supplies a model; None when it is our own or nobody knows."""
    access.require(by, "inventory.edit")
    model = ModelAsset.objects.select_for_update().get(pk=model.pk)
    check_version(model, version)
    save_changes(model, vendor_id=vendor.pk if vendor else None)
    return model


@recorded
def add_deployment(
    *,
    model_version: ModelVersion,
    initiative: Initiative,
    name: str,
    environment: str,
    started_on: dt.date,
    by: User,
    region: str = "",
) -> Deployment:
    """
    Say where a version runs for an initiative.

    Raises:
        Sentence: the name is blank or the environment unknown.
    """
    access.require(by, "inventory.edit", initiative)
    if not name.strip():
        raise Sentence("A deployment needs a name.")
    if environment not in Deployment.Environment.values:
        known = ", ".join(Deployment.Environment.values)
        raise Sentence(f"A deployment runs in one of {known}, not {environment!r}.")
    return Deployment.objects.create(
        model_version=model_version,
        initiative=initiative,
        name=name.strip(),
        environment=environment,
        region=region,
        started_on=started_on,
    )


def _rename(old: ModelAsset, heir: ModelAsset, now: dt.datetime) -> None:
    save_changes(heir, former_names=[*old.former_names, old.name], vendor_id=old.vendor_id)
    save_changes(old, gone_at=now, renamed_to_id=heir.pk)
    for link in ModelLink.objects.select_for_update().filter(
        model=old, ended_at=None, origin=Origin.PERSON
    ):
        save_changes(link, ended_at=now)
        ModelLink.objects.get_or_create(
            model=heir,
            initiative_id=link.initiative_id,
            ended_at=None,
            defaults={"origin": Origin.PERSON},
        )
