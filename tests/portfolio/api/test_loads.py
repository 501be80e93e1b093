"""Loads through the API: listed, compared, and kept bills read again."""

import datetime as dt

import pytest

from governance_app.jobs.models import Job
from governance_app.spend import services
from governance_app.spend.models import Load
from tests.factories import focus
from tests.spend.conftest import NOW, finance, load, source

__all__ = ["finance", "load", "source"]

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def restated(load, finance):
    """Load a month twice and archive both."""
    deliveries = []
    for hours, cost in enumerate(("5", "7.5")):
        imported = load(focus.as_csv([focus.line(BilledCost=cost)]), now=NOW + hours * HOUR)
        services.archive(delivery_id=imported.delivery_id, by=finance)
        deliveries.append(imported.delivery_id)
    return deliveries


def test_loads_are_listed_and_compared(client, restated, finance):
    client.force_login(finance)
    listed = client.get("/api/v1/spend/loads/", {"state": "current"}).json()["results"]
    (current,) = listed
    assert (current["number"], current["form"]) == (2, "FOCUS 1.2")
    assert current["totals"][0]["billed"] == "7.5"
    told = client.get(f"/api/v1/spend/loads/{current['id']}/changes/", {"by": "account"}).json()
    assert [one["billed"] for one in told["changed"]] == ["2.5"]
    assert told["same"] == 0


def test_a_load_without_another_version_has_no_changes(client, restated, finance):
    client.force_login(finance)
    first = Load.objects.get(number=1)
    assert client.get(f"/api/v1/spend/loads/{first.pk}/changes/").status_code == 404


def test_a_question_nobody_answers_is_refused(client, restated, finance):
    client.force_login(finance)
    second = Load.objects.get(number=2)
    told = client.get(f"/api/v1/spend/loads/{second.pk}/changes/", {"by": "colour"})
    assert told.status_code in (400, 409, 422)
    assert "Loads are compared by service" in told.content.decode()


def test_a_bill_is_read_again_in_a_job(client, restated, finance):
    client.force_login(finance)
    told = client.post(f"/api/v1/spend/bills/{restated[0]}/replay/")
    assert told.status_code == 202
    assert str(Job.objects.get(kind="governance_app.spend.tasks.replay").pk) == told.json()["job"]


def test_who_sees_no_money_finds_no_loads(client, restated, person):
    client.force_login(person("contributor"))
    assert client.get("/api/v1/spend/loads/").status_code == 403
    assert client.post(f"/api/v1/spend/bills/{restated[0]}/replay/").status_code == 403
    assert not Job.objects.filter(kind="governance_app.spend.tasks.replay").exists()
