"""An MLflow tracking server, REST 2.0, as a real one of 3.17 was seen to answer."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply

NOON = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
AT_MS = int(NOON.timestamp() * 1000)


class TrackingServer(Scenario):
    plugin = "mlflow"

    def settings(self) -> dict[str, Any]:
        return {"address": self.url, "token": SECRET}

    def answer(self, call: Call) -> Reply:
        kind = call.path.rpartition("/mlflow/")[2]
        if kind == "registered-models/search":
            return self._page(call, "registered_models", self._models())
        if kind == "model-versions/search":
            return self._page(call, "model_versions", self._versions())
        if kind == "experiments/search":
            return Reply.of({"experiments": [{"experiment_id": "1"}]})
        if kind == "runs/search":
            wanted = json.loads(call.body)["filter"]
            runs = [self._run(name, number) for name, number in self._pairs()]
            return Reply.of({"runs": [each for each in runs if each["info"]["run_id"] in wanted]})
        if kind == "metrics/get-history":
            name, _, number = call.query["run_id"].rpartition(".")
            value = self.held.models[name][number].metrics[call.query["metric_key"]]
            point = {"key": call.query["metric_key"], "value": float(value), "timestamp": AT_MS}
            return Reply.of({"metrics": [{**point, "step": 0}]})
        return Reply(status=404)

    def expected_readings(self) -> dict[tuple[str, dt.date], Decimal]:
        return {
            (f"{name}/{key}", NOON.date()): value
            for name, versions in self.held.models.items()
            for version in versions.values()
            for key, value in version.metrics.items()
        }

    def _pairs(self) -> list[tuple[str, str]]:
        return [(name, number) for name, found in self.held.models.items() for number in found]

    def _models(self) -> list[Any]:
        return [
            {
                "name": name,
                "creation_timestamp": AT_MS,
                "description": "Sorts claims — 顧客",
                "tags": [{"key": "initiative", "value": "AI-7"}],
                "aliases": [
                    {"alias": alias, "version": number}
                    for number, version in versions.items()
                    for alias in version.aliases
                ],
            }
            for name, versions in sorted(self.held.models.items())
        ]

    def _versions(self) -> list[Any]:
        return [
            {"name": name, "version": number, "run_id": f"{name}.{number}", "status": "READY",
             "creation_timestamp": AT_MS}
            for name, number in sorted(self._pairs())
        ]  # fmt: skip

    def _run(self, name: str, number: str) -> dict[str, Any]:
        metrics = self.held.models[name][number].metrics
        told = [
            {"key": key, "value": float(value), "timestamp": AT_MS, "step": 0}
            for key, value in metrics.items()
        ]
        return {"info": {"run_id": f"{name}.{number}"}, "data": {"metrics": told}}

    def _page(self, call: Call, key: str, rows: list[Any]) -> Reply:
        page, token = self.paged(rows, call.query.get("page_token"))
        if not page:
            return Reply.of({})
        return Reply.of({key: page, **({"next_page_token": token} if token else {})})
