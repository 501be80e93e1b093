"""
What has a person's name on it beside gates and rounds, and what waits for a second person.

A line says what, why, by when and where. What may be many of one sort is one line with its count.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Min, Q
from django.urls import reverse
from django.utils import timezone

from governance_app.compliance import selectors as compliance
from governance_app.compliance.models import DocumentException, DocumentVersion
from governance_app.domain.phrases import counted, phrase
from governance_app.domain.risk import level_name
from governance_app.people import access
from governance_app.people.models import User
from governance_app.risk.models import Acceptance, IncidentNotice, TreatmentStep


@dataclass(frozen=True, slots=True)
class Line:
    """
    One thing to do: what, about which initiative, why, by when, and where to do it.

    ``key`` is empty where it is about no initiative; ``name`` then says what it is about.
    """

    kind: str
    title: str
    key: str
    name: str
    sentence: str
    due_on: dt.date | None
    action: str
    url_name: str
    url_args: tuple[Any, ...]
    is_late: bool

    @property
    def url(self) -> str:
        """Give the address of where it is done."""
        return reverse(self.url_name, args=self.url_args)


def owed(viewer: User, on: dt.date) -> Iterator[Line]:
    """Give what a person owes by a day, and what they may decide as the second person."""
    yield from _steps(viewer, on)
    yield from _gaps(viewer, on)
    yield from _policies(viewer, on)
    yield from _waiting(viewer)
    yield from _acceptances(viewer, on)
    if access.can_anywhere(viewer, "policy.approve"):
        yield from _policies_waiting(viewer, on)


def notices_owed(viewer: User) -> list[IncidentNotice]:
    """
    Give what a person has to tell authorities: of incidents they lead, and of those that nobody
    leads where they may.
    """
    open_ones = Q(sent_at=None, lapsed_because="")
    nobodys = Q(incident__owner=None) | Q(incident__owner__is_active=False)
    left = IncidentNotice.objects.visible_to(viewer, "incident.manage").filter(open_ones, nobodys)
    rows = IncidentNotice.objects.visible_to(viewer).filter(
        open_ones, Q(incident__owner=viewer) | Q(pk__in=left.values("pk"))
    )
    return list(rows.select_related("incident__initiative").order_by("due_at", "pk"))


def steps_owed(viewer: User) -> list[TreatmentStep]:
    """Give the open steps of treatment plans that are a person's, soonest due first."""
    rows = TreatmentStep.objects.visible_to(viewer).filter(
        owner=viewer, done_on=None, risk__closed_at=None
    )
    return list(rows.select_related("risk__initiative").order_by("due_on", "pk"))


def authorities(viewer: User, on: dt.date) -> Iterator[Line]:
    """Give whom a person has to tell of incidents, each with its hour."""
    for row in notices_owed(viewer):
        incident = row.incident
        due = timezone.localtime(row.due_at)
        yield Line(
            "notice",
            phrase(
                "Tell the {authority}", authority=f"{row.authority[:1].lower()}{row.authority[1:]}"
            ),
            incident.initiative.key, incident.initiative.name,
            phrase(
                "{incident}: {title}, {article}, by {day} {hour}",
                incident=incident, title=row.title, article=row.article, day=due.date(),
                hour=f"{due:%H:%M}",
            ),
            due.date(), phrase("Tell"),
            "incident", (incident.number,), row.due_at < timezone.now() or due.date() < on,
        )  # fmt: skip


def _steps(viewer: User, on: dt.date) -> Iterator[Line]:
    for row in steps_owed(viewer):
        initiative = row.risk.initiative
        yield Line(
            "step", phrase("Treat a risk"), initiative.key, initiative.name,
            phrase("{step} for “{risk}”", step=row, risk=row.risk),
            row.due_on, phrase("Open it"), "initiative-risk", (initiative.key,), row.due_on < on,
        )  # fmt: skip


def _gaps(viewer: User, on: dt.date) -> Iterator[Line]:
    for row in compliance.gaps(viewer=viewer).filter(owner=viewer):
        yield Line(
            "gap", phrase("Close: {kind}", kind=phrase(row.get_kind_display())),
            row.initiative.key, row.initiative.name,
            phrase("{title} ({severity})", title=row.title,
                   severity=phrase(row.get_severity_display().lower())),
            row.due_on, phrase("Open it"), "initiative-compliance", (row.initiative.key,),
            row.due_on < on,
        )  # fmt: skip


def _policies(viewer: User, on: dt.date) -> Iterator[Line]:
    """Policies to read and attest, and one's own that are due to be looked at again."""
    for asked in compliance.attestations_owed(viewer=viewer):
        campaign = asked.campaign
        document = campaign.policy_version.document
        yield Line(
            "attestation", phrase("Read and attest"), "", document.title,
            phrase("{version}, asked in {place}",
                   version=campaign.policy_version, place=campaign.audience),
            campaign.due_on, phrase("Read"),
            "policy", (document.key,), campaign.due_on < on,
        )  # fmt: skip
    own = DocumentVersion.objects.filter(
        state="published", document__owner=viewer, document__retired_on=None
    )
    for version in own.select_related("document").order_by("document__title", "pk"):
        document = version.document
        assert version.in_force_from is not None
        due = version.in_force_from + relativedelta(months=document.review_months)
        if due <= on:
            yield Line(
                "policy_review", phrase("Look at a policy again"), "", document.title,
                counted(
                    "{version} is in force since {day} and is looked at every {count} month",
                    "{version} is in force since {day} and is looked at every {count} months",
                    count=document.review_months, version=version, day=version.in_force_from,
                ),
                due, phrase("Open it"), "policy", (document.key,), due < on,
            )  # fmt: skip


def _waiting(viewer: User) -> Iterator[Line]:
    """Classifications and assessments of others, one line for each sort with its count."""
    tiers = compliance.classifications_waiting(viewer=viewer)
    tiers = tiers.exclude(proposed__classified_by=viewer).order_by()
    sorts = (
        ("confirm", phrase("Confirm classifications"), tiers, "proposed__on"),
        ("assessment", phrase("Decide on assessments"),
         compliance.assessments_waiting(viewer=viewer).order_by(), "submitted_on"),
    )  # fmt: skip
    for kind, title, rows, since in sorts:
        oldest = rows.aggregate(on=Min(since))["on"]
        if oldest is not None:
            count = rows.count()
            yield Line(
                kind, title, "", "",
                counted(
                    "{count} waits for a second person, the oldest since {day}",
                    "{count} wait for a second person, the oldest since {day}",
                    count=count, day=oldest,
                ),
                None, phrase("Open it"), "compliance", (), False,
            )  # fmt: skip


def _acceptances(viewer: User, on: dt.date) -> Iterator[Line]:
    rows = Acceptance.objects.visible_to(viewer, "risk.accept").filter(
        is_granted=None, ended_on=None, expires_on__gt=on, risk__closed_at=None
    )
    rows = rows.exclude(requested_by=viewer).select_related("risk__initiative", "requested_by")
    for row in rows.order_by("requested_on", "pk"):
        initiative = row.risk.initiative
        yield Line(
            "acceptance", phrase("Accept a risk or refuse"), initiative.key, initiative.name,
            phrase(
                "“{risk}”, {level}, until {day}; asked by {person}",
                risk=row.risk, level=phrase(level_name(row.level).lower()), day=row.expires_on,
                person=row.requested_by,
            ),
            None, phrase("Decide"), "initiative-risk", (initiative.key,), False,
        )  # fmt: skip


def _policies_waiting(viewer: User, on: dt.date) -> Iterator[Line]:
    versions = DocumentVersion.objects.filter(state="submitted").exclude(author=viewer)
    for version in versions.select_related("document__node", "author").order_by("created_at", "pk"):
        if access.can(viewer, "policy.approve", version):
            yield Line(
                "policy", phrase("Approve a policy"), "", version.document.title,
                phrase("{version} by {person}", version=version, person=version.author), None,
                phrase("Decide"), "policy",
                (version.document.key,), False,
            )  # fmt: skip
    asked = DocumentException.objects.visible_to(viewer, "policy.approve").filter(
        is_granted=None, ended_on=None, expires_on__gt=on
    )
    asked = asked.exclude(requested_by=viewer).select_related("document", "node", "requested_by")
    for each in asked.order_by("created_at", "pk"):
        yield Line(
            "exception", phrase("Grant an exception or refuse"), "", each.document.title,
            phrase("{place} until {day}; asked by {person}",
                   place=each.node, day=each.expires_on, person=each.requested_by),
            None, phrase("Decide"), "policy", (each.document.key,), False,
        )  # fmt: skip
