"""
The gate engine: a policy and frozen facts give a verdict, votes give its outcome.

Pure and replayable: the same policy, facts, mode and day give the same verdict, and every set
of facts gets one. Unknown is never green: a rule that may match counts, a check that cannot be
shown to pass does not pass.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from governance_app.domain.conditions import (
    Facts,
    Registry,
    holds,
    leaves,
    plain,
    shown,
    value_of,
    words,
)
from governance_app.domain.phrases import Phrase, in_a_row, phrase
from governance_app.domain.policy import Check, Mode, Policy, Step, merged_steps

ENGINE = "gate-1"

Result = Literal["passed", "failed", "unknown", "not_applicable"]
Choice = Literal["approve", "reject", "changes", "abstain"]
CHOICES: Mapping[str, str] = {
    "approve": "Approve",
    "reject": "Reject",
    "changes": "Ask for changes",
    "abstain": "Abstain",
}
#: How every review ends.
ENDINGS: Mapping[str, str] = {
    "scale": "Scale",
    "continue": "Continue",
    "pivot": "Pivot",
    "stop": "Stop",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one check, and which facts said so."""

    check: str
    title: str
    level: str
    result: str
    why: str
    is_absolute: bool = False

    @property
    def is_green(self) -> bool:
        return self.result in ("passed", "not_applicable")


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What a policy says to a set of facts: which rules count, what each check found, who decides.

    ``is_guarded`` is False when no rule counts: then nobody needs to be asked.
    """

    rules: tuple[str, ...]
    findings: tuple[Finding, ...]
    steps: tuple[Step, ...]
    mode: str
    engine: str = ENGINE

    @property
    def is_guarded(self) -> bool:
        return bool(self.rules)

    @property
    def blocks(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.level == "block" and not f.is_green)

    @property
    def is_blocked(self) -> bool:
        return bool(self.blocks)

    @property
    def is_forbidden(self) -> bool:
        """Whether not even an emergency may go past it."""
        return any(finding.is_absolute for finding in self.blocks)

    @property
    def is_escalated(self) -> bool:
        return any(f.level == "escalate" and not f.is_green for f in self.findings)

    @property
    def is_green(self) -> bool:
        """Whether every guardrail is proven: warnings do not count."""
        return not self.is_blocked and not self.is_escalated

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON for the history; ``read_verdict`` gives it back."""
        return {
            "engine": self.engine,
            "mode": self.mode,
            "rules": list(self.rules),
            "findings": [asdict(each) for each in self.findings],
            "steps": [{**asdict(step), "modes": list(step.modes)} for step in self.steps],
        }


def read_verdict(data: Mapping[str, Any]) -> Verdict:
    """Read a verdict that was stored."""
    return Verdict(
        rules=tuple(data["rules"]),
        findings=tuple(Finding(**each) for each in data["findings"]),
        steps=tuple(Step(**{**each, "modes": tuple(each["modes"])}) for each in data["steps"]),
        mode=data["mode"],
        engine=data["engine"],
    )


def evaluate(
    policy: Policy,
    facts: Facts,
    registry: Registry,
    *,
    mode: Mode,
    on: date,
    known_on: Mapping[str, date] | None = None,
) -> Verdict:
    """
    Judge facts by a policy. A rule whose condition is unknown counts as one that matches.

    Args:
        facts: name -> value; missing means unknown.
        mode: how the unit decides; says which steps are needed.
        on: the day, which ages facts.
        known_on: name -> the day on which a fact was last known to be true.
    """
    rules = [rule for rule in policy.rules if holds(rule.when, facts, registry) is not False]
    findings = tuple(
        _finding(check, facts, registry, on, known_on or {})
        for rule in rules
        for check in rule.checks
    )
    is_escalated = any(f.level == "escalate" and not f.is_green for f in findings)
    steps = [
        step
        for rule in rules
        for step in rule.steps
        if mode in step.modes or (is_escalated and step.on_escalation)
    ]
    return Verdict(tuple(rule.id for rule in rules), findings, merged_steps(steps), mode)


def facts_hash(facts: Facts, material: Collection[str]) -> str:
    """
    Hash the material facts: an approval holds as long as this stays the same.

    >>> facts_hash({"a": 1}, ["a"]) == facts_hash({"a": "1", "b": 2}, ["a"])
    True
    """
    chosen = {name: plain(facts.get(name)) for name in sorted(set(material))}
    return hashlib.sha256(
        json.dumps(chosen, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def changed_facts(before: Facts, after: Facts, material: Collection[str]) -> tuple[str, ...]:
    """
    Name the material facts that differ.

    >>> changed_facts({"a": 1, "b": 1}, {"a": 2, "b": 2}, ["a"])
    ('a',)
    """
    return tuple(
        name for name in sorted(set(material)) if plain(before.get(name)) != plain(after.get(name))
    )


# --- votes --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Vote:
    """One decision: who, for whom (themselves or who delegated), at which step, on which facts."""

    slot: str
    person: str
    choice: str
    facts_hash: str
    acting_for: str = ""

    @property
    def people(self) -> frozenset[str]:
        return frozenset({self.person, self.acting_for} - {""})


@dataclass(frozen=True, slots=True)
class StepState:
    """How far a step is."""

    step: Step
    approvals: int
    is_rejected: bool

    @property
    def is_done(self) -> bool:
        return not self.is_rejected and self.approvals >= self.step.quorum


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a request is: ``waiting``, ``approved``, ``rejected`` or ``changes``."""

    outcome: str
    steps: tuple[StepState, ...]


def why_not_count(
    vote: Vote,
    verdict: Verdict,
    *,
    requester: str,
    authors: Collection[str],
    facts_hash: str,
    earlier: Sequence[Vote] = (),
) -> str:
    """
    Say why a vote does not count, or give an empty text when it does.

    The requester counts only where a step says so while nothing escalates; the author of
    evidence does not count where a step says so; nobody counts twice, under whatever seat or
    name; a vote on other facts than the present ones does not count.
    """
    step = next((each for each in verdict.steps if each.slot == vote.slot), None)
    if step is None:
        return "This step is not part of the request."
    if vote.facts_hash != facts_hash:
        return "The request changed since this was decided."
    if any(vote.people & other.people for other in earlier if other.facts_hash == facts_hash):
        return "A person counts once in a request, whatever their seats."
    if requester in vote.people and not (
        step.self_when_green and verdict.is_green and vote.person == requester
    ):
        return "Whoever asks does not decide: somebody else has to."
    if step.not_author and vote.people & (set(authors) - {requester}):
        return "Whoever wrote the evidence does not decide on it."
    return ""


def tally(
    verdict: Verdict,
    votes: Sequence[Vote],
    *,
    requester: str,
    authors: Collection[str],
    facts_hash: str,
) -> Tally:
    """
    Count votes in the order they were given; what does not count is left out.

    A rejection ends the request, a wish for changes sends it back; a block is never outvoted.
    """
    counted: list[Vote] = []
    for vote in votes:
        reason = why_not_count(
            vote, verdict, requester=requester, authors=authors, facts_hash=facts_hash,
            earlier=counted,
        )  # fmt: skip
        if not reason:
            counted.append(vote)
    states = tuple(
        StepState(
            step,
            sum(1 for v in counted if v.slot == step.slot and v.choice == "approve"),
            any(v.slot == step.slot and v.choice == "reject" for v in counted),
        )
        for step in verdict.steps
    )
    if any(state.is_rejected for state in states):
        return Tally("rejected", states)
    if any(vote.choice == "changes" for vote in counted):
        return Tally("changes", states)
    if not verdict.is_blocked and all(state.is_done for state in states):
        return Tally("approved", states)
    return Tally("waiting", states)


def admits(
    policy: Policy,
    facts: Facts,
    votes: Sequence[Vote],
    registry: Registry,
    *,
    mode: Mode,
    on: date,
    requester: str,
    authors: Collection[str] = (),
    facts_hash: str = "",
) -> bool:
    """Say whether facts with these votes get through: the engine in one sentence."""
    verdict = evaluate(policy, facts, registry, mode=mode, on=on)
    counted = tally(
        verdict, votes, requester=requester, authors=authors, facts_hash=facts_hash
    )  # fmt: skip
    return counted.outcome == "approved"


DOES_NOT_APPLY = phrase("does not apply")


def _finding(
    check: Check, facts: Facts, registry: Registry, on: date, known_on: Mapping[str, date]
) -> Finding:
    applies = holds(check.when, facts, registry)
    result: Result = "not_applicable"
    why: str = DOES_NOT_APPLY
    if applies is not False:
        seen = {leaf.fact for leaf in leaves(check.must)}
        old = _too_old(check, seen, on, known_on)
        answer = holds(check.must, {k: v for k, v in facts.items() if k not in old}, registry)
        result = "unknown" if answer is None else "passed" if answer else "failed"
        told = [
            _told(
                registry[name].title,
                shown(registry[name], value_of(registry[name], facts)),
                known_on[name] if name in old else None,
            )
            for name in sorted(seen)
            if name in registry
        ]
        why = in_a_row(";", told)
        if result != "passed":
            why = _with_wanted(why, words(check.must, registry))
    return Finding(check.id, check.title, check.level, result, why, check.is_absolute)


def retold(why: str, check: Check, registry: Registry) -> str:
    """
    Put the reason of a finding together anew from its text, so that its words can be said anew.

    What does not come out as it stands, such as after a change of the check, is given as it stands.
    """
    told = why.partition(" (wanted: ")[0].split("; ")
    names = sorted({leaf.fact for leaf in leaves(check.must)} & registry.keys())
    parts = []
    for name, part in zip(names, told, strict=False):
        value = part.partition(": ")[2].split(", ")
        parts.append(_told(registry[name].title, in_a_row(",", list(map(Phrase, value))), None))
    anew = _with_wanted(in_a_row(";", parts), words(check.must, registry))
    return anew if anew == why else why


# A phrase and a name may be the same text and are not said alike: types are told apart.
@lru_cache(maxsize=10_000, typed=True)
def _told(title: str, value: str, old_since: date | None) -> str:
    """Say a fact; a round says the same ones of many initiatives."""
    if old_since is None:
        return phrase("{fact}: {value}", fact=Phrase(title), value=value)
    return phrase(
        "{fact}: {value}, known on {on} and too old",
        fact=Phrase(title), value=value, on=f"{old_since:%d %b %Y}",
    )  # fmt: skip


@lru_cache(maxsize=10_000, typed=True)
def _with_wanted(told: str, wanted: str) -> str:
    return phrase("{told} (wanted: {wanted})", told=told, wanted=wanted)


def _too_old(
    check: Check, seen: Collection[str], on: date, known_on: Mapping[str, date]
) -> frozenset[str]:
    if check.max_age_days is None:
        return frozenset()
    return frozenset(
        name
        for name in seen
        if name in known_on and (on - known_on[name]).days > check.max_age_days
    )
