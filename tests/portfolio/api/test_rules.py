"""Rules by API: previewed, changed, explained; the unusual decided."""

import pytest

from governance_app.spend import services
from governance_app.spend.models import RuleVersion
from tests.factories import focus
from tests.spend.conftest import finance, load, source  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def target(admin, unit):
    from governance_app.initiatives import services as initiatives

    return initiatives.add(name="Claims", unit=unit, by=admin)


@pytest.fixture
def api(finance):  # noqa: F811
    from rest_framework.test import APIClient

    client = APIClient()
    client.force_authenticate(finance)
    return client


def test_a_rule_is_previewed_added_and_explains_its_amounts(api, load, target, finance):  # noqa: F811
    load(focus.as_csv([focus.line(BilledCost="5")]))
    change = {
        "action": "add",
        "name": "By account",
        "says": {
            "conditions": [{"dimension": "account", "values": ["000000000042"]}],
            "kind": "direct",
            "initiative": target.key,
        },
    }
    effect = api.post("/api/v1/spend/rules/preview/", change, format="json")
    assert effect.status_code == 200, effect.content
    assert effect.json()["moves"] == [
        {"initiative": target.key, "name": "Claims", "currency": "USD", "billed": "5",
         "effective": "1"},
        {"initiative": None, "name": "Unallocated", "currency": "USD", "billed": "-5",
         "effective": "-1"},
    ]  # fmt: skip
    assert RuleVersion.objects.count() == 0
    made = api.post("/api/v1/spend/rules/", change, format="json")
    assert (made.status_code, made.json()["state"]) == (201, "applied")
    services.allocate(by=finance, is_full=False)
    (row,) = api.get(f"/api/v1/spend/allocations/?initiative={target.key}").json()
    assert (row["rule"], row["rule_version"], row["share"], row["billed"]) == (
        "By account", 1, "1", "5",
    )  # fmt: skip
    (rule,) = api.get("/api/v1/spend/rules/").json()["results"]
    assert rule["says"]["conditions"][0]["values"] == ["000000000042"]
    assert api.get("/api/v1/spend/rules/proposals/").json()["results"][0]["action"] == "add"
    refused = api.post("/api/v1/spend/rules/", {**change, "colour": 1}, format="json")
    assert refused.status_code == 400


def test_anomalies_are_listed(api):
    assert api.get("/api/v1/spend/anomalies/?state=open").json()["results"] == []
