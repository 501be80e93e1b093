"""What bias audits found, group by group."""

import datetime as dt
import uuid
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import QuerySet

from governance_app.compliance.models import BiasAudit, BiasAuditGroup, Gap
from governance_app.domain import fairness
from governance_app.domain.figures import Figure
from governance_app.initiatives.models import Initiative
from governance_app.people.models import User


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group of an audit with what comes out for it, and the finding that is open about it."""

    row: BiasAuditGroup
    found: fairness.Compared
    gap: Gap | None

    @property
    def ratio(self) -> Figure[Fraction]:
        """Give its impact ratio, or why there is none."""
        return self.found.impact_ratio

    @property
    def is_below(self) -> bool:
        """Tell whether its impact ratio is under the limit of the audit."""
        return self.found.is_below


def bias_audits(*, viewer: User, initiative: Initiative | None = None) -> QuerySet[BiasAudit]:
    """Give bias audits, the newest first."""
    rows = BiasAudit.objects.visible_to(viewer)
    if initiative is not None:
        rows = rows.filter(initiative=initiative)
    return rows.select_related("initiative__node", "recorded_by", "withdrawn_by").order_by(
        "-audited_on", "-pk"
    )


def bias_audit(*, viewer: User, audit_id: uuid.UUID | str) -> BiasAudit | None:
    """Give one bias audit, or None when it is not the viewer's to see."""
    return bias_audits(viewer=viewer).filter(pk=audit_id).first()


def bias_audit_that_counts(
    *, viewer: User, initiative: Initiative, on: dt.date
) -> BiasAudit | None:
    """Give the newest audit that is neither withdrawn nor expired on a day."""
    rows = bias_audits(viewer=viewer, initiative=initiative)
    return rows.filter(withdrawn_on=None, audited_on__lte=on, expires_on__gte=on).first()


def compared(*, audit: BiasAudit, viewer: User) -> list[GroupLine]:
    """Compare the groups of an audit by the limits that were kept with it."""
    rows = list(
        BiasAuditGroup.objects.visible_to(viewer)
        .filter(audit=audit)
        .select_related("audit__initiative__node")
        .order_by("position", "pk")
    )
    open_gaps = {
        gap.bias_group_id: gap
        for gap in Gap.objects.visible_to(viewer).filter(bias_group__in=rows, closed_on=None)
    }
    found = fairness.compare(
        (fairness.Group(row.category, row.name, row.selected, row.assessed) for row in rows),
        small_share=audit.small_share,
        least_ratio=audit.least_ratio,
    )
    return [
        GroupLine(row, each, open_gaps.get(row.pk)) for row, each in zip(rows, found, strict=True)
    ]
