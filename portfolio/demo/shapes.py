"""The rows of the invented company, as plain frozen values; no Django here."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from governance_app.domain.records import DatasetRecord, ModelRecord, ModelVersionRecord


@dataclass(frozen=True)
class Unit:
    """A division (no parent) or a department of it."""

    code: str
    name: str
    parent_code: str | None
    source: str


@dataclass(frozen=True)
class Person:
    """Somebody who owns, sponsors or comments; `post` is what the story uses them for."""

    email: str
    name: str
    title: str
    unit_code: str
    post: str


@dataclass(frozen=True)
class Move:
    """A stage entered on a day; `reason` is a sentence."""

    from_stage: str | None
    to_stage: str
    on: date
    reason: str


@dataclass(frozen=True)
class Update:
    """A status with its sentence."""

    on: date
    status: str
    sentence: str
    by: str


@dataclass(frozen=True)
class Comment:
    """A remark on an initiative."""

    on: date
    by: str
    text: str


@dataclass(frozen=True)
class Milestone:
    """A planned day and the day it was reached, if it was."""

    name: str
    planned_on: date
    actual_on: date | None


@dataclass(frozen=True)
class Dependency:
    """One initiative waits for another."""

    key: str
    on_key: str
    note: str
    is_blocking: bool


@dataclass(frozen=True)
class Initiative:
    """
    One node of the portfolio tree with what a person would type about it.

    `size` is a relative weight for money; `fate` and `flags` say which story it lives.
    """

    key: str
    kind: str
    parent_key: str | None
    unit_code: str
    name: str
    purpose: str
    technique: str = ""
    ai_type: str = ""
    modality: str = ""
    autonomy: str = ""
    deployment_target: str = ""
    data_classes: tuple[str, ...] = ()
    vendor: str = ""
    sourcing: str = ""
    tags: tuple[str, ...] = ()
    stage: str = ""
    fate: str = ""
    flags: frozenset[str] = frozenset()
    size: float = 0.0
    source: str = ""
    users: str = ""
    is_generative: bool = False
    status: str = ""
    status_sentence: str = ""
    sponsor: str | None = None
    business_owner: str | None = None
    technical_owner: str | None = None
    risk_owner: str | None = None
    program_manager: str | None = None
    started_on: date | None = None
    planned_live_on: date | None = None
    live_on: date | None = None
    ended_on: date | None = None
    time_box_on: date | None = None
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True)
class Budget:
    """The budget of an initiative for a month, in US dollars."""

    key: str
    unit_code: str
    month: date
    amount: Decimal


@dataclass(frozen=True)
class CaseLine:
    """A planned cost or benefit of one month, by cost category or benefit type; US dollars."""

    side: str
    category: str
    month: date
    amount: Decimal


@dataclass(frozen=True)
class Assumption:
    """What a case rests on, with its range; ``driver`` is what it shares with other cases."""

    name: str
    low: Decimal
    likely: Decimal
    high: Decimal
    unit: str = ""
    factor: str = ""
    moves: str = "benefit"
    driver: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Case:
    """A business case by month; approved when somebody approved it."""

    key: str
    lines: tuple[CaseLine, ...]
    go_live_month: date
    assumptions: str
    rests_on: tuple[Assumption, ...]
    written_by: str | None
    approved_by: str | None
    yearly_benefit: Decimal


@dataclass(frozen=True)
class Kpi:
    """What an initiative is measured by, with its monthly readings."""

    key: str
    series_key: str
    name: str
    unit: str
    direction: str
    value_type: str
    population: str
    baseline: Decimal
    baseline_month: date
    target: Decimal
    target_on: date
    unit_value: Decimal | None
    attribution: Decimal
    readings: tuple[tuple[date, Decimal], ...]


@dataclass(frozen=True)
class BenefitMonth:
    """The rungs that a month's benefit has reached; None where nobody has said yet."""

    month: date
    claimed: Decimal | None
    measured: Decimal | None
    validated: Decimal | None
    banked: Decimal | None
    is_rejected: bool
    validator: str | None
    note: str


@dataclass(frozen=True)
class Benefit:
    """One benefit of an initiative, counted through its first KPI."""

    key: str
    name: str
    kind: str
    value_type: str
    series_key: str
    starts_month: date
    ends_month: date
    owner: str | None
    months: tuple[BenefitMonth, ...]


@dataclass(frozen=True)
class Control:
    """A control on a risk; no evidence day means no evidence."""

    name: str
    kind: str
    design: Decimal
    operating: Decimal
    evidence_on: date | None
    max_age_days: int


@dataclass(frozen=True)
class Signal:
    """Something a monitor said that raises a risk."""

    kind: str
    text: str
    up: int
    value: str
    threshold: str
    on: date


@dataclass(frozen=True)
class Risk:
    """A scenario with likelihood and impact from 1 to 5, or None when not assessed."""

    key: str
    category: str
    title: str
    likelihood: int | None
    impact: int | None
    owner: str | None
    reviewed_on: date | None
    review_days: int
    controls: tuple[Control, ...]
    signals: tuple[Signal, ...]


@dataclass(frozen=True)
class Appetite:
    """The highest level of residual risk accepted in a category, whole group or one unit."""

    category: str
    unit_code: str | None
    level: int


@dataclass(frozen=True)
class Charge:
    """
    An amount of one source and month, before it is split into lines of a bill.

    `how` says how it can be found: by ``tag``, by ``account``, by a ``wrong`` tag, or ``none``.
    `kind` is the FOCUS charge category in lower case, or ``correction``.
    """

    source: str
    month: date
    key: str | None
    how: str
    kind: str
    amount: Decimal


@dataclass(frozen=True)
class Rate:
    """What one unit of `base` was worth in US dollars in a month."""

    base: str
    month: date
    kind: str
    value: Decimal


@dataclass(frozen=True)
class Registry:
    """What a model registry lists; tags name the initiative a model serves."""

    models: tuple[ModelRecord, ...] = ()
    versions: tuple[ModelVersionRecord, ...] = ()
    datasets: tuple[DatasetRecord, ...] = ()
    dataset_of: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Company:
    """Everything invented about Meridian Group as of a day."""

    name: str
    seed: int
    as_of: date
    months: tuple[date, ...]
    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    initiatives: tuple[Initiative, ...]
    updates: dict[str, tuple[Update, ...]] = field(default_factory=dict)
    comments: dict[str, tuple[Comment, ...]] = field(default_factory=dict)
    milestones: dict[str, tuple[Milestone, ...]] = field(default_factory=dict)
    dependencies: tuple[Dependency, ...] = ()
    budgets: tuple[Budget, ...] = ()
    cases: tuple[Case, ...] = ()
    kpis: tuple[Kpi, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    risks: tuple[Risk, ...] = ()
    appetites: tuple[Appetite, ...] = ()
    charges: tuple[Charge, ...] = ()
    rates: tuple[Rate, ...] = ()
    registry: Registry = field(default_factory=Registry)
    accounts_by_key: dict[str, str] = field(default_factory=dict)

    @property
    def controller(self) -> str:
        """The e-mail of the group controller."""
        return next(p.email for p in self.people if p.title == "Group controller")
