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
    ``labels`` are what mapping rules look at (``account``, ``experiment``, any tag); ``name``
    among them is what several series are of.
    """

    initiative_key: str
    series_key: str
    reading: Reading
    name: str = ""
    unit: str = ""
    cadence_days: int | None = None
    model_name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


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
    experiment: str = ""
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
class FlowRecord:
    """
    That data went from a dataset into a model version (``to_model``, ``to_version``), or into
    another dataset (``to_name``, ``to_digest``); ``via`` is the run or pipeline that did it.
    """

    from_name: str
    from_digest: str = ""
    to_model: str = ""
    to_version: str = ""
    to_name: str = ""
    to_digest: str = ""
    via: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class SeatRecord:
    """
    Seats of one product as counted on a day; never who sits on them.

    ``active`` counts the assigned ones that were used within ``active_days``; ``price`` is
    that of one seat a month. None where the source does not say.
    """

    product: str
    counted_on: date
    assigned: int
    bought: int | None = None
    active: int | None = None
    active_days: int = 30
    price: Decimal | None = None
    currency: str = ""
    initiative_key: str = ""


@dataclass(frozen=True, slots=True)
class WorkItemRecord:
    """
    An item of a tracker: a milestone of an initiative, by key or by its labels.

    ``status`` (on_track, at_risk, off_track) is what the tracker says of the initiative as a
    whole, with its ``sentence``; empty where the item says nothing about that.
    """

    key: str
    title: str
    state: str = ""
    due_on: date | None = None
    done_on: date | None = None
    address: str = ""
    initiative_key: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    status: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class CaseLineRecord:
    """
    One amount of a business case: a cost category or a benefit type in one month.

    ``amount`` is the likely one; ``low`` and ``high`` its range, None where nobody gave one.
    """

    side: str
    category: str
    month: date
    amount: Decimal
    is_recurring: bool = True
    treatment: str = ""
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AssumptionRecord:
    """
    What a business case rests on: a value with its range, who answers for it, on what proof.

    ``factor`` ties it to a step of the value bridge; ``driver`` names what it shares with other
    cases; ``owner`` is an e-mail address.
    """

    name: str
    low: Decimal
    likely: Decimal
    high: Decimal
    unit: str = ""
    factor: str = ""
    moves: str = "benefit"
    driver: str = ""
    owner: str = ""
    evidence: str = ""


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
