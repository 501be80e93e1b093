"""The day a page stands for, and as of when its figures are known."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone

from governance_app.books import selectors as books
from governance_app.domain.periods import (
    add_months,
    fiscal_label,
    fiscal_year,
    last_day,
    months_between,
)
from governance_app.domain.phrases import phrase
from governance_app.rollups.models import InitiativeMonth
from governance_app.rollups.present import Window, last_complete_month


@dataclass(frozen=True)
class Moment:
    """
    A day to look at and a moment to look from.

    ``known_at`` None: with what is known now. ``note`` says so where the two differ from what
    somebody would expect; empty otherwise.
    """

    on: dt.date
    known_at: dt.datetime | None = None
    note: str = ""

    @property
    def through(self) -> dt.date:
        """The last month that was over on the day: figures to date end with it."""
        return last_complete_month(self.on)

    @property
    def figures_on(self) -> dt.date:
        """The last day of that month."""
        return last_day(self.through)

    @cached_property
    def window(self) -> Window:
        """The fiscal year of that month."""
        return Window.on(self.on, start_month=self._fiscal_start)

    @property
    def year_label(self) -> str:
        """The fiscal year as people say it."""
        start = self._fiscal_start
        return fiscal_label(fiscal_year(self.through, start_month=start), start_month=start)

    @property
    def currency(self) -> str:
        """The currency that totals are reported in."""
        return str(self._settings["reporting_currency"])

    @property
    def over_budget_ratio(self) -> Decimal:
        """How far over its budget an initiative may be before that is told."""
        return Decimal(str(self._settings["over_budget_ratio"]))

    @property
    def _fiscal_start(self) -> int:
        return int(self._settings["fiscal_start_month"])

    @cached_property
    def _settings(self) -> dict[str, Any]:
        keys = ("reporting_currency", "over_budget_ratio", "fiscal_start_month")
        return books.settings(keys=keys, on=self.on)


def moment(*, now: dt.datetime, as_of: dt.date | None = None) -> Moment:
    """
    Give the moment of a page: today, or an earlier day as it was known at its end.

    A day from before the first figure was kept is shown with what is known now, and says so.
    """
    today = timezone.localdate(now)
    if as_of is None or as_of >= today:
        return Moment(today)
    end = timezone.make_aware(dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time.min))
    first = InitiativeMonth.objects.order_by("known_from").values_list("known_from", flat=True)[:1]
    kept_from = next(iter(first), None)
    if kept_from is None or end <= kept_from:
        note = phrase("No figures were kept on that day: shown as known now.")
        return Moment(as_of, None, note)
    return Moment(as_of, end, "Shown as it was known at the end of that day.")


@dataclass(frozen=True, slots=True)
class Compared:
    """The complete months since a day, ``first`` to ``last``, and as many from ``before`` on."""

    before: dt.date
    first: dt.date
    last: dt.date

    @property
    def count(self) -> int:
        """How many months stand on either side."""
        return months_between(self.before, self.first)


def compared(*, at: Moment, since: dt.date) -> Compared:
    """Give the months that spend since a day is compared over: at least the last complete one."""
    count = max(1, months_between(last_complete_month(since), at.through))
    first = add_months(at.through, 1 - count)
    return Compared(add_months(first, -count), first, at.through)


def default_since(*, at: Moment) -> dt.date:
    """Give the day changes are counted from unless somebody picks one: a month earlier."""
    return last_day(add_months(at.through, -1))
