"""Writing allocation rules: versions with a beginning and an end, never edits."""

from datetime import date

from django.db import connection
from django.db.models import Max

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.initiatives.models import Initiative
from governance_app.jobs import services as jobs
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.spend import matching, ruling, saying
from governance_app.spend.models import Pool, Rule, RuleVersion, TagSynonym
from governance_app.spend.saying import Says
from governance_app.spend.shares import ALWAYS, FOREVER

REALLOCATE = "governance_app.spend.tasks.reallocate"


@recorded
def add_rule(
    *,
    name: str,
    by: User,
    says: Says | None = None,
    dimension: str = "",
    value: str = "",
    tag: str = "",
    initiative: Initiative | None = None,
    from_month: date = ALWAYS,
    position: int | None = None,
    node: ScopeNode | None = None,
) -> RuleVersion:
    """
    Add a rule; a job shares the keys by it.

    Args:
        says: conditions and outcome, checked. Without it the rule is the simplest there is:
        dimension: ``tag`` or one of ``shares.DIMENSIONS``.
        value: what the tag or dimension must be, whatever its capitals and outer blanks. Empty
            only when the value itself is the key of an initiative (``AI-142``).
        tag: the name of the tag.
        initiative: who bears the cost; None = the initiative whose key is the value.
        from_month: first charge month it applies to.
        position: place in the order; None = last. Rules from there on move back by one.

    Raises:
        Sentence: the name is taken, the rule says nothing that can be matched, pools would
            pass costs in a circle or be passed on twice, or somebody else must approve.
    """
    ruling.refuse_alone(node)
    if says is None:
        says = saying.simple(dimension=dimension, tag=tag, value=value, initiative=initiative)
    made = ruling.put_rule(
        name=name, says=says, from_month=from_month, position=position, node=node, by=by
    )
    _ask_anew(by=by, title=f"Allocate by the rule {made.rule}")
    return made


@recorded
def change_rule(
    *,
    rule: Rule,
    by: User,
    from_month: date,
    says: Says | None = None,
    dimension: str = "",
    value: str = "",
    tag: str = "",
    initiative: Initiative | None = None,
    version: int | None = None,
) -> RuleVersion:
    """
    Let a rule say something else from a charge month on; what it said before stays.

    Raises:
        Sentence: the month is not after the beginning of the present version, pools would pass
            costs in a circle or be passed on twice, or somebody else must approve.
        StaleWrite: somebody changed the rule meanwhile.
    """
    ruling.refuse_alone(rule.node)
    if says is None:
        says = saying.simple(dimension=dimension, tag=tag, value=value, initiative=initiative)
    made = ruling.put_version(rule=rule, says=says, from_month=from_month, version=version, by=by)
    _ask_anew(by=by, title=f"Allocate by the rule {rule}")
    return made


@recorded
def end_rule(*, rule: Rule, by: User, until_month: date, version: int | None = None) -> RuleVersion:
    """
    Let a rule end: ``until_month`` is the first charge month it no longer applies to.

    Raises:
        Sentence: it has ended, would end before it began, or somebody else must approve.
        StaleWrite: somebody changed the rule meanwhile.
    """
    ruling.refuse_alone(rule.node)
    ended = ruling.put_end(rule=rule, until_month=until_month, version=version, by=by)
    _ask_anew(by=by, title=f"Allocate without the rule {rule}")
    return ended


@recorded
def move_rule(*, rule: Rule, position: int, by: User, version: int | None = None) -> Rule:
    """
    Ask a rule earlier or later: ``position`` counts rules from 1.

    Raises:
        Sentence: somebody else must approve.
        StaleWrite: somebody changed the rule meanwhile.
    """
    ruling.refuse_alone(rule.node)
    moved = ruling.put_at(rule=rule, position=position, version=version, by=by)
    _ask_anew(by=by, title=f"Allocate with {rule} asked as number {position}")
    return moved


@recorded
def add_pool(
    *,
    name: str,
    by: User,
    owner: User | None = None,
    node: ScopeNode | None = None,
) -> Pool:
    """
    Add a shared-cost pool, last in the order in which pools step down.

    Raises:
        Sentence: the name is empty or taken.
    """
    place = ruling.place_of(node)
    access.require(by, "spend.rules", place)
    name = name.strip()
    if not name:
        raise Sentence("A pool needs a name that says which cost is shared.")
    if Pool.objects.filter(name__iexact=name).exists():
        raise Sentence(f"There is already a pool called {name}.")
    last = Pool.objects.aggregate(last=Max("position"))["last"] or 0
    return Pool.objects.create(name=name, node=place, position=last + 1, owner=owner)


@recorded
def order_pools(*, names: list[str], by: User) -> list[Pool]:
    """
    Let pools step down in another order.

    Raises:
        Sentence: not every pool is named once, or a rule would pass cost back up.
    """
    pools = {pool.name: pool for pool in Pool.objects.select_for_update().order_by("position")}
    for pool in pools.values():
        access.require(by, "spend.rules", pool)
    if sorted(names) != sorted(pools):
        raise Sentence(f"Name each pool once: {', '.join(pools)}.")
    for number, name in enumerate(names, 1):
        save_changes(pools[name], position=number)
    for version in ruling.passing(ALWAYS, FOREVER):
        ruling.check_order(version.rule.name, version.from_pool, ruling.later_of(version))
    _ask_anew(by=by, title="Allocate with pools in another order")
    return [pools[name] for name in names]


@recorded
def add_synonym(
    *,
    written: str,
    means: str,
    by: User,
    tag: str = "",
    from_month: date = ALWAYS,
    until_month: date | None = None,
) -> TagSynonym:
    """
    Let another spelling count: of the name of a tag, or of a value of the tag ``tag``.

    Raises:
        Sentence: it says nothing, stands already, or is the same word.
    """
    access.require(by, "spend.rules")
    with connection.cursor() as cursor:
        lower = matching.made_small(cursor, (written, means, tag))
    written, means, tag = lower[written], lower[means], lower[tag]
    if not written or not means or written == means:
        raise Sentence("Say how it is written and what else it means.")
    for month in (from_month, until_month):
        if month is not None and month.day != 1:
            raise Sentence(f"A spelling counts from the first of a month, not from {month}.")
    others = TagSynonym.objects.filter(tag=tag, written=written, means=means)
    for other in others:
        if from_month < (other.until_month or FOREVER) and other.from_month < (
            until_month or FOREVER
        ):
            raise Sentence(f"{other} stands already, from {other.from_month:%B %Y}.")
    made = TagSynonym.objects.create(
        tag=tag, written=written, means=means, from_month=from_month, until_month=until_month
    )
    _ask_anew(by=by, title=f"Allocate with another spelling: {made}")
    return made


@recorded
def end_synonym(*, synonym: TagSynonym, until_month: date, by: User) -> TagSynonym:
    """Let a spelling count no longer; ``until_month`` is the first charge month without it."""
    access.require(by, "spend.rules")
    synonym = TagSynonym.objects.select_for_update().get(pk=synonym.pk)
    if until_month < synonym.from_month or until_month.day != 1:
        raise Sentence("A spelling ends with the first of a month after it began.")
    save_changes(synonym, until_month=until_month)
    _ask_anew(by=by, title=f"Allocate without the spelling: {synonym}")
    return synonym


def _ask_anew(*, by: User, title: str) -> None:
    """Let a job share the keys that the change may touch."""
    jobs.receive(kind=REALLOCATE, title=title, payload={}, by=by, key=REALLOCATE)
