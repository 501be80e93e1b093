"""
SageMaker Model Registry: model package groups as models, their packages as versions.

The approval status is the alias (``approved``, ``rejected``, ``pendingmanualapproval``). One
listing gives the groups, one all versioned packages; tags cost a call a group.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from governance_app.connectors.aws import ACCESS, Service
from governance_app.connectors.base import (
    Batch,
    Brings,
    Check,
    Errand,
    Plugin,
    Setting,
    SourceError,
    shaped_as_documented,
    tried,
)
from governance_app.domain.records import ModelRecord, ModelVersionRecord

ROWS_A_PAGE = 100


class SageMaker(Plugin):
    """Reads both listings each time."""

    name = "sagemaker"
    title = "SageMaker Model Registry"
    summary = "Model package groups, their versions with approval status, and tags."
    brings = (Brings.MODELS,)
    settings = (
        *ACCESS,
        Setting(
            "initiative_tag",
            "Tag that names the initiative",
            default="initiative",
            help="A tag of the model package group whose value is a key such as AI-142.",
        ),
    )

    def test(self, errand: Errand) -> list[Check]:
        """Ask for one of each thing that a run reads."""
        checks: list[Check] = []
        try:
            with _service(errand) as service:
                for words, operation, key, more in (
                    ("Groups can be listed", "ListModelPackageGroups", GROUPS, {}),
                    ("Versions can be listed", "ListModelPackages", PACKAGES, VERSIONED),
                ):

                    def ask(operation: str = operation, key: str = key, more: Any = more) -> str:
                        found = service.call(operation, {"MaxResults": 1, **more})
                        return f"{len(found[key])} on the first page."

                    checks.append(tried(words, ask, needs=f"sagemaker:{operation}"))
                    if not checks[-1].is_ok:
                        break
        except SourceError as error:
            checks.append(Check("Credentials are accepted", False, str(error)))
        return checks

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield the groups, then their versions."""
        with _service(errand) as service, shaped_as_documented(self.title):
            met: set[str] = set()
            for page in service.pages("ListModelPackageGroups", {"MaxResults": ROWS_A_PAGE}):
                fresh = [row for row in page[GROUPS] if row["ModelPackageGroupName"] not in met]
                met |= {row["ModelPackageGroupName"] for row in fresh}
                yield Batch("Models", records=tuple(_model(service, row) for row in fresh))
            yield Batch("Models", complete=frozenset({ModelRecord}))
            asked = {"MaxResults": ROWS_A_PAGE, **VERSIONED}
            for page in service.pages("ListModelPackages", asked):
                yield Batch("Versions", records=tuple(_version(row) for row in page[PACKAGES]))
            yield Batch("Versions", complete=frozenset({ModelVersionRecord}))


GROUPS = "ModelPackageGroupSummaryList"
PACKAGES = "ModelPackageSummaryList"
VERSIONED: Mapping[str, Any] = {"ModelPackageType": "Versioned"}


def _service(errand: Errand) -> Service:
    host = f"api.sagemaker.{errand.settings['region']}.amazonaws.com"
    return Service(errand, service="sagemaker", host=host, target="SageMaker")


def _model(service: Service, row: Mapping[str, Any]) -> ModelRecord:
    arn = str(row["ModelPackageGroupArn"])
    tags: dict[str, str] = {}
    for page in service.pages("ListTags", {"ResourceArn": arn}):
        tags |= {str(each["Key"]): str(each["Value"]) for each in page["Tags"]}
    return ModelRecord(
        name=str(row["ModelPackageGroupName"]),
        description=str(row.get("ModelPackageGroupDescription") or ""),
        tags=tags,
        created_at=_moment(row.get("CreationTime")),
        source_ref=arn,
    )


def _version(row: Mapping[str, Any]) -> ModelVersionRecord:
    approval = str(row.get("ModelApprovalStatus") or "")
    return ModelVersionRecord(
        model_name=str(row["ModelPackageGroupName"]),
        version=str(row["ModelPackageVersion"]),
        aliases=(approval.lower(),) if approval else (),
        description=str(row.get("ModelPackageDescription") or ""),
        status=str(row.get("ModelPackageStatus") or ""),
        created_at=_moment(row.get("CreationTime")),
        source_ref=str(row["ModelPackageArn"]),
    )


def _moment(seconds: Any) -> dt.datetime | None:
    """Read seconds since 1970, which AWS writes with a fraction."""
    if seconds is None:
        return None
    return dt.datetime.fromtimestamp(float(Decimal(str(seconds))), dt.UTC)
