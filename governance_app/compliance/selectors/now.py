"""Where an initiative stands now, as gates and rounds ask it: named by initiative, no viewer."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from governance_app.compliance.models import Assessment, Gap, Library, ModelValidation, TierNow
from governance_app.compliance.reading import EU_AI_ACT
from governance_app.domain.questions import UNKNOWN
from governance_app.initiatives.models import Initiative


@dataclass(frozen=True, slots=True)
class CurrentTier:
    """
    What an initiative counts as under a scheme; ``tier`` is "unknown" when nobody knows.

    ``is_outdated``: the questionnaire has a newer version than it was classified by.
    """

    scheme: str
    tier: str
    flags: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    is_confirmed: bool = False
    waits_for_review: bool = False
    is_outdated: bool = False
    classified_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class AssessmentState:
    """The newest decided assessment of a subject, and whether another is open."""

    subject: str
    state: str
    tier: str = ""
    decided_on: dt.date | None = None
    valid_until: dt.date | None = None
    is_open: bool = False

    def is_valid(self, on: dt.date) -> bool:
        """Tell whether an approved assessment counts on a day."""
        return (
            self.state == Assessment.State.APPROVED
            and self.valid_until is not None
            and self.valid_until >= on
        )


def current_tier(*, initiative: Initiative, scheme: str = EU_AI_ACT) -> CurrentTier:
    """Give the tier that counts for an initiative under a scheme, or "unknown"."""
    row = (
        TierNow.objects.filter(initiative=initiative, scheme=scheme)
        .select_related("confirmed__library", "proposed")
        .first()
    )
    if row is None:
        return CurrentTier(scheme, UNKNOWN)
    newest = Library.objects.filter(key=scheme, is_current=True).values_list("number", flat=True)
    confirmed = row.confirmed
    return CurrentTier(
        scheme=scheme,
        tier=row.tier,
        flags=tuple(row.flags),
        roles=tuple(row.roles),
        is_confirmed=confirmed is not None and confirmed.tier == row.tier,
        waits_for_review=row.proposed_id is not None,
        is_outdated=confirmed is not None
        and any(number > confirmed.library.number for number in newest),
        classified_on=confirmed.on if confirmed else None,
    )


def open_gaps(*, initiative: Initiative) -> QuerySet[Gap]:
    """Give the open gaps and findings of an initiative, soonest due first."""
    found = Gap.objects.filter(initiative=initiative, closed_on=None)
    return found.select_related("owner", "assessment").order_by("due_on", "pk")


def assessments_state(*, initiative: Initiative) -> dict[str, AssessmentState]:
    """Give each subject that was ever assessed with the newest that was decided."""
    found: dict[str, AssessmentState] = {}
    is_open: set[str] = set()
    decided = (Assessment.State.APPROVED, Assessment.State.RETURNED)
    for row in Assessment.objects.filter(initiative=initiative).order_by("subject", "number", "pk"):
        if row.state in decided:
            found[row.subject] = AssessmentState(
                row.subject, row.state, row.tier, row.decided_on, row.valid_until
            )
        else:
            is_open.add(row.subject)
    for subject in is_open:
        last = found.get(subject) or AssessmentState(subject, "none")
        found[subject] = AssessmentState(
            subject, last.state, last.tier, last.decided_on, last.valid_until, is_open=True
        )
    return found


def model_validation(*, initiative: Initiative) -> ModelValidation | None:
    """Give the newest independent validation of an initiative's models, or None."""
    found = ModelValidation.objects.filter(initiative=initiative)
    return found.select_related("validator", "model").order_by("-validated_on", "-pk").first()
