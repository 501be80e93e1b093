"""Filling a real MLflow server, as a data scientist's training job would."""

import datetime as dt
from typing import Any

import httpx

from portfolio.bench.peers import Server


class Registry:
    """Writes to one MLflow server over its REST API."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._client = httpx.Client(base_url=f"{server.url}/api/2.0/mlflow", timeout=30)

    def close(self) -> None:
        self._client.close()

    def run(self, experiment: str) -> str:
        """Start a run in an experiment, made on first use; give its id."""
        found = self._client.get("/experiments/get-by-name", params={"experiment_name": experiment})
        made = found if found.is_success else self._post("experiments/create", name=experiment)
        answer = made.json() if isinstance(made, httpx.Response) else made
        number = answer.get("experiment_id") or answer["experiment"]["experiment_id"]
        run = self._post("runs/create", experiment_id=number, start_time=1)
        return str(run["run"]["info"]["run_id"])

    def metric(self, run_id: str, key: str, value: Any, on: dt.date, step: int = 0) -> None:
        moment = dt.datetime.combine(on, dt.time(12), dt.UTC)
        self._post(
            "runs/log-metric",
            run_id=run_id,
            key=key,
            value=value,
            timestamp=int(moment.timestamp() * 1000),
            step=step,
        )

    def param(self, run_id: str, key: str, value: str) -> None:
        self._post("runs/log-parameter", run_id=run_id, key=key, value=value)

    def dataset(self, run_id: str, name: str, digest: str, context: str = "training") -> None:
        """Say that a run took a dataset in."""
        schema = '{"mlflow_colspec": [{"type": "double", "name": "amount", "required": true}]}'
        data = {"name": name, "digest": digest, "source_type": "s3", "source": "s3://claims",
                "schema": schema}  # fmt: skip
        tags = [{"key": "mlflow.data.context", "value": context}]
        self._post("runs/log-inputs", run_id=run_id, datasets=[{"tags": tags, "dataset": data}])

    def model(self, name: str, **tags: str) -> None:
        pairs = [{"key": key, "value": value} for key, value in tags.items()]
        self._post("registered-models/create", name=name, tags=pairs)

    def version(self, name: str, run_id: str = "", source: str = "s3://models/x") -> str:
        body = {"name": name, "source": source} | ({"run_id": run_id} if run_id else {})
        return str(self._post("model-versions/create", **body)["model_version"]["version"])

    def alias(self, name: str, alias: str, version: str) -> None:
        self._post("registered-models/alias", name=name, alias=alias, version=version)

    def tag(self, name: str, key: str, value: str) -> None:
        self._post("registered-models/set-tag", name=name, key=key, value=value)

    def untag(self, name: str, key: str) -> None:
        self._send("DELETE", "registered-models/delete-tag", name=name, key=key)

    def rename(self, name: str, new_name: str) -> None:
        self._post("registered-models/rename", name=name, new_name=new_name)

    def delete(self, name: str) -> None:
        self._send("DELETE", "registered-models/delete", name=name)

    def delete_version(self, name: str, version: str) -> None:
        self._send("DELETE", "model-versions/delete", name=name, version=version)

    def clear(self) -> None:
        """Delete every registered model, so that a test knows the whole listing."""
        listed = self._client.get("/registered-models/search", params={"max_results": 1000})
        for model in listed.json().get("registered_models", []):
            self.delete(model["name"])

    def _post(self, path: str, **body: Any) -> dict[str, Any]:
        return self._send("POST", path, **body)

    def _send(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = self._client.request(method, f"/{path}", json=body)
        assert answer.is_success, answer.text
        return dict(answer.json())
