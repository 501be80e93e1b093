"""Errands for plug-ins under test."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from governance_app.connectors.base import Batch, Errand, Plugin, Reach, Window

TODAY = dt.date(2026, 11, 21)


def errand(plugin: Plugin, *, reach: Reach | None = None, **parts: Any) -> Errand:
    """Give an errand with cleaned settings; ``settings`` among the parts are entered values."""
    settings = plugin.clean(parts.pop("settings", {}))
    window = Window(since=TODAY - dt.timedelta(days=92), until=parts.pop("today", TODAY))
    return Errand(settings=settings, window=window, reach=reach or Reach(), **parts)


def watermark_after(
    batches: Iterable[Batch], before: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Give the watermark that stands when every batch was stored."""
    marks = dict(before or {})
    for batch in batches:
        marks |= batch.marks
    return {name: value for name, value in marks.items() if value is not None}
