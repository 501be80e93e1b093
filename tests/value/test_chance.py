"""What could come of cases in force: seeded, shared drivers, what has no range is said."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from governance_app.domain.errors import Sentence
from governance_app.domain.periods import add_months
from governance_app.domain.records import AssumptionRecord, CaseLineRecord
from governance_app.initiatives import services as initiatives
from governance_app.people.access import Refused
from governance_app.value import selectors, services
from governance_app.value.models import Simulation

pytestmark = pytest.mark.django_db

ON = dt.date(2026, 11, 21)
DEC = dt.date(2026, 12, 1)
VOLUME = AssumptionRecord(
    "Claims", Decimal(50), Decimal(100), Decimal(120), "", "volume", driver="Claims volume"
)
COST = AssumptionRecord("Price of a token", Decimal(80), Decimal(100), Decimal(150), moves="cost")


@pytest.fixture
def make(unit: Any, admin: Any, manager: Any, finance: Any) -> Any:
    def one(name: str, rests_on: Any = (), *, low: int | None = None) -> Any:
        row = initiatives.add(name=name, unit=unit, by=admin, stage="pilot")
        lines = [
            CaseLineRecord("cost", "run", DEC, Decimal(700)),
            CaseLineRecord(
                "benefit", "hard", DEC, Decimal(900), low=None if low is None else Decimal(low)
            ),
        ]
        draft = services.write_case(
            initiative=row,
            lines=lines,
            currency="USD",
            annual_rate=Decimal(0),
            rests_on=rests_on,
            by=manager,
        )
        services.approve_case(case=draft, by=finance)
        return row

    return one


def outcome(row: Any, viewer: Any, seed: int = 7) -> Any:
    return selectors.outcome_of(initiative=row, viewer=viewer, on=ON, currency="USD", seed=seed)


def test_an_initiative_is_drawn_over_its_assumptions(make: Any, finance: Any) -> None:
    found = outcome(make("Claims", [VOLUME, COST]), finance).need()
    assert found.likely == 200
    assert found.p10 < found.p50 < found.p90
    assert 0 < found.loss_share < 1
    assert [swing.driver for swing in found.tornado] == ["Claims volume", "Price of a token"]


def test_the_same_seed_gives_the_same_and_another_does_not(make: Any, finance: Any) -> None:
    row = make("Claims", [VOLUME])
    assert outcome(row, finance).need() == outcome(row, finance).need()
    assert outcome(row, finance).need() != outcome(row, finance, seed=8).need()


def test_lines_with_a_range_are_drawn_where_no_assumption_moves_them(
    make: Any, finance: Any
) -> None:
    found = outcome(make("Claims", low=450), finance).need()
    assert [swing.driver for swing in found.tornado] == ["Range of the benefit lines"]
    assert found.p90 < found.likely


def test_without_a_range_or_a_case_there_is_a_reason(
    make: Any, initiative: Any, finance: Any, contributor: Any
) -> None:
    assert outcome(make("Claims"), finance).reason.startswith("No assumption has a range")
    assert outcome(initiative, finance).reason.startswith("No approved business case")
    assert "see money" in outcome(initiative, contributor).reason


def test_the_portfolio_is_drawn_with_what_cases_share(
    make: Any, initiative: Any, unit: Any, finance: Any
) -> None:
    make("One", [VOLUME])
    make("Two", [replace(VOLUME, name="More claims")])
    make("Still")
    made, job = services.ask_simulation(node=unit, by=finance, seed=3)
    assert job.payload == {"simulation": str(made.pk)}
    done = services.run_simulation(simulation=made, by=finance)
    assert done.outcome["likely"] == pytest.approx(600)
    assert [swing["driver"] for swing in done.outcome["tornado"]] == ["Claims volume"]
    assert done.made_from["shared"] == {"Claims volume": [0.5, 1.0, 1.2]}
    assert done.left_out == [
        "1 initiative has no approved case with months to come.",
        "1 case has no range and counts at the likely value.",
    ]
    again = services.run_simulation(simulation=made, by=finance)
    assert again.outcome == done.outcome


def test_too_few_draws_and_strangers_are_refused(unit: Any, finance: Any, person: Any) -> None:
    with pytest.raises(Sentence, match="Draw from 10,000 to 100,000 times"):
        services.ask_simulation(node=unit, by=finance, draws=100)
    with pytest.raises(Refused):
        services.ask_simulation(node=unit, by=person("administrator"))
    assert not Simulation.objects.exists()


def test_a_month_that_is_over_is_sunk(make: Any, finance: Any) -> None:
    row = make("Claims", [VOLUME])
    later = selectors.outcome_of(
        initiative=row, viewer=finance, on=add_months(DEC, 2), currency="USD"
    )
    assert later.reason.startswith("No approved business case holds a month to come")
