"""Reading the register. Every function starts from what its viewer may see."""

from governance_app.initiatives.selectors import imports
from governance_app.initiatives.selectors.detail import (
    HistoryEntry,
    InitiativeDetail,
    StageStep,
    comments,
    detail,
    history,
    initiative,
    status_updates,
)
from governance_app.initiatives.selectors.funnel import FunnelStage, funnel
from governance_app.initiatives.selectors.register import (
    SORTS,
    UNKNOWN,
    Facet,
    FacetChoice,
    RegisterFilters,
    facets,
    register,
    stages,
    units_with_counts,
)

__all__ = [
    "SORTS",
    "UNKNOWN",
    "Facet",
    "FacetChoice",
    "FunnelStage",
    "HistoryEntry",
    "InitiativeDetail",
    "RegisterFilters",
    "StageStep",
    "comments",
    "detail",
    "facets",
    "funnel",
    "history",
    "imports",
    "initiative",
    "register",
    "stages",
    "status_updates",
    "units_with_counts",
]
