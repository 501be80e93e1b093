"""What plug-ins yield and importers produce: plain values from an outside system, unjudged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a series for one period; ``source_ref`` says where it was read."""

    period_on: date
    value: Decimal
    source_ref: str = ""


@dataclass(frozen=True, slots=True)
class ReadingRecord:
    """
    A reading that still has to find its series.

    ``initiative_key`` ("AI-142") and ``series_key`` name it here; ``name``, ``unit`` and
    ``cadence_days`` describe the series when it is met for the first time. ``model_name``
    is the registered model it was measured on: initiatives linked to that get it too.
    """

    initiative_key: str
    series_key: str
    reading: Reading
    name: str = ""
    unit: str = ""
    cadence_days: int | None = None
    model_name: str = ""


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A registered model as its registry names it."""

    name: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime | None = None
    updated_at: datetime | None = None
    source_ref: str = ""


@dataclass(frozen=True, slots=True)
class ModelVersionRecord:
    """One version of a registered model, with the aliases that point at it now."""

    model_name: str
    version: str
    aliases: tuple[str, ...] = ()
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    run_ref: str = ""
    source_uri: str = ""
    status: str = ""
    created_at: datetime | None = None
    source_ref: str = ""


@dataclass(frozen=True, slots=True)
class DatasetRecord:
    """A dataset that a run or a catalogue names; ``digest`` tells its versions apart."""

    name: str
    digest: str = ""
    kind: str = ""
    location: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    context: str = ""
    source_ref: str = ""


@dataclass(frozen=True, slots=True)
class CaseLineRecord:
    """One amount of a business case: a cost category or a benefit type in one month."""

    side: str
    category: str
    month: date
    amount: Decimal
    is_recurring: bool = True
    treatment: str = ""


@dataclass(frozen=True, slots=True)
class ControlRecord:
    """What is done about a risk; ``design`` and ``operating`` are shares in 0..1."""

    title: str
    kind: str
    design: Decimal
    operating: Decimal
    evidence_on: date | None = None
    evidence_ref: str = ""
    max_age_days: int = 365
