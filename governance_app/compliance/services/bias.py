"""Bias audits: put on record once, withdrawn with a reason; a difference found can become a gap."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import save_changes
from governance_app.books.selectors import setting
from governance_app.compliance.facts import facts_of
from governance_app.compliance.group_tables import Line, groups_of
from governance_app.compliance.models import BiasAudit, BiasAuditGroup, Gap
from governance_app.compliance.selectors import compared
from governance_app.compliance.services.controls import add_finding
from governance_app.domain import spelling
from governance_app.domain.errors import Sentence
from governance_app.domain.fairness import CATEGORIES
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User


class BadBiasAudit(Sentence):
    """A bias audit that does not make sense, or cannot be changed so; says what to mend."""


@refusals_noted
@recorded
def record_bias_audit(
    *,
    initiative: Initiative,
    auditor: str,
    independence: str,
    outcome: str,
    data_from: dt.date,
    data_until: dt.date,
    audited_on: dt.date,
    groups: Sequence[Line],
    on: dt.date,
    by: User,
    publication_url: str = "",
    unknown_assessed: int = 0,
) -> BiasAudit:
    """
    Put a bias audit on record; how long it counts and what it is judged by is set.

    Args:
        independence: why the auditor is independent.
        outcome: the decision that was looked at.
        groups: as ``group_tables`` reads them; each group of a category once.
        unknown_assessed: people assessed whose group nobody knows.

    Raises:
        BadBiasAudit: something is missing, or days that cannot be.
        BadGroups: names the rows that are no groups.
    """
    access.require(by, "compliance.edit", initiative)
    for said, words in (
        (auditor, "Say who audited."),
        (independence, "Say why the auditor is independent."),
        (outcome, "Say which decision was looked at."),
    ):
        if not said.strip():
            raise BadBiasAudit(words)
    if data_until < data_from:
        raise BadBiasAudit(
            f"The data end on {spelling.day(data_until)}, before they begin on "
            f"{spelling.day(data_from)}."
        )
    if audited_on < data_until:
        raise BadBiasAudit(
            f"Data up to {spelling.day(data_until)} cannot have been audited on "
            f"{spelling.day(audited_on)}."
        )
    if audited_on > on:
        raise BadBiasAudit(f"An audit of {spelling.day(audited_on)} lies in the future.")
    url = publication_url.strip()
    if url and not url.startswith(("https://", "http://")):
        raise BadBiasAudit("Where it is published: an address begins with https://.")
    if unknown_assessed < 0:
        raise BadBiasAudit("People whose group is not known cannot be fewer than none.")
    counted = groups_of(groups)
    months, small_share, least_ratio = _limits(initiative, on)
    made = BiasAudit.objects.create(
        initiative=initiative,
        auditor=auditor.strip()[:200],
        independence=independence.strip(),
        outcome=outcome.strip()[:300],
        data_from=data_from,
        data_until=data_until,
        unknown_assessed=unknown_assessed,
        publication_url=url,
        audited_on=audited_on,
        expires_on=audited_on + relativedelta(months=months),
        small_share=small_share,
        least_ratio=least_ratio,
        recorded_by=by,
    )
    BiasAuditGroup.objects.bulk_create(
        BiasAuditGroup(
            audit=made,
            position=position,
            category=group.category,
            name=group.name,
            selected=group.selected,
            assessed=group.assessed,
        )
        for position, group in enumerate(counted, start=1)
    )
    return made


@refusals_noted
@recorded
def withdraw_bias_audit(*, audit: BiasAudit, because: str, on: dt.date, by: User) -> BiasAudit:
    """
    Take a bias audit back that turned out wrong; it stays on record and counts no more.

    Raises:
        BadBiasAudit: no reason, or withdrawn already.
    """
    access.require(by, "compliance.edit", audit)
    row = BiasAudit.objects.select_for_update(of=("self",)).get(pk=audit.pk)
    if row.withdrawn_on is not None:
        raise BadBiasAudit(f"{row} was withdrawn on {spelling.day(row.withdrawn_on)} already.")
    if not because.strip():
        raise BadBiasAudit(f"{row}: say why it is withdrawn.")
    save_changes(row, withdrawn_on=on, withdrawn_by=by, withdrawn_because=because.strip())
    return row


@refusals_noted
@recorded
def follow_up_bias(*, group: BiasAuditGroup, on: dt.date, by: User) -> Gap:
    """
    Make a finding of a group whose impact ratio is under the limit: an owner mends it by a day.

    How grave it is follows from the EU tier of the initiative, the day from that.

    Raises:
        BadBiasAudit: the group is not under the limit, its audit is withdrawn, or the finding is
            open already.
    """
    access.require(by, "compliance.edit", group)
    audit = BiasAudit.objects.select_for_update(of=("self",)).get(pk=group.audit_id)
    line = next(each for each in compared(audit=audit, viewer=by) if each.row.pk == group.pk)
    if audit.withdrawn_on is not None:
        raise BadBiasAudit(f"{audit} is withdrawn: nothing follows from it.")
    if not line.is_below:
        raise BadBiasAudit(f"{group} is not under the limit of this audit.")
    if line.gap is not None:
        raise BadBiasAudit(
            f"“{line.gap}” is open already; it is due on {spelling.day(line.gap.due_on)}."
        )
    initiative = audit.initiative
    grave = setting(key="grave_tiers", on=on, node=initiative.node)
    is_grave = facts_of(initiative)["eu_tier"] in grave
    category = CATEGORIES[group.category].lower()
    return add_finding(
        initiative=initiative,
        title=f"{group.name} ({category}) is selected less often: impact ratio "
        f"{float(line.ratio.need()):.3f}",
        severity=Gap.Severity.HIGH if is_grave else Gap.Severity.MEDIUM,
        description=f"{audit}: {group.selected} of {group.assessed} selected; under "
        f"{audit.least_ratio.normalize():f} of the rate of the group selected most is a finding.",
        bias_group=group,
        on=on,
        by=by,
    )


def _limits(initiative: Initiative, on: dt.date) -> tuple[int, Decimal, Decimal]:
    """Give the months an audit counts, the smallest part of data and the least ratio, as set."""
    said = setting(key="bias_audit", on=on, node=initiative.node)
    try:
        months = int(said["valid_months"])
        small, least = (Decimal(str(said[name])) for name in ("small_share", "least_ratio"))
        if months < 1 or not 0 <= small <= 1 or not 0 <= least <= 1:
            raise ValueError("out of range")
    except (TypeError, KeyError, ValueError, ArithmeticError) as error:
        raise BadBiasAudit(
            "The limits of bias audits under Settings cannot be used: valid_months is from 1 on, "
            "small_share and least_ratio lie between 0 and 1."
        ) from error
    return months, small, least
