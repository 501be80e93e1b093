"""
Changes of allocation rules themselves: checked and written, inside a service's transaction.

A service adds who must approve and the job that allocates; a preview undoes them again.
"""

from datetime import date

from django.db.models import Max, Q
from django.utils import timezone

from governance_app.audit.rows import check_version, save_changes
from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.domain.stepping import circle
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.people.selectors import organisation
from governance_app.spend import saying
from governance_app.spend.closed import refuse_closed
from governance_app.spend.models import Pool, Rule, RuleTarget, RuleVersion
from governance_app.spend.saying import Says
from governance_app.spend.shares import ALWAYS, FOREVER

FOUR_EYES = "rules_four_eyes"


def is_four_eyes(*, on: date | None = None, node: ScopeNode | None = None) -> bool:
    """Tell whether a change of rules needs a second person."""
    day = on or timezone.localdate()
    return bool(books.setting(key=FOUR_EYES, on=day, node=node))


def refuse_alone(node: ScopeNode | None) -> None:
    """
    Refuse to change rules directly while a second person has to approve.

    Raises:
        Sentence: says what to do instead.
    """
    if is_four_eyes(node=node):
        raise Sentence("Rules change with four eyes: propose it, and somebody else approves.")


def put_rule(
    *,
    name: str,
    says: Says,
    by: User,
    from_month: date = ALWAYS,
    position: int | None = None,
    node: ScopeNode | None = None,
) -> RuleVersion:
    """Add a rule without asking for a second person or for a job."""
    place = place_of(node)
    access.require(by, "spend.rules", place)
    name = name.strip()
    if not name:
        raise Sentence("A rule needs a name that says what it allocates.")
    if Rule.objects.filter(name__iexact=name).exists():
        raise Sentence(f"There is already a rule called {name}.")
    _first_of_month(from_month)
    _open(from_month)
    _check_pools(name, says, from_month, FOREVER, None)
    last = RuleVersion.objects.aggregate(last=Max("position"))["last"] or 0
    rule = Rule.objects.create(name=name, node=place)
    made = _write(rule, says, number=1, position=last + 1, from_month=from_month)
    if position is not None and position <= last:
        for later in RuleVersion.objects.select_for_update().filter(
            position__gte=position, position__lte=last
        ):
            save_changes(later, position=later.position + 1)
        save_changes(made, position=position)
    return made


def put_version(
    *, rule: Rule, says: Says, from_month: date, by: User, version: int | None = None
) -> RuleVersion:
    """Let a rule say something else, without asking for a second person or for a job."""
    access.require(by, "spend.rules", rule)
    rule = Rule.objects.select_for_update().get(pk=rule.pk)
    check_version(rule, version)
    present = rule.versions.order_by("-number")[0]
    _first_of_month(from_month)
    _open(from_month)
    if from_month <= present.from_month:
        raise Sentence(
            f"{present} has said what it says since {present.from_month:%B %Y}; "
            f"{rule}, version {present.number + 1} from {from_month:%B %Y} would overlap it: "
            "a new version starts in a later month."
        )
    _check_pools(rule.name, says, from_month, FOREVER, rule)
    save_changes(present, until_month=min(from_month, present.until_month or FOREVER))
    _count_up(rule)
    return _write(
        rule, says, number=present.number + 1, position=present.position, from_month=from_month
    )


def put_end(*, rule: Rule, until_month: date, by: User, version: int | None = None) -> RuleVersion:
    """End a rule, without asking for a second person or for a job."""
    access.require(by, "spend.rules", rule)
    rule = Rule.objects.select_for_update().get(pk=rule.pk)
    check_version(rule, version)
    present = rule.versions.order_by("-number")[0]
    _first_of_month(until_month)
    _open(until_month)
    if present.until_month is not None and present.until_month <= until_month:
        raise Sentence(f"{rule} ends before {present.until_month:%B %Y} already.")
    if until_month < present.from_month:
        raise Sentence(f"{rule} begins in {present.from_month:%B %Y}; it cannot end before.")
    save_changes(present, until_month=until_month)
    _count_up(rule)
    return present


def put_back(*, rule: Rule, by: User, version: int | None = None) -> RuleVersion:
    """Let an ended rule go on, without asking for a second person or for a job."""
    access.require(by, "spend.rules", rule)
    rule = Rule.objects.select_for_update().get(pk=rule.pk)
    check_version(rule, version)
    last = rule.versions.order_by("-number")[0]
    if last.until_month is None:
        raise Sentence(f"{rule} has not ended.")
    says = saying.read(saying.as_json(last), viewer=by)
    _check_pools(rule.name, says, last.until_month, FOREVER, rule)
    save_changes(last, until_month=None)
    _count_up(rule)
    return last


def put_at(*, rule: Rule, position: int, by: User, version: int | None = None) -> Rule:
    """Give a rule another place, without asking for a second person or for a job."""
    access.require(by, "spend.rules", rule)
    rule = Rule.objects.select_for_update().get(pk=rule.pk)
    check_version(rule, version)
    placed = Rule.objects.annotate(place=Max("versions__position")).order_by("place", "pk")
    order: list[Rule] = list(placed)
    order.remove(rule)
    order.insert(max(0, min(position - 1, len(order))), rule)
    place = {one.pk: number for number, one in enumerate(order, 1)}
    for one in RuleVersion.objects.select_for_update().order_by("pk"):
        save_changes(one, position=place[one.rule_id])
    _count_up(rule)
    return rule


def _count_up(rule: Rule) -> None:
    rule.version += 1
    rule.save(update_fields=["version"])


def _write(rule: Rule, says: Says, *, number: int, position: int, from_month: date) -> RuleVersion:
    made = RuleVersion.objects.create(
        rule=rule,
        number=number,
        position=position,
        from_month=from_month,
        kind=says.kind,
        conditions=list(says.conditions),
        takes_key=says.takes_key,
        initiative=says.initiative,
        pool=says.pool,
        from_pool=says.from_pool,
        driver=says.driver,
        when_zero=says.when_zero,
        within=says.within,
        takes_unused=says.takes_unused,
    )
    for place, goal in enumerate(says.goals, 1):
        RuleTarget.objects.create(
            rule_version=made,
            position=place,
            initiative=goal.initiative,
            pool=goal.pool,
            share=goal.share,
        )
    return made


def _check_pools(name: str, says: Says, since: date, until: date, rule: Rule | None) -> None:
    """Refuse a pool that is passed on twice, back up the order, or in a circle."""
    if says.from_pool is None:
        return
    others = [one for one in passing(since, until) if rule is None or one.rule_id != rule.pk]
    for other in others:
        if other.from_pool_id == says.from_pool.pk:
            raise Sentence(
                f"{name} and {other} would both pass on the pool {says.from_pool} from "
                f"{max(since, other.from_month):%B %Y}: its shares would sum to 2."
            )
    passes: dict[str, list[tuple[str, str]]] = {
        str(says.from_pool): [(name, str(pool)) for pool in says.later_pools]
    }
    for other in others:
        passes.setdefault(str(other.from_pool), []).extend(
            (str(other.rule), str(pool)) for pool in later_of(other)
        )
    found = circle(passes)
    if found:
        rules = list(dict.fromkeys(used for _, used in found))
        pools = [pool for pool, _ in found]
        raise Sentence(
            f"{' and '.join(rules)} would pass cost in a circle: {' to '.join([*pools, pools[0]])}."
        )
    check_order(name, says.from_pool, says.later_pools)


def check_order(name: str, pool: Pool | None, later: list[Pool]) -> None:
    for other in later:
        if pool is not None and other.position <= pool.position:
            raise Sentence(
                f"{name} passes the pool {pool} on to {other}, but pools step down in order and "
                f"{other} comes before it. Change the order of the pools first."
            )


def passing(since: date, until: date) -> list[RuleVersion]:
    """Give the versions that pass pools on in some of these months."""
    return list(
        RuleVersion.objects.exclude(from_pool=None)
        .filter(Q(until_month=None) | Q(until_month__gt=since), from_month__lt=until)
        .select_related("rule", "from_pool", "pool")
        .prefetch_related("targets__pool")
        .order_by("position", "from_month", "pk")
    )


def later_of(version: RuleVersion) -> list[Pool]:
    found = [version.pool] if version.pool else []
    return found + [one.pool for one in version.targets.all() if one.pool]


def place_of(node: ScopeNode | None) -> ScopeNode:
    place = node or organisation()
    if place is None:
        raise Sentence("Found the organisation first; rules belong to it.")
    return place


def _first_of_month(month: date) -> None:
    if month.day != 1:
        raise Sentence(f"A rule starts and ends on the first of a month, not on {month}.")


def _open(month: date) -> None:
    """A rule for always leaves closed months as they are; one that names such a month errs."""
    if month != ALWAYS:
        refuse_closed(month=month, what="allocation")
