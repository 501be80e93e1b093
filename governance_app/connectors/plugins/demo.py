"""
The plug-in to copy: a small registry that lists its models as JSON over HTTP.

It answers ``GET <address>/models?page=N`` with one page of models::

    {"models": [{"name": "claims-triage", "initiative": "AI-7", "versions":
       [{"version": "3", "aliases": ["champion"], "metrics":
          [{"name": "accuracy", "on": "2026-10-31", "value": 0.91}]}]}],
     "pages": 4}

To add a source: copy this file, rename the class, describe the settings, say what *Test*
tries, and turn the source's answers into ``domain.records``. Put a scenario that answers as
the vendor documents into ``tests/servers/replays/``: the contract test finds both by itself.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
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
    SourceError,
    shaped_as_documented,
)
from governance_app.connectors.http import Outbound
from governance_app.domain.records import (
    ModelRecord,
    ModelVersionRecord,
    Reading,
    ReadingRecord,
)

#: The mark that says which readings were stored last.
READ = "read"


class Demo(Plugin):
    """Reads every page each time; what did not change is written nowhere."""

    name = "demo"
    title = "Example registry"
    summary = "A registry of a few lines, for trying things out and to copy from."
    brings = (Brings.MODELS, Brings.READINGS)
    settings = (
        Setting("address", "Address", SettingKind.ADDRESS, is_required=True),
        Setting("token", "Token", is_secret=True, help="Sent as a bearer token."),
    )
    is_example = True

    def test(self, errand: Errand) -> list[Check]:
        """Read the first page."""
        try:
            with _outbound(errand) as outbound:
                models = _page(outbound, errand, 1)["models"]
        except SourceError as error:
            return [Check("Models can be listed", False, str(error))]
        return [Check("Models can be listed", True, f"{len(models)} on the first page.")]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield the models and versions of each page, then the readings of all of them."""
        with _outbound(errand) as outbound, shaped_as_documented(self.title):
            number, pages = 1, 1
            readings: list[ReadingRecord] = []
            while number <= pages:
                answer = _page(outbound, errand, number)
                pages = int(answer["pages"])
                for_models = [_model(each) for each in answer["models"]]
                versions = [
                    (each, version) for each in answer["models"] for version in each["versions"]
                ]
                readings += [found for pair in versions for found in _readings(*pair)]
                ends = frozenset({ModelRecord, ModelVersionRecord} if number == pages else ())
                yield Batch(
                    stage="Models",
                    records=(*for_models, *(_version(*pair) for pair in versions)),
                    complete=ends,
                )
                number += 1
            told = repr((sorted(errand.linked), readings)).encode()
            mark = hashlib.sha256(told).hexdigest()
            if errand.watermark.get(READ) != mark:
                yield Batch(
                    stage="Readings",
                    records=tuple(readings),
                    total=len(readings),
                    marks={READ: mark},
                )


def _outbound(errand: Errand) -> Outbound:
    token = errand.settings["token"]
    headers = {"authorization": f"Bearer {token}"} if token else None
    return Outbound(reach=errand.reach, headers=headers)


def _page(outbound: Outbound, errand: Errand, number: int) -> Mapping[str, Any]:
    address = str(errand.settings["address"]).rstrip("/")
    answer = outbound.get_json(f"{address}/models", {"page": number})
    if not isinstance(answer, dict) or not {"models", "pages"} <= answer.keys():
        raise PermanentError(f"{address} does not answer a list of models. Is the address right?")
    return answer


def _model(model: Mapping[str, Any]) -> ModelRecord:
    tags = {"initiative": model["initiative"]} if model.get("initiative") else {}
    return ModelRecord(name=model["name"], tags=tags, source_ref=model["name"])


def _version(model: Mapping[str, Any], version: Mapping[str, Any]) -> ModelVersionRecord:
    last = {each["name"]: float(each["value"]) for each in version["metrics"]}
    return ModelVersionRecord(
        model_name=model["name"],
        version=version["version"],
        aliases=tuple(version["aliases"]),
        metrics=last,
        source_ref=f"{model['name']} version {version['version']}",
    )


def _readings(model: Mapping[str, Any], version: Mapping[str, Any]) -> Iterator[ReadingRecord]:
    for each in version["metrics"]:
        yield ReadingRecord(
            initiative_key=model.get("initiative", ""),
            series_key=f"{model['name']}/{each['name']}",
            name=f"{each['name']} of {model['name']}",
            model_name=model["name"],
            reading=Reading(
                period_on=dt.date.fromisoformat(each["on"]),
                value=Decimal(str(each["value"])),
                source_ref=f"{model['name']} version {version['version']}",
            ),
        )
