"""Models in Unity Catalog, through the same protocol under an address of their own."""

from typing import Any

import pytest

from governance_app.connectors.base import Reach
from governance_app.connectors.plugins.mlflow import Mlflow
from governance_app.domain.records import ModelRecord, ModelVersionRecord
from tests.connectors.errands import errand
from tests.servers.scripted import Call, Reply, Scripted, scripted_server

ROOT = "/api/2.0/mlflow/"
MODELS = ["ml.models.claims", "ml.models.it's"]


def answer(call: Call) -> Reply:
    """Answer as the service definition of Unity Catalog's registry says."""
    path = call.path.removeprefix(ROOT)
    if path == "unity-catalog/registered-models/search":
        start = int(call.query.get("page_token", 0))
        rows: list[Any] = [{"name": MODELS[start], "creation_timestamp": 1}]
        token = {"next_page_token": str(start + 1)} if start + 1 < len(MODELS) else {}
        return Reply.of({"registered_models": rows, **token})
    if path == "unity-catalog/model-versions/search":
        if "filter" not in call.query:
            return Reply(status=400)
        name = next(name for name in MODELS if name.replace("'", "\\'") in call.query["filter"])
        return Reply.of({"model_versions": [{"name": name, "version": "3", "run_id": "r1"}]})
    if path == "experiments/search":
        return Reply.of({"experiments": [{"experiment_id": "7", "name": "/Shared/claims"}]})
    if path == "runs/search":
        info = {"run_id": "r1", "experiment_id": "7"}
        return Reply.of({"runs": [{"info": info, "data": {}}]})
    return Reply(status=404)


@pytest.fixture
def server() -> Any:
    with scripted_server(answer) as running:
        yield running


def test_models_and_versions_of_each_are_read(server: Scripted) -> None:
    settings = {"address": server.url, "registry": "unity_catalog", "token": "t"}
    asked = errand(Mlflow(), reach=Reach(hosts=(server.host_port,)), settings=settings)
    assert all(check.is_ok for check in Mlflow().test(asked))
    records = [each for batch in Mlflow().pull(asked) for each in batch.records]
    assert [each.name for each in records if isinstance(each, ModelRecord)] == MODELS
    versions = [each for each in records if isinstance(each, ModelVersionRecord)]
    assert [(each.model_name, each.version, each.experiment) for each in versions] == [
        (name, "3", "/Shared/claims") for name in MODELS
    ]


def test_a_missing_permission_is_named(server: Scripted) -> None:
    with scripted_server(lambda call: Reply(status=403)) as closed:
        settings = {"address": closed.url, "registry": "unity_catalog"}
        asked = errand(Mlflow(), reach=Reach(hosts=(closed.host_port,)), settings=settings)
        (check,) = Mlflow().test(asked)
        assert not check.is_ok and "EXECUTE on the models" in check.sentence
