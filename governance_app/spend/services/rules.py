"""Writing allocation rules: versions with a beginning and an end, never edits."""

from datetime import date

from django.db.models import Max

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain.errors import Sentence
from governance_app.initiatives.models import Initiative
from governance_app.jobs import services as jobs
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.people.selectors import organisation
from governance_app.spend.models import Rule, RuleVersion
from governance_app.spend.shares import ALWAYS, DIMENSIONS, TAG

REALLOCATE = "governance_app.spend.tasks.reallocate"


@recorded
def add_rule(
    *,
    name: str,
    dimension: str,
    by: User,
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
        dimension: ``tag`` or one of ``shares.DIMENSIONS``.
        value: what the tag or dimension must be, whatever its capitals and outer blanks. Empty
            only when the value itself is the key of an initiative (``AI-142``).
        tag: the name of the tag.
        initiative: who bears the cost; None = the initiative whose key is the value.
        from_month: first charge month it applies to.
        position: place in the order; None = last. Rules from there on move back by one.

    Raises:
        Sentence: the name is taken, or the rule says nothing that can be matched.
    """
    place = node or organisation()
    if place is None:
        raise Sentence("Found the organisation first; rules belong to it.")
    access.require(by, "spend.rules", place)
    name = name.strip()
    if not name:
        raise Sentence("A rule needs a name that says what it allocates.")
    if Rule.objects.filter(name__iexact=name).exists():
        raise Sentence(f"There is already a rule called {name}.")
    condition = _condition(dimension, tag, value, takes_key=initiative is None)
    _first_of_month(from_month)
    last = RuleVersion.objects.aggregate(last=Max("position"))["last"] or 0
    place_in_order = last + 1 if position is None else position
    if position is not None:
        for later in RuleVersion.objects.select_for_update().filter(position__gte=position):
            save_changes(later, position=later.position + 1)
    rule = Rule.objects.create(name=name, node=place)
    version = RuleVersion.objects.create(
        rule=rule,
        number=1,
        position=place_in_order,
        from_month=from_month,
        conditions=[condition],
        takes_key=initiative is None,
        initiative=initiative,
    )
    _reallocate(by, f"Allocate by the rule {name}")
    return version


@recorded
def change_rule(
    *,
    rule: Rule,
    by: User,
    from_month: date,
    dimension: str,
    value: str = "",
    tag: str = "",
    initiative: Initiative | None = None,
    version: int | None = None,
) -> RuleVersion:
    """
    Let a rule say something else from a charge month on; what it said before stays.

    Raises:
        Sentence: the month is not after the beginning of the present version.
        StaleWrite: somebody changed the rule meanwhile.
    """
    access.require(by, "spend.rules", rule)
    rule = Rule.objects.select_for_update().get(pk=rule.pk)
    check_version(rule, version)
    present = rule.versions.order_by("-number")[0]
    _first_of_month(from_month)
    if from_month <= present.from_month:
        raise Sentence(
            f"{rule} has said what it says since {present.from_month:%B %Y}; "
            "a new version starts in a later month."
        )
    condition = _condition(dimension, tag, value, takes_key=initiative is None)
    save_changes(present, until_month=from_month)
    save_changes(rule, name=rule.name)
    made = RuleVersion.objects.create(
        rule=rule,
        number=present.number + 1,
        position=present.position,
        from_month=from_month,
        conditions=[condition],
        takes_key=initiative is None,
        initiative=initiative,
    )
    _reallocate(by, f"Allocate by the rule {rule}")
    return made


@recorded
def end_rule(*, rule: Rule, by: User, until_month: date, version: int | None = None) -> RuleVersion:
    """
    Let a rule end: ``until_month`` is the first charge month it no longer applies to.

    Raises:
        Sentence: it has ended, or would end before it began.
        StaleWrite: somebody changed the rule meanwhile.
    """
    access.require(by, "spend.rules", rule)
    rule = Rule.objects.select_for_update().get(pk=rule.pk)
    check_version(rule, version)
    present = rule.versions.order_by("-number")[0]
    _first_of_month(until_month)
    if present.until_month is not None and present.until_month <= until_month:
        raise Sentence(f"{rule} ends before {present.until_month:%B %Y} already.")
    if until_month < present.from_month:
        raise Sentence(f"{rule} begins in {present.from_month:%B %Y}; it cannot end before.")
    save_changes(present, until_month=until_month)
    _reallocate(by, f"Allocate without the rule {rule}")
    return present


def _condition(dimension: str, tag: str, value: str, *, takes_key: bool) -> dict[str, str]:
    if dimension != TAG and dimension not in DIMENSIONS:
        known = ", ".join((TAG, *DIMENSIONS))
        raise Sentence(f"A rule cannot look at {dimension!r}; it looks at one of {known}.")
    if (dimension == TAG) != bool(tag.strip()):
        raise Sentence("Name the tag the rule looks at, and only when it looks at a tag.")
    if not takes_key and not value.strip():
        raise Sentence("Say which value the rule matches, or let the value be an initiative's key.")
    return {"dimension": dimension, "tag": tag.strip(), "value": "" if takes_key else value.strip()}


def _first_of_month(month: date) -> None:
    if month.day != 1:
        raise Sentence(f"A rule starts and ends on the first of a month, not on {month}.")


def _reallocate(by: User, title: str) -> None:
    jobs.receive(kind=REALLOCATE, title=title, payload={}, by=by, key=REALLOCATE)
