"""What was classified, assessed, controlled and proven of initiatives."""

import datetime as dt
import uuid

from django.db.models import Prefetch, QuerySet

from governance_app.compliance.models import (
    AppliedControl,
    Arrangement,
    Assessment,
    AssessmentEvidence,
    Classification,
    ControlTest,
    Evidence,
    Gap,
    ModelValidation,
    TierNow,
)
from governance_app.initiatives.models import Initiative
from governance_app.people.models import User


def tiers_now(*, viewer: User, initiative: Initiative) -> dict[str, TierNow]:
    """Give scheme -> what counts for an initiative now."""
    rows = TierNow.objects.visible_to(viewer).filter(initiative=initiative)
    rows = rows.select_related("confirmed__review__reviewer", "confirmed__library", "proposed")
    return {row.scheme: row for row in rows}


def classifications(
    *, viewer: User, initiative: Initiative, scheme: str = ""
) -> QuerySet[Classification]:
    """Give the classifications of an initiative, newest first."""
    found = Classification.objects.visible_to(viewer).filter(initiative=initiative)
    if scheme:
        found = found.filter(scheme=scheme)
    return found.select_related(
        "classified_by", "library__file", "review__reviewer", "initiative__node"
    ).order_by("scheme", "-number")


def classification(*, viewer: User, classification_id: uuid.UUID | str) -> Classification | None:
    """Give one classification, or None when it is not the viewer's to see."""
    rows = Classification.objects.visible_to(viewer).filter(pk=classification_id)
    return rows.select_related(
        "classified_by", "library", "review__reviewer", "initiative__node"
    ).first()


def classifications_waiting(*, viewer: User) -> QuerySet[TierNow]:
    """Give where a classification waits for a second person."""
    rows = TierNow.objects.visible_to(viewer, "compliance.review").exclude(proposed=None)
    return rows.select_related("initiative", "proposed__classified_by").order_by(
        "proposed__on", "pk"
    )


def assessments(*, viewer: User, initiative: Initiative | None = None) -> QuerySet[Assessment]:
    """Give assessments, newest first."""
    found = Assessment.objects.visible_to(viewer)
    if initiative is not None:
        found = found.filter(initiative=initiative)
    return found.select_related(
        "library__file", "initiative__node", "initiative__stage", "begun_by", "submitted_by",
        "decided_by",
    ).order_by("subject", "-number", "-pk")  # fmt: skip


def assessment(*, viewer: User, assessment_id: uuid.UUID | str) -> Assessment | None:
    """Give one assessment with its evidence, or None when it is not the viewer's to see."""
    links = AssessmentEvidence.objects.select_related("evidence__file").order_by("pk")
    rows = assessments(viewer=viewer).prefetch_related(Prefetch("evidence_links", links))
    return rows.filter(pk=assessment_id).first()


def assessments_waiting(*, viewer: User) -> QuerySet[Assessment]:
    """Give the submitted assessments that the viewer may decide, oldest first."""
    rows = Assessment.objects.visible_to(viewer, "compliance.review").filter(state="submitted")
    rows = rows.exclude(submitted_by=viewer).select_related("initiative", "library", "submitted_by")
    return rows.order_by("submitted_on", "pk")


def controls(*, viewer: User, initiative: Initiative) -> QuerySet[AppliedControl]:
    """Give the controls applied to an initiative with their tests, newest test first."""
    tests = ControlTest.objects.select_related("tested_by", "evidence").order_by("-tested_on")
    found = AppliedControl.objects.visible_to(viewer).filter(initiative=initiative)
    return (
        found.select_related("owner", "initiative__node")
        .prefetch_related(Prefetch("tests", tests))
        .order_by("ref", "pk")
    )


def control(*, viewer: User, control_id: uuid.UUID | str) -> AppliedControl | None:
    """Give one applied control, or None when it is not the viewer's to see."""
    rows = AppliedControl.objects.visible_to(viewer).filter(pk=control_id)
    return rows.select_related("owner", "initiative__node").first()


def evidence(*, viewer: User, initiative: Initiative) -> QuerySet[Evidence]:
    """Give the evidence of an initiative, what expires first before the rest."""
    found = Evidence.objects.visible_to(viewer).filter(initiative=initiative)
    return found.select_related("file", "collected_by").order_by("valid_until", "pk")


def gaps(
    *, viewer: User, initiative: Initiative | None = None, with_closed: bool = False
) -> QuerySet[Gap]:
    """Give gaps and findings, soonest due first."""
    found = Gap.objects.visible_to(viewer)
    if initiative is not None:
        found = found.filter(initiative=initiative)
    if not with_closed:
        found = found.filter(closed_on=None)
    return found.select_related("initiative__node", "owner", "assessment__library").order_by(
        "due_on", "pk"
    )


def gaps_overdue(*, viewer: User, on: dt.date) -> QuerySet[Gap]:
    """Give the open gaps that should be mended by now."""
    return gaps(viewer=viewer).filter(due_on__lt=on)


def validations(*, viewer: User, initiative: Initiative) -> QuerySet[ModelValidation]:
    """Give the independent validations of an initiative's models, newest first."""
    found = ModelValidation.objects.visible_to(viewer).filter(initiative=initiative)
    return found.select_related("validator", "model", "evidence").order_by("-validated_on", "-pk")


def arrangements(*, viewer: User, initiative: Initiative | None = None) -> QuerySet[Arrangement]:
    """Give the register of third-party arrangements that stand, by vendor and reference."""
    found = Arrangement.objects.visible_to(viewer).filter(ended_at=None)
    if initiative is not None:
        found = found.filter(initiative=initiative)
    return found.select_related(
        "vendor", "initiative__node", "initiative__unit", "initiative__business_owner"
    ).order_by("vendor__name", "reference", "pk")
