"""
Azure Machine Learning: the models of a workspace or registry, through Azure's management API.

Versions cost a call a model. A model that was archived at the source counts as gone.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from governance_app.connectors.azure import APP, AppToken
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
from governance_app.connectors.http import Outbound
from governance_app.domain.records import ModelRecord, ModelVersionRecord

VERSION = "2024-10-01"
PROVIDER = "Microsoft.MachineLearningServices"


class AzureMl(Plugin):
    """Reads every model and its versions each time."""

    name = "azure_ml"
    title = "Azure Machine Learning"
    summary = "Models of an Azure ML workspace or registry with versions, tags and properties."
    brings = (Brings.MODELS,)
    settings = (
        Setting("subscription", "Subscription ID", is_required=True),
        Setting("resource_group", "Resource group", is_required=True),
        Setting(
            "kind",
            "Kind",
            SettingKind.CHOICE,
            default="workspaces",
            choices=(("workspaces", "Workspace"), ("registries", "Registry")),
        ),
        Setting("place", "Name of the workspace or registry", is_required=True),
        *APP,
        Setting(
            "initiative_tag",
            "Tag that names the initiative",
            default="initiative",
            help="A tag of a model or version whose value is a key such as AI-142.",
        ),
        Setting(
            "endpoint", "Endpoint", SettingKind.ADDRESS, default="https://management.azure.com"
        ),
    )

    def test(self, errand: Errand) -> list[Check]:
        """Ask for one page of models."""

        def ask() -> str:
            with _outbound(errand) as outbound:
                page = next(_pages(outbound, errand, _root(errand)))
            return f"{len(page)} model(s) on the first page."

        needs = f"{PROVIDER}/{errand.settings['kind']}/models/read (role Reader)"
        return [tried("Models can be listed", ask, needs=needs)]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield a page of models with their versions at a time."""
        with _outbound(errand) as outbound, shaped_as_documented(self.title):
            root, met = _root(errand), set[str]()
            for page in _pages(outbound, errand, root):
                fresh = [row for row in page if row["name"] not in met and not _is_archived(row)]
                met |= {str(row["name"]) for row in fresh}
                records: list[Any] = [_model(row) for row in fresh]
                for row in fresh:
                    place = f"{root}/{quote(str(row['name']), safe='')}/versions"
                    for versions in _pages(outbound, errand, place):
                        kept = [each for each in versions if not _is_archived(each)]
                        records += [_version(str(row["name"]), each) for each in kept]
                yield Batch("Models", records=tuple(records))
            yield Batch("Models", complete=frozenset({ModelRecord, ModelVersionRecord}))


def _outbound(errand: Errand) -> Outbound:
    address = str(errand.settings["endpoint"]).rstrip("/")
    return Outbound(reach=errand.reach, auth=AppToken(errand, scope=f"{address}/.default"))


def _root(errand: Errand) -> str:
    settings = errand.settings
    parts = (
        "subscriptions", settings["subscription"], "resourceGroups", settings["resource_group"],
        "providers", PROVIDER, settings["kind"], settings["place"], "models",
    )  # fmt: skip
    address = str(settings["endpoint"]).rstrip("/")
    return "/".join((address, *(quote(str(part), safe="") for part in parts)))


def _pages(outbound: Outbound, errand: Errand, url: str) -> Iterator[list[Any]]:
    """
    Yield the pages of a listing.

    Raises:
        PermanentError: an answer is no listing, or the next page is on another host.
    """
    address = str(errand.settings["endpoint"]).rstrip("/")
    params: Any = {"api-version": VERSION}
    while True:
        answer = outbound.get_json(url, params)
        if not isinstance(answer, dict) or not isinstance(answer.get("value"), list):
            raise PermanentError(f"{address} answers no list of models.")
        yield answer["value"]
        following = str(answer.get("nextLink") or "")
        if not following or following == url:
            return
        if not following.startswith(f"{address}/"):
            raise PermanentError(f"{address} continues its list on another host.")
        url, params = following, None


def _is_archived(row: Mapping[str, Any]) -> bool:
    return bool(row["properties"].get("isArchived"))


def _model(row: Mapping[str, Any]) -> ModelRecord:
    properties = row["properties"]
    return ModelRecord(
        name=str(row["name"]),
        description=str(properties.get("description") or ""),
        tags=_texts(properties.get("tags")),
        created_at=_moment(row),
        source_ref=str(row.get("id") or row["name"]),
    )


def _version(name: str, row: Mapping[str, Any]) -> ModelVersionRecord:
    properties = row["properties"]
    stage = str(properties.get("stage") or "")
    return ModelVersionRecord(
        model_name=name,
        version=str(row["name"]),
        aliases=(stage,) if stage else (),
        description=str(properties.get("description") or ""),
        tags=_texts(properties.get("tags")),
        params=_texts(properties.get("properties")),
        run_ref=str(properties.get("jobName") or ""),
        source_uri=str(properties.get("modelUri") or ""),
        status=str(properties.get("provisioningState") or ""),
        created_at=_moment(row),
        source_ref=str(row.get("id") or f"{name}/{row['name']}"),
    )


def _texts(told: Any) -> dict[str, str]:
    return {str(key): str(value) for key, value in (told or {}).items()}


def _moment(row: Mapping[str, Any]) -> dt.datetime | None:
    text = (row.get("systemData") or {}).get("createdAt")
    return dt.datetime.fromisoformat(str(text)[:26].rstrip("Z") + "+00:00") if text else None
