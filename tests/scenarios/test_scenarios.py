"""What to fund: asked, solved under limits, compared, and proposed by a person."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from governance_app.audit.rows import StaleWrite
from governance_app.books import services as books
from governance_app.domain.periods import add_months
from governance_app.domain.records import CaseLineRecord
from governance_app.initiatives import services as initiatives
from governance_app.people.access import Refused
from governance_app.scenarios import selectors, services
from governance_app.scenarios.models import Candidate, Proposal, Scenario
from governance_app.scenarios.services import BadScenario
from governance_app.value import services as value

pytestmark = pytest.mark.django_db

ON = dt.date(2026, 11, 21)
NOV = dt.date(2026, 11, 1)
YEAR = "2026"


@pytest.fixture
def manager(person: Callable[..., Any], unit: Any) -> Any:
    return person("program_manager", unit)


@pytest.fixture
def finance(person: Callable[..., Any]) -> Any:
    return person("finance_partner")


@pytest.fixture
def chances(admin: Any) -> None:
    books.set_value(
        key="stage_probabilities", from_on=dt.date(2026, 1, 1), by=admin,
        value={"idea": 0.4, "assessment": 0.5, "pilot": 0.5, "scaling": 1},
    )  # fmt: skip


@pytest.fixture
def make(unit: Any, admin: Any, manager: Any, finance: Any) -> Callable[..., Any]:
    """Make a scaling initiative whose case costs so much now and brings so much a year later."""

    def one(name: str, cost: int, benefit: int, *, people: int = 0, stage: str = "scaling") -> Any:
        row = initiatives.add(name=name, unit=unit, by=admin, stage=stage)
        lines = [
            CaseLineRecord("cost", "build", NOV, Decimal(cost)),
            CaseLineRecord("benefit", "hard", add_months(NOV, 1), Decimal(benefit)),
        ]
        if people:
            lines.append(CaseLineRecord("cost", "people", NOV, Decimal(people)))
        draft = value.write_case(
            initiative=row,
            lines=lines,
            currency="USD",
            go_live_month=NOV,
            annual_rate=Decimal(0),
            by=manager,
        )
        value.approve_case(case=draft, by=finance)
        return row

    return one


@pytest.fixture
def three(make: Callable[..., Any], chances: None) -> list[Any]:
    """Worth 90 for 60, 60 for 50 and 55 for 50: under 100 the two smaller ones are worth more."""
    return [make("Large", 60, 150), make("Middle", 50, 110), make("Small", 50, 105)]


def solved(unit: Any, by: Any, **limits: Any) -> Scenario:
    one = services.add_scenario(name="Next year", node=unit, by=by, on=ON, **limits)
    return services.solve(scenario=one, by=by)


def funded(one: Scenario, viewer: Any) -> list[str]:
    rows = selectors.candidates(viewer=viewer, scenario=one).filter(is_funded=True)
    return sorted(row.initiative.name for row in rows)


def test_the_most_value_under_a_budget_is_chosen_and_proven(
    three: list[Any], unit: Any, finance: Any
) -> None:
    one = solved(unit, finance, budgets={YEAR: "100"})
    assert one.state == "solved", one.sentence
    assert funded(one, finance) == ["Middle", "Small"]
    assert one.result["value"] == pytest.approx(115)
    assert one.result["is_proven"]
    (use,) = one.result["uses"]
    assert (use["used"], use["most"], use["is_binding"]) == (100, 100, True)
    values = [point["value"] for point in one.result["frontier"]["points"]]
    known = [each for each in values if each is not None]
    assert known == sorted(known)


def test_a_must_do_and_an_exclusion_hold(three: list[Any], unit: Any, finance: Any) -> None:
    must = solved(unit, finance, budgets={YEAR: "100"}, must=[three[0].key])
    assert funded(must, finance) == ["Large"]
    never = services.edit_scenario(scenario=must, by=finance, must=[], never=[three[1].key])
    assert (never.state, never.result) == ("draft", {})
    assert not Candidate.objects.exists()
    assert funded(services.solve(scenario=never, by=finance), finance) == ["Large"]


def test_what_depends_on_another_comes_with_it(
    three: list[Any], unit: Any, finance: Any, admin: Any
) -> None:
    initiatives.add_dependency(initiative=three[2], needs=three[0], by=admin)
    one = solved(unit, finance, budgets={YEAR: "100"})
    assert funded(one, finance) in (["Large"], ["Middle"])
    assert "Small" not in funded(one, finance)


def test_people_are_a_limit_of_their_own(make: Any, chances: None, unit: Any, finance: Any) -> None:
    make("Needs people", 10, 200, people=80)
    make("Needs none", 10, 100)
    one = solved(unit, finance, budgets={YEAR: "500"}, people={YEAR: "50"})
    assert funded(one, finance) == ["Needs none"]


def test_chances_of_stages_weigh_the_value(
    make: Any, chances: None, unit: Any, finance: Any
) -> None:
    row = make("A pilot", 60, 200, stage="pilot")
    one = solved(unit, finance, budgets={YEAR: "500"})
    line = selectors.candidates(viewer=finance, scenario=one).get(initiative=row)
    assert (line.worth, line.value) == (140, 70)


def test_what_cannot_be_considered_says_why_and_a_must_do_refuses(
    make: Any, chances: None, unit: Any, finance: Any, admin: Any
) -> None:
    make("Has a case", 10, 50)
    bare = initiatives.add(name="No case", unit=unit, by=admin, stage="pilot")
    one = solved(unit, finance, budgets={YEAR: "100"})
    assert one.result["left_out"] == {"No business case has been approved.": 1}
    again = services.edit_scenario(scenario=one, by=finance, must=[bare.key])
    refused = services.solve(scenario=again, by=finance)
    assert refused.state == "refused"
    assert "is a must-do and cannot be considered. No business case" in refused.sentence


def test_without_chances_nothing_is_risk_adjusted(make: Any, unit: Any, finance: Any) -> None:
    make("Pilot", 10, 50, stage="pilot")
    one = solved(unit, finance, budgets={YEAR: "100"})
    assert one.state == "refused"
    assert one.sentence == "Nothing can be considered. No stage probabilities are set."


def test_a_risk_cap_leaves_out_what_is_not_assessed(
    three: list[Any], unit: Any, finance: Any
) -> None:
    one = solved(unit, finance, budgets={YEAR: "100"}, risk_cap=Decimal(5))
    assert one.state == "refused"
    assert "Its risk is not assessed" in one.sentence


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"name": " "}, "needs a name"),
        ({"budgets": {YEAR: "-1"}}, "budget of 2026 is not below 0"),
        ({"risk_cap": Decimal(-1)}, "risk cap is not below 0"),
        ({"must": ["AI-999"]}, "AI-999: no such initiative stands below"),
        ({"seconds": 0}, "between 1 and 600 seconds"),
        ({"colour": "red"}, "colour cannot be set"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    unit: Any, finance: Any, ledger_count: Any, limits: dict[str, Any], words: str
) -> None:
    before = ledger_count()
    with pytest.raises(BadScenario, match=words):
        services.add_scenario(**{"name": "A", "node": unit, "by": finance, **limits})
    assert ledger_count() == before


def test_a_must_do_cannot_be_excluded(three: list[Any], unit: Any, finance: Any) -> None:
    key = three[0].key
    with pytest.raises(BadScenario, match=f"{key}: a must-do cannot be excluded as well"):
        services.add_scenario(name="A", node=unit, by=finance, must=[key], never=[key])


def test_nothing_changes_until_a_person_proposes(three: list[Any], unit: Any, finance: Any) -> None:
    one = solved(unit, finance, budgets={YEAR: "100"})
    assert not Proposal.objects.exists()
    with pytest.raises(BadScenario, match="Say in a sentence"):
        services.propose(scenario=one, sentence=" ", by=finance)
    assert services.propose(scenario=one, sentence="Board of 3 December.", by=finance) == 3
    told = {(row.initiative.name, row.action) for row in selectors.proposals(viewer=finance)}
    assert told == {("Large", "hold"), ("Middle", "fund"), ("Small", "fund")}
    assert services.propose(scenario=one, sentence="Again.", by=finance) == 0


def test_the_opposite_proposal_takes_the_place_and_can_be_taken_back(
    three: list[Any], unit: Any, finance: Any
) -> None:
    one = solved(unit, finance, budgets={YEAR: "100"})
    services.propose(scenario=one, sentence="First.", by=finance)
    other = services.copy_scenario(scenario=one, name="Large first", by=finance)
    other = services.edit_scenario(scenario=other, by=finance, must=[three[0].key])
    other = services.solve(scenario=other, by=finance)
    assert services.propose(scenario=other, sentence="Second.", by=finance) == 3
    told = {row.initiative.name: row.action for row in selectors.proposals(viewer=finance)}
    assert told == {"Large": "fund", "Middle": "hold", "Small": "hold"}
    assert services.withdraw(scenario=other, by=finance) == 3
    assert not selectors.proposals(viewer=finance).exists()


def test_two_answers_beside_each_other(three: list[Any], unit: Any, finance: Any) -> None:
    one = solved(unit, finance, budgets={YEAR: "100"})
    other = services.copy_scenario(scenario=one, name="More money", by=finance)
    other = services.edit_scenario(scenario=other, by=finance, budgets={YEAR: "160"})
    other = services.solve(scenario=other, by=finance)
    found = selectors.compare(viewer=finance, one=one, other=other)
    assert found.change == 90
    assert [(each.initiative.name, each.is_funded_here) for each in found.differences] == [
        ("Large", False)
    ]


def test_a_stale_question_and_a_stranger_are_refused(
    three: list[Any], unit: Any, finance: Any, manager: Any, person: Any
) -> None:
    one = services.add_scenario(name="A", node=unit, by=finance, on=ON)
    services.edit_scenario(scenario=one, by=finance, name="B", version=1)
    with pytest.raises(StaleWrite):
        services.edit_scenario(scenario=one, by=finance, name="C", version=1)
    with pytest.raises(Refused):
        services.add_scenario(name="D", node=unit, by=person("contributor", unit))
    solved_one = services.solve(scenario=one, by=finance)
    with pytest.raises(Refused):
        services.propose(scenario=solved_one, sentence="Mine.", by=manager)
    assert selectors.scenario(viewer=person("contributor", unit), scenario_id=one.pk) is None


def test_a_job_solves_it(three: list[Any], unit: Any, finance: Any) -> None:
    from governance_app.scenarios import tasks

    one = services.add_scenario(name="A", node=unit, by=finance, on=ON, budgets={YEAR: "100"})
    job = services.ask(scenario=one, by=finance)
    assert services.ask(scenario=one, by=finance) == job
    one.refresh_from_db()
    assert (one.state, one.job) == ("solving", job)
    with pytest.raises(BadScenario, match="is being solved"):
        services.edit_scenario(scenario=one, by=finance, name="B")

    class Run:
        stages: list[str] = []

        def check(self) -> None: ...

        def stage(self, words: str) -> None:
            self.stages.append(words)

    told = tasks.solve(job=Run(), by=finance, scenario=str(one.pk))  # type: ignore[arg-type]
    assert told["funded"] == 2
    assert Run.stages[0] == "Reading what each would bring"
