"""Starting with one's own data, and the sample list as a choice."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from governance_app.initiatives import services
from governance_app.initiatives.models import Initiative, InventoryImport
from governance_app.initiatives.services import imports

Person = Callable[..., Any]


def signed_in(who: Any) -> Client:
    client = Client()
    client.force_login(who)
    return client


def done(response: Any) -> dict[str, bool]:
    return {each.step.name: each.is_done for each in response.context["steps"]}


def test_in_an_empty_house_the_list_comes_first(person: Person) -> None:
    response = signed_in(person("administrator")).get("/welcome/")
    assert response.context["next"].step.name == "imports"
    assert not any(done(response).values()) or done(response)["settings-people"]


def test_a_step_is_done_once_its_data_are_there(unit: Any, person: Person) -> None:
    client = signed_in(person("executive"))
    assert not done(client.get("/welcome/"))["imports"]
    services.add(name="Claims triage", unit=unit, by=person("program_manager"))
    assert done(client.get("/welcome/"))["imports"]


def test_a_step_that_is_not_the_viewers_says_why(person: Person) -> None:
    steps = signed_in(person("auditor")).get("/welcome/").context["steps"]
    assert "You may not" in next(each for each in steps if each.step.name == "imports").refusal


def test_the_empty_home_page_leads_here(organisation: Any, person: Person) -> None:
    assert "/welcome/" in signed_in(person("administrator")).get("/").content.decode()


def test_the_sample_list_goes_through_the_import_and_applies_whole(
    organisation: Any, person: Person
) -> None:
    administrator = person("administrator")
    response = signed_in(administrator).post("/welcome/sample/")
    opened = InventoryImport.objects.get()
    assert response["Location"] == f"/portfolio/import/{opened.pk}/columns/"
    assert Initiative.objects.count() == 0, "nothing is written before it is applied"
    report = imports.dry_run(inventory=opened, by=administrator, currency="USD")
    assert (report.rows, report.new, report.refused) == (10, 10, 0)
    assert report.unmapped_columns == []


def test_whoever_may_not_import_may_not_try(person: Person, ledger_count: Any) -> None:
    client, before = signed_in(person("auditor")), ledger_count()
    assert client.post("/welcome/sample/").status_code == 403
    assert (InventoryImport.objects.count(), ledger_count()) == (0, before)
