"""Ten thousand models in pages, while somebody changes the registry between two pages."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from governance_app.connectors.base import Batch, Errand, Reach
from governance_app.connectors.http import Outbound
from governance_app.connectors.plugins.mlflow import Mlflow
from governance_app.domain.records import ModelRecord
from tests.connectors.errands import errand, watermark_after
from tests.servers.scripted import Call, Reply, Scripted, scripted_server

PLUGIN = Mlflow()
COUNT = 10_000


class Paged:
    """Pages by offset like MLflow's own store; ``between`` runs after the first page of models."""

    def __init__(self) -> None:
        self.names = [f"model-{number:05}" for number in range(COUNT)]
        self.between: Any = None

    def __call__(self, call: Call) -> Reply:
        kind = call.path.rpartition("/mlflow/")[2]
        if kind == "registered-models/search":
            return self._page(call, "registered_models", [{"name": name} for name in self.names])
        if kind == "model-versions/search":
            rows = [
                {"name": name, "version": str(number)}
                for name in self.names
                for number in (1, 2, 3)
            ]
            return self._page(call, "model_versions", rows)
        return Reply.of({})

    def _page(self, call: Call, key: str, rows: list[dict[str, str]]) -> Reply:
        start = 0
        if "page_token" in call.query:
            start = json.loads(base64.b64decode(call.query["page_token"]))["offset"]
        end = start + int(call.query["max_results"])
        answer: dict[str, Any] = {key: rows[start:end]}
        if end < len(rows):
            token = base64.b64encode(json.dumps({"offset": end}).encode()).decode()
            answer["next_page_token"] = token
        if self.between is not None and start == 0:
            self.between()
            self.between = None
        return Reply.of(answer)


@pytest.fixture
def paged() -> Paged:
    return Paged()


@pytest.fixture
def server(paged: Paged) -> Iterator[Scripted]:
    with scripted_server(paged) as running:
        yield running


def errand_for(server: Scripted, **parts: Any) -> Errand:
    reach = Reach(hosts=(server.host_port,))
    return errand(PLUGIN, reach=reach, settings={"address": server.url}, **parts)


def names(batches: list[Batch]) -> list[str]:
    found = [each for batch in batches for each in batch.records]
    return [each.name for each in found if isinstance(each, ModelRecord)]


def test_a_repeat_makes_the_fewest_calls(server: Scripted) -> None:
    first = list(PLUGIN.pull(errand_for(server)))
    assert len(names(first)) == COUNT
    before = len(server.calls)
    list(PLUGIN.pull(errand_for(server, watermark=watermark_after(first))))
    asked = [call.path.rpartition("/")[0].rpartition("/")[2] for call in server.calls[before:]]
    assert {kind: asked.count(kind) for kind in asked} == {
        "registered-models": 10,
        "model-versions": 6,
        "experiments": 1,
    }


def test_a_model_added_between_pages_comes_once(server: Scripted, paged: Paged) -> None:
    paged.between = lambda: paged.names.insert(0, "a-new-one")
    found = names(list(PLUGIN.pull(errand_for(server))))
    assert len(found) == len(set(found)) == COUNT


def test_a_model_skipped_by_a_deletion_is_not_taken_for_gone(
    server: Scripted, paged: Paged
) -> None:
    held = {ModelRecord: frozenset(paged.names)}
    paged.between = lambda: paged.names.remove("model-00000")
    found = names(list(PLUGIN.pull(errand_for(server, held=held))))
    assert "model-01000" in found
    assert len(found) == len(set(found)) == COUNT


def test_rows_too_long_for_a_page_are_asked_for_in_smaller_ones(
    server: Scripted, paged: Paged, monkeypatch: pytest.MonkeyPatch
) -> None:
    del paged.names[100:]
    paged.names[:] = [f"{name}-{'x' * 1500}" for name in paged.names]
    monkeypatch.setattr(Outbound.__init__, "__kwdefaults__", {
        **Outbound.__init__.__kwdefaults__, "max_bytes": 150_000,
    })  # fmt: skip
    assert len(names(list(PLUGIN.pull(errand_for(server))))) == 100
    sizes = [int(call.query["max_results"]) for call in server.calls
             if "registered-models" in call.path]  # fmt: skip
    assert sizes == [1000, 500, 250, 125, 62, 62]
