"""What is known of an initiative without asking, as conditions of questionnaires read it."""

from typing import Any

from governance_app.compliance.models import TierNow
from governance_app.compliance.reading import EU_AI_ACT, OMB
from governance_app.domain.questions import UNKNOWN
from governance_app.initiatives.models import Initiative


def facts_of(initiative: Initiative) -> dict[str, Any]:
    """Give the facts of an initiative; what nobody filled in is None or empty, never guessed."""
    tiers = {row.scheme: row for row in TierNow.objects.filter(initiative=initiative)}
    eu, omb = tiers.get(EU_AI_ACT), tiers.get(OMB)
    return {
        "kind": initiative.kind,
        "stage": initiative.stage.slug if initiative.stage else None,
        "ai_type": initiative.ai_type or None,
        "modality": initiative.modality or None,
        "autonomy": initiative.autonomy or None,
        "deployment_target": initiative.deployment_target or None,
        "sourcing": initiative.sourcing or None,
        "data_classes": sorted(initiative.data_classes) if initiative.data_classes else None,
        "risk_flags": sorted(initiative.risk_flags) if initiative.risk_flags else None,
        "eu_tier": eu.tier if eu else UNKNOWN,
        "eu_flags": sorted(eu.flags) if eu else None,
        "roles": sorted(eu.roles) if eu else None,
        "high_impact": omb.tier if omb else UNKNOWN,
    }
