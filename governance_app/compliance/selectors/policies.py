"""Policies, who has attested them, and where they are excepted from."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Prefetch, Q, QuerySet

from governance_app.compliance.models import (
    Attestation,
    Campaign,
    Document,
    DocumentException,
    DocumentVersion,
)
from governance_app.people.models import User


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """A policy in the list: the version in force, the one to come, and what is open."""

    document: Document
    in_force: DocumentVersion | None
    coming: DocumentVersion | None
    open_version: DocumentVersion | None
    review_due_on: dt.date | None
    exceptions: int


def documents(*, viewer: User, on: dt.date) -> list[PolicyLine]:
    """Give the policies by title with the exceptions that count on a day, in three queries."""
    rows = Document.objects.visible_to(viewer).filter(retired_on=None)
    versions = DocumentVersion.objects.select_related("author", "decided_by").order_by("-number")
    counts = Q(
        exceptions__is_granted=True, exceptions__ended_on=None, exceptions__expires_on__gte=on
    )
    granted = Count("exceptions", filter=counts)
    lines = []
    found = rows.select_related("owner", "node").annotate(granted=granted)
    for row in found.prefetch_related(Prefetch("versions", versions)).order_by("title", "pk"):
        every = list(row.versions.all())
        in_force, coming = version_in_force(versions=every, on=on)
        is_open = next((v for v in every if v.state in ("draft", "submitted", "approved")), None)
        newest = coming or in_force
        due = None
        if newest is not None and newest.in_force_from is not None:
            due = newest.in_force_from + relativedelta(months=row.review_months)
        granted_now = getattr(row, "granted", 0)
        lines.append(PolicyLine(row, in_force, coming, is_open, due, granted_now))
    return lines


def version_in_force(
    *, versions: Iterable[DocumentVersion], on: dt.date
) -> tuple[DocumentVersion | None, DocumentVersion | None]:
    """
    Give the version of a policy that counts on a day, and the published one that is to come.

    The one before counts until the next one begins.
    """
    put = [each for each in versions if each.state in ("published", "superseded")]
    begun = [each for each in put if each.in_force_from is not None and each.in_force_from <= on]
    coming = [each for each in put if each.state == "published" and each not in begun]
    return max(begun, key=lambda each: each.number, default=None), next(iter(coming), None)


def document(*, viewer: User, key: str) -> Document | None:
    """Give one policy with its versions, or None."""
    return documents_with_versions(viewer=viewer).filter(key=key).first()


def documents_with_versions(*, viewer: User) -> QuerySet[Document]:
    """Give every policy by title with its versions, newest first."""
    versions = DocumentVersion.objects.select_related("author", "decided_by", "file")
    rows = Document.objects.visible_to(viewer).select_related("owner", "node")
    rows = rows.prefetch_related(Prefetch("versions", versions.order_by("-number")))
    return rows.order_by("title", "pk")


def campaigns(*, viewer: User, document: Document | None = None) -> QuerySet[Campaign]:
    """Give campaigns with ``asked`` and ``attested``, soonest due first."""
    rows = Campaign.objects.visible_to(viewer).filter(policy_version__state="published")
    if document is not None:
        rows = rows.filter(policy_version__document=document)
    return (
        rows.select_related("policy_version__document", "audience", "begun_by")
        .annotate(
            asked=Count("attestations"),
            attested=Count("attestations", filter=Q(attestations__attested_at__isnull=False)),
        )
        .order_by("due_on", "pk")
    )


def attestations_owed(*, viewer: User) -> QuerySet[Attestation]:
    """Give what the viewer is asked to attest and has not, soonest due first."""
    rows = Attestation.objects.visible_to(viewer).filter(
        person=viewer, attested_at=None, campaign__policy_version__state="published"
    )
    return rows.select_related("campaign__policy_version__document", "campaign__audience").order_by(
        "campaign__due_on", "pk"
    )


def exceptions(
    *, viewer: User, on: dt.date, document: Document | None = None
) -> QuerySet[DocumentException]:
    """Give the exceptions that wait or count, those that wait first."""
    rows = DocumentException.objects.visible_to(viewer).filter(ended_on=None, expires_on__gte=on)
    rows = rows.exclude(is_granted=False)
    if document is not None:
        rows = rows.filter(document=document)
    return rows.select_related("document", "node", "requested_by", "decided_by").order_by(
        "decided_on", "expires_on", "pk"
    )
