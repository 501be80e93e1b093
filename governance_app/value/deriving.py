"""KPIs made of other KPIs: worked out for every period in which all of their parts are read."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from decimal import Decimal

from django.utils.text import slugify

from governance_app.domain import formulas
from governance_app.domain.errors import Sentence
from governance_app.domain.records import Reading
from governance_app.readings.models import Point
from governance_app.value.models import Kpi

SOURCE = "formula"
#: numeric(38,18) keeps 18 places; a quotient may have more.
PLACES = Decimal(1).scaleb(-18)


def key_of(name: str) -> str:
    """
    Give the key by which formulas name a KPI.

    >>> key_of("First time right"), key_of("30 day churn")
    ('first_time_right', 'k_30_day_churn')
    """
    key = slugify(name).replace("-", "_") or "kpi"
    return f"k_{key}" if key[0].isdigit() else key


def parts_of(formula: str) -> tuple[str, ...]:
    """
    Give the keys that a formula names.

    >>> parts_of("kept / outputs * 100")
    ('kept', 'outputs')
    """
    return tuple(formulas.keys_of(formula))


def check(formula: str, *, name: str, others: Mapping[str, str]) -> None:
    """
    Refuse a formula that names no KPI of the initiative, or comes back to itself.

    Args:
        others: key -> formula of the other KPIs of the initiative, "" where they are read.

    Raises:
        Sentence: says what is wrong, and which keys there are.
    """
    named = formulas.keys_of(formula)
    if not named:
        raise Sentence(f"{name}: a formula names at least one other KPI.")
    unknown = [key for key in named if key not in others and key != key_of(name)]
    if unknown:
        there = ", ".join(sorted(others)) or "none yet"
        raise Sentence(
            f"{name}: there is no KPI with the key {', '.join(unknown)}. There is {there}."
        )
    formulas.refuse_circles({**others, key_of(name): formula})


def derived(
    *, initiative_id: uuid.UUID, changed: Collection[uuid.UUID] | None = None
) -> dict[Kpi, list[Reading]]:
    """
    Work out the KPIs with a formula, each after those it is made of.

    Args:
        changed: series with new readings; only what depends on them is worked out. None: all.

    Returns:
        KPI -> a reading for every day on which all of its parts have one, newest knowledge only;
        days whose formula has no value (a division by 0) are left out.
    """
    own = list(Kpi.objects.filter(initiative_id=initiative_id).select_related("series"))
    by_key = {key_of(kpi.name): kpi for kpi in own}
    made_of = {key: kpi.formula for key, kpi in by_key.items()}
    if not any(made_of.values()):
        return {}
    values: dict[str, dict[dt.date, Decimal]] = {}
    found: dict[Kpi, list[Reading]] = {}
    moved = None if changed is None else set(changed)
    for key in formulas.order_of(made_of):
        kpi = by_key[key]
        if not kpi.formula:
            continue
        parts = [each for each in formulas.keys_of(kpi.formula) if each in by_key]
        if moved is not None and not any(by_key[each].series_id in moved for each in parts):
            continue
        for each in parts:
            if each not in values:
                values[each] = _values(by_key[each])
        days = set.intersection(*(set(values[each]) for each in parts)) if parts else set()
        readings = []
        for day in sorted(days):
            figure = formulas.value_of(kpi.formula, {each: values[each][day] for each in parts})
            if figure.value is not None:
                readings.append(Reading(day, figure.value.quantize(PLACES), SOURCE))
        values[key] = {reading.period_on: reading.value for reading in readings}
        found[kpi] = readings
        if moved is not None:
            moved.add(kpi.series_id)
    return found


def _values(kpi: Kpi) -> dict[dt.date, Decimal]:
    rows = Point.objects.filter(series=kpi.series_id, known_to=None)
    return dict(rows.values_list("period_on", "value"))
