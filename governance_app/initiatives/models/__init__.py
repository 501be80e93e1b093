"""The register of AI initiatives: what each is, where it stands, and what was said about it."""

from governance_app.initiatives.models.activity import (
    Comment,
    Dependency,
    Milestone,
    StatusUpdate,
)
from governance_app.initiatives.models.imports import ImportedRow, ImportMapping, InventoryImport
from governance_app.initiatives.models.initiative import Initiative
from governance_app.initiatives.models.stages import Stage, StageDate, StageMove, StageTemplate

__all__ = [
    "Comment",
    "Dependency",
    "ImportMapping",
    "ImportedRow",
    "Initiative",
    "InventoryImport",
    "Milestone",
    "Stage",
    "StageDate",
    "StageMove",
    "StageTemplate",
    "StatusUpdate",
]
