"""Which obligations follow from a classification: those that are certain, and those that may be."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from governance_app.domain.frameworks import Library, Obligation
from governance_app.domain.questions import UNKNOWN, Outcome, holds


@dataclass(frozen=True, slots=True)
class Duty:
    """An obligation of an initiative; ``is_certain`` is False as long as answers are missing."""

    obligation: Obligation
    is_certain: bool

    def as_json(self) -> dict[str, Any]:
        """Give what is kept with a classification."""
        rule = self.obligation
        return {
            "ref": rule.ref,
            "title": rule.title,
            "article": rule.article,
            "applies_from": rule.applies_from.isoformat() if rule.applies_from else None,
            "applies_until": rule.applies_until.isoformat() if rule.applies_until else None,
            "status": rule.status,
            "basis": rule.basis,
            "source_url": rule.source_url,
            "as_of": rule.as_of.isoformat(),
            "evidence": rule.evidence,
            "check": rule.check,
            "is_certain": self.is_certain,
        }


def duties(
    library: Library, outcome: Outcome, *, tier: str, roles: Sequence[str], on: dt.date
) -> list[Duty]:
    """
    Give what follows from an outcome, soonest first; what has ended or been repealed is left out.

    Args:
        tier: what counts: computed, or set by override.
        roles: those known; none known leaves every duty of a role open.
    """
    settled = tier if tier != UNKNOWN else (outcome.floor or "")
    certain = {
        "tier": settled or UNKNOWN,
        "flags": list(outcome.flags),
        "roles": [role for role in roles if role != UNKNOWN] or [UNKNOWN],
    }
    possible = {
        "tier": certain["tier"] if tier != UNKNOWN else (outcome.ceiling or UNKNOWN),
        "flags": [*outcome.flags, *outcome.open_flags],
        "roles": list(roles) if roles and UNKNOWN not in roles else [UNKNOWN, *roles],
    }
    found = []
    for rule in library.obligations:
        if rule.status == "repealed" or (rule.applies_until and rule.applies_until < on):
            continue
        if holds(rule.when, answers={}, facts=certain):
            found.append(Duty(rule, is_certain=True))
        elif holds(rule.when, answers={}, facts=possible) is not False:
            found.append(Duty(rule, is_certain=False))
    return sorted(
        found,
        key=lambda duty: (duty.obligation.applies_from or dt.date.min, not duty.is_certain),
    )
