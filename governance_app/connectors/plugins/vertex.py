"""
Vertex AI Model Registry: models with their versions, aliases and labels.

A model's id is its name here, since display names need not be unique; the display name is
its description's first line. Versions cost a call a model.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from governance_app.connectors.base import (
    Batch,
    Brings,
    Check,
    Errand,
    PermanentError,
    Plugin,
    Setting,
    SettingKind,
    shaped_as_documented,
    tried,
)
from governance_app.connectors.google import ACCOUNT, AccountToken
from governance_app.connectors.http import Outbound
from governance_app.domain.records import ModelRecord, ModelVersionRecord

ROWS_A_PAGE = 100
SCOPE = "https://www.googleapis.com/auth/cloud-platform.read-only"


class Vertex(Plugin):
    """Reads every model and its versions each time."""

    name = "vertex"
    title = "Vertex AI Model Registry"
    summary = "Models of a Google Cloud project with versions, aliases and labels."
    brings = (Brings.MODELS,)
    settings = (
        Setting("project", "Project", is_required=True),
        Setting("location", "Location", is_required=True, help="For example europe-west4."),
        *ACCOUNT,
        Setting(
            "initiative_tag",
            "Label that names the initiative",
            default="initiative",
            help="Labels are lower case: ai-142 is read as AI-142.",
        ),
        Setting("endpoint", "Endpoint", SettingKind.ADDRESS, help="Empty: that of the location."),
    )

    def test(self, errand: Errand) -> list[Check]:
        """Ask for one page of models."""

        def ask() -> str:
            with _outbound(errand) as outbound:
                page = next(_pages(outbound, f"{_root(errand)}/models", {"pageSize": 1}))
            return f"{len(page)} model(s) on the first page."

        needs = "aiplatform.models.list (roles/aiplatform.viewer) on the project"
        return [tried("Models can be listed", ask, needs=needs)]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield a page of models with their versions at a time."""
        label = str(errand.settings["initiative_tag"])
        with _outbound(errand) as outbound, shaped_as_documented(self.title):
            root, met = _root(errand), set[str]()
            for page in _pages(outbound, f"{root}/models", {"pageSize": ROWS_A_PAGE}):
                fresh = [row for row in page if row["name"] not in met]
                met |= {row["name"] for row in fresh}
                records: list[Any] = [_model(row, label) for row in fresh]
                for row in fresh:
                    place = f"{root}/models/{_id(row)}:listVersions"
                    for versions in _pages(outbound, place, {"pageSize": ROWS_A_PAGE}):
                        records += [_version(each, label) for each in versions]
                yield Batch("Models", records=tuple(records))
            yield Batch("Models", complete=frozenset({ModelRecord, ModelVersionRecord}))


def _outbound(errand: Errand) -> Outbound:
    return Outbound(reach=errand.reach, auth=AccountToken(errand, scope=SCOPE))


def _root(errand: Errand) -> str:
    settings = errand.settings
    location = settings["location"]
    address = str(settings["endpoint"]) or f"https://{location}-aiplatform.googleapis.com"
    return f"{address.rstrip('/')}/v1/projects/{settings['project']}/locations/{location}"


def _pages(outbound: Outbound, url: str, params: Mapping[str, Any]) -> Iterator[list[Any]]:
    token = ""
    while True:
        answer = outbound.get_json(url, {**params, **({"pageToken": token} if token else {})})
        if not isinstance(answer, dict):
            raise PermanentError("Vertex AI answers no JSON object. Is the endpoint right?")
        yield answer.get("models", [])
        following = answer.get("nextPageToken", "")
        if not following or following == token:
            return
        token = following


def _id(row: Mapping[str, Any]) -> str:
    return str(row["name"]).rpartition("/models/")[2].partition("@")[0]


def _labels(row: Mapping[str, Any], label: str) -> dict[str, str]:
    """Give labels; the one that names the initiative in the spelling of initiatives."""
    found = {str(key): str(value) for key, value in (row.get("labels") or {}).items()}
    if label in found:
        found[label] = found[label].upper()
    return found


def _model(row: Mapping[str, Any], label: str) -> ModelRecord:
    told = (str(row.get("displayName") or ""), str(row.get("description") or ""))
    return ModelRecord(
        name=_id(row),
        description="\n".join(each for each in told if each),
        tags=_labels(row, label),
        created_at=_moment(row.get("createTime")),
        updated_at=_moment(row.get("updateTime")),
        source_ref=str(row["name"]),
    )


def _version(row: Mapping[str, Any], label: str) -> ModelVersionRecord:
    aliases = sorted(str(each) for each in row.get("versionAliases") or [])
    return ModelVersionRecord(
        model_name=_id(row),
        version=str(row["versionId"]),
        aliases=tuple(aliases),
        description=str(row.get("versionDescription") or ""),
        tags=_labels(row, label),
        source_uri=str(row.get("artifactUri") or ""),
        run_ref=str(row.get("trainingPipeline") or "")[:200],
        created_at=_moment(row.get("versionCreateTime")),
        source_ref=f"{row['name']}@{row['versionId']}",
    )


def _moment(text: Any) -> dt.datetime | None:
    return dt.datetime.fromisoformat(str(text)[:26].rstrip("Z") + "+00:00") if text else None
