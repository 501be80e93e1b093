"""
Gate policies: rules over facts, the checks and approval steps each brings, and tightening.

A policy is a decision table in which every rule that matches counts. The organisation's policy
is the floor: it always counts, and the policy of a unit is added to it, so that nothing a unit
writes can lower it; what it restates of the floor must be at least as strict.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from governance_app.domain.conditions import (
    TRUE,
    Condition,
    Registry,
    Tree,
    as_json,
    leaves,
    parse,
)
from governance_app.domain.errors import Sentence

Mode = Literal["central", "distributed"]
MODES: Mapping[str, str] = {"central": "Centralised", "distributed": "Distributed"}
#: From mild to hard: a warning shows, an escalation adds the steps of escalation, a block ends it.
CHECK_LEVELS: tuple[str, ...] = ("warn", "escalate", "block")


class BadPolicy(Sentence):
    """A policy that cannot be read or must not be: says where and why."""


@dataclass(frozen=True, slots=True)
class Check:
    """
    What must hold when ``when`` does. Unknown never passes.

    ``max_age_days``: a fact that was last known to be true longer ago counts as unknown.
    ``is_absolute``: not even an emergency goes past it.
    """

    id: str
    title: str
    must: Condition
    level: str = "block"
    when: Condition = TRUE
    max_age_days: int | None = None
    is_absolute: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """
    Who has to agree: ``quorum`` different people who hold the permission ``who``.

    ``modes``: where it is always needed; ``on_escalation``: also when a check escalates.
    ``self_when_green``: the requester's own yes counts as long as nothing escalates.
    """

    slot: str
    title: str
    who: str
    due_days: int
    valid_days: int
    quorum: int = 1
    modes: tuple[str, ...] = ("central", "distributed")
    on_escalation: bool = False
    self_when_green: bool = False
    not_author: bool = True
    is_blinded: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: when it matches, these checks and steps are wanted."""

    id: str
    title: str
    when: Condition
    checks: tuple[Check, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Distributed:
    """
    What deciding in the teams costs: the share looked at afterwards, the clock of a breach,
    and how many breaches in how many days bring a unit back to the board.

    None says nothing; the organisation's policy says all of it.
    """

    sample_ratio: float | None = None
    review_days: int | None = None
    breach_hours: int | None = None
    probation_breaches: int | None = None
    probation_days: int | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Name what it does not say."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name) is None)


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy. ``material``: the facts that an approval is bound to."""

    rules: tuple[Rule, ...] = ()
    material: tuple[str, ...] = ()
    distributed: Distributed = Distributed()

    @property
    def who(self) -> frozenset[str]:
        """The permissions that its steps ask for."""
        return frozenset(step.who for rule in self.rules for step in rule.steps)


def read(document: Any, registry: Registry, permissions: Mapping[str, str]) -> Policy:
    """
    Read a policy from JSON.

    Raises:
        BadPolicy: an unknown key, a wrong shape, a name used twice; says where.
        BadCondition: a condition that cannot be read; says where.
    """
    whole = _object(document, {"rules", "material", "distributed"}, "policy")
    rules = tuple(
        _rule(each, registry, permissions, f"rules[{at}]")
        for at, each in enumerate(_list(whole.get("rules", []), "rules"))
    )
    _unique([rule.id for rule in rules], "rules", "id")
    _unique([check.id for rule in rules for check in rule.checks], "checks", "id")
    _same_people(rules)
    material = tuple(str(each) for each in _list(whole.get("material", []), "material"))
    for name in material:
        if name not in registry:
            raise BadPolicy(f"material: there is no fact {name!r}.")
    distributed = _distributed(whole.get("distributed", {}))
    return Policy(rules, material, distributed)


def as_document(policy: Policy) -> dict[str, Any]:
    """Give a policy as JSON; ``read`` gives it back."""
    return {
        "rules": [
            {
                "id": rule.id,
                "title": rule.title,
                "when": as_json(rule.when),
                "checks": [
                    {
                        "id": check.id,
                        "title": check.title,
                        "level": check.level,
                        "when": as_json(check.when),
                        "must": as_json(check.must),
                        "max_age_days": check.max_age_days,
                        "is_absolute": check.is_absolute,
                    }
                    for check in rule.checks
                ],
                "steps": [
                    {
                        each.name: _plain(getattr(step, each.name))
                        for each in fields(Step)
                    }
                    for step in rule.steps
                ],
            }
            for rule in policy.rules
        ],
        "material": list(policy.material),
        "distributed": {
            each.name: getattr(policy.distributed, each.name) for each in fields(Distributed)
        },
    }  # fmt: skip


def joined(floor: Policy, own: Policy) -> Policy:
    """
    Give what counts in a unit: every rule of the floor and, beside it, the unit's own.

    Where both name a thing the stricter counts, so the result never admits more than the floor.
    """
    people = {step.slot: step.who for rule in floor.rules for step in rule.steps}
    known = {rule.id for rule in floor.rules} | {
        check.id for rule in floor.rules for check in rule.checks
    }
    added = tuple(_beside(rule, known, people) for rule in own.rules)
    return Policy(
        rules=(*floor.rules, *added),
        material=tuple(dict.fromkeys((*floor.material, *own.material))),
        distributed=_stricter(floor.distributed, own.distributed),
    )


def check_tightens(floor: Policy, own: Policy) -> None:
    """
    Refuse a unit's policy that restates a thing of the floor more loosely than it is.

    Raises:
        BadPolicy: names the rule and what is missing or looser.
    """
    base = {rule.id: rule for rule in floor.rules}
    people = {step.slot: step.who for rule in floor.rules for step in rule.steps}
    for rule in own.rules:
        for step in rule.steps:
            if people.get(step.slot, step.who) != step.who:
                raise BadPolicy(
                    f"Rule {rule.id}: the floor gives “{step.slot}” to other people; "
                    "choose another name for the step."
                )
        if rule.id in base:
            _tightens(base[rule.id], rule)
    _numbers_tighten(floor.distributed, own.distributed)


def merged_steps(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Give each slot once, the strictest of what was asked for it, in the order they came."""
    found: dict[str, Step] = {}
    for step in steps:
        other = found.get(step.slot)
        found[step.slot] = step if other is None else _strictest(other, step)
    return tuple(found.values())


# --- reading ------------------------------------------------------------------------------------


def _rule(data: Any, registry: Registry, permissions: Mapping[str, str], place: str) -> Rule:
    row = _object(data, {"id", "title", "when", "checks", "steps"}, place)
    name = _text(row, "id", place)
    place = f"Rule {name}"
    checks = [
        _check(each, registry, f"{place}, check {at + 1}")
        for at, each in enumerate(_list(row.get("checks", []), place))
    ]
    steps = [
        _step(each, permissions, f"{place}, step {at + 1}")
        for at, each in enumerate(_list(row.get("steps", []), place))
    ]
    _unique([step.slot for step in steps], place, "slot")
    return Rule(
        id=name,
        title=_text(row, "title", place),
        when=parse(row.get("when", {"all": []}), registry, place=f"{place}, when"),
        checks=tuple(checks),
        steps=tuple(steps),
    )


def _check(data: Any, registry: Registry, place: str) -> Check:
    known = {each.name for each in fields(Check)}
    row = _object(data, known, place)
    level = row.get("level", "block")
    if level not in CHECK_LEVELS:
        raise BadPolicy(f"{place}: the level is one of {', '.join(CHECK_LEVELS)}, not {level!r}.")
    if "must" not in row:
        raise BadPolicy(f"{place}: say what must hold.")
    age = row.get("max_age_days")
    if age is not None and not _is_whole(age, 1):
        raise BadPolicy(f"{place}: max_age_days is a whole number of days from 1 on.")
    is_absolute = row.get("is_absolute", False)
    if not isinstance(is_absolute, bool):
        raise BadPolicy(f"{place}: is_absolute is true or false.")
    if is_absolute and level != "block":
        raise BadPolicy(f"{place}: only a block can be absolute.")
    return Check(
        id=_text(row, "id", place),
        title=_text(row, "title", place),
        must=parse(row["must"], registry, place=f"{place}, must"),
        level=level,
        when=parse(row.get("when", {"all": []}), registry, place=f"{place}, when"),
        max_age_days=age,
        is_absolute=is_absolute,
    )


def _step(data: Any, permissions: Mapping[str, str], place: str) -> Step:
    row = _object(data, {each.name for each in fields(Step)}, place)
    who = _text(row, "who", place)
    if who not in permissions:
        raise BadPolicy(f"{place}: {who!r} is no permission. Known are {', '.join(permissions)}.")
    made: dict[str, Any] = {
        "slot": _text(row, "slot", place),
        "title": _text(row, "title", place),
        "who": who,
    }
    for name in ("due_days", "valid_days", "quorum"):
        if name in row or name != "quorum":
            if not _is_whole(row.get(name), 1):
                raise BadPolicy(f"{place}: {name} is a whole number from 1 on.")
            made[name] = row[name]
    for name in ("on_escalation", "self_when_green", "not_author", "is_blinded"):
        if name in row:
            if not isinstance(row[name], bool):
                raise BadPolicy(f"{place}: {name} is true or false.")
            made[name] = row[name]
    if "modes" in row:
        modes = tuple(_list(row["modes"], place))
        if any(mode not in MODES for mode in modes):
            raise BadPolicy(f"{place}: the modes are {', '.join(MODES)}.")
        made["modes"] = modes
    step = Step(**made)
    if not step.modes and not step.on_escalation:
        raise BadPolicy(f"{place}: it is needed in no mode and on no escalation.")
    return step


def _distributed(data: Any) -> Distributed:
    row = _object(data, {each.name for each in fields(Distributed)}, "distributed")
    made: dict[str, Any] = {}
    for name, value in row.items():
        if value is None:
            continue
        if name == "sample_ratio":
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise BadPolicy("distributed: sample_ratio is a share from 0 to 1.")
        elif not _is_whole(value, 1):
            raise BadPolicy(f"distributed: {name} is a whole number from 1 on.")
        made[name] = value
    return Distributed(**made)


def _object(data: Any, known: set[str], place: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise BadPolicy(f"{place}: give an object.")
    strange = sorted(str(each) for each in set(data) - known)
    if strange:
        raise BadPolicy(f"{place}: {strange[0]!r} is no part of it. Known: {sorted(known)}.")
    return data


def _list(data: Any, place: str) -> Sequence[Any]:
    if not isinstance(data, list | tuple):
        raise BadPolicy(f"{place}: give a list.")
    return data


def _text(row: Mapping[str, Any], name: str, place: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadPolicy(f"{place}: {name} is a text that is not blank.")
    return value.strip()


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= 36500


def _unique(names: Sequence[str], place: str, what: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadPolicy(f"{place}: the {what} {twice[0]!r} stands there twice.")


def _same_people(rules: Sequence[Rule]) -> None:
    people: dict[str, str] = {}
    for rule in rules:
        for step in rule.steps:
            if people.setdefault(step.slot, step.who) != step.who:
                raise BadPolicy(
                    f"Rule {rule.id}: the step “{step.slot}” belongs to other people elsewhere."
                )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


# --- tightening ---------------------------------------------------------------------------------


def _tightens(base: Rule, own: Rule) -> None:
    if own.when != base.when:
        raise BadPolicy(
            f"Rule {own.id}: the floor says when it matches; write another rule beside it."
        )
    checks = {check.id: check for check in own.checks}
    for check in base.checks:
        mine = checks.get(check.id)
        if mine is None:
            raise BadPolicy(
                f"Rule {own.id}: the floor's check “{check.title}” is missing. A unit may add "
                "and tighten, never remove."
            )
        if not _is_as_strict(check, mine):
            raise BadPolicy(f"Rule {own.id}: the check “{check.title}” is looser than the floor's.")
    steps = {step.slot: step for step in own.steps}
    for step in base.steps:
        told = steps.get(step.slot)
        if told is None:
            raise BadPolicy(f"Rule {own.id}: the floor's step “{step.title}” is missing.")
        if _strictest(step, told) != replace(told, title=step.title):
            raise BadPolicy(f"Rule {own.id}: the step “{step.title}” is looser than the floor's.")


def _is_as_strict(base: Check, own: Check) -> bool:
    both = own.must == base.must or (
        isinstance(own.must, Tree) and own.must.kind == "all" and base.must in own.must.parts
    )
    young = base.max_age_days is None or (
        own.max_age_days is not None and own.max_age_days <= base.max_age_days
    )
    return (
        both
        and own.when == base.when
        and young
        and CHECK_LEVELS.index(own.level) >= CHECK_LEVELS.index(base.level)
        and own.is_absolute >= base.is_absolute
    )


def _beside(rule: Rule, known: set[str], people: Mapping[str, str]) -> Rule:
    """Give a unit's rule names of its own, so that it stands beside the floor's of that name."""
    checks = [
        replace(check, id=f"{check.id}+") if check.id in known else check for check in rule.checks
    ]
    steps = [
        replace(step, slot=f"{step.slot}+") if people.get(step.slot, step.who) != step.who else step
        for step in rule.steps
    ]
    name = f"{rule.id}+" if rule.id in known else rule.id
    return replace(rule, id=name, checks=tuple(checks), steps=tuple(steps))


def _strictest(one: Step, other: Step) -> Step:
    return Step(
        slot=one.slot,
        title=one.title,
        who=one.who,
        quorum=max(one.quorum, other.quorum),
        modes=tuple(mode for mode in MODES if mode in one.modes or mode in other.modes),
        on_escalation=one.on_escalation or other.on_escalation,
        self_when_green=one.self_when_green and other.self_when_green,
        not_author=one.not_author or other.not_author,
        is_blinded=one.is_blinded or other.is_blinded,
        due_days=min(one.due_days, other.due_days),
        valid_days=min(one.valid_days, other.valid_days),
    )


#: Whether more of a number is stricter.
_MORE_IS_STRICTER = {
    "sample_ratio": True,
    "review_days": False,
    "breach_hours": False,
    "probation_breaches": False,
    "probation_days": True,
}


def _stricter(floor: Distributed, own: Distributed) -> Distributed:
    made = {}
    for name, more in _MORE_IS_STRICTER.items():
        said = [value for value in (getattr(floor, name), getattr(own, name)) if value is not None]
        made[name] = (max if more else min)(said) if said else None
    return Distributed(**made)


def _numbers_tighten(floor: Distributed, own: Distributed) -> None:
    for name, more in _MORE_IS_STRICTER.items():
        mine, base = getattr(own, name), getattr(floor, name)
        if mine is not None and base is not None and (mine < base if more else mine > base):
            way = "at least" if more else "at most"
            raise BadPolicy(f"distributed: the floor wants {name} {way} {base}, not {mine}.")


def facts_of(policy: Policy) -> frozenset[str]:
    """Give the facts a policy asks about."""
    asked = set(policy.material)
    for rule in policy.rules:
        for condition in (
            rule.when,
            *(c.when for c in rule.checks),
            *(c.must for c in rule.checks),
        ):
            asked.update(leaf.fact for leaf in leaves(condition))
    return frozenset(asked)
