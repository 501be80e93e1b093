"""The risk register of the company and what it is ready to live with."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from random import Random

from portfolio.demo.dice import days_after, draw, money
from portfolio.demo.shapes import Appetite, Control, Initiative, Risk, Signal
from portfolio.demo.techniques import TECHNIQUES

_TITLES: dict[str, tuple[str, ...]] = {
    "bias": (
        "Older customers are treated worse than others",
        "Outcomes differ between regions without a business reason",
        "Women are recommended less often for the same record",
    ),
    "security": (
        "Instructions hidden in a document change what the model does",
        "A stolen service credential opens the model endpoint",
        "Model files come from a store without signatures",
    ),
    "privacy": (
        "Personal data reach a supplier outside the agreed region",
        "Prompts and answers are kept longer than the notice says",
        "Free text contains health data nobody asked for",
    ),
    "regulatory": (
        "Reasons for a refusal cannot be given to the customer",
        "Use may count as high risk and the file is incomplete",
        "Customers are not told that they talk to a machine",
    ),
    "performance": (
        "Accuracy falls when the mix of cases changes",
        "The model invents facts that look like sources",
        "Forecasts fail in weeks that history does not know",
    ),
    "operational": (
        "People accept what the model says without looking",
        "No fallback when the service is down on a Monday",
        "Two people alone know how it is retrained",
    ),
    "financial": (
        "Token use grows faster than the value it brings",
        "Licence renewal doubles the price per seat",
    ),
    "third_party": (
        "The supplier changes the model without notice",
        "The only supplier for the task is a start-up",
    ),
    "reputational": (
        "A wrong answer to a customer is shared in public",
        "Staff see it as surveillance",
    ),
    "environmental": ("Nightly retraining uses more energy than planned",),
}
_CONTROLS: dict[str, tuple[tuple[str, str], ...]] = {
    "bias": (("Quarterly bias audit by model risk", "prevent"),
             ("Second look by a person", "limit")),
    "security": (
        ("Input filter and instruction hierarchy", "prevent"),
        ("Least-privilege service account", "limit"),
    ),
    "privacy": (("Masking before the call", "prevent"), ("Regional endpoint only", "prevent")),
    "regulatory": (("Reason codes stored with each decision", "prevent"),
                   ("Notice to customers", "limit")),
    "performance": (("Monthly back-test", "prevent"),
                    ("Confidence threshold to a person", "limit")),
    "operational": (("Manual fallback rehearsed twice a year", "limit"),
                    ("Sampling of accepted outputs", "prevent")),
    "financial": (("Budget alert at 80 %", "prevent"), ("Monthly quota per team", "limit")),
    "third_party": (("Exit plan with a second supplier", "limit"),
                    ("Contract clause on model changes", "prevent")),
    "reputational": (("Response plan with communications", "limit"),),
    "environmental": (("Retraining only when drift says so", "prevent"),),
}  # fmt: skip
_SIGNALS: dict[str, tuple[str, str, str, str, int]] = {
    "performance": ("drift.alarm", "Population stability index above its limit", "0.31", "0.25", 1),
    "bias": ("drift.alarm", "Input mix moved away from the training data", "0.28", "0.25", 1),
    "security": ("vuln.open", "Critical vulnerability open in a dependency", "1", "0", 0),
    "financial": ("cost.overrun", "Spend above its budget", "1.18", "1.10", 1),
}
#: Whole-group appetite by category; a division in _STRICTER wants less.
_APPETITE = {
    "bias": 2,
    "security": 3,
    "privacy": 2,
    "regulatory": 2,
    "performance": 3,
    "operational": 3,
    "financial": 3,
    "third_party": 3,
    "reputational": 3,
    "environmental": 4,
}
_STRICTER = (("operational", "OPS", 2), ("third_party", "TEC", 2), ("performance", "INS", 2))


def appetites() -> tuple[Appetite, ...]:
    """List the appetite of the group by category, then what single divisions tighten."""
    group = [Appetite(category, None, level) for category, level in _APPETITE.items()]
    return tuple(group + [Appetite(*row) for row in _STRICTER])


def build(seed: int, as_of: date, initiatives: Sequence[Initiative]) -> tuple[Risk, ...]:
    """Invent one to three risks for what is assessed, piloted or live; more for what decides."""
    rows: list[Risk] = []
    for row in initiatives:
        if row.kind != "initiative" or row.stage in {"", "idea"}:
            continue
        random = draw(seed, "risk", row.key)
        if row.stage == "retired" and random.random() < 0.6:
            continue
        for category in _categories(random, row):
            rows.append(_risk(random, row, category, as_of))
    return tuple(rows)


def _categories(random: Random, row: Initiative) -> list[str]:
    technique = TECHNIQUES[row.technique]
    likely = ["performance", "operational"]
    if "personal" in row.data_classes:
        likely += ["privacy", "regulatory"]
    if technique.generative:
        likely += ["security", "reputational", "third_party"]
    if technique.measure in {"caught", "taken"}:
        likely += ["bias", "bias", "regulatory"]
    if row.vendor:
        likely.append("third_party")
    likely += ["financial", "environmental"] if random.random() < 0.3 else []
    count = random.choices((1, 2, 3), (5, 4, 2))[0]
    if row.flags & {"above_appetite"}:
        return ["bias" if technique.measure == "caught" else "regulatory", "operational"]
    found: list[str] = []
    for category in random.sample(likely, len(likely)):
        if category not in found:
            found.append(category)
    return found[:count]


def _risk(random: Random, row: Initiative, category: str, as_of: date) -> Risk:
    title = random.choice(_TITLES[category])
    start = row.started_on or as_of
    if "unassessed" in row.flags:
        return Risk(row.key, category, title, None, None, row.risk_owner, None, 180, (), ())
    is_above = "above_appetite" in row.flags and category in {"bias", "regulatory"}
    weights = (8, 30, 38, 18, 6) if row.autonomy != "acts_alone" else (4, 20, 36, 28, 12)
    likelihood = 4 if is_above else random.choices((1, 2, 3, 4, 5), weights)[0]
    impact = random.choice((4, 5)) if is_above else random.choices((1, 2, 3, 4, 5), weights)[0]
    review_days = {5: 30, 4: 90, 3: 180}.get(max(likelihood, impact), 365)
    reviewed_on = days_after(as_of, -random.triangular(2, review_days * 1.5, review_days * 0.45))
    if reviewed_on < start:
        reviewed_on = days_after(as_of, -random.randint(1, 20))
    return Risk(
        key=row.key,
        category=category,
        title=title,
        likelihood=likelihood,
        impact=impact,
        owner=row.risk_owner,
        reviewed_on=reviewed_on,
        review_days=review_days,
        controls=_controls(random, category, as_of, is_expired=is_above),
        signals=_signals(random, row, category, as_of, is_above),
    )


def _controls(
    random: Random, category: str, as_of: date, *, is_expired: bool
) -> tuple[Control, ...]:
    table = _CONTROLS[category]
    count = random.choices((0, 1, 2), (15, 45, 40))[0]
    rows = []
    for name, kind in table[: max(count, int(is_expired))]:
        evidence_on: date | None = days_after(as_of, -random.triangular(5, 500, 120))
        if is_expired:
            evidence_on = days_after(as_of, -random.randint(385, 460))
        elif random.random() < 0.12:
            evidence_on = None
        rows.append(
            Control(
                name=name,
                kind=kind,
                design=money(random.triangular(0.5, 1.0, 0.85), Decimal("0.05")),
                operating=money(random.triangular(0.4, 1.0, 0.8), Decimal("0.05")),
                evidence_on=evidence_on,
                max_age_days=365,
            )
        )
    return tuple(rows)


def _signals(
    random: Random, row: Initiative, category: str, as_of: date, is_above: bool
) -> tuple[Signal, ...]:
    known = _SIGNALS.get(category)
    if known is None or row.stage == "retired":
        return ()
    kind, text, value, threshold, up = known
    is_on = is_above or (kind == "cost.overrun" and "over_budget" in row.flags)
    if not is_on and random.random() > 0.035:
        return ()
    return (Signal(kind, text, up, value, threshold, days_after(as_of, -random.randint(1, 25))),)
