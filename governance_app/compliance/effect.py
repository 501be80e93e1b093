"""Which tier counts when one classification is confirmed and another waits for a second person."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance_app.domain.questions import UNKNOWN, Tier


@dataclass(frozen=True, slots=True)
class Held:
    """What one classification says: its tier, and the worst that it could be."""

    tier: str
    ceiling: str = ""


def in_effect(*, confirmed: Held | None, proposed: Held | None, tiers: Sequence[Tier]) -> str:
    """
    Give the tier that counts now.

    A proposal raises what counts at once, and makes it unknown when it could be worse than what
    is confirmed; it lowers nothing. A tier that nobody may override counts without confirmation.
    As long as nothing is confirmed the tier is unknown.

    >>> tiers = [Tier("high", "High", 3, {}, ""), Tier("minimal", "Minimal", 1, {}, "")]
    >>> in_effect(confirmed=Held("high"), proposed=Held("minimal"), tiers=tiers)
    'high'
    >>> in_effect(confirmed=Held("minimal"), proposed=Held("high"), tiers=tiers)
    'high'
    >>> in_effect(confirmed=Held("minimal"), proposed=Held("unknown", "high"), tiers=tiers)
    'unknown'
    """
    rank = {tier.slug: tier.rank for tier in tiers}
    final = {tier.slug for tier in tiers if tier.final}
    for held in (confirmed, proposed):
        if held is not None and held.tier in final:
            return held.tier
    if confirmed is None:
        return UNKNOWN
    if proposed is None or confirmed.tier == UNKNOWN:
        return confirmed.tier
    if proposed.tier == UNKNOWN:
        could_be = rank.get(proposed.ceiling, 0)
        return UNKNOWN if could_be > rank.get(confirmed.tier, 0) else confirmed.tier
    return max((confirmed.tier, proposed.tier), key=lambda slug: rank.get(slug, 0))
