"""What an allocation rule says: read from a form, the API or a proposal, and written in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from governance_app.domain.allocation import BadShares, check_shares
from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import Phrase, in_a_row, phrase
from governance_app.domain.rules import MATCHES
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.spend.matching import DIMENSIONS, TAG, conditions_of
from governance_app.spend.models import Pool, RuleVersion

FIELDS = frozenset({
    "conditions", "from_pool", "kind", "initiative", "pool", "targets", "driver", "when_zero",
    "within", "takes_unused",
})  # fmt: skip
SPLITS = (RuleVersion.Kind.EVEN, RuleVersion.Kind.FIXED, RuleVersion.Kind.DRIVER)


@dataclass(frozen=True, slots=True)
class Goal:
    """Somebody a rule splits to, and the share where shares are fixed."""

    initiative: Initiative | None = None
    pool: Pool | None = None
    share: Decimal | None = None

    @property
    def name(self) -> str:
        """The key of the initiative, or the name of the pool."""
        return self.initiative.key if self.initiative else str(self.pool)


@dataclass(frozen=True, slots=True)
class Says:
    """What a rule version says, checked: it can be matched and its outcome is whole."""

    conditions: tuple[dict[str, Any], ...]
    kind: str
    initiative: Initiative | None = None
    pool: Pool | None = None
    from_pool: Pool | None = None
    goals: tuple[Goal, ...] = ()
    driver: str = ""
    when_zero: str = RuleVersion.WhenZero.UNALLOCATED
    within: ScopeNode | None = None
    takes_unused: bool = False

    @property
    def takes_key(self) -> bool:
        """The matched value names the initiative."""
        return any(one["match"] == "key" for one in self.conditions)

    @property
    def later_pools(self) -> list[Pool]:
        """The pools it sends something to."""
        found = [self.pool] if self.pool else []
        return found + [goal.pool for goal in self.goals if goal.pool]


def simple(*, dimension: str, tag: str, value: str, initiative: Initiative | None) -> Says:
    """Say the simplest: one dimension is a value, or is the key of an initiative."""
    match = "key" if initiative is None else "is"
    values = [] if initiative is None else [value]
    condition = _condition({"dimension": dimension, "tag": tag, "match": match, "values": values})
    return Says((condition,), RuleVersion.Kind.DIRECT, initiative=initiative)


def read(asked: Mapping[str, Any], *, viewer: User) -> Says:
    """
    Read what a rule says from JSON: initiatives by key, pools by name, a unit by its id.

    Raises:
        Sentence: names what is missing, unknown or does not fit together.
    """
    if unknown := sorted(set(asked) - FIELDS):
        raise Sentence(f"A rule says nothing about {unknown[0]}; it knows {_listed(FIELDS)}.")
    from_pool = _pool(asked["from_pool"], viewer) if asked.get("from_pool") else None
    conditions = tuple(_condition(one) for one in asked.get("conditions") or ())
    if from_pool is not None and conditions:
        raise Sentence("A rule that passes on a pool has no conditions: it takes all of the pool.")
    if from_pool is None and not conditions:
        raise Sentence("Say what the rule looks at: at least one condition, or a pool.")
    if sum(one["match"] == "key" for one in conditions) > 1:
        raise Sentence("Only one condition can name the initiative.")
    kind = asked.get("kind") or RuleVersion.Kind.DIRECT
    if kind not in RuleVersion.Kind.values:
        raise Sentence(
            f"A rule cannot end in {kind!r}; it knows {_listed(RuleVersion.Kind.values)}."
        )
    takes_key = any(one["match"] == "key" for one in conditions)
    goals = tuple(_goal(one, kind, viewer) for one in asked.get("targets") or ())
    says = Says(
        conditions=conditions,
        kind=kind,
        initiative=(
            _initiative(asked.get("initiative"), viewer)
            if kind == RuleVersion.Kind.DIRECT and not takes_key
            else None
        ),
        pool=_pool(asked.get("pool"), viewer) if kind == RuleVersion.Kind.POOL else None,
        from_pool=from_pool,
        goals=goals if kind in SPLITS else (),
        driver=asked.get("driver") or "" if kind == RuleVersion.Kind.DRIVER else "",
        when_zero=asked.get("when_zero") or RuleVersion.WhenZero.UNALLOCATED,
        within=_unit(asked.get("within"), viewer) if kind == RuleVersion.Kind.DRIVER else None,
        takes_unused=bool(asked.get("takes_unused")),
    )
    _check(says)
    return says


def _check(says: Says) -> None:
    if says.takes_key and says.kind != RuleVersion.Kind.DIRECT:
        raise Sentence("A value that names the initiative sends everything to that initiative.")
    if says.kind in (RuleVersion.Kind.EVEN, RuleVersion.Kind.FIXED) and not says.goals:
        raise Sentence("Say to whom the rule splits: at least one initiative or pool.")
    names = [goal.name for goal in says.goals]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise Sentence(f"{twice} stands twice among those the rule splits to.")
    if says.kind == RuleVersion.Kind.FIXED:
        check_shares({goal.name: goal.share or Decimal(0) for goal in says.goals})
    if says.kind == RuleVersion.Kind.DRIVER:
        if says.driver not in RuleVersion.Driver.values:
            raise Sentence(
                f"Say what the split is in proportion to: {_listed(RuleVersion.Driver.values)}."
            )
        if any(goal.pool for goal in says.goals):
            raise Sentence("A pool uses no driver; split to it evenly or by a fixed share.")
        if says.within is not None and says.goals:
            raise Sentence("Name initiatives, or a unit whose initiatives all take part; not both.")
    if says.when_zero not in RuleVersion.WhenZero.values:
        raise Sentence(f"Without a driver it can be {_listed(RuleVersion.WhenZero.values)}.")
    if says.from_pool in says.later_pools:
        raise Sentence(f"The pool {says.from_pool} cannot be passed on to itself.")


def _condition(one: Mapping[str, Any]) -> dict[str, Any]:
    dimension = str(one.get("dimension") or "")
    tag = str(one.get("tag") or "").strip()
    match = str(one.get("match") or "is")
    values = [str(value).strip() for value in one.get("values") or ()]
    if dimension != TAG and dimension not in DIMENSIONS:
        raise Sentence(
            f"A rule cannot look at {dimension!r}; "
            f"it looks at one of {_listed((TAG, *DIMENSIONS))}."
        )
    if (dimension == TAG) != bool(tag):
        raise Sentence("Name the tag the rule looks at, and only when it looks at a tag.")
    if match not in MATCHES:
        raise Sentence(f"A value cannot match by {match!r}; it knows {_listed(MATCHES)}.")
    values = [value for value in values if value]
    if match != "key" and not values:
        raise Sentence("Say which value the rule matches, or let the value be an initiative's key.")
    return {
        "dimension": dimension, "tag": tag, "match": match,
        "values": [] if match == "key" else list(dict.fromkeys(values)),
    }  # fmt: skip


def _goal(one: Mapping[str, Any], kind: str, viewer: User) -> Goal:
    share: Decimal | None = None
    if kind == RuleVersion.Kind.FIXED:
        try:
            share = Decimal(str(one.get("share")).replace(",", "."))
        except InvalidOperation as error:
            raise BadShares(f"{one.get('share')!r} is not a share such as 0.25.") from error
        if not share.is_finite() or -int(share.as_tuple().exponent) > 18:
            raise BadShares(f"{share} is not a share of at most 18 decimals.")
    if one.get("pool"):
        return Goal(pool=_pool(one["pool"], viewer), share=share)
    return Goal(initiative=_initiative(one.get("initiative"), viewer), share=share)


def _initiative(key: Any, viewer: User) -> Initiative:
    text = str(key or "").strip().split(" ")[0].upper()
    found = Initiative.objects.visible_to(viewer).filter(key=text).first() if text else None
    if found is None:
        raise Sentence(
            f"There is no initiative {text or 'without a key'}; write its key, such as AI-142."
        )
    return found


def _pool(name: Any, viewer: User) -> Pool:
    found = Pool.objects.visible_to(viewer).filter(name__iexact=str(name or "").strip()).first()
    if found is None:
        known = list(
            Pool.objects.visible_to(viewer)
            .order_by("position", "pk")
            .values_list("name", flat=True)
        )
        hint = f"there are {_listed(known)}" if known else "there is none yet"
        raise Sentence(f"There is no pool called {name or 'nothing'}; {hint}.")
    return found


def _unit(node: Any, viewer: User) -> ScopeNode | None:
    if not node:
        return None
    found = (
        ScopeNode.objects.visible_to(viewer)
        .filter(pk=node)
        .exclude(kind=ScopeNode.Kind.INITIATIVE)
        .first()
    )
    if found is None:
        raise Sentence("There is no such unit.")
    return found


def as_json(version: RuleVersion) -> dict[str, Any]:
    """Write what a version says the way ``read`` reads it; targets are read with it."""
    found: dict[str, Any] = {
        "conditions": conditions_of(version) if version.from_pool_id is None else [],
        "kind": version.kind,
    }
    if version.from_pool_id:
        found["from_pool"] = str(version.from_pool)
    if version.initiative_id:
        found["initiative"] = version.initiative.key if version.initiative else ""
    if version.pool_id:
        found["pool"] = str(version.pool)
    targets = [
        {
            **({"pool": str(one.pool)} if one.pool_id else {}),
            **({"initiative": one.initiative.key} if one.initiative else {}),
            **({"share": f"{one.share.normalize():f}"} if one.share is not None else {}),
        }
        for one in sorted(version.targets.all(), key=lambda target: target.position)
    ]
    if targets:
        found["targets"] = targets
    if version.driver:
        found |= {"driver": version.driver, "when_zero": version.when_zero}
    if version.within_id:
        found["within"] = str(version.within_id)
    if version.takes_unused:
        found["takes_unused"] = True
    return found


def condition_words(version: RuleVersion) -> str:
    """Say in words what a version matches."""
    if version.from_pool_id:
        return phrase("everything in the pool {pool}", pool=str(version.from_pool))
    return in_a_row("and", [_condition_words(one) for one in conditions_of(version)])


def _condition_words(one: Mapping[str, Any]) -> str:
    what: str = (
        phrase("tag {tag}", tag=one["tag"]) if one["dimension"] == TAG else Phrase(one["dimension"])
    )
    values: Sequence[str] = one["values"]
    match one["match"]:
        case "key":
            return phrase("{what} is the key of an initiative", what=what)
        case "is" if len(values) == 1:
            return phrase("{what} is {value}", what=what, value=values[0])
        case "is":
            return phrase("{what} is one of {values}", what=what, values=_listed(values))
    either = in_a_row("or", values)
    if one["match"] == "contains":
        return phrase("{what} contains {values}", what=what, values=either)
    return phrase("{what} starts with {values}", what=what, values=either)


def outcome_words(version: RuleVersion) -> str:
    """Say in words who bears what a version matches."""
    if version.kind == RuleVersion.Kind.DIRECT:
        if version.takes_key or version.initiative is None:
            return phrase("the initiative of that key")
        return f"{version.initiative.key} {version.initiative.name}"
    if version.kind == RuleVersion.Kind.POOL:
        return phrase("the pool {pool}", pool=str(version.pool))
    goals = sorted(version.targets.all(), key=lambda target: target.position)
    names = [one.initiative.key if one.initiative else f"the pool {one.pool}" for one in goals]
    if version.kind == RuleVersion.Kind.FIXED:
        return ", ".join(
            f"{(one.share or 0) * 100:.10g} % {name}"
            for one, name in zip(goals, names, strict=True)
        )
    if version.kind == RuleVersion.Kind.EVEN:
        return phrase("evenly {names}", names=_listed(names))
    whom: str
    if names:
        whom = _listed(names)
    elif version.within:
        whom = phrase("the initiatives of {unit}", unit=version.within.name)
    else:
        whom = phrase("every initiative")
    by = Phrase(version.get_driver_display())
    if version.when_zero == RuleVersion.WhenZero.EVEN:
        return phrase("{whom} by {driver}; without any, evenly", whom=whom, driver=by)
    return phrase("{whom} by {driver}; without any, unallocated", whom=whom, driver=by)


def _listed(names: Any) -> str:
    return ", ".join(sorted(names) if isinstance(names, (set, frozenset)) else list(names))
