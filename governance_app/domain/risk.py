"""
The risk score ``risk-1``: an ordinal look-up that explains itself line by line.

Whole steps only. Controls lower likelihood or impact when their evidence is fresh; signals
can only raise. Unknown stays unknown. Initiatives and portfolios take the maximum and count;
ordinals are never averaged. The matrix is a sorting aid: compare money, not levels.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from governance_app.domain.phrases import in_a_row, phrase

ALGORITHM = "risk-1"

CATEGORIES: Mapping[str, str] = {
    "bias": "Bias",
    "security": "Security",
    "privacy": "Privacy",
    "regulatory": "Regulatory",
    "performance": "Performance and drift",
    "operational": "Operational",
    "financial": "Financial",
    "third_party": "Third party",
    "reputational": "Reputational",
    "environmental": "Environmental",
}

LEVELS: Mapping[int, str] = {1: "Very low", 2: "Low", 3: "Moderate", 4: "High", 5: "Very high"}

NOT_ASSESSED = "Not assessed"

_NOBODY = phrase("Nobody has assessed likelihood and impact yet.")

Grid = Mapping[int, Sequence[int]]

#: Likelihood -> level for impact 1 to 5. Shape of NIST SP 800-30 r1, table I-2.
GRID: Grid = {
    5: (1, 2, 3, 4, 5),
    4: (1, 2, 3, 4, 5),
    3: (1, 2, 3, 3, 4),
    2: (1, 2, 2, 2, 3),
    1: (1, 1, 1, 2, 2),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """
    What an installation may set of ``risk-1``.

    ``most_effect``: controls together never do more, so risk does not reach nil through them.
    ``steps``: the effects from which on one, two and three steps are earned. ``most_raised``:
    steps of likelihood that signals add at most.
    """

    most_effect: Decimal = Decimal("0.9")
    steps: tuple[Decimal, ...] = (Decimal("0.25"), Decimal("0.5"), Decimal("0.75"))
    most_raised: int = 2


TERMS = Terms()

Confidence = Literal["high", "medium", "low"]


class BadGrid(ValueError):
    """A grid that is incomplete or where more likelihood or impact gives a lower level."""


class BadTerms(ValueError):
    """Terms that would let less control earn more, or bring risk to nil."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What may happen; likelihood and impact in 1..5, or None as long as nobody assessed it."""

    category: str
    likelihood: int | None
    impact: int | None
    reviewed_on: date | None = None
    review_days: int = 180


@dataclass(frozen=True, slots=True)
class Control:
    """
    What is done about it: ``prevent`` lowers likelihood, ``limit`` lowers impact.

    ``design`` and ``operating`` are shares in 0..1. Without evidence, or with evidence older
    than ``max_age_days``, the control earns no credit.
    """

    title: str
    kind: Literal["prevent", "limit"]
    design: Decimal
    operating: Decimal
    evidence_on: date | None
    max_age_days: int = 365
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Signal:
    """
    What is known to be going wrong now. A signal can only raise.

    ``up`` adds steps of likelihood, ``likelihood_floor`` and ``floor`` hold the likelihood and
    the level at least there, ``lowers_confidence`` makes the confidence low.
    """

    kind: str
    categories: tuple[str, ...]
    evidence: str
    up: int = 0
    floor: int = 1
    likelihood_floor: int = 1
    lowers_confidence: bool = False
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the explanation: what moved the level, from where, to where, by which proof."""

    kind: str
    text: str
    from_level: int | None
    to_level: int | None
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """A scored scenario. ``residual`` is None when it is not assessed."""

    inherent: int | None
    residual: int | None
    likelihood: int | None
    impact: int | None
    points: int | None
    confidence: Confidence
    lines: tuple[Line, ...]
    facts_hash: str
    facts: Mapping[str, Any]
    algorithm: str = ALGORITHM

    def lines_as_json(self) -> list[dict[str, Any]]:
        """Give the explanation as JSON for the history."""
        return [asdict(line) for line in self.lines]


def check_grid(grid: Grid) -> None:
    """
    Refuse a grid that is incomplete or not monotone; called when a grid is saved.

    Raises:
        BadGrid: names the cell.

    >>> check_grid(GRID)
    """
    if sorted(grid) != [1, 2, 3, 4, 5] or any(len(row) != 5 for row in grid.values()):
        raise BadGrid("A grid has five rows of likelihood with five levels each.")
    for likelihood in range(1, 6):
        for impact in range(1, 6):
            level = grid[likelihood][impact - 1]
            if not 1 <= level <= 5:
                raise BadGrid(f"Likelihood {likelihood}, impact {impact}: {level} is no level.")
            if likelihood > 1 and level < grid[likelihood - 1][impact - 1]:
                raise BadGrid(f"Likelihood {likelihood}, impact {impact} is below a lower one.")
            if impact > 1 and level < grid[likelihood][impact - 2]:
                raise BadGrid(f"Likelihood {likelihood}, impact {impact} is below a lower one.")


def check_terms(terms: Terms) -> None:
    """
    Refuse terms under which the score would not be monotone; called when they are read.

    Raises:
        BadTerms: says which.

    >>> check_terms(TERMS)
    """
    if not 0 <= terms.most_effect < 1:
        raise BadTerms("Controls together do less than all: from 0 to below 1.")
    if not terms.steps or list(terms.steps) != sorted(terms.steps) or terms.steps[0] <= 0:
        raise BadTerms("The effects that earn steps rise, and the first is above 0.")
    if terms.most_raised < 0:
        raise BadTerms("Signals never lower a level.")


def level_of(likelihood: int, impact: int, grid: Grid = GRID) -> int:
    """
    Look the level up: 1 very low to 5 very high.

    >>> level_of(4, 4), level_of(5, 1), level_of(1, 5)
    (4, 1, 2)
    """
    return grid[likelihood][impact - 1]


def level_name(level: int | None) -> str:
    """
    Name a level; None is "Not assessed".

    >>> level_name(4), level_name(None)
    ('High', 'Not assessed')
    """
    return NOT_ASSESSED if level is None else LEVELS[level]


def credit(control: Control, *, on: date) -> Decimal:
    """
    Give the effect a control may claim on a day: design x operating, or 0 without fresh evidence.

    >>> tested = Control("Output filter", "prevent", Decimal("0.8"), Decimal("0.7"),
    ...                  evidence_on=date(2026, 10, 1), max_age_days=180)
    >>> credit(tested, on=date(2026, 11, 1)), credit(tested, on=date(2027, 11, 1))
    (Decimal('0.56'), Decimal('0'))
    """
    if control.evidence_on is None or on > _evidence_expires_on(control.evidence_on, control):
        return Decimal(0)
    return control.design * control.operating


def _evidence_expires_on(evidence_on: date, control: Control) -> date:
    return evidence_on + timedelta(days=control.max_age_days)


def combined(effects: Iterable[Decimal], *, terms: Terms = TERMS) -> Decimal:
    """
    Combine effects: 1 - product of (1 - e), at most 0.9; each further control helps less.

    >>> combined([Decimal("0.5"), Decimal("0.5")])
    Decimal('0.75')
    """
    left = Decimal(1)
    for effect in effects:
        left *= 1 - effect
    return min(terms.most_effect, 1 - left)


def steps(effect: Decimal, *, terms: Terms = TERMS) -> int:
    """
    Turn an effect into whole steps.

    >>> [steps(Decimal(effect)) for effect in ("0.24", "0.25", "0.5", "0.75")]
    [0, 1, 2, 3]
    """
    return sum(effect >= bound for bound in terms.steps)


def score(
    scenario: Scenario,
    *,
    controls: Sequence[Control] = (),
    signals: Sequence[Signal] = (),
    on: date,
    grid: Grid = GRID,
    terms: Terms = TERMS,
) -> Score:
    """
    Score one scenario and say why, line by line.

    Args:
        scenario: what was assessed and when it was reviewed.
        controls: those in place; order does not change the level.
        signals: those raised and not cleared; those of other categories are ignored.
        on: the day, which ages evidence and review.
        grid: likelihood x impact -> level; monotone (``check_grid``).
        terms: what the installation set.

    Returns:
        The score. More likelihood, more impact, a further signal or lost evidence never
        lower the level; a further control never raises it. Replaying the same facts gives
        the same lines, and ``facts_hash`` changes only when something that counts does.

    >>> drift = Signal("drift.alarm", ("performance", "bias"), "PSI 0.31 > 0.25", up=1)
    >>> tested = Control("Output filter", "prevent", Decimal("0.8"), Decimal("0.7"),
    ...                  evidence_on=date(2026, 10, 22), max_age_days=180)
    >>> bias = Scenario("bias", 4, 4, reviewed_on=date(2026, 5, 5), review_days=180)
    >>> result = score(bias, controls=[tested], signals=[drift], on=date(2026, 11, 21))
    >>> result.inherent, result.likelihood, result.residual, result.confidence
    (4, 3, 3, 'medium')
    """
    live = [signal for signal in signals if scenario.category in signal.categories]
    confidence = _confidence(scenario, live, on)
    facts = _facts(scenario, controls, live, on, grid, terms)
    if scenario.likelihood is None or scenario.impact is None:
        lines = [Line("unknown", _NOBODY, None, None)]
        lines += [Line("signal", _signal_text(signal), None, None, signal.ref) for signal in live]
        return _result(scenario, lines, confidence, facts)
    likelihood, impact = scenario.likelihood, scenario.impact
    inherent = level = level_of(likelihood, impact, grid)
    text: str = phrase(
        "Likelihood {likelihood}, impact {impact}.",
        likelihood=str(likelihood), impact=str(impact),
    )  # fmt: skip
    lines = [Line("assessed", text, None, level)]

    prevents = [credit(each, on=on) for each in controls if each.kind == "prevent"]
    limits = [credit(each, on=on) for each in controls if each.kind == "limit"]
    less_likely = steps(combined(prevents, terms=terms), terms=terms)
    less_impact = steps(combined(limits, terms=terms), terms=terms)
    likelihood, impact = max(1, likelihood - less_likely), max(1, impact - less_impact)
    for control in controls:
        lines.append(Line("control", _control_text(control, on), level, level, control.ref))
    if less_likely or less_impact:
        before, level = level, level_of(likelihood, impact, grid)
        text = phrase(
            "Controls bring likelihood to {likelihood} and impact to {impact}.",
            likelihood=str(likelihood), impact=str(impact),
        )  # fmt: skip
        lines.append(Line("controls", text, before, level))

    raised = min(terms.most_raised, sum(signal.up for signal in live))
    at_least = max((signal.likelihood_floor for signal in live), default=1)
    likelihood = max(min(5, likelihood + raised), at_least)
    for signal in live:
        lines.append(Line("signal", _signal_text(signal), level, level, signal.ref))
    before, level = level, level_of(likelihood, impact, grid)
    if live and level != before:
        text = phrase("Signals bring likelihood to {likelihood}.", likelihood=str(likelihood))
        lines.append(Line("signals", text, before, level))
    for signal in live:
        if signal.floor > level:
            text = phrase(
                "{signal} holds the level at {floor} or above.",
                signal=signal.kind, floor=str(signal.floor),
            )  # fmt: skip
            lines.append(Line("floor", text, level, signal.floor, signal.ref))
            level = signal.floor
    text = phrase(
        "Likelihood {likelihood}, impact {impact}: {level}.",
        likelihood=str(likelihood), impact=str(impact), level=phrase(LEVELS[level].lower()),
    )  # fmt: skip
    lines.append(Line("residual", text, inherent, level))
    return _result(scenario, lines, confidence, facts, inherent, level, likelihood, impact)


def _result(
    scenario: Scenario,
    lines: Sequence[Line],
    confidence: Confidence,
    judged: Mapping[str, Any],
    inherent: int | None = None,
    residual: int | None = None,
    likelihood: int | None = None,
    impact: int | None = None,
) -> Score:
    """Put a score together; the hash covers everything the explanation says."""
    facts = {
        "algorithm": ALGORITHM,
        "category": scenario.category,
        "confidence": confidence,
        "lines": [asdict(line) for line in lines],
    }
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Score(
        inherent=inherent,
        residual=residual,
        likelihood=likelihood,
        impact=impact,
        points=None if likelihood is None or impact is None else 4 * likelihood * impact,
        confidence=confidence,
        lines=tuple(lines),
        facts_hash=hashlib.sha256(canonical.encode()).hexdigest(),
        facts=judged,
    )


def _facts(
    scenario: Scenario,
    controls: Sequence[Control],
    signals: Sequence[Signal],
    on: date,
    grid: Grid,
    terms: Terms,
) -> dict[str, Any]:
    """Write all that was judged as JSON; ``replay`` reads it."""

    def written(row: Any) -> dict[str, Any]:
        return {name: _plain(value) for name, value in asdict(row).items()}

    return {
        "scenario": written(scenario),
        "controls": [written(each) for each in controls],
        "signals": [written(each) for each in signals],
        "on": on.isoformat(),
        "grid": [list(grid[likelihood]) for likelihood in range(1, 6)],
        "terms": written(terms),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | date):
        return str(value)
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def replay(facts: Mapping[str, Any]) -> Score:
    """
    Score again from what was stored with a score; gives the very same score.

    >>> first = score(Scenario("bias", 4, 4, date(2026, 5, 5)), on=date(2026, 11, 21))
    >>> replay(first.facts) == first
    True
    """
    scenario, terms = dict(facts["scenario"]), facts["terms"]
    reviewed = scenario["reviewed_on"]
    scenario["reviewed_on"] = date.fromisoformat(reviewed) if reviewed else None
    return score(
        Scenario(**scenario),
        controls=[
            Control(
                **{
                    **each,
                    "design": Decimal(each["design"]),
                    "operating": Decimal(each["operating"]),
                    "evidence_on": (
                        date.fromisoformat(each["evidence_on"]) if each["evidence_on"] else None
                    ),
                }
            )
            for each in facts["controls"]
        ],
        signals=[
            Signal(**{**each, "categories": tuple(each["categories"])}) for each in facts["signals"]
        ],
        on=date.fromisoformat(facts["on"]),
        grid={likelihood: tuple(row) for likelihood, row in enumerate(facts["grid"], start=1)},
        terms=Terms(
            Decimal(terms["most_effect"]),
            tuple(Decimal(each) for each in terms["steps"]),
            terms["most_raised"],
        ),
    )


def _confidence(scenario: Scenario, signals: Sequence[Signal], on: date) -> Confidence:
    """High within the review period, medium up to twice, low beyond, never, or by a signal."""
    if scenario.reviewed_on is None or any(signal.lowers_confidence for signal in signals):
        return "low"
    age = (on - scenario.reviewed_on).days
    if age > 2 * scenario.review_days:
        return "low"
    return "medium" if age > scenario.review_days else "high"


def _control_text(control: Control, on: date) -> str:
    """Say what a control is worth in words that change only when its credit does."""
    title = control.title
    if control.evidence_on is None:
        return phrase("{title}: no evidence, no credit.", title=title)
    evidence_on = str(control.evidence_on)
    expires_on = _evidence_expires_on(control.evidence_on, control)
    if on > expires_on:
        return phrase(
            "{title}: evidence of {day} expired on {until}.",
            title=title, day=evidence_on, until=str(expires_on),
        )  # fmt: skip
    design, operating = control.design.normalize(), control.operating.normalize()
    if control.kind == "prevent":
        return phrase(
            "{title}: {design} x {operating} against likelihood, evidence of {day}.",
            title=title, design=design, operating=operating, day=evidence_on,
        )  # fmt: skip
    return phrase(
        "{title}: {design} x {operating} against impact, evidence of {day}.",
        title=title, design=design, operating=operating, day=evidence_on,
    )  # fmt: skip


def _signal_text(signal: Signal) -> str:
    effects = []
    if signal.up:
        effects.append(phrase("likelihood +{steps}", steps=str(signal.up)))
    if signal.likelihood_floor > 1:
        effects.append(phrase("likelihood at least {step}", step=str(signal.likelihood_floor)))
    if signal.floor > 1:
        effects.append(phrase("level at least {level}", level=str(signal.floor)))
    if signal.lowers_confidence:
        effects.append(phrase("confidence low"))
    if not effects:
        return phrase("{kind}: {evidence}", kind=signal.kind, evidence=signal.evidence)
    return phrase(
        "{kind}: {evidence} ({effects})",
        kind=signal.kind, evidence=signal.evidence, effects=in_a_row(",", effects),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SignalKind:
    """The default effect of a kind of signal; an installation may set others as policy data."""

    slug: str
    name: str
    categories: tuple[str, ...]
    up: int = 0
    floor: int = 1
    likelihood_floor: int = 1
    lowers_confidence: bool = False


_ALL = tuple(CATEGORIES)

#: Kinds of signal with their defaults.
SIGNAL_KINDS: Mapping[str, SignalKind] = {
    kind.slug: kind
    for kind in (
        SignalKind("drift.alarm", "Drift alarm", ("performance", "bias"), up=1),
        SignalKind("metric.missed", "KPI below threshold", ("performance",), up=1),
        SignalKind("model.stale", "Model not evaluated", ("performance",), up=1),
        SignalKind("monitor.silent", "Monitor silent", ("performance",), lowers_confidence=True),
        SignalKind("owner.missing", "No accountable owner", _ALL, up=1),
        SignalKind("review.overdue", "Review overdue", _ALL, up=1, lowers_confidence=True),
        SignalKind("vuln.open", "Open vulnerability", ("security",), floor=4),
        SignalKind("incident.open", "Open incident", _ALL, likelihood_floor=5),
        SignalKind("cost.overrun", "Over budget", ("financial",), up=1),
        SignalKind("approval.expired", "No valid approval", ("regulatory",), floor=4),
        SignalKind("law.changed", "Law changed", ("regulatory",), lowers_confidence=True),
    )
}


#: Where "not assessed" stands among levels: between high and very high.
UNASSESSED_RANK = 4.5


def sort_key(residual: int | None, points: int | None = None) -> tuple[float, int]:
    """
    Order risks: a higher key is worse; "not assessed" stands between high and very high.

    An unassessed risk could be anything up to very high, so only a known very high goes first.

    >>> sorted([5, None, 2, 4], key=sort_key, reverse=True)
    [5, None, 4, 2]
    """
    return (UNASSESSED_RANK, 0) if residual is None else (float(residual), points or 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """
    Where an initiative or a portfolio stands: the worst of its scenarios, and counts.

    ``level`` is None when it is not known: nothing assessed, or an unassessed scenario that
    could be worse than the worst known one. ``known_level`` is the worst assessed so far.
    """

    level: int | None
    known_level: int | None
    driver: int | None
    total: int
    above_appetite: int
    not_assessed: int

    @property
    def sentence(self) -> str:
        """The standing in words."""
        if self.total == 0:
            return phrase("No risk has been recorded.")
        if self.level is None and self.known_level is not None:
            return phrase(
                "{count} of {total} not assessed; the rest up to {level}.",
                count=self.not_assessed, total=self.total,
                level=phrase(LEVELS[self.known_level].lower()),
            )  # fmt: skip
        return phrase(
            "{level}, {count} above appetite.",
            level=phrase(level_name(self.level)), count=self.above_appetite,
        )  # fmt: skip


def standing(residuals: Sequence[tuple[int | None, int | None, int | None]]) -> Standing:
    """
    Take the maximum over scenarios and count those above appetite.

    Args:
        residuals: per scenario (residual level or None, points or None, appetite or None).

    Returns:
        The standing; ``driver`` is the place of the worst scenario in ``residuals``.

    >>> standing([(3, 36, 2), (2, 16, 2)])
    Standing(level=3, known_level=3, driver=0, total=2, above_appetite=1, not_assessed=0)
    >>> standing([(3, 36, 2), (None, None, 2)]).level is None
    True
    >>> standing([]).sentence
    'No risk has been recorded.'
    """
    worst: int | None = None
    for place, (residual, points, _) in enumerate(residuals):
        if worst is None or sort_key(residual, points) > sort_key(*residuals[worst][:2]):
            worst = place
    known = [residual for residual, _, _ in residuals if residual is not None]
    return Standing(
        level=None if worst is None else residuals[worst][0],
        known_level=max(known, default=None),
        driver=worst,
        total=len(residuals),
        above_appetite=sum(
            residual is not None and appetite is not None and residual > appetite
            for residual, _, appetite in residuals
        ),
        not_assessed=len(residuals) - len(known),
    )


def distribution(levels: Iterable[int | None]) -> dict[str, int]:
    """
    Count initiatives by level for a portfolio, worst first; never an average.

    >>> distribution([3, None, 3, 5])
    {'Very high': 1, 'Not assessed': 1, 'High': 0, 'Moderate': 2, 'Low': 0, 'Very low': 0}
    """
    counts = {level_name(level): 0 for level in (5, None, 4, 3, 2, 1)}
    for level in levels:
        counts[level_name(level)] += 1
    return counts


def review_period_days(residual: int | None, *, by_level: Mapping[str, int]) -> int:
    """
    Give how often a risk of a level is reviewed; "unknown" says it for one nobody assessed.

    >>> review_period_days(4, by_level={"5": 30, "4": 90, "unknown": 90})
    90
    """
    return int(by_level["unknown" if residual is None else str(residual)])
