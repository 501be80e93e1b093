"""The hours paid for to the people that benefits touch."""

import datetime as dt
from decimal import Decimal

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.domain.periods import month_of
from governance_app.people import access
from governance_app.people.models import User
from governance_app.value.models import PopulationHours


@recorded
def set_paid_hours(
    *, population: str, from_month: dt.date, paid_hours: Decimal, by: User, source: str = ""
) -> PopulationHours:
    """
    Say how many hours a month are paid for to a population, from a month on.

    Raises:
        Sentence: no name, or hours that are not above 0.
        Refused: the actor may not validate benefits for the organisation.
    """
    access.require(by, "value.validate")
    population = population.strip()
    if not population:
        raise Sentence("Name the population as its benefits do.")
    if not paid_hours.is_finite() or not 0 < paid_hours < 10**12:
        raise Sentence(f"{population}: the paid hours of a month lie above 0.")
    month = month_of(from_month)
    row = (
        PopulationHours.objects.select_for_update()
        .filter(population=population, from_month=month)
        .first()
    )
    if row is None:
        return PopulationHours.objects.create(
            population=population, from_month=month, paid_hours=paid_hours, source=source.strip()
        )
    save_changes(row, paid_hours=paid_hours, source=source.strip())
    return row
