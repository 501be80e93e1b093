"""What registries report: upserts, links by tag, what has gone, what was renamed."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from governance_app.domain.errors import Sentence
from governance_app.domain.records import DatasetRecord, ModelRecord, ModelVersionRecord
from governance_app.initiatives import services as initiatives
from governance_app.inventory import selectors, services
from governance_app.inventory.models import Dataset, ModelAsset, ModelLink, ModelVersion, Origin
from governance_app.people.access import Refused

pytestmark = pytest.mark.django_db

SOURCE = "connection:1"
BORN = dt.datetime(2026, 3, 1, 9, 30, 0, 123000, tzinfo=dt.UTC)


@pytest.fixture
def initiative(unit: Any, admin: Any) -> Any:
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


def model(name: str, **fields: Any) -> ModelRecord:
    return ModelRecord(name=name, **fields)


def version(name: str, number: str, **fields: Any) -> ModelVersionRecord:
    return ModelVersionRecord(model_name=name, version=number, **fields)


def numbers(tally: services.Tally) -> tuple[int, int, int]:
    return tally.new, tally.changed, tally.gone


def test_models_and_versions_are_taken_over_once(
    admin: Any, ledger_count: Callable[[], int]
) -> None:
    models = [model("fraud", tags={"team": "risk"}, created_at=BORN), model("churn")]
    versions = [version("fraud", "1", aliases=("champion",), metrics={"auc": 0.91})]
    assert numbers(services.take_models(source=SOURCE, records=models, by=admin)) == (2, 0, 0)
    assert numbers(services.take_versions(source=SOURCE, records=versions, by=admin)) == (1, 0, 0)
    before = ledger_count()
    assert numbers(services.take_models(source=SOURCE, records=models, by=admin)) == (0, 0, 0)
    assert numbers(services.take_versions(source=SOURCE, records=versions, by=admin)) == (0, 0, 0)
    assert ledger_count() == before


def test_what_differs_is_updated_and_counted(admin: Any) -> None:
    services.take_models(source=SOURCE, records=[model("fraud"), model("churn")], by=admin)
    services.take_versions(source=SOURCE, records=[version("fraud", "1")], by=admin)
    changed = [model("fraud", description="Card fraud"), model("churn")]
    assert numbers(services.take_models(source=SOURCE, records=changed, by=admin)) == (0, 1, 0)
    moved = [version("fraud", "1", aliases=("champion",)), version("fraud", "2")]
    assert numbers(services.take_versions(source=SOURCE, records=moved, by=admin)) == (1, 1, 0)
    row = ModelVersion.objects.get(number="1")
    assert (row.aliases, row.version) == (["champion"], 2)


def test_the_same_name_at_another_source_is_another_model(admin: Any) -> None:
    services.take_models(source=SOURCE, records=[model("fraud")], by=admin)
    services.take_models(source="connection:2", records=[model("fraud")], by=admin)
    assert ModelAsset.objects.filter(name="fraud").count() == 2


def test_a_version_of_an_unlisted_model_is_refused(admin: Any) -> None:
    tally = services.take_versions(source=SOURCE, records=[version("ghost", "1")], by=admin)
    assert tally.refused == (("ghost 1", "Its model is not in the listing."),)


def test_what_a_complete_listing_lacks_has_gone_and_may_come_back(admin: Any) -> None:
    services.take_models(source=SOURCE, records=[model("fraud"), model("churn")], by=admin)
    services.take_versions(source=SOURCE, records=[version("fraud", "1")], by=admin)
    tally = services.settle_models(source=SOURCE, seen={"fraud"}, by=admin)
    assert numbers(tally) == (0, 0, 1)
    assert ModelAsset.objects.get(name="churn").gone_at is not None
    assert numbers(services.settle_models(source=SOURCE, seen={"fraud"}, by=admin)) == (0, 0, 0)
    assert numbers(services.settle_versions(source=SOURCE, seen=set(), by=admin)) == (0, 0, 1)
    services.take_models(source=SOURCE, records=[model("churn")], by=admin)
    assert ModelAsset.objects.get(name="churn").gone_at is None


def test_a_renamed_model_keeps_its_former_name_and_its_links(admin: Any, initiative: Any) -> None:
    services.take_models(source=SOURCE, records=[model("old", created_at=BORN)], by=admin)
    old = ModelAsset.objects.get(name="old")
    services.link_model(model=old, initiative=initiative, by=admin)
    services.take_models(source=SOURCE, records=[model("new", created_at=BORN)], by=admin)
    services.settle_models(source=SOURCE, seen={"new"}, by=admin)
    new = ModelAsset.objects.get(name="new")
    old.refresh_from_db()
    assert (old.renamed_to, new.former_names) == (new, ["old"])
    [link] = ModelLink.objects.filter(ended_at=None)
    assert (link.model, link.initiative, link.origin) == (new, initiative, Origin.PERSON)
    [found] = selectors.models(viewer=admin, search="old")
    assert found.name == "new"


def test_two_models_of_one_moment_are_not_taken_for_a_rename(admin: Any) -> None:
    services.take_models(
        source=SOURCE, records=[model(name, created_at=BORN) for name in "abc"], by=admin
    )
    services.settle_models(source=SOURCE, seen={"a", "b"}, by=admin)
    gone = ModelAsset.objects.get(name="c")
    assert (gone.gone_at is not None, gone.renamed_to) == (True, None)


def test_tags_link_and_end_links(admin: Any, initiative: Any) -> None:
    tagged = model("fraud", tags={"initiative": initiative.key})
    services.take_models(source=SOURCE, records=[tagged], by=admin)
    tally = services.link_by_tag(source=SOURCE, tag="initiative", by=admin)
    assert numbers(tally) == (1, 0, 0)
    assert numbers(services.link_by_tag(source=SOURCE, tag="initiative", by=admin)) == (0, 0, 0)
    services.take_models(source=SOURCE, records=[model("fraud")], by=admin)
    assert numbers(services.link_by_tag(source=SOURCE, tag="initiative", by=admin)) == (0, 0, 1)
    assert ModelLink.objects.get().ended_at is not None


def test_a_version_tag_links_too(admin: Any, initiative: Any) -> None:
    services.take_models(source=SOURCE, records=[model("fraud")], by=admin)
    tagged = version("fraud", "1", tags={"initiative": initiative.key})
    services.take_versions(source=SOURCE, records=[tagged], by=admin)
    assert numbers(services.link_by_tag(source=SOURCE, tag="initiative", by=admin)) == (1, 0, 0)


def test_a_tag_that_names_nothing_is_refused_by_name(admin: Any) -> None:
    services.take_models(
        source=SOURCE, records=[model("fraud", tags={"initiative": "AI-999"})], by=admin
    )
    tally = services.link_by_tag(source=SOURCE, tag="initiative", by=admin)
    assert tally.refused == (
        ("fraud", "Its tag initiative names AI-999, and there is no such initiative."),
    )


def test_links_by_people_are_left_alone(admin: Any, initiative: Any) -> None:
    services.take_models(source=SOURCE, records=[model("fraud")], by=admin)
    link = services.link_model(model=ModelAsset.objects.get(), initiative=initiative, by=admin)
    assert numbers(services.link_by_tag(source=SOURCE, tag="initiative", by=admin)) == (0, 0, 0)
    services.unlink_model(link=link, by=admin)
    assert selectors.linked_by_people(source=SOURCE) == frozenset()


def test_a_link_by_tag_is_ended_at_the_source(admin: Any, initiative: Any) -> None:
    services.take_models(
        source=SOURCE, records=[model("fraud", tags={"initiative": initiative.key})], by=admin
    )
    services.link_by_tag(source=SOURCE, tag="initiative", by=admin)
    with pytest.raises(Sentence, match="Remove the tag there"):
        services.unlink_model(link=ModelLink.objects.get(), by=admin)


def test_a_stranger_sees_neither_claimed_nor_unclaimed(
    admin: Any, initiative: Any, person: Any, other_unit: Any, unit: Any
) -> None:
    services.take_models(source=SOURCE, records=[model("fraud"), model("shadow")], by=admin)
    services.link_model(model=ModelAsset.objects.get(name="fraud"), initiative=initiative, by=admin)
    seen = {
        who: [row.name for row in selectors.models(viewer=viewer)]
        for who, viewer in {
            "stranger": person("executive", other_unit),
            "owner": person("executive", unit),
            "group": person("executive"),
        }.items()
    }
    assert seen == {"stranger": [], "owner": ["fraud"], "group": ["fraud", "shadow"]}
    unclaimed = selectors.models(viewer=person("auditor"), is_unclaimed=True)
    assert [row.name for row in unclaimed] == ["shadow"]


def test_linking_needs_the_permission(admin: Any, initiative: Any, person: Any, unit: Any) -> None:
    services.take_models(source=SOURCE, records=[model("fraud")], by=admin)
    with pytest.raises(Refused):
        services.link_model(
            model=ModelAsset.objects.get(), initiative=initiative, by=person("executive", unit)
        )
    assert ModelLink.objects.count() == 0


def test_datasets_differ_by_digest(admin: Any) -> None:
    rows = [DatasetRecord(name="claims", digest="a"), DatasetRecord(name="claims", digest="b")]
    assert numbers(services.take_datasets(source=SOURCE, records=rows, by=admin)) == (2, 0, 0)
    assert Dataset.objects.filter(name="claims").count() == 2


def test_vendors_come_from_the_register_and_the_inventory(
    admin: Any, unit: Any, initiative: Any
) -> None:
    initiatives.add(name="Helper", unit=unit, by=admin, vendor="Acme AI")
    services.take_models(source=SOURCE, records=[model("fraud")], by=admin)
    vendor = services.add_vendor(name="ACME AI", by=admin, website="https://acme.example")
    services.set_vendor(model=ModelAsset.objects.get(), vendor=vendor, by=admin)
    [use] = selectors.vendors(viewer=admin)
    assert (use.name, use.initiatives, use.models) == ("ACME AI", 1, 1)
    with pytest.raises(Sentence, match="already a vendor"):
        services.add_vendor(name="acme ai", by=admin)
