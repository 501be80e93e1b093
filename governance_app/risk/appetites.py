"""Which residual level a part of the organisation accepts."""

import datetime as dt

from governance_app.risk.models import Appetite


class Appetites:
    """The levels in force on a day: the nearest node above an initiative decides."""

    def __init__(self, on: dt.date) -> None:
        rows = Appetite.objects.filter(from_on__lte=on).order_by("from_on", "pk")
        self._levels: dict[str, dict[str, int]] = {}
        for category, path, level in rows.values_list("category", "node__path", "level"):
            self._levels.setdefault(category, {})[path] = level

    def level(self, category: str, path: str) -> int | None:
        """Give the accepted level of a category at a place, or None when nobody set one."""
        above = [node for node in self._levels.get(category, {}) if path.startswith(node)]
        return self._levels[category][max(above, key=len)] if above else None
