"""The regulatory inventory in a pack: how many initiatives each scheme puts where, as known."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any

from governance_app.audit import selectors as trail
from governance_app.compliance.models import Library, TierNow
from governance_app.compliance.reading import EU_AI_ACT, OMB, content_of, shipped
from governance_app.domain.frameworks import Library as Framework
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User

UNKNOWN = "unknown"
#: From this rank on a tier carries duties, so its initiatives are named.
_NAMED_FROM = {EU_AI_ACT: 4, OMB: 3}
#: Initiatives that are named of each scheme; the sheet of the inventory has all of them.
MOST_NAMED = 10


def inventory(*, viewer: User, at: dt.datetime, node: ScopeNode | None) -> list[dict[str, Any]]:
    """
    Count the initiatives of a place by tier, as was known at a moment.

    Returns:
        Of each scheme its ``name``, ``tiers`` (name, count; the gravest first, unknown last)
        and ``named``: the gravest initiatives with key, name and tier.
    """
    rows = Initiative.objects.visible_to(viewer).filter(kind="initiative", created_at__lte=at)
    if node is not None:
        rows = rows.below(node)
    known: dict[uuid.UUID, tuple[str, str]] = {
        pk: (key, name)
        for pk, key, name in rows.order_by("number").values_list("pk", "key", "name")
    }
    held = _tiers_at(at)
    return [
        _scheme(scheme, {pk: held[pk, scheme] for pk in known if (pk, scheme) in held}, known)
        for scheme in (EU_AI_ACT, OMB)
    ]


def _tiers_at(at: dt.datetime) -> dict[tuple[uuid.UUID, str], str]:
    """Give the tier that counted at a moment, by initiative and scheme."""
    held = {row.pk: row for row in TierNow.objects.all()}
    tiers = {pk: row.tier for pk, row in held.items()}
    later = trail.events(table="compliance_tiernow").filter(at__gt=at)
    for row, op, before in later.values_list("row", "op", "before"):
        if op == "INSERT":
            tiers.pop(uuid.UUID(row), None)
        elif op == "UPDATE" and before and "tier" in before:
            tiers[uuid.UUID(row)] = before["tier"]
    return {(held[pk].initiative_id, held[pk].scheme): tier for pk, tier in tiers.items()}


def _scheme(
    scheme: str,
    held: Mapping[uuid.UUID, str],
    known: Mapping[uuid.UUID, tuple[str, str]],
) -> dict[str, Any]:
    content = _framework(scheme)
    tiers = sorted(content.tree.tiers, key=lambda tier: -tier.rank)
    words = {tier.slug: tier.name for tier in tiers} | {UNKNOWN: "Not classified"}
    counts = Counter(held.values())
    counts[UNKNOWN] += len(known) - len(held)
    grave = {tier.slug for tier in tiers if tier.rank >= _NAMED_FROM[scheme]}
    named = [
        {"key": known[pk][0], "name": known[pk][1], "tier": words[held[pk]]}
        for pk in known
        if held.get(pk) in grave
    ]
    return {
        "name": content.name,
        "tiers": [{"name": name, "count": counts[slug]} for slug, name in words.items()],
        "named": named[:MOST_NAMED],
        "unnamed": max(len(named) - MOST_NAMED, 0),
    }


def _framework(scheme: str) -> Framework:
    row = Library.objects.filter(key=scheme, is_current=True).select_related("file").first()
    return content_of(row) if row is not None else shipped(scheme)
