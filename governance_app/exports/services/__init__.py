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
    "add_layout",
    "add_schedule",
    "change_layout",
    "change_schedule",
    "download",
    "make",
    "request",
    "run_schedule",
    "stream",
]
