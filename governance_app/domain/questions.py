"""
Question trees that a pencil could follow: which questions to ask, and what the answers come to.

Three values everywhere: true, false and unknown (None). An unknown answer never closes a branch:
it can leave the result open, never bring it down. No text is ever evaluated as code.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from governance_app.domain.phrases import phrase
from governance_app.domain.texts import NOT_RULED_OUT

UNKNOWN = "unknown"

Answer = str | Sequence[str]
Answers = Mapping[str, Answer]
Facts = Mapping[str, Any]
Condition = Mapping[str, Any]
Result = Literal["met", "partly", "gap", "na", "unknown"]

#: The results of a question from worst to best; "na" counts only when nothing else does.
RESULTS: tuple[Result, ...] = ("gap", "partly", "met", "na")

#: What a condition may ask of a value.
TESTS = ("is", "in", "known", "at_least", "at_most")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer a question offers and, in an assessment, what it means."""

    value: str
    label: str
    result: Result | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question; ``nodes`` are the requirements ("library:ref") its answer speaks for."""

    key: str
    text: str
    kind: Literal["yes_no", "one", "many", "text"]
    choices: tuple[Choice, ...] = ()
    help: str = ""
    section: str = ""
    show_when: Condition | None = None
    nodes: tuple[str, ...] = ()
    needs_evidence: bool = False


@dataclass(frozen=True, slots=True)
class Tier:
    """One possible result; ``when`` makes it so, ``final`` lets nobody override it."""

    slug: str
    name: str
    rank: int
    when: Condition
    sentence: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that holds beside the tier, such as a duty to tell people."""

    slug: str
    name: str
    when: Condition


@dataclass(frozen=True, slots=True)
class Tree:
    """A questionnaire: questions in order, tiers from worst to best, flags."""

    questions: tuple[Question, ...] = ()
    tiers: tuple[Tier, ...] = ()
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What answers come to. ``tier`` is "unknown" as long as a worse one cannot be ruled out.

    ``floor`` is the worst tier that is certain (None when none is), ``ceiling`` the worst that is
    possible. ``because`` holds (sentence, questions it rests on); ``missing`` the questions that
    would settle what is open.
    """

    tier: str
    floor: str | None
    ceiling: str | None
    flags: tuple[str, ...]
    open_flags: tuple[str, ...]
    because: tuple[tuple[str, tuple[str, ...]], ...]
    missing: tuple[str, ...]
    asked: tuple[str, ...] = field(default=())


def holds(condition: Condition | None, *, answers: Answers, facts: Facts) -> bool | None:
    """
    Tell whether a condition is true, false or, for want of an answer, unknown (None).

    Args:
        condition: ``{"all"|"any": [...]}``, ``{"not": ...}``, or a question or fact with a test:
            ``{"question": "S1", "is": "yes"}``, ``{"fact": "ai_type", "in": ["agentic"]}``,
            ``{"fact": "stage", "known": true}``, ``at_least``, ``at_most``. None always holds.

    >>> worse = {"all": [{"question": "a", "is": "yes"}, {"question": "b", "is": "yes"}]}
    >>> [holds(worse, answers={"a": a, "b": b}, facts={})
    ...  for a, b in (("yes", "yes"), ("yes", "unknown"), ("no", "unknown"))]
    [True, None, False]
    """
    if not condition:
        return True
    if "all" in condition:
        return _all(holds(each, answers=answers, facts=facts) for each in condition["all"])
    if "any" in condition:
        some = _all(
            _negated(holds(each, answers=answers, facts=facts)) for each in condition["any"]
        )
        return _negated(some)
    if "not" in condition:
        return _negated(holds(condition["not"], answers=answers, facts=facts))
    if "question" in condition:
        value: Any = answers.get(condition["question"])
    else:
        value = facts.get(condition["fact"])
    return _passes(condition, value)


def _all(values: Iterable[bool | None]) -> bool | None:
    found = list(values)
    if any(value is False for value in found):
        return False
    return None if any(value is None for value in found) else True


def _negated(value: bool | None) -> bool | None:
    return None if value is None else not value


def _passes(test: Condition, value: Any) -> bool | None:
    given = [] if value is None or value == "" else value
    many = list(given) if isinstance(given, list | tuple | set | frozenset) else [given]
    is_open = value is None or value == "" or UNKNOWN in many
    if "known" in test:
        return (not is_open) is bool(test["known"])
    if "at_least" in test or "at_most" in test:
        if is_open:
            return None
        return bool(
            float(many[0]) >= float(test.get("at_least", float("-inf")))
            and float(many[0]) <= float(test.get("at_most", float("inf")))
        )
    wanted = test["in"] if "in" in test else [test["is"]]
    if any(each in wanted for each in many if each != UNKNOWN):
        return True
    return None if is_open else False


def asks(condition: Condition | None) -> tuple[str, ...]:
    """
    List the questions a condition rests on, each once.

    >>> asks({"any": [{"question": "a", "is": "yes"}, {"not": {"question": "b", "is": "no"}}]})
    ('a', 'b')
    """
    if not condition:
        return ()
    if "not" in condition:
        return asks(condition["not"])
    if "question" in condition:
        return (str(condition["question"]),)
    found: dict[str, None] = {}
    for each in (*condition.get("all", ()), *condition.get("any", ())):
        found.update(dict.fromkeys(asks(each)))
    return tuple(found)


def facts_in(condition: Condition | None) -> tuple[str, ...]:
    """
    List the facts a condition rests on, each once.

    >>> facts_in({"all": [{"fact": "stage", "is": "pilot"}, {"question": "b", "is": "no"}]})
    ('stage',)
    """
    if not condition:
        return ()
    if "not" in condition:
        return facts_in(condition["not"])
    if "fact" in condition:
        return (str(condition["fact"]),)
    found: dict[str, None] = {}
    for each in (*condition.get("all", ()), *condition.get("any", ())):
        found.update(dict.fromkeys(facts_in(each)))
    return tuple(found)


def shown(
    tree: Tree, *, answers: Answers, facts: Facts
) -> tuple[dict[str, Answer], list[Question]]:
    """
    Give the answers that count and the questions to ask; a hidden question's answer is dropped.

    A question whose condition is unknown is asked.
    """
    counted: dict[str, Answer] = {}
    asked: list[Question] = []
    for question in tree.questions:
        if holds(question.show_when, answers=counted, facts=facts) is False:
            continue
        asked.append(question)
        answer = answers.get(question.key)
        if answer:
            counted[question.key] = answer
    return counted, asked


def judge(tree: Tree, *, answers: Answers, facts: Facts) -> Outcome:
    """
    Say which tier answers come to and why.

    Args:
        tree: tiers stand from worst to best; the first that holds is the result, unless one
            before it cannot be ruled out.
        answers: question -> value, or values for a question that takes many.
        facts: what is known of the thing without asking.

    Returns:
        The outcome. Taking an answer away never lowers the ceiling and never raises the floor.
    """
    counted, asked = shown(tree, answers=answers, facts=facts)
    floor: Tier | None = None
    open_tiers: list[Tier] = []
    for tier in sorted(tree.tiers, key=lambda each: -each.rank):
        found = holds(tier.when, answers=counted, facts=facts)
        if found is None:
            open_tiers.append(tier)
        elif found:
            floor = tier
            break
    because = []
    if floor is not None:
        because.append((floor.sentence, _resting_on(floor.when, counted)))
    ceiling = open_tiers[0] if open_tiers else floor
    keys = {question.key for question in asked}
    missing: dict[str, None] = {}
    for tier in open_tiers:
        sentence = phrase(NOT_RULED_OUT.form, tier=phrase(tier.name))
        because.append((sentence, _resting_on(tier.when, counted)))
        for key in asks(tier.when):
            if key in keys and _is_open(counted.get(key)):
                missing[key] = None
    flags = {flag.slug: holds(flag.when, answers=counted, facts=facts) for flag in tree.flags}
    return Outcome(
        tier=UNKNOWN if open_tiers or floor is None else floor.slug,
        floor=floor.slug if floor else None,
        ceiling=ceiling.slug if ceiling else None,
        flags=tuple(slug for slug, value in flags.items() if value),
        open_flags=tuple(slug for slug, value in flags.items() if value is None),
        because=tuple(because),
        missing=tuple(missing),
        asked=tuple(question.key for question in asked),
    )


def _resting_on(condition: Condition, counted: Answers) -> tuple[str, ...]:
    return tuple(key for key in asks(condition) if key in counted)


def _is_open(answer: Answer | None) -> bool:
    return not answer or answer == UNKNOWN or (not isinstance(answer, str) and UNKNOWN in answer)


def result_of(question: Question, answer: Answer | None) -> Result:
    """
    Say what an answer means for the requirements its question speaks for.

    >>> q = Question("q", "Tested?", "one", (Choice("y", "Yes", "met"), Choice("n", "No", "gap")))
    >>> result_of(q, "n"), result_of(q, None)
    ('gap', 'unknown')
    """
    if answer is None or _is_open(answer):
        return "unknown"
    values = [answer] if isinstance(answer, str) else list(answer)
    means = {choice.value: choice.result for choice in question.choices}
    found = [means.get(value) for value in values]
    known: list[Result] = [each for each in found if each is not None]
    return worst(known)


def worst(results: Iterable[Result]) -> Result:
    """
    Take the worst of several results about one thing; nothing known is unknown.

    >>> worst(["met", "gap"]), worst(["na", "met"]), worst(["na"]), worst([])
    ('gap', 'met', 'na', 'unknown')
    """
    known = set(results)
    for result in RESULTS:
        if result in known:
            return result
    return "unknown"


def results(tree: Tree, *, answers: Answers, facts: Facts) -> dict[str, Result]:
    """Give the result of every question that is asked, those that mean something only."""
    counted, asked = shown(tree, answers=answers, facts=facts)
    return {
        question.key: result_of(question, counted.get(question.key))
        for question in asked
        if any(choice.result for choice in question.choices)
    }


def facts_hash(*, library: str, version: int, digest: str, answers: Answers, facts: Facts) -> str:
    """Give one short text that differs when the questionnaire, an answer or a fact does."""
    said = {
        "library": library,
        "version": version,
        "digest": digest,
        "answers": {key: answers[key] for key in sorted(answers)},
        "facts": {key: facts[key] for key in sorted(facts)},
    }
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
