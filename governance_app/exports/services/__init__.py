"""Making exports whose totals are proven, handing them out, and sending them on schedule."""

from governance_app.exports.services.layouts import BadLayout, add_layout, change_layout
from governance_app.exports.services.making import (
    MAKE,
    ControlDiffers,
    Streamed,
    download,
    make,
    request,
    stream,
)
from governance_app.exports.services.packs import (
    add_action,
    ask_files,
    begin_pack,
    end_action,
    hand_out,
    make_files,
    refresh_pack,
    set_template,
    sign_pack,
    write_words,
)
from governance_app.exports.services.schedules import (
    BadSchedule,
    add_schedule,
    change_schedule,
    run_schedule,
)

__all__ = [
    "MAKE",
    "BadLayout",
    "BadSchedule",
    "ControlDiffers",
    "Streamed",
    "add_action",
    "add_layout",
    "add_schedule",
    "ask_files",
    "begin_pack",
    "change_layout",
    "change_schedule",
    "download",
    "end_action",
    "hand_out",
    "make",
    "make_files",
    "refresh_pack",
    "request",
    "run_schedule",
    "set_template",
    "sign_pack",
    "stream",
    "write_words",
]
