"""The gate engine: total, deterministic, replayable, and never looser for being stricter."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain import gates, policy
from governance_app.domain.conditions import TRUE, Leaf, Tree
from governance_app.domain.gates import Vote, admits, evaluate, read_verdict, tally
from governance_app.domain.phrases import Phrase
from governance_app.domain.policy import (
    CHECK_LEVELS,
    BadPolicy,
    Check,
    Distributed,
    Policy,
    Rule,
    Step,
)
from tests.domain.test_conditions import FACTS, any_facts, conditions, good_facts

DAY = dt.date(2026, 11, 20)
KNOWN_TIER = Leaf("tier", "in", ("high", "low"))
WHO = {"gate.decide": "decide", "gate.team": "decide in the team"}
PEOPLE = ("ann", "bob", "cem", "dee")


def _condition() -> st.SearchStrategy[Any]:
    from governance_app.domain.conditions import parse

    return conditions().map(lambda data: parse(data, FACTS))


def _checks(prefix: str) -> st.SearchStrategy[tuple[Check, ...]]:
    one = st.tuples(_condition(), st.sampled_from(CHECK_LEVELS))
    return st.lists(one, max_size=2).map(
        lambda rows: tuple(
            Check(f"{prefix}{at}", f"Check {at}", must, level)
            for at, (must, level) in enumerate(rows)
        )
    )


def _step(slot: str) -> st.SearchStrategy[Step]:
    return st.builds(
        Step,
        slot=st.just(slot),
        title=st.just(slot),
        who=st.just("gate.decide"),
        due_days=st.just(5),
        valid_days=st.integers(30, 400),
        quorum=st.integers(1, 2),
        modes=st.sampled_from([("central",), ("distributed",), ("central", "distributed")]),
        on_escalation=st.booleans(),
        self_when_green=st.booleans(),
        not_author=st.booleans(),
    )


def _rule(name: str) -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule,
        id=st.just(name),
        title=st.just(name),
        when=_condition(),
        checks=_checks(name),
        steps=st.lists(st.sampled_from(["team", "board"]), unique=True, max_size=2).flatmap(
            lambda slots: st.tuples(*[_step(slot) for slot in slots])
        ),
    )


POLICIES = st.tuples(_rule("a"), _rule("b")).map(lambda rules: Policy(rules=rules))
VOTES = st.lists(
    st.builds(
        Vote,
        slot=st.sampled_from(["team", "board"]),
        person=st.sampled_from(PEOPLE),
        choice=st.sampled_from(list(gates.CHOICES)),
        facts_hash=st.sampled_from(["now", "then"]),
        acting_for=st.sampled_from(["", "dee"]),
    ),
    max_size=6,
)
MODES = st.sampled_from(["central", "distributed"])


def _harder_rule(rule: Rule, draw: Any) -> Rule:
    """Make a rule stricter in one way: another check, a harder level, more people."""
    way = draw(st.sampled_from(["check", "level", "quorum", "step", "self", "escalation"]))
    if way == "check":
        more = draw(_checks(f"{rule.id}x"))
        return replace(rule, checks=(*rule.checks, *more))
    if way == "level" and rule.checks:
        first, *rest = rule.checks
        at = CHECK_LEVELS.index(first.level)
        return replace(rule, checks=(replace(first, level=CHECK_LEVELS[min(at + 1, 2)]), *rest))
    if way == "step" and len(rule.steps) < 2:
        slot = "board" if any(step.slot == "team" for step in rule.steps) else "team"
        return replace(rule, steps=(*rule.steps, draw(_step(slot))))
    if not rule.steps:
        return rule
    first_step, *others = rule.steps
    changes: dict[str, dict[str, Any]] = {
        "quorum": {"quorum": first_step.quorum + 1},
        "self": {"self_when_green": False, "not_author": True},
        "escalation": {"on_escalation": True, "modes": ("central", "distributed")},
    }
    return replace(rule, steps=(replace(first_step, **changes.get(way, {})), *others))


@given(POLICIES, good_facts(), VOTES, MODES, st.data())
def test_a_stricter_policy_never_admits_more(
    base: Policy, facts: dict[str, Any], votes: list[Vote], mode: Any, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, 1))
    rules = list(base.rules)
    rules[at] = _harder_rule(rules[at], data.draw)
    strict = Policy(rules=tuple(rules))
    asked: dict[str, Any] = {
        "mode": mode, "on": DAY, "requester": "ann", "authors": ["bob"], "facts_hash": "now",
    }  # fmt: skip
    if admits(strict, facts, votes, FACTS, **asked):
        assert admits(base, facts, votes, FACTS, **asked)


@given(POLICIES, POLICIES, good_facts(), VOTES, MODES)
def test_a_unit_never_admits_what_the_floor_refuses(
    floor: Policy, own: Policy, facts: dict[str, Any], votes: list[Vote], mode: Any
) -> None:
    asked: dict[str, Any] = {
        "mode": mode, "on": DAY, "requester": "ann", "authors": ["bob"], "facts_hash": "now",
    }  # fmt: skip
    if admits(policy.joined(floor, own), facts, votes, FACTS, **asked):
        assert admits(floor, facts, votes, FACTS, **asked)


@given(POLICIES, any_facts(), MODES)
def test_every_set_of_facts_gets_the_same_verdict_each_time(
    base: Policy, facts: dict[str, Any], mode: Any
) -> None:
    once = evaluate(base, facts, FACTS, mode=mode, on=DAY)
    again = evaluate(base, dict(reversed(facts.items())), FACTS, mode=mode, on=DAY)
    assert once == again
    assert tally(once, [], requester="ann", authors=[], facts_hash="now").outcome in (
        "waiting",
        "approved",
    )


def test_a_kept_reason_is_put_together_anew_or_stands_as_it_is() -> None:
    check = Check("c", "C", Tree("all", (Leaf("level", "under", 3), KNOWN_TIER)))
    rule = Rule("r", "R", TRUE, (check,))
    verdict = evaluate(Policy((rule,)), {"level": 4}, FACTS, mode="central", on=DAY)
    (finding,) = verdict.findings
    told = gates.retold(str(finding.why), check, FACTS)
    assert told == finding.why and isinstance(told, Phrase)
    for other in ("", "Risk level: 4", f"{finding.why}.", "EU tier: high; x (wanted: y)"):
        assert gates.retold(other, check, FACTS) == other


@given(POLICIES, good_facts(), MODES)
def test_a_verdict_is_replayed_from_what_is_stored(
    base: Policy, facts: dict[str, Any], mode: Any
) -> None:
    document = json.loads(json.dumps(policy.as_document(base)))
    stored = policy.read(document, FACTS, WHO)
    verdict = evaluate(base, facts, FACTS, mode=mode, on=DAY)
    frozen = json.loads(json.dumps(facts))
    assert evaluate(stored, frozen, FACTS, mode=mode, on=DAY) == verdict
    assert read_verdict(json.loads(json.dumps(verdict.as_json()))) == verdict


@given(POLICIES, good_facts(), MODES, st.sampled_from(list(FACTS)))
def test_forgetting_a_fact_never_helps(
    base: Policy, facts: dict[str, Any], mode: Any, forgotten: str
) -> None:
    """Unknown is never green, unless a policy asks for what is missing by name."""
    told = json.dumps(policy.as_document(base))
    if '"missing"' in told or '"known"' in told:
        return
    less = {name: value for name, value in facts.items() if name != forgotten}
    full = evaluate(base, facts, FACTS, mode=mode, on=DAY)
    poor = evaluate(base, less, FACTS, mode=mode, on=DAY)
    assert set(full.rules) <= set(poor.rules)
    assert not (full.is_blocked and not poor.is_blocked)
    assert not (full.is_escalated and not poor.is_escalated)


# --- who counts ---------------------------------------------------------------------------------

BOARD = Step("board", "Board", "gate.decide", 10, 365, quorum=2)
TEAM = Step("team", "Team", "gate.team", 10, 365, self_when_green=True, on_escalation=True)


def _verdict(*steps: Step, checks: Sequence[Check] = ()) -> gates.Verdict:
    rule = Rule("live", "Into production", TRUE, tuple(checks), steps)
    return evaluate(Policy((rule,)), {"level": 4}, FACTS, mode="distributed", on=DAY)


def _vote(person: str, slot: str = "board", choice: str = "approve", **more: str) -> Vote:
    return Vote(slot, person, choice, more.pop("facts_hash", "now"), **more)


def _outcome(verdict: gates.Verdict, *votes: Vote, authors: Sequence[str] = ()) -> str:
    return tally(verdict, votes, requester="ann", authors=authors, facts_hash="now").outcome


def test_a_quorum_wants_different_people() -> None:
    board = _verdict(BOARD)
    assert _outcome(board, _vote("bob"), _vote("bob")) == "waiting"
    assert _outcome(board, _vote("bob"), _vote("cem")) == "approved"


def test_one_person_does_not_fill_two_seats() -> None:
    both = _verdict(replace(BOARD, quorum=1), Step("risk", "Risk", "gate.decide", 5, 90))
    assert _outcome(both, _vote("bob"), _vote("bob", "risk")) == "waiting"
    assert _outcome(both, _vote("bob"), _vote("cem", "risk")) == "approved"


def test_who_stands_in_for_somebody_counts_for_both() -> None:
    board = _verdict(BOARD)
    assert _outcome(board, _vote("bob", acting_for="cem"), _vote("cem")) == "waiting"
    assert _outcome(board, _vote("bob", acting_for="ann"), _vote("cem")) == "waiting"


def test_neither_the_requester_nor_the_author_of_evidence_counts() -> None:
    board = _verdict(BOARD)
    assert _outcome(board, _vote("ann"), _vote("bob")) == "waiting"
    assert _outcome(board, _vote("cem"), _vote("bob"), authors=["cem"]) == "waiting"


def test_a_team_approves_itself_only_while_everything_is_green() -> None:
    drifting = Check("risk", "Risk", Leaf("level", "under", 4), "escalate")
    assert _outcome(_verdict(TEAM), _vote("ann", "team")) == "approved"
    assert _outcome(_verdict(TEAM, checks=[drifting]), _vote("ann", "team")) == "waiting"


def test_votes_on_other_facts_are_left_out() -> None:
    board = _verdict(BOARD)
    assert _outcome(board, _vote("bob", facts_hash="then"), _vote("cem")) == "waiting"


def test_a_rejection_ends_it_and_a_block_is_never_outvoted() -> None:
    assert _outcome(_verdict(BOARD), _vote("bob"), _vote("cem", choice="reject")) == "rejected"
    hard = Check("risk", "Risk", Leaf("level", "under", 4), "block")
    assert _outcome(_verdict(BOARD, checks=[hard]), _vote("bob"), _vote("cem")) == "waiting"


def test_old_evidence_counts_as_unknown() -> None:
    fresh = Check("tier", "Tier", Leaf("tier", "is", "low"), "block", max_age_days=30)
    rules = Policy((Rule("live", "Live", TRUE, (fresh,), ()),))
    for age, result in ((30, "passed"), (31, "unknown")):
        verdict = evaluate(
            rules, {"tier": "low"}, FACTS, mode="central", on=DAY,
            known_on={"tier": DAY - dt.timedelta(days=age)},
        )  # fmt: skip
        assert verdict.findings[0].result == result


# --- floors -------------------------------------------------------------------------------------

FLOOR = Policy(
    rules=(
        Rule(
            "live",
            "Into production",
            Leaf("owned", "is", True),
            (Check("tier", "EU tier is known", Leaf("tier", "known"), "block"),),
            (BOARD,),
        ),
    ),
    distributed=Distributed(0.1, 10, 72, 3, 90),
)


def _restated(**changes: Any) -> Policy:
    return Policy(rules=(replace(FLOOR.rules[0], **changes),))


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (_restated(checks=()), "is missing. A unit may add and tighten"),
        (_restated(steps=()), "step “Board” is missing"),
        (_restated(steps=(replace(BOARD, quorum=1),)), "looser"),
        (_restated(steps=(replace(BOARD, valid_days=700),)), "looser"),
        (_restated(when=Leaf("owned", "is", False)), "when it matches"),
        (
            _restated(checks=(replace(FLOOR.rules[0].checks[0], level="warn"),)),
            "looser",
        ),
        (
            _restated(checks=(replace(FLOOR.rules[0].checks[0], must=TRUE),)),
            "looser",
        ),
        (
            Policy((Rule("x", "X", TRUE, (), (replace(BOARD, who="gate.team"),)),)),
            "other people",
        ),
        (Policy(distributed=Distributed(sample_ratio=0.01)), "at least 0.1"),
        (Policy(distributed=Distributed(breach_hours=100)), "at most 72"),
    ],
)
def test_a_unit_cannot_loosen_the_floor(own: Policy, told: str) -> None:
    with pytest.raises(BadPolicy, match=told):
        policy.check_tightens(FLOOR, own)


def test_a_unit_may_tighten_and_add() -> None:
    check = FLOOR.rules[0].checks[0]
    harder = replace(check, must=Tree("all", (check.must, Leaf("level", "under", 4))))
    own = Policy(
        rules=(
            replace(FLOOR.rules[0], checks=(harder,), steps=(replace(BOARD, quorum=3),)),
            Rule("pilot", "Into a pilot", TRUE, (), (TEAM,)),
        ),
        distributed=Distributed(sample_ratio=0.5),
    )
    policy.check_tightens(FLOOR, own)
    both = policy.joined(FLOOR, own)
    verdict = evaluate(both, {"owned": True}, FACTS, mode="central", on=DAY)
    assert {step.slot: step.quorum for step in verdict.steps} == {"board": 3, "team": 1}
    assert both.distributed == Distributed(0.5, 10, 72, 3, 90)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"surprise": 1}, "no part of it"),
        ({"rules": [{"id": "a"}]}, "title"),
        (
            {
                "rules": [
                    {"id": "a", "title": "A", "steps": [{"slot": "s", "title": "S", "who": "god"}]}
                ]
            },
            "no permission",
        ),
        ({"rules": [{"id": "a", "title": "A", "checks": [{"id": "c", "title": "C"}]}]},
         "what must hold"),
        ({"material": ["colour"]}, "no fact"),
        ({"distributed": {"sample_ratio": 2}}, "share from 0 to 1"),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_read_is_refused(change: Any, told: str) -> None:
    with pytest.raises(BadPolicy, match=told):
        policy.read(change, FACTS, WHO)
