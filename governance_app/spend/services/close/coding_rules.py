"""The chart of coding: what the ERP calls a cost."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Max

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain.errors import Sentence
from governance_app.domain.periods import month_of
from governance_app.people import access
from governance_app.people.models import User
from governance_app.spend import coding
from governance_app.spend.models import CodingRule
from governance_app.spend.shares import ALWAYS
from governance_app.spend.two_people import CODING, refuse_alone


@recorded
def add_coding_rule(
    *,
    field: str,
    value: str,
    by: User,
    conditions: Sequence[dict[str, str]] = (),
    from_month: date = ALWAYS,
    position: int | None = None,
) -> CodingRule:
    """
    Add a rule of coding; one without conditions codes everything no earlier rule does.

    Args:
        field: one of ``coding.FIELDS``.
        conditions: each {"dimension", "value"}, and "tag" where the dimension is ``tag``.

    Raises:
        Sentence: a second person has to approve it.
        Sentence: the field or a dimension is unknown, or the value is empty.
    """
    refuse_alone(CODING, by)
    return put_coding_rule(
        field=field,
        value=value,
        by=by,
        conditions=conditions,
        from_month=from_month,
        position=position,
    )


def put_coding_rule(
    *,
    field: str,
    value: str,
    by: User,
    conditions: Sequence[dict[str, str]] = (),
    from_month: date = ALWAYS,
    position: int | None = None,
) -> CodingRule:
    """Do what ``add_coding_rule`` says, whoever else had to look."""
    access.require(by, "close.prepare")
    if field not in coding.FIELDS:
        raise Sentence(f"Nothing is coded by {field!r}; fields are {', '.join(coding.FIELDS)}.")
    if not value.strip():
        raise Sentence("Write the value, exactly as the ERP has it; leading zeros are kept.")
    known = (*coding.DIMENSIONS, coding.UNIT, coding.TAG)
    said = []
    for one in conditions:
        dimension = one.get("dimension", "")
        if dimension not in known:
            raise Sentence(
                f"Coding cannot look at {dimension!r}; it looks at one of {', '.join(known)}."
            )
        if not one.get("value", "").strip():
            raise Sentence(f"Write which {dimension} the rule matches.")
        if (dimension == coding.TAG) != bool(one.get("tag", "").strip()):
            raise Sentence("Name the tag the rule looks at, and only when it looks at a tag.")
        said.append({name: one.get(name, "").strip() for name in ("dimension", "tag", "value")})
    last = CodingRule.objects.filter(field=field).aggregate(last=Max("position"))["last"] or 0
    place = position or last + 1
    later = CodingRule.objects.select_for_update().filter(field=field, position__gte=place)
    for row in later:
        save_changes(row, position=row.position + 1)
    return CodingRule.objects.create(
        field=field, position=place, conditions=said, value=value.strip(),
        from_month=month_of(from_month),
    )  # fmt: skip


@recorded
def end_coding_rule(
    *, rule: CodingRule, until_month: date, by: User, version: int | None = None
) -> CodingRule:
    """
    Let a rule of coding end: ``until_month`` is the first accounting month without it.

    Raises:
        Sentence: a second person has to approve it.
        Sentence: it would end before it began, or has ended.
        StaleWrite: somebody changed it meanwhile.
    """
    refuse_alone(CODING, by)
    return put_coding_end(rule=rule, until_month=until_month, by=by, version=version)


def put_coding_end(
    *, rule: CodingRule, until_month: date, by: User, version: int | None = None
) -> CodingRule:
    """Do what ``end_coding_rule`` says, whoever else had to look."""
    access.require(by, "close.prepare")
    rule = CodingRule.objects.select_for_update().get(pk=rule.pk)
    check_version(rule, version)
    until_month = month_of(until_month)
    if until_month < rule.from_month or (rule.until_month and rule.until_month <= until_month):
        raise Sentence(f"{rule} cannot end before {until_month:%B %Y}.")
    save_changes(rule, until_month=until_month)
    return rule
