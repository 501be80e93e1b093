"""The register of AI initiatives: what each is, where it stands, and what was said about it."""

from governance_app.initiatives.models.activity import (
    Comment,
    Dependency,
    Milestone,
    StatusUpdate,
)
from governance_app.initiatives.models.explorer import SavedView, TableChange, ViewPin
from governance_app.initiatives.models.following import CommentFile, Follow, Mention
from governance_app.initiatives.models.imports import ImportedRow, ImportMapping, InventoryImport
from governance_app.initiatives.models.initiative import Initiative
from governance_app.initiatives.models.intake import (
    InitiativeTemplate,
    IntakeLink,
    IntakeRequest,
)
from governance_app.initiatives.models.log import LogEntry
from governance_app.initiatives.models.stages import Stage, StageDate, StageMove, StageTemplate
from governance_app.initiatives.models.workbooks import WorkbookReturn

__all__ = [
    "Comment",
    "CommentFile",
    "Dependency",
    "Follow",
    "ImportMapping",
    "ImportedRow",
    "Initiative",
    "InitiativeTemplate",
    "IntakeLink",
    "IntakeRequest",
    "InventoryImport",
    "LogEntry",
    "Mention",
    "Milestone",
    "SavedView",
    "Stage",
    "StageDate",
    "StageMove",
    "StageTemplate",
    "StatusUpdate",
    "TableChange",
    "ViewPin",
    "WorkbookReturn",
]
