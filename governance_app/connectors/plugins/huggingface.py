"""
Hugging Face Hub: the models and datasets of an organization or user.

A version is the commit that ``main`` points at. Evaluation results of the model card become
its metrics, ``license`` and ``base_model`` its tags. Card results are claims of the author.
"""

import datetime as dt
import math
import re
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
from governance_app.connectors.http import Outbound
from governance_app.domain.records import DatasetRecord, ModelRecord, ModelVersionRecord

ROWS_A_PAGE = 500
_NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')
_PAIR = re.compile(r"([a-z_]+):(.+)")


class HuggingFace(Plugin):
    """Reads two listings; each page says where the next one is."""

    name = "huggingface"
    title = "Hugging Face Hub"
    summary = "Models and datasets of an organization on the Hub, with their cards' results."
    brings = (Brings.MODELS,)
    settings = (
        Setting("author", "Organization or user", is_required=True),
        Setting("access_token", "Token", is_secret=True, help="Only for private repositories."),
        Setting(
            "initiative_tag",
            "Tag that names the initiative",
            default="initiative",
            help="A tag of the repository such as initiative:AI-142.",
        ),
        Setting("endpoint", "Endpoint", SettingKind.ADDRESS, default="https://huggingface.co"),
    )

    def test(self, errand: Errand) -> list[Check]:
        """Ask for one model."""

        def ask() -> str:
            with _outbound(errand) as outbound:
                page = next(_pages(outbound, errand, "models", limit=1))
            return f"{len(page)} model(s) on the first page."

        needs = "a token with read access to the organization's repositories"
        return [tried("Models can be listed", ask, needs=needs)]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield models with their present version, then datasets."""
        with _outbound(errand) as outbound, shaped_as_documented(self.title):
            for page in _pages(outbound, errand, "models", limit=ROWS_A_PAGE):
                records = [record for row in page for record in (_model(row), _version(row))]
                yield Batch("Models", records=tuple(records))
            both = frozenset({ModelRecord, ModelVersionRecord})
            yield Batch("Models", complete=both)
            for page in _pages(outbound, errand, "datasets", limit=ROWS_A_PAGE):
                yield Batch("Datasets", records=tuple(_dataset(row) for row in page))


def _outbound(errand: Errand) -> Outbound:
    token = errand.settings["access_token"]
    headers = {"authorization": f"Bearer {token}"} if token else None
    return Outbound(reach=errand.reach, headers=headers)


def _pages(outbound: Outbound, errand: Errand, kind: str, *, limit: int) -> Iterator[list[Any]]:
    """
    Yield the pages of a listing, each repository once.

    Raises:
        PermanentError: an answer is no list, or the next page is on another host.
    """
    address = str(errand.settings["endpoint"]).rstrip("/")
    author = str(errand.settings["author"])
    url = f"{address}/api/{kind}"
    params: Any = {"author": author, "limit": limit, "full": "true", "cardData": "true"}
    met: set[str] = set()
    while True:
        answer = outbound.send("GET", url, params=params)
        rows = answer.json()
        if not isinstance(rows, list):
            raise PermanentError(f"{address} answers no list of {kind}.")
        fresh = [row for row in rows if row["id"] not in met]
        met |= {row["id"] for row in fresh}
        yield fresh
        following = _NEXT.search(answer.headers.get("link", ""))
        if following is None or not rows:
            return
        if not following.group(1).startswith(f"{address}/"):
            raise PermanentError(f"{address} continues its list on another host.")
        url, params = following.group(1), None


def _tags(row: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in row.get("tags") or []:
        pair = _PAIR.fullmatch(str(tag))
        found[pair[1] if pair else str(tag)] = pair[2] if pair else ""
    if row.get("pipeline_tag"):
        found["task"] = str(row["pipeline_tag"])
    return found


def _model(row: Mapping[str, Any]) -> ModelRecord:
    return ModelRecord(
        name=str(row["id"]),
        tags=_tags(row),
        created_at=_moment(row.get("createdAt")),
        updated_at=_moment(row.get("lastModified")),
        source_ref=str(row["id"]),
    )


def _version(row: Mapping[str, Any]) -> ModelVersionRecord:
    return ModelVersionRecord(
        model_name=str(row["id"]),
        version=str(row["sha"]),
        aliases=("main",),
        tags={"dataset": each} if (each := _tags(row).get("dataset", "")) else {},
        metrics=_metrics(row.get("cardData") or {}),
        source_uri=f"https://huggingface.co/{row['id']}/tree/{row['sha']}",
        status="private" if row.get("private") else "public",
        created_at=_moment(row.get("lastModified")),
        source_ref=f"{row['id']}@{row['sha']}",
    )


def _metrics(card: Mapping[str, Any]) -> dict[str, float]:
    """Read the results of a model card, which its author wrote."""
    found: dict[str, float] = {}
    index = card.get("model-index") or []
    for entry in index if isinstance(index, list) else []:
        for result in entry.get("results") or []:
            for metric in result.get("metrics") or []:
                name = str(metric.get("name") or metric.get("type") or "")
                try:
                    value = float(metric["value"])
                except (KeyError, TypeError, ValueError):
                    continue
                if name and math.isfinite(value):
                    found[name] = value
    return found


def _dataset(row: Mapping[str, Any]) -> DatasetRecord:
    return DatasetRecord(
        name=str(row["id"]),
        digest=str(row.get("sha") or ""),
        kind="huggingface",
        location=f"https://huggingface.co/datasets/{row['id']}",
        source_ref=str(row["id"]),
    )


def _moment(text: Any) -> dt.datetime | None:
    return dt.datetime.fromisoformat(str(text)) if text else None
