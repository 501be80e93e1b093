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
from governance_app.initiatives.services.cells import RowChange, change_cells, undo_change
from governance_app.initiatives.services.copying import (
    add_from_template,
    duplicate,
    remove_template,
    save_template,
)
from governance_app.initiatives.services.drafts import Draft, StagePlan
from governance_app.initiatives.services.following import answer_mention, follow, unfollow
from governance_app.initiatives.services.intake import (
    LinkShut,
    close_link,
    decline,
    join,
    open_link,
    propose,
    take_up,
)
from governance_app.initiatives.services.log import (
    add_entry,
    close_entry,
    deliver_dependency,
    reopen_entry,
)
from governance_app.initiatives.services.many import ask_change, ask_undo, ask_workbook
from governance_app.initiatives.services.progress import (
    StatusLine,
    advance_stage,
    plan_stage,
    post_status,
    post_statuses,
    retire,
)
from governance_app.initiatives.services.register import add, add_many, edit, move_unit
from governance_app.initiatives.services.views import (
    pin_view,
    remove_view,
    save_view,
    share_view,
)
from governance_app.initiatives.services.workbooks import (
    apply_workbook,
    receive_workbook,
    take_workbook,
)

__all__ = [
    "Draft",
    "LinkShut",
    "RowChange",
    "StagePlan",
    "StatusLine",
    "add",
    "add_dependency",
    "add_entry",
    "add_from_template",
    "add_many",
    "add_milestone",
    "advance_stage",
    "answer_mention",
    "apply_workbook",
    "ask_change",
    "ask_undo",
    "ask_workbook",
    "change_cells",
    "change_milestone",
    "close_entry",
    "close_link",
    "comment",
    "complete_milestone",
    "decline",
    "deliver_dependency",
    "duplicate",
    "edit",
    "follow",
    "imports",
    "join",
    "move_unit",
    "open_link",
    "pin_view",
    "plan_stage",
    "post_status",
    "post_statuses",
    "propose",
    "receive_workbook",
    "remove_dependency",
    "remove_template",
    "remove_view",
    "reopen_entry",
    "retire",
    "save_template",
    "save_view",
    "share_view",
    "take_up",
    "take_workbook",
    "undo_change",
    "unfollow",
]
