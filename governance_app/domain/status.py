"""The status that the facts propose. A person may say otherwise, with a sentence."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from governance_app.domain.phrases import Phrase, in_a_row, phrase
from governance_app.domain.roi import ratio


class Status(StrEnum):
    """How an initiative stands, best first."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"

    @property
    def words(self) -> str:
        """The status as people say it."""
        return {"on_track": "On track", "at_risk": "At risk", "off_track": "Off track"}[self.value]


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a fact makes an initiative at risk, and from where on off track."""

    slip_days: tuple[int, int] = (14, 60)
    overrun_ratio: tuple[Decimal, Decimal] = (Decimal("1.00"), Decimal("1.10"))
    behind_ratio: tuple[Decimal, Decimal] = (Decimal("0.10"), Decimal("0.30"))
    time_box_days: tuple[int, int] = (0, 60)


@dataclass(frozen=True, slots=True)
class KpiFact:
    """
    A KPI against its path: ``progress`` and ``expected_progress`` are shares of the way from
    baseline to target; ``progress`` is None when no reading is fresh enough to say.
    """

    name: str
    progress: float | None
    expected_progress: float


@dataclass(frozen=True, slots=True)
class Facts:
    """
    What is known of an initiative on a day; None where it is not known.

    ``actual`` and ``budget`` are of the same months and currency; ``forecast`` and
    ``full_budget`` of the same fiscal year.
    """

    on: date
    planned_on: date | None = None
    expected_on: date | None = None
    milestone: str = ""
    actual: Decimal | None = None
    budget: Decimal | None = None
    forecast: Decimal | None = None
    full_budget: Decimal | None = None
    kpis: tuple[KpiFact, ...] = ()
    time_box_ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed status with its sentence; ``status`` is None when there is nothing to judge by."""

    status: Status | None
    sentence: str
    reasons: tuple[str, ...] = ()


_RANK = {Status.ON_TRACK: 0, Status.AT_RISK: 1, Status.OFF_TRACK: 2}


def propose(facts: Facts, limits: Limits | None = None) -> Proposal:
    """
    Propose a status from slip, spend, forecast, readings and time box.

    Args:
        facts: what is known; what is not known proposes nothing, and missing or stale
            readings make it at risk, since nobody can see whether it works.
        limits: thresholds; policy data, with defaults.

    Returns:
        The worst status any fact proposes, and one sentence with the reasons, worst first.

    >>> late = Facts(on=date(2026, 11, 21), planned_on=date(2026, 10, 1), milestone="Go-live",
    ...              actual=Decimal(118), budget=Decimal(100))
    >>> propose(late).sentence
    'Off track: spend is 18 % over budget; Go-live is 51 days late.'
    >>> propose(Facts(on=date(2026, 11, 21))).status is None
    True
    """
    limits = limits or Limits()
    found = [
        *_slip(facts, limits),
        *_money(facts, limits),
        *_readings(facts, limits),
        *_time_box(facts, limits),
    ]
    if not found:
        return Proposal(None, phrase("Nothing to judge by: no date, no budget and no reading."))
    worst = max((status for status, _ in found), key=_RANK.__getitem__)
    reasons = tuple(
        reason
        for status, reason in sorted(found, key=lambda pair: -_RANK[pair[0]])
        if status is not Status.ON_TRACK or worst is Status.ON_TRACK
    )
    told = phrase(
        "{status}: {reasons}.", status=Phrase(worst.words), reasons=in_a_row(";", reasons)
    )
    return Proposal(worst, told, reasons)


def _judge(value: float, bounds: tuple[float, float]) -> Status:
    """Place a value that is worse the larger it is."""
    if value > bounds[1]:
        return Status.OFF_TRACK
    return Status.AT_RISK if value > bounds[0] else Status.ON_TRACK


def _slip(facts: Facts, limits: Limits) -> list[tuple[Status, str]]:
    if facts.planned_on is None:
        return []
    expected_on = facts.expected_on or max(facts.on, facts.planned_on)
    days = (expected_on - facts.planned_on).days
    name = facts.milestone or phrase("The next milestone")
    if days <= 0:
        return [(Status.ON_TRACK, phrase("{name} is on time", name=name))]
    late = (
        phrase("{name} is 1 day late", name=name)
        if days == 1
        else phrase("{name} is {days} days late", name=name, days=str(days))
    )
    return [(_judge(days, limits.slip_days), late)]


def _money(facts: Facts, limits: Limits) -> list[tuple[Status, str]]:
    found: list[tuple[Status, str]] = []
    bounds = (float(limits.overrun_ratio[0]), float(limits.overrun_ratio[1]))
    for name, amount, budget in (
        (phrase("spend"), facts.actual, facts.budget),
        (phrase("the forecast"), facts.forecast, facts.full_budget),
    ):
        if amount is None or budget is None:
            continue
        if budget == 0:
            if amount > 0:
                found.append((Status.AT_RISK, phrase("{name} has no budget", name=name)))
            continue
        share = ratio(amount, budget)
        status = _judge(share, bounds)
        if share > 1:
            over = f"{(share - 1) * 100:.0f}"
            found.append((status, phrase("{name} is {over} % over budget", name=name, over=over)))
        else:
            found.append((status, phrase("{name} is within budget", name=name)))
    return found


def _readings(facts: Facts, limits: Limits) -> list[tuple[Status, str]]:
    found: list[tuple[Status, str]] = []
    bounds = (float(limits.behind_ratio[0]), float(limits.behind_ratio[1]))
    for kpi in facts.kpis:
        if kpi.progress is None:
            found.append((Status.AT_RISK, phrase("{kpi} has no fresh reading", kpi=kpi.name)))
            continue
        behind = kpi.expected_progress - kpi.progress
        status = _judge(behind, bounds)
        if status is Status.ON_TRACK:
            found.append((status, phrase("{kpi} keeps to its path", kpi=kpi.name)))
        else:
            at, due = round(kpi.progress * 100), round(kpi.expected_progress * 100)
            behind_by = phrase(
                "{kpi} is {at} % of the way, {due} % was due",
                kpi=kpi.name, at=str(at), due=str(due),
            )  # fmt: skip
            found.append((status, behind_by))
    return found


def _time_box(facts: Facts, limits: Limits) -> list[tuple[Status, str]]:
    if facts.time_box_ends_on is None:
        return []
    days = (facts.on - facts.time_box_ends_on).days
    if days <= 0:
        return [(Status.ON_TRACK, phrase("it is inside its time box"))]
    past = (
        phrase("it is 1 day past its time box")
        if days == 1
        else phrase("it is {days} days past its time box", days=str(days))
    )
    return [(_judge(days, limits.time_box_days), past)]
