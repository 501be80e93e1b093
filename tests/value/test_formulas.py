"""KPIs made of other KPIs follow them, corrections included."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from governance_app.domain.errors import Sentence
from governance_app.readings.models import Point
from governance_app.value import library, services
from governance_app.value.deriving import key_of
from governance_app.value.models import Kpi

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 1, 31)


def add(initiative: Any, manager: Any, name: str, formula: str = "", **facts: Any) -> Kpi:
    return services.add_kpi(
        initiative=initiative, name=name, direction="higher", formula=formula, by=manager, **facts
    )


def read(kpi: Kpi, value: int, manager: Any, day: dt.date = DAY) -> None:
    services.record_kpi_reading(kpi=kpi, period_on=day, value=Decimal(value), by=manager)


def now(kpi: Kpi) -> dict[dt.date, Decimal]:
    rows = Point.objects.filter(series=kpi.series, known_to=None)
    return dict(rows.values_list("period_on", "value"))


@pytest.fixture
def parts(initiative: Any, manager: Any) -> tuple[Kpi, Kpi, Kpi]:
    kept, made = (add(initiative, manager, name) for name in ("Kept", "Outputs"))
    return kept, made, add(initiative, manager, "Acceptance", "kept / outputs * 100")


def test_it_is_worked_out_when_all_parts_are_read(parts: Any, manager: Any) -> None:
    kept, outputs, acceptance = parts
    read(kept, 30, manager)
    assert now(acceptance) == {}
    read(outputs, 40, manager)
    assert now(acceptance) == {DAY: 75}


def test_a_correction_of_a_part_corrects_it_and_history_stays(parts: Any, manager: Any) -> None:
    kept, outputs, acceptance = parts
    read(kept, 30, manager)
    read(outputs, 40, manager)
    read(outputs, 60, manager)
    assert now(acceptance) == {DAY: 50}
    assert Point.objects.filter(series=acceptance.series).count() == 2


def test_a_division_by_nothing_has_no_reading(parts: Any, manager: Any) -> None:
    kept, outputs, acceptance = parts
    read(kept, 0, manager)
    read(outputs, 0, manager)
    assert now(acceptance) == {}


def test_nobody_types_what_a_formula_gives(parts: Any, manager: Any) -> None:
    with pytest.raises(Sentence, match="worked out by its formula"):
        read(parts[2], 80, manager)
    assert now(parts[2]) == {}


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("kept / nothing", "no KPI with the key nothing. There is acceptance, kept, outputs"),
        ("3 + 4", "names at least one other KPI"),
        ("import os", "is no formula"),
        ("rate + 1", "made of itself"),
    ],
)
def test_a_formula_that_makes_no_sense_is_refused(
    parts: Any, initiative: Any, manager: Any, formula: str, said: str
) -> None:
    with pytest.raises(Sentence, match=said):
        add(initiative, manager, "Rate", formula)
    assert not Kpi.objects.filter(name="Rate").exists()


def test_circles_over_several_are_refused_on_edit(parts: Any, manager: Any) -> None:
    with pytest.raises(Sentence, match="made of itself"):
        services.edit_kpi(kpi=parts[0], formula="acceptance * 2", by=manager)


def test_a_formula_over_formulas_follows(parts: Any, initiative: Any, manager: Any) -> None:
    kept, outputs, _ = parts
    loss = add(initiative, manager, "Loss", "100 - acceptance")
    read(kept, 30, manager)
    read(outputs, 40, manager)
    assert now(loss) == {DAY: 25}


def test_a_band_needs_a_target(initiative: Any, manager: Any) -> None:
    with pytest.raises(Sentence, match="around a target"):
        add(initiative, manager, "Uses", target_band=Decimal(1))


def test_the_library_makes_sense() -> None:
    keys = [ready.key for ready in library.LIBRARY]
    assert len(keys) == len(set(keys))
    for ready in library.LIBRARY:
        assert ready.direction in ("higher", "lower")
        assert ready.meaning.endswith(".")
    assert key_of("30 day churn").isidentifier()
