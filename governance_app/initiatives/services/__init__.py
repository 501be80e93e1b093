"""Changing the register. Every function takes ``by``, runs in one transaction and is recorded."""

from governance_app.initiatives.services import imports
from governance_app.initiatives.services.activity import (
    add_dependency,
    add_milestone,
    change_milestone,
    comment,
    complete_milestone,
    remove_dependency,
)
from governance_app.initiatives.services.drafts import Draft, StagePlan
from governance_app.initiatives.services.progress import (
    advance_stage,
    plan_stage,
    post_status,
    retire,
)
from governance_app.initiatives.services.register import add, add_many, edit, move_unit

__all__ = [
    "Draft",
    "StagePlan",
    "add",
    "add_dependency",
    "add_many",
    "add_milestone",
    "advance_stage",
    "change_milestone",
    "comment",
    "complete_milestone",
    "edit",
    "imports",
    "move_unit",
    "plan_stage",
    "post_status",
    "remove_dependency",
    "retire",
]
