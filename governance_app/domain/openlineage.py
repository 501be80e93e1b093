"""
Reading OpenLineage events (specification 2.0): which data went where, through which job.

Pure: an event as received in, plain records out. Facets that are not known are left alone.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from governance_app.domain.errors import Sentence
from governance_app.domain.records import DatasetRecord, FlowRecord, Reading

#: Types of a run event after which what it says about data holds; others only announce.
_ENDED = frozenset({"COMPLETE", "OTHER", ""})
KIND = "openlineage"
#: Characters of the name of a series.
LONGEST = 300


class NotOpenLineage(Sentence):
    """The body is no event of the specification."""


@dataclass(frozen=True)
class Measured:
    """A number that a facet says about a dataset: the series it belongs to, and its value."""

    series_key: str
    name: str
    unit: str
    reading: Reading


@dataclass(frozen=True)
class Lineage:
    """What one event says."""

    kind: str
    job: str
    labels: Mapping[str, str]
    run: str = ""
    datasets: tuple[DatasetRecord, ...] = ()
    flows: tuple[FlowRecord, ...] = ()
    measured: tuple[Measured, ...] = field(default_factory=tuple)


def read(event: Any) -> Lineage:
    """
    Read a run, job or dataset event.

    Raises:
        NotOpenLineage: a field that the specification requires is missing or of another kind.

    >>> read({"eventTime": "2026-11-20T01:00:00Z", "eventType": "COMPLETE",
    ...       "run": {"runId": "1"}, "job": {"namespace": "dbt", "name": "train"},
    ...       "inputs": [{"namespace": "pg", "name": "claims"}],
    ...       "outputs": [{"namespace": "s3", "name": "features"}]}).flows[0].to_name
    's3/features'
    """
    if not isinstance(event, Mapping):
        raise NotOpenLineage("An OpenLineage event is a JSON object.")
    on = _day(event.get("eventTime"))
    job = event.get("job")
    if job is None and event.get("dataset") is not None:
        found = _dataset(event["dataset"])
        return Lineage("dataset", "", {}, datasets=(found,))
    name = _named(job, "job")
    facets = _facets(job or {})
    run = event.get("run")
    kind = str(event.get("eventType") or "")
    inputs, outputs = _listed(event, "inputs"), _listed(event, "outputs")
    read_from = [_dataset(each) for each in inputs]
    written_to = [_dataset(each) for each in outputs]
    flows: tuple[FlowRecord, ...] = ()
    if kind in _ENDED:
        flows = tuple(
            FlowRecord(
                from_name=start.name, from_digest=start.digest,
                to_name=end.name, to_digest=end.digest, via=name,
            )
            for start in read_from for end in written_to
            if (start.name, start.digest) != (end.name, end.digest)
        )  # fmt: skip
    measured = [
        *(each for raw in inputs for each in _measures(raw, "inputFacets", on)),
        *(each for raw in outputs for each in _measures(raw, "outputFacets", on)),
    ]
    return Lineage(
        kind=f"run {kind.lower()}".strip() if run is not None else "job",
        job=name,
        labels=_labels(job, facets),
        run=str(run.get("runId") or "") if isinstance(run, Mapping) else "",
        datasets=tuple(
            {(each.name, each.digest): each for each in (*read_from, *written_to)}.values()
        ),
        flows=flows,
        measured=tuple(measured),
    )


def _measures(dataset: Mapping[str, Any], own: str, on: dt.date) -> Iterator[Measured]:
    """Read what facets count about a dataset: rows, bytes, assertions that failed."""
    name = _named(dataset, "dataset")
    facets = {**_facets(dataset), **_facets(dataset, own)}
    for facet in ("dataQualityMetrics", "outputStatistics", "inputStatistics"):
        said = facets.get(facet)
        if not isinstance(said, Mapping):
            continue
        for field_name, words, unit in (
            ("rowCount", "Rows", "rows"), ("bytes", "Size", "bytes"), ("size", "Size", "bytes"),
        ):  # fmt: skip
            value = said.get(field_name)
            if isinstance(value, int | Decimal) and not isinstance(value, bool):
                key = _series(name, words.lower())
                title = f"{words} of {name}"[:LONGEST]
                yield Measured(key, title, unit, Reading(on, Decimal(value), name))
    checks = facets.get("dataQualityAssertions")
    listed = checks.get("assertions") if isinstance(checks, Mapping) else None
    if isinstance(listed, list):
        failed = sum(1 for each in listed if isinstance(each, Mapping) and not each.get("success"))
        reading = Reading(on, Decimal(failed), name)
        title = f"Failed quality checks of {name}"[:LONGEST]
        yield Measured(_series(name, "failed_checks"), title, "checks", reading)


def _series(dataset: str, what: str) -> str:
    """Name the series of what is counted; of a long name its beginning is kept."""
    return f"{dataset[: LONGEST - len(what) - 1]}/{what}"


def _dataset(raw: Any) -> DatasetRecord:
    name, facets = _named(raw, "dataset"), _facets(raw)
    version, schema = facets.get("version"), facets.get("schema")
    where = facets.get("dataSource")
    fields = _several(schema, "fields")
    return DatasetRecord(
        name=name[:500],
        digest=str(version.get("datasetVersion") or "")[:200]
        if isinstance(version, Mapping)
        else "",
        kind=KIND,
        location=str(where.get("uri") or name) if isinstance(where, Mapping) else name,
        schema={
            str(each.get("name")): str(each.get("type") or "")
            for each in fields
            if isinstance(each, Mapping)
        },
        source_ref=name[:1000],
    )


def _labels(job: Any, facets: Mapping[str, Any]) -> dict[str, str]:
    """Give what mapping rules look at: the namespace and the tags of a job."""
    labels = {"namespace": str(job["namespace"])}
    for each in _several(facets.get("tags"), "tags"):
        if isinstance(each, Mapping) and each.get("key"):
            labels[str(each["key"])] = str(each.get("value") or "")
    owners = _several(facets.get("ownership"), "owners")
    if owners and isinstance(owners[0], Mapping):
        labels["owner"] = str(owners[0].get("name") or "")
    return labels


def _several(facet: Any, name: str) -> list[Any]:
    """Give the list that a facet holds under a name; none where it says nothing of the kind."""
    found = facet.get(name) if isinstance(facet, Mapping) else None
    return found if isinstance(found, list) else []


def _listed(event: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = event.get(name)
    if found is None:
        return []
    if not isinstance(found, list):
        raise NotOpenLineage(f"{name} of an OpenLineage event is a list.")
    return found


def _facets(raw: Mapping[str, Any], name: str = "facets") -> Mapping[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, Mapping) else {}


def _named(raw: Any, what: str) -> str:
    space = raw.get("namespace") if isinstance(raw, Mapping) else None
    name = raw.get("name") if isinstance(raw, Mapping) else None
    if not isinstance(space, str) or not isinstance(name, str) or not name:
        raise NotOpenLineage(f"A {what} of an OpenLineage event has a namespace and a name.")
    return f"{space}/{name}" if space else name


def _day(text: Any) -> dt.date:
    try:
        moment = dt.datetime.fromisoformat(str(text).replace("Z", "+00:00"))
        return moment.astimezone(dt.UTC).date() if moment.tzinfo else moment.date()
    except (ValueError, OverflowError):
        raise NotOpenLineage(f"{text!r} is no time of an OpenLineage event.") from None
