"""An event as the bytes that are hashed."""

import json
from collections.abc import Sequence
from typing import Any

#: What the database tells of an event ``e``: plain text and whole numbers, nothing it may respell.
COLUMNS = (
    "e.id, (extract(epoch FROM e.at) * 1000000)::bigint, e.db_user, e.actor::text, e.request,"
    " e.job, e.via, e.tbl, e.op, e.row, e.before::text, e.after::text, e.sentence"
)
FORMAT = "event-1"


def content(row: Sequence[Any]) -> bytes:
    """
    Give the bytes of an event that was read by ``COLUMNS``.

    They are computed here and not in the database: whoever could change an event there could
    also change a function there.

    >>> content((7, 0, "app", None, "", "", "web", "unit", "DELETE", "r", '{"a": 1}', None, ""))
    b'["event-1",7,0,"app",null,"","","web","unit","DELETE","r","{\\\\"a\\\\": 1}",null,""]'
    """
    return json.dumps([FORMAT, *row], ensure_ascii=False, separators=(",", ":")).encode()
