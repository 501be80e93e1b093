"""
MLflow model registry over its REST API 2.0: models, versions, aliases, datasets, run metrics.

Two listings give the whole registry (a thousand models, which is the most it allows, and five
thousand versions a call) and one search per thousand runs gives their last metrics, so a repeat
costs a few calls. Larger pages would be fewer; they take a busy server longer than it may take.
The full history of a metric is read only for models that an initiative claims: when its
last value moved, and otherwise once a day, since late values do not show in the last one.

Paging is by offset at the source: while others write, a row may come twice (it is taken
once) or be skipped (a listing that lacks what we hold is read a second time).
"""

import datetime as dt
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from governance_app.connectors import http
from governance_app.connectors.base import (
    Batch,
    Brings,
    Check,
    Errand,
    PermanentError,
    Plugin,
    Refusal,
    Setting,
    SettingKind,
    shaped_as_documented,
    tried,
)
from governance_app.connectors.http import Outbound, TooLarge
from governance_app.domain.records import (
    DatasetRecord,
    FlowRecord,
    ModelRecord,
    ModelVersionRecord,
    Reading,
    ReadingRecord,
)

MODELS_A_PAGE = 1000
VERSIONS_A_PAGE = 5000
EXPERIMENTS_A_PAGE = 1000
RUNS_A_CALL = 1000
POINTS_A_PAGE = 5000
VERSIONS_A_BATCH = 1000
READINGS_A_BATCH = 2000
#: Rows so long that fewer of them fill an answer are no rows of a registry.
FEWEST_A_PAGE = 50
READ_ON = "read_on"
#: A page of thousands of rows takes a busy server longer than other calls.
PATIENCE = 4


@dataclass(frozen=True)
class _Metric:
    """The last value of a metric in a run, as the server writes it."""

    key: str
    value: str
    timestamp_ms: int
    step: int

    @property
    def mark(self) -> list[Any]:
        """What changes when a newer value was logged; JSON, for the watermark."""
        return [self.timestamp_ms, self.step, self.value]


@dataclass(frozen=True)
class _Run:
    metrics: tuple[_Metric, ...]
    params: Mapping[str, str]
    experiment_id: str = ""
    inputs: tuple[Mapping[str, Any], ...] = ()


class Mlflow(Plugin):
    """Reads one tracking server; it needs no more than the right to read."""

    name = "mlflow"
    title = "MLflow"
    summary = "Models, versions, aliases, datasets and lineage; metrics of runs as KPI readings."
    brings = (Brings.MODELS, Brings.READINGS)
    settings = (
        Setting(
            "address",
            "Address",
            SettingKind.ADDRESS,
            is_required=True,
            help="Of the tracking server, for example https://mlflow.example.com, or of a"
            " Databricks workspace.",
        ),
        Setting(
            "registry",
            "Registry",
            SettingKind.CHOICE,
            default="workspace",
            choices=(("workspace", "MLflow or workspace"), ("unity_catalog", "Unity Catalog")),
            help="Models in Unity Catalog of Databricks answer under an address of their own.",
        ),
        Setting("token", "Token", is_secret=True, help="Sent as a bearer token."),
        Setting("username", "User name", help="For basic authentication, instead of a token."),
        Setting("password", "Password", is_secret=True),
        Setting(
            "initiative_tag",
            "Tag that names the initiative",
            default="initiative",
            help="A tag of a model or version whose value is a key such as AI-142.",
        ),
        Setting(
            "serving_alias",
            "Alias that feeds KPIs",
            help="Only versions with this alias give readings; empty: all, the newest wins a day.",
        ),
    )

    def test(self, errand: Errand) -> list[Check]:
        """Ask for one of each thing that a run reads."""
        prefix = _prefix(errand)
        one = {"max_results": 1}
        steps = (
            ("Models can be listed", f"{prefix}registered-models/search", "CAN READ on models"),
            ("Versions can be listed", f"{prefix}model-versions/search", "CAN READ on models"),
            ("Runs can be read", "experiments/search", "CAN READ on experiments"),
        )
        checks: list[Check] = []
        with _Server(errand) as server:
            for title, path, permission in steps:
                if prefix and "versions" in path:
                    continue  # Unity Catalog lists versions of one model only

                def ask(path: str = path) -> str:
                    server.get(path, one)
                    return f"{server.address} answers."

                needs = (
                    "EXECUTE on the models and USE CATALOG, USE SCHEMA" if prefix else permission
                )
                checks.append(tried(title, ask, needs=needs))
                if not checks[-1].is_ok:
                    break
        return checks

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield models, then versions with their metrics, then readings of claimed models."""
        with shaped_as_documented(str(errand.settings["address"])):
            yield from self._pull(errand)

    def _pull(self, errand: Errand) -> Iterator[Batch]:
        with _Server(errand) as server:
            models = self._models(server, errand)
            yield Batch(
                stage="Models",
                records=tuple(_model_record(model) for model in models.values()),
                complete=frozenset({ModelRecord}),
                total=len(models),
            )
            versions = self._versions(server, errand, list(models))
            aliases = _aliases(models.values())
            runs: dict[str, _Run] = {}
            experiments = _experiments(server) if versions else {}
            listed = list(versions.values())
            for start in range(0, max(len(listed), 1), VERSIONS_A_BATCH):
                page = listed[start : start + VERSIONS_A_BATCH]
                found = _runs(server, list(experiments), page)
                runs.update(found)
                is_last = start + VERSIONS_A_BATCH >= len(listed)
                yield Batch(
                    stage="Versions",
                    records=(
                        *(_version_record(each, aliases, found, experiments) for each in page),
                        *_data_records(page, found),
                    ),
                    complete=frozenset({ModelVersionRecord} if is_last else ()),
                    total=len(listed),
                )
            yield from self._readings(server, errand, models, listed, aliases, runs)

    def _models(self, server: "_Server", errand: Errand) -> dict[str, dict[str, Any]]:
        """List registered models by name, a second time when one we hold is missing."""
        prefix = _prefix(errand)
        params: dict[str, Any] = {} if prefix else {"order_by": "name ASC"}
        if not prefix:
            params["max_results"] = MODELS_A_PAGE
        return _listed(
            server,
            f"{prefix}registered-models/search",
            "registered_models",
            params,
            key=lambda row: row["name"],
            held=errand.held.get(ModelRecord, frozenset()),
        )

    def _versions(
        self, server: "_Server", errand: Errand, names: Sequence[str]
    ) -> dict[Any, dict[str, Any]]:
        """List versions by (model, number): all at once, or of each model in Unity Catalog."""
        prefix = _prefix(errand)
        if prefix:
            found: dict[Any, dict[str, Any]] = {}
            for name in names:
                quoted = name.replace("'", "\\'")
                pages = server.pages(
                    f"{prefix}model-versions/search", "model_versions",
                    {"filter": f"name='{quoted}'"},
                )  # fmt: skip
                found |= {(row["name"], str(row["version"])): row for page in pages for row in page}
            return found
        return _listed(
            server,
            "model-versions/search",
            "model_versions",
            {"max_results": VERSIONS_A_PAGE, "order_by": "name ASC"},
            key=lambda row: (row["name"], str(row["version"])),
            held=errand.held.get(ModelVersionRecord, frozenset()),
        )

    def _readings(
        self,
        server: "_Server",
        errand: Errand,
        models: Mapping[str, Mapping[str, Any]],
        versions: Sequence[Mapping[str, Any]],
        aliases: Mapping[tuple[str, str], Sequence[str]],
        runs: Mapping[str, _Run],
    ) -> Iterator[Batch]:
        """
        Yield what the metrics of claimed models say, one series per model and metric, some
        models at a time.

        Of several versions measured on one day the highest wins, so versions go up and
        each day is taken from the last that has it.
        """
        before, today = errand.watermark, errand.window.until.isoformat()
        is_full = before.get(READ_ON) != today
        wanted, initiatives = _claimed(errand, models, versions, aliases, runs)
        current: dict[str, list[Any]] = {}
        records: list[ReadingRecord] = []
        refused: list[Refusal] = []
        fresh: dict[str, list[Any]] = {}
        for name, its_versions in sorted(wanted.items()):
            marks = _marks_of(its_versions, runs)
            current |= marks
            if not is_full and all(before.get(key) == mark for key, mark in marks.items()):
                continue
            found, wrong = _series(server, name, its_versions, runs, initiatives)
            records += found
            refused += wrong
            fresh |= marks
            if len(records) >= READINGS_A_BATCH:
                yield Batch(
                    stage="Readings", records=tuple(records), refused=tuple(refused), marks=fresh
                )
                records, refused, fresh = [], [], {}
        forgotten = {key: None for key in before if key not in current and key != READ_ON}
        yield Batch(
            stage="Readings",
            records=tuple(records),
            refused=tuple(refused),
            marks={**fresh, **forgotten, READ_ON: today},
        )


class _Server:
    """The REST API of one tracking server."""

    def __init__(self, errand: Errand) -> None:
        settings = errand.settings
        self.address = str(settings["address"]).rstrip("/")
        token, user = settings["token"], settings["username"]
        self._outbound = Outbound(
            reach=errand.reach,
            deadline_s=http.DEADLINE_S * PATIENCE,
            headers={"authorization": f"Bearer {token}"} if token else None,
            auth=(user, settings["password"]) if user and not token else None,
        )

    def __enter__(self) -> "_Server":
        self._outbound.__enter__()
        return self

    def __exit__(self, *_: Any) -> None:
        self._outbound.__exit__(None, None, None)

    def get(self, path: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return _object(self._outbound.get_json(f"{self.address}/api/2.0/mlflow/{path}", params))

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return _object(self._outbound.post_json(f"{self.address}/api/2.0/mlflow/{path}", body))

    def pages(self, path: str, rows: str, params: Mapping[str, Any]) -> Iterator[list[Any]]:
        """Yield the rows of every page; an empty listing comes without its key."""
        token = ""
        while True:
            try:
                answer = self.get(path, {**params, "page_token": token} if token else params)
            except TooLarge:
                size = int(params.get("max_results", 0)) // 2
                if size < FEWEST_A_PAGE:
                    raise
                params = {**params, "max_results": size}
                continue
            yield answer.get(rows, [])
            following = answer.get("next_page_token", "")
            if not following or following == token:
                return
            token = following


def _object(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise PermanentError("The server's answer is no JSON object. Is it an MLflow server?")
    return answer


def _listed(
    server: _Server,
    path: str,
    rows: str,
    params: Mapping[str, Any],
    *,
    key: Any,
    held: frozenset[Any],
) -> dict[Any, dict[str, Any]]:
    """Read a listing, each row once; again when it took several pages and lacks what we hold."""
    found: dict[Any, dict[str, Any]] = {}
    for _ in range(2):
        pages = 0
        for page in server.pages(path, rows, params):
            pages += 1
            found |= {key(row): row for row in page}
        if pages == 1 or held <= found.keys():
            break
    return found


def _prefix(errand: Errand) -> str:
    return "unity-catalog/" if errand.settings["registry"] == "unity_catalog" else ""


def _experiments(server: _Server) -> dict[str, str]:
    """Give the names of experiments by their ids."""
    params = {"max_results": EXPERIMENTS_A_PAGE}
    pages = server.pages("experiments/search", "experiments", params)
    return {str(row["experiment_id"]): str(row.get("name", "")) for page in pages for row in page}


def _runs(
    server: _Server, experiments: list[str], versions: Sequence[Mapping[str, Any]]
) -> dict[str, _Run]:
    """Read the runs that versions came from, by run id; deleted runs are absent."""
    ids = list(dict.fromkeys(each["run_id"] for each in versions if each.get("run_id")))
    found: dict[str, _Run] = {}
    for start in range(0, len(ids), RUNS_A_CALL):
        some = ids[start : start + RUNS_A_CALL]
        quoted = ", ".join(f"'{run_id}'" for run_id in some if "'" not in run_id)
        body = {
            "experiment_ids": experiments,
            "filter": f"attributes.run_id IN ({quoted})",
            "max_results": RUNS_A_CALL,
        }
        for row in server.post("runs/search", body).get("runs", []):
            data = row.get("data", {})
            metrics = tuple(_metric(each) for each in data.get("metrics", []))
            found[row["info"]["run_id"]] = _Run(
                metrics,
                _pairs(data.get("params", [])),
                str(row["info"].get("experiment_id", "")),
                tuple(row.get("inputs", {}).get("dataset_inputs", [])),
            )
    return found


def _metric(row: Mapping[str, Any]) -> _Metric:
    return _Metric(
        key=row["key"],
        value=str(row.get("value", "NaN")),
        timestamp_ms=int(row.get("timestamp", 0)),
        step=int(row.get("step", 0)),
    )


def _claimed(
    errand: Errand,
    models: Mapping[str, Mapping[str, Any]],
    versions: Sequence[Mapping[str, Any]],
    aliases: Mapping[tuple[str, str], Sequence[str]],
    runs: Mapping[str, _Run],
) -> tuple[dict[str, list[Mapping[str, Any]]], dict[tuple[str, str], str]]:
    """
    Find the versions whose metrics are somebody's KPI.

    Returns:
        Model name -> its versions that count; and (model, version) -> the initiative its tags
        name, empty when only a person linked the model.
    """
    tag, alias = errand.settings["initiative_tag"], errand.settings["serving_alias"]
    wanted: dict[str, list[Mapping[str, Any]]] = {}
    initiatives: dict[tuple[str, str], str] = {}
    for version in versions:
        name, number = version["name"], str(version["version"])
        key = _tags(version).get(tag, "") or _tags(models.get(name, {})).get(tag, "")
        serves = not alias or alias in aliases.get((name, number), ())
        if serves and (key or name in errand.linked) and version.get("run_id") in runs:
            wanted.setdefault(name, []).append(version)
            initiatives[name, number] = key.strip()
    return wanted, initiatives


def _marks_of(
    versions: Iterable[Mapping[str, Any]], runs: Mapping[str, _Run]
) -> dict[str, list[Any]]:
    """Give the last values of the versions' metrics, which tell whether a history moved."""
    return {
        f"{version['run_id']}/{metric.key}": metric.mark
        for version in versions
        for metric in runs[version["run_id"]].metrics
    }


def _series(
    server: _Server,
    name: str,
    versions: Sequence[Mapping[str, Any]],
    runs: Mapping[str, _Run],
    initiatives: Mapping[tuple[str, str], str],
) -> tuple[tuple[ReadingRecord, ...], tuple[Refusal, ...]]:
    """Read the histories of one model's metrics into one reading a day and metric."""
    days: dict[tuple[str, str, dt.date], ReadingRecord] = {}
    refused: list[Refusal] = []
    for version in sorted(versions, key=lambda each: int(each["version"])):
        number, run_id = str(version["version"]), version["run_id"]
        initiative = initiatives[name, number]
        for last in runs[run_id].metrics:
            params = {"run_id": run_id, "metric_key": last.key, "max_results": POINTS_A_PAGE}
            pages = server.pages("metrics/get-history", "metrics", params)
            points = [_metric(row) for page in pages for row in page]
            for point in sorted(points, key=lambda each: (each.timestamp_ms, each.step)):
                value, moment = _number(point.value), _moment(point.timestamp_ms)
                if value is None or moment is None:
                    what = f"{name} version {number}, {last.key}"
                    wrong = (
                        f"{point.value} is no number that can be kept."
                        if value is None
                        else f"its time {point.timestamp_ms} lies outside the calendar."
                    )
                    refused.append(Refusal(what, wrong))
                    continue
                on = moment.date()
                days[initiative, last.key, on] = ReadingRecord(
                    initiative_key=initiative,
                    series_key=f"{name}/{last.key}",
                    name=f"{last.key} of {name}",
                    model_name=name,
                    reading=Reading(
                        period_on=on,
                        value=value,
                        source_ref=f"{name} version {number}, run {run_id}",
                    ),
                )
    return tuple(days.values()), tuple(refused)


def _number(text: str) -> Decimal | None:
    """Read a metric's value exactly; None for NaN and the infinities."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _model_record(model: Mapping[str, Any]) -> ModelRecord:
    return ModelRecord(
        name=model["name"],
        description=model.get("description", ""),
        tags=_tags(model),
        created_at=_moment(model.get("creation_timestamp")),
        updated_at=_moment(model.get("last_updated_timestamp")),
        source_ref=f"models:/{model['name']}",
    )


def _version_record(
    version: Mapping[str, Any],
    aliases: Mapping[tuple[str, str], Sequence[str]],
    runs: Mapping[str, _Run],
    experiments: Mapping[str, str],
) -> ModelVersionRecord:
    name, number = version["name"], str(version["version"])
    run = runs.get(version.get("run_id", ""), _Run((), {}))
    metrics = {metric.key: _number(metric.value) for metric in run.metrics}
    return ModelVersionRecord(
        model_name=name,
        version=number,
        aliases=tuple(sorted(aliases.get((name, number), ()))),
        description=version.get("description", ""),
        tags=_tags(version),
        metrics={
            key: float(value)
            for key, value in metrics.items()
            if value is not None and math.isfinite(float(value))
        },
        params=run.params,
        run_ref=version.get("run_id", ""),
        experiment=experiments.get(run.experiment_id, ""),
        source_uri=version.get("source", ""),
        status=version.get("status", ""),
        created_at=_moment(version.get("creation_timestamp")),
        source_ref=f"models:/{name}/{number}",
    )


def _data_records(
    versions: Sequence[Mapping[str, Any]], runs: Mapping[str, _Run]
) -> Iterator[DatasetRecord | FlowRecord]:
    """Give the datasets that the runs of versions took in, and that they went into them."""
    for version in versions:
        run_id = version.get("run_id", "")
        for each in runs[run_id].inputs if run_id in runs else ():
            data = each["dataset"]
            context = _tags(each).get("mlflow.data.context", "")
            yield DatasetRecord(
                name=data["name"],
                digest=data.get("digest", ""),
                kind=data.get("source_type", ""),
                location=data.get("source", ""),
                schema=_schema(data.get("schema", "")),
                context=context,
                source_ref=f"{data['name']}@{data.get('digest', '')}",
            )
            yield FlowRecord(
                from_name=data["name"],
                from_digest=data.get("digest", ""),
                to_model=version["name"],
                to_version=str(version["version"]),
                via=run_id,
                context=context,
            )


def _schema(text: str) -> dict[str, Any]:
    """Read the columns of a dataset, name to type; none where the run says nothing of the kind."""
    try:
        columns = json.loads(text)["mlflow_colspec"]
        return {str(each["name"]): str(each["type"]) for each in columns}
    except (ValueError, KeyError, TypeError):
        return {}


def _aliases(models: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], list[str]]:
    """Give the aliases that point at each (model, version)."""
    found: dict[tuple[str, str], list[str]] = {}
    for model in models:
        for each in model.get("aliases", []):
            found.setdefault((model["name"], str(each["version"])), []).append(each["alias"])
    return found


def _tags(row: Mapping[str, Any]) -> dict[str, str]:
    return _pairs(row.get("tags", []))


def _pairs(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {row["key"]: str(row.get("value", "")) for row in rows}


def _moment(timestamp_ms: Any) -> dt.datetime | None:
    """Read milliseconds since 1970 (UTC); None when absent or outside the calendar."""
    if not timestamp_ms:
        return None
    try:
        return dt.datetime.fromtimestamp(int(timestamp_ms) / 1000, dt.UTC)
    except (OverflowError, ValueError, OSError):
        return None
