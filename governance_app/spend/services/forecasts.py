"""Submitted forecasts: the owners' estimates, in rounds that finance opens and locks."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Max

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.domain.money import exact_sum
from governance_app.domain.periods import fiscal_months, month_range, months_between
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.spend.models import ForecastMonth, ForecastRound, ForecastSubmission


class RoundLocked(Sentence):
    """The round is locked; what was submitted stays as it is."""


@recorded
def open_round(
    *, fiscal_year: int, first_month: date, due_on: date, by: User, on: date, name: str = ""
) -> ForecastRound:
    """
    Open a round: owners estimate each month of the year from ``first_month`` on.

    Args:
        name: what people call it; the usual "8+4 2026" when left out.
    """
    access.require(by, "spend.rules")
    year = fiscal_months(fiscal_year, start_month=books.fiscal_start_month(on=on))
    if first_month not in year:
        raise Sentence(f"{first_month:%B %Y} is no month of {fiscal_year}.")
    done = months_between(year[0], first_month)
    name = " ".join(name.split())[:200] or f"{done}+{12 - done} {fiscal_year}"
    if ForecastRound.objects.filter(fiscal_year=fiscal_year, name__iexact=name).exists():
        raise Sentence(f"The round {name} was opened already.")
    return ForecastRound.objects.create(
        name=name,
        fiscal_year=fiscal_year,
        first_month=first_month,
        last_month=year[-1],
        due_on=due_on,
    )


@recorded
def submit_forecast(
    *,
    forecast_round: ForecastRound,
    node: ScopeNode,
    months: Mapping[date, Decimal],
    by: User,
    currency: str = "",
    note: str = "",
    category: str = "run",
) -> ForecastSubmission:
    """
    Submit an estimate to complete; sending it again before the lock replaces it.

    Args:
        months: every month of the round -> what it will cost.
        currency: of the amounts; the reporting currency when left out.

    Raises:
        RoundLocked: finance has locked the round.
        Sentence: a month is missing or not of the round, or an amount is negative.
    """
    access.require(by, "forecast.submit", node)
    access.require(by, "money.view", node)
    forecast_round = ForecastRound.objects.select_for_update().get(pk=forecast_round.pk)
    if forecast_round.is_locked:
        raise RoundLocked(
            f"{forecast_round} is locked since {forecast_round.locked_at:%d %B %Y}; "
            "estimates go into the next round."
        )
    wanted = set(month_range(forecast_round.first_month, forecast_round.last_month))
    if missing := sorted(wanted - set(months)):
        raise Sentence(f"An amount for {missing[0]:%B %Y} is missing; write 0 for nothing.")
    if beyond := sorted(set(months) - wanted):
        raise Sentence(f"{beyond[0]:%B %Y} is no month of {forecast_round}.")
    for month, amount in months.items():
        if not amount.is_finite() or amount < 0:
            raise Sentence(f"The estimate of {month:%B %Y} is {amount}; it cannot be negative.")
    earlier = ForecastSubmission.objects.filter(round=forecast_round, node=node)
    number = (earlier.aggregate(last=Max("number"))["last"] or 0) + 1
    sent = ForecastSubmission.objects.create(
        round=forecast_round,
        node=node,
        number=number,
        submitted_by=by,
        currency=currency or books.reporting_currency(on=forecast_round.due_on),
        total=exact_sum(months.values()),
        note=note[:5000],
    )
    ForecastMonth.objects.bulk_create(
        ForecastMonth(submission=sent, month=month, category=category, amount=amount)
        for month, amount in sorted(months.items())
    )
    return sent


@recorded
def lock_round(
    *, forecast_round: ForecastRound, by: User, now: datetime, version: int | None = None
) -> ForecastRound:
    """Lock a round: from now on nobody changes what was submitted."""
    access.require(by, "spend.rules")
    forecast_round = ForecastRound.objects.select_for_update().get(pk=forecast_round.pk)
    check_version(forecast_round, version)
    if forecast_round.is_locked:
        raise RoundLocked(f"{forecast_round} is locked already.")
    save_changes(forecast_round, locked_at=now, locked_by=by)
    sent = ForecastSubmission.objects.filter(round=forecast_round)
    places = sent.values("node").distinct().count()
    audit.note(
        by=by,
        action="lock",
        subject=forecast_round,
        sentence=f"Locked {forecast_round} with the estimates of {places} places.",
    )
    return forecast_round
