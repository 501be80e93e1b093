"""The gates of the demo: a policy, two modes with decisions, what waits, and a first round."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from governance_app.gates import selectors as gates
from governance_app.gates.models import (
    BoardMeeting,
    BreakGlass,
    Delegation,
    GateRequest,
    PolicyVersion,
)
from governance_app.oversight.models import Action, Round
from governance_app.people.models import User
from governance_app.people.services import system_user
from governance_app.scenarios import selectors as scenarios
from portfolio.demo import company, funding, governing, load, worth
from portfolio.demo.shapes import Company

SIZE = 120


class Told:
    """A job's run that nobody watches."""

    def stage(self, name: str, total: int | None = None) -> None:
        """Begin a stage."""

    def advance(self, rows: int, total: int | None = None) -> None:
        """Come on."""

    def log(self, sentence: str) -> None:
        """Say something."""

    def check(self) -> None:
        """Go on."""


@pytest.mark.django_db
def test_the_company_decides_both_ways_and_a_second_run_adds_nothing() -> None:
    story: Company = company.build(as_of=timezone.localdate(), initiatives=SIZE)
    by: Any = system_user("demo")
    load.set_up(by=by)
    for step in (load.load_people, load.load_register, load.load_value, load.load_risks):
        step(story, job=Told(), by=by)
    governing.load_governance(story, job=Told(), by=by)

    assert PolicyVersion.objects.get(state="active").node.kind == "organisation"
    modes = set(GateRequest.objects.exclude(decided_at=None).values_list("mode", flat=True))
    assert modes == {"central", "distributed"}
    states = set(GateRequest.objects.values_list("state", flat=True))
    assert {"approved", "in_review"} <= states
    assert BreakGlass.objects.get().confirmed_by is not None
    assert Delegation.objects.count() == BoardMeeting.objects.count() == Round.objects.count() == 1
    assert Action.objects.filter(closed_at=None).exists()
    today = timezone.localdate()
    board = User.objects.get(email="board@meridian.example")
    assert gates.waiting_for(viewer=board, on=today)
    since = today - dt.timedelta(days=365)
    counts = gates.counts(viewer=board, since=since, until=today)
    assert min(counts["central"], counts["distributed"]) >= 3
    replay = gates.replay(viewer=board, to="central", since=since, until=today)
    assert replay.escalated
    assert "would have gone to the board" in replay.sentence

    worth.set_books(story, by=by)
    told = funding.load_funding(story, job=Told(), by=by)
    finance = User.objects.get(email="finance@meridian.example")
    scenario = scenarios.scenarios(viewer=finance).get()
    assert scenario.state == "solved" and scenario.result["funded"] < scenario.result["candidates"]
    open_ones = list(scenarios.proposals(viewer=finance, scenario=scenario))
    taken = list(scenarios.taken(viewer=finance, scenario=scenario))
    assert {each.action for each in open_ones + taken} == {"fund", "hold"}
    assert told["proposals"] == len(open_ones) + len(taken) and told["begun"] == len(taken) >= 2
    assert {each.request.state for each in taken if each.request} >= {"draft", "in_review"}
    assert told["left"] == {}, "every gate takes what is proposed to it"

    before = GateRequest.objects.count(), len(open_ones)
    governing.load_governance(story, job=Told(), by=by)
    funding.load_funding(story, job=Told(), by=by)
    again = scenarios.proposals(viewer=finance, scenario=scenario).count()
    assert (GateRequest.objects.count(), again) == before
