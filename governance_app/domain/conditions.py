"""
Conditions as data: a tree over typed facts that always answers yes, no or unknown.

Nothing is evaluated as code: a tree is made of ``all``, ``any``, ``not`` and leaves of a fixed
list of operators. A fact that is missing, or not of its type, makes a leaf unknown, and unknown
stays unknown through ``not``; ``missing`` and ``known`` alone ask about it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal

from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import Phrase, in_a_row, phrase

Kind = Literal["text", "number", "flag", "list"]
#: True, False, or None when it cannot be known.
Truth = bool | None
Facts = Mapping[str, Any]

#: Deeper or larger trees are refused: nobody can review them.
MOST_DEPTH, MOST_PARTS = 8, 100

OPERATORS: Mapping[str, Mapping[str, str]] = {
    "text": {"is": "is", "is_not": "is not", "in": "is one of", "not_in": "is none of"},
    "number": {
        "is": "is", "under": "is under", "at_most": "is at most", "over": "is over",
        "at_least": "is at least",
    },
    "flag": {"is": "is"},
    "list": {"has_any": "has any of", "has_all": "has all of", "has_none": "has none of"},
}  # fmt: skip
ALWAYS: Mapping[str, str] = {"missing": "is unknown", "known": "is known"}


class BadCondition(Sentence):
    """A condition that cannot be read; names the place in the tree."""


@dataclass(frozen=True, slots=True)
class FactSpec:
    """A fact that conditions may ask about; ``choices`` are the only texts it can have."""

    name: str
    title: str
    kind: Kind
    choices: Mapping[str, str] = field(default_factory=dict)


Registry = Mapping[str, FactSpec]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A question about one fact."""

    fact: str
    op: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Tree:
    """``all`` or ``any`` of some conditions, or ``not`` of one."""

    kind: Literal["all", "any", "not"]
    parts: tuple["Condition", ...]


Condition = Leaf | Tree

#: Holds for every set of facts.
TRUE = Tree("all", ())

#: The words of the conditions asked about last: a round asks for the same ones again and again.
MOST_SAID = 1000
_SAID: dict[int, tuple[Condition, Registry, str]] = {}


def parse(data: Any, registry: Registry, *, place: str = "when") -> Condition:
    """
    Read a condition from JSON.

    Args:
        data: ``{"all": [...]}``, ``{"any": [...]}``, ``{"not": {...}}`` or
            ``{"fact": name, "op": operator, "value": ...}``.
        registry: the facts that exist.
        place: where it stands, for the sentence that refuses it.

    Raises:
        BadCondition: names the place, and lists what would be known there.
    """
    condition = _parse(data, registry, place, 1)
    if sum(1 for _ in leaves(condition)) > MOST_PARTS:
        raise BadCondition(f"{place}: more than {MOST_PARTS} questions; split the rule.")
    return condition


def as_json(condition: Condition) -> dict[str, Any]:
    """
    Give a condition as JSON; ``parse`` gives it back.

    >>> as_json(Tree("not", (Leaf("tier", "is", "high"),)))
    {'not': {'fact': 'tier', 'op': 'is', 'value': 'high'}}
    """
    if isinstance(condition, Leaf):
        made: dict[str, Any] = {"fact": condition.fact, "op": condition.op}
        if condition.op not in ALWAYS:
            value = condition.value
            made["value"] = list(value) if isinstance(value, tuple) else value
        return made
    if condition.kind == "not":
        return {"not": as_json(condition.parts[0])}
    return {condition.kind: [as_json(part) for part in condition.parts]}


def holds(condition: Condition, facts: Facts, registry: Registry) -> Truth:
    """
    Say whether a condition holds; total: every set of facts gets an answer.

    >>> known = {"tier": FactSpec("tier", "EU tier", "text")}
    >>> high = Leaf("tier", "is", "high")
    >>> holds(high, {"tier": "high"}, known), holds(Tree("not", (high,)), {}, known)
    (True, None)
    """
    if isinstance(condition, Leaf):
        return _asked(condition, facts, registry)
    answers = [holds(part, facts, registry) for part in condition.parts]
    if condition.kind == "not":
        return None if answers[0] is None else not answers[0]
    decisive = condition.kind == "any"
    if decisive in answers:
        return decisive
    return None if None in answers else not decisive


def value_of(spec: FactSpec, facts: Facts) -> Any:
    """
    Give a fact as its type, or None when it is missing or of another type.

    >>> value_of(FactSpec("n", "N", "number"), {"n": "1.50"})
    Decimal('1.50')
    """
    value = facts.get(spec.name)
    if spec.kind == "number":
        return _number(value)
    if spec.kind == "flag":
        return value if isinstance(value, bool) else None
    if spec.kind == "text":
        return value if isinstance(value, str) and value else None
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return tuple(value)
    return None


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Give the questions of a tree, from left to right."""
    if isinstance(condition, Leaf):
        yield condition
        return
    for part in condition.parts:
        yield from leaves(part)


def words(condition: Condition, registry: Registry) -> str:
    """
    Say a condition in words.

    >>> known = {"n": FactSpec("n", "Risk level", "number")}
    >>> words(Tree("not", (Leaf("n", "over", 3),)), known)
    'not (risk level is over 3)'
    """
    kept = _SAID.get(id(condition))
    if kept is not None and kept[0] is condition and kept[1] is registry:
        return kept[2]
    if len(_SAID) >= MOST_SAID:
        _SAID.clear()
    said = _words(condition, registry)
    _SAID[id(condition)] = (condition, registry, said)
    return said


def _words(condition: Condition, registry: Registry) -> str:
    if isinstance(condition, Leaf):
        spec = registry[condition.fact]
        asked = ALWAYS.get(condition.op) or OPERATORS[spec.kind][condition.op]
        title = spec.title if spec.title[:2].isupper() else spec.title[:1].lower() + spec.title[1:]
        fact = phrase("{fact} {asked}", fact=Phrase(title), asked=Phrase(asked))
        if condition.op in ALWAYS:
            return fact
        return phrase("{fact} {value}", fact=fact, value=shown(spec, condition.value))
    if condition.kind == "not":
        return phrase("not ({what})", what=words(condition.parts[0], registry))
    if not condition.parts:
        return phrase("always")
    joined = [
        phrase("({what})", what=words(part, registry))
        if isinstance(part, Tree) and len(part.parts) > 1
        else words(part, registry)
        for part in condition.parts
    ]
    return in_a_row("and" if condition.kind == "all" else "or", joined)


def shown(spec: FactSpec, value: Any) -> str:
    """
    Write a value of a fact as a person reads it.

    >>> shown(FactSpec("f", "F", "flag"), None), shown(FactSpec("f", "F", "flag"), True)
    ('unknown', 'yes')
    """
    if value is None:
        return _word("unknown")
    if isinstance(value, bool):
        return _word("yes") if value else _word("no")
    if isinstance(value, list | tuple):
        told = [_word(spec.choices.get(each, str(each)).lower()) for each in value]
        return in_a_row(",", told) or _word("none")
    if spec.kind == "number":
        number = _number(value)
        return _word("unknown") if number is None else f"{number.normalize():f}"
    return _word(spec.choices.get(value, str(value)).lower()) if spec.choices else str(value)


@lru_cache(maxsize=1000)
def _word(text: str) -> str:
    return Phrase(text)


def plain(value: Any) -> Any:
    """
    Give a fact in the one form that is stored and hashed; None when it is no fact.

    >>> plain(Decimal("1.500")), plain(("b", "a")), plain(Decimal("NaN"))
    ('1.5', ['a', 'b'], None)
    """
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        number = _number(value)
        return None if number is None else f"{number.normalize():f}"
    if isinstance(value, list | tuple | set | frozenset):
        return sorted(str(each) for each in value)
    return str(value) or None


def _parse(data: Any, registry: Registry, place: str, depth: int) -> Condition:
    if depth > MOST_DEPTH:
        raise BadCondition(f"{place}: more than {MOST_DEPTH} levels; split the rule.")
    if not isinstance(data, Mapping):
        raise BadCondition(f"{place}: a condition is an object with all, any, not or fact.")
    if "fact" in data:
        return _leaf(data, registry, place)
    if len(data) != 1 or next(iter(data)) not in ("all", "any", "not"):
        raise BadCondition(f"{place}: a condition has exactly one of all, any, not, or a fact.")
    kind = next(iter(data))
    inside = data[kind]
    if kind == "not":
        return Tree("not", (_parse(inside, registry, f"{place}.not", depth + 1),))
    if not isinstance(inside, Sequence) or isinstance(inside, str):
        raise BadCondition(f"{place}.{kind}: give a list of conditions.")
    if kind == "any" and not inside:
        raise BadCondition(f"{place}.any: an empty list can never hold, so nobody would pass.")
    parts = [
        _parse(each, registry, f"{place}.{kind}[{at}]", depth + 1) for at, each in enumerate(inside)
    ]
    return Tree(kind, tuple(parts))


def _leaf(data: Mapping[str, Any], registry: Registry, place: str) -> Leaf:
    unknown = set(data) - {"fact", "op", "value"}
    if unknown:
        raise BadCondition(f"{place}: {', '.join(sorted(map(str, unknown)))} is no part of it.")
    spec = registry.get(data["fact"]) if isinstance(data["fact"], str) else None
    if spec is None:
        known = ", ".join(sorted(registry))
        raise BadCondition(f"{place}: there is no fact {data['fact']!r}. The facts are {known}.")
    op = str(data.get("op"))
    if op in ALWAYS:
        return Leaf(spec.name, op)
    allowed = OPERATORS[spec.kind]
    if op not in allowed:
        known = ", ".join([*allowed, *ALWAYS])
        raise BadCondition(f"{place}: {spec.name} cannot be asked {op!r}. It knows {known}.")
    return Leaf(spec.name, op, _value(data.get("value"), spec, op, place))


def _value(value: Any, spec: FactSpec, op: str, place: str) -> Any:
    if spec.kind == "flag":
        if not isinstance(value, bool):
            raise BadCondition(f"{place}: {spec.name} is true or false.")
        return value
    if spec.kind == "number":
        if isinstance(value, bool) or _number(value) is None:
            raise BadCondition(f"{place}: {spec.name} is compared with a number.")
        return value
    several = spec.kind == "list" or op in ("in", "not_in")
    wanted = value if several else [value]
    if (
        not isinstance(wanted, list | tuple)
        or not wanted
        or not all(isinstance(each, str) and each for each in wanted)
    ):
        raise BadCondition(f"{place}: {spec.name} is compared with {_shape(several)}.")
    strange = [each for each in wanted if spec.choices and each not in spec.choices]
    if strange:
        known = ", ".join(spec.choices)
        raise BadCondition(f"{place}: {spec.name} is never {strange[0]!r}. It can be {known}.")
    return tuple(wanted) if several else value


def _shape(several: bool) -> str:
    return "a list of texts that is not empty" if several else "a text"


def _asked(leaf: Leaf, facts: Facts, registry: Registry) -> Truth:
    spec = registry.get(leaf.fact)
    value = None if spec is None else value_of(spec, facts)
    if leaf.op == "missing":
        return value is None
    if leaf.op == "known":
        return value is not None
    if spec is None or value is None:
        return None
    if spec.kind == "number":
        return _compared(leaf.op, value, leaf.value)
    if spec.kind == "list":
        common = set(value) & set(leaf.value)
        if leaf.op == "has_all":
            return common == set(leaf.value)
        return bool(common) if leaf.op == "has_any" else not common
    if leaf.op in ("in", "not_in"):
        return (value in leaf.value) == (leaf.op == "in")
    return bool(value == leaf.value) == (leaf.op == "is")


def _compared(op: str, value: Decimal, with_value: Any) -> Truth:
    other = _number(with_value)
    if other is None:
        return None
    if op == "is":
        return value == other
    if op in ("under", "at_most"):
        return value < other or (op == "at_most" and value == other)
    return value > other or (op == "at_least" and value == other)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
