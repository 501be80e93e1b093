"""Beginning an initiative from another one or from a template."""

import datetime as dt
from typing import Any

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.initiatives import cells
from governance_app.initiatives.models import (
    Initiative,
    InitiativeTemplate,
    LogEntry,
    Milestone,
)
from governance_app.initiatives.services import drafts, log, register
from governance_app.initiatives.services.activity import add_milestone
from governance_app.people import access
from governance_app.people.models import ScopeNode, User

#: What a copy and a template carry over: what the thing is, and who answers for it.
NATURE = (
    "purpose", "ai_type", "modality", "deployment_target", "autonomy", "sourcing", "vendor",
    "data_classes", "risk_flags", "tags",
)  # fmt: skip
OWNERS = ("sponsor", "business_owner", "technical_owner", "risk_owner", "program_manager")


@recorded
def duplicate(
    *, initiative: Initiative, name: str, by: User, unit: ScopeNode | None = None
) -> Initiative:
    """
    Begin a new idea like another initiative: nature, owners, open milestones and assumptions.

    Money, readings, risks, decisions and comments stay where they belong. Milestones keep their
    distance to today that they had to the start of the other.
    """
    access.require(by, "view", initiative)
    where = unit or initiative.unit
    details = {each: getattr(initiative, each) for each in (*NATURE, *OWNERS, "kind", "parent")}
    made = register.add(name=name, unit=where, by=by, **details)
    begun = initiative.started_on or initiative.planned_start_on
    begun = begun or timezone.localdate(initiative.created_at)
    today = timezone.localdate()
    for each in Milestone.objects.filter(initiative=initiative).order_by("due_on", "pk"):
        days = max((each.due_on - begun).days, 0)
        add_milestone(
            initiative=made, name=each.name, due_on=today + dt.timedelta(days=days), by=by
        )
    assumed = LogEntry.objects.filter(initiative=initiative, kind="assumption", closed_on=None)
    for entry in assumed.order_by("pk"):
        log.add_entry(
            initiative=made, kind="assumption", title=entry.title, detail=entry.detail, by=by
        )
    return made


@recorded
def save_template(*, initiative: Initiative, name: str, by: User, about: str = "") -> Any:
    """
    Keep what an initiative is, its milestones and its assumptions as a template for others.

    One of the same name by the same person is replaced.
    """
    access.require(by, "initiative.edit", initiative)
    name = " ".join(name.split())
    if not name or len(name) > 200:
        raise Sentence("A template needs a name of at most 200 characters.")
    begun = initiative.started_on or initiative.planned_start_on
    begun = begun or timezone.localdate(initiative.created_at)
    milestones = [
        {"name": each.name, "days": max((each.due_on - begun).days, 0)}
        for each in initiative.milestones.order_by("due_on", "pk")
    ]
    entries = [
        {"kind": each.kind, "title": each.title}
        for each in LogEntry.objects.filter(initiative=initiative, kind="assumption").order_by("pk")
    ]
    values = {
        "about": about.strip(),
        "details": {each: cells.text_of(initiative, each) for each in NATURE},
        "milestones": milestones,
        "log": entries,
    }
    row = InitiativeTemplate.objects.select_for_update().filter(name__iexact=name).first()
    if row is None:
        return InitiativeTemplate.objects.create(name=name, made_by=by, **values)
    if row.made_by_id != by.pk:
        raise Sentence(f"{row.made_by.name} has a template called {row}; choose another name.")
    save_changes(row, **values)
    return row


@recorded
def remove_template(*, template: InitiativeTemplate, by: User) -> None:
    """Forget a template; what began from it stays."""
    if template.made_by_id != by.pk:
        access.require(by, "settings.edit")
    template.delete()


@recorded
def add_from_template(
    *, template: InitiativeTemplate, name: str, unit: ScopeNode, by: User, **details: Any
) -> Initiative:
    """Begin an idea with what a template holds; what ``details`` say goes before it."""
    held = {each: cells.read(each, text) for each, text in template.details.items() if text}
    drafts.check_details(held)
    made = register.add(name=name, unit=unit, by=by, **{**held, **details})
    today = timezone.localdate()
    for each in template.milestones:
        due_on = today + dt.timedelta(days=int(each["days"]))
        add_milestone(initiative=made, name=each["name"], due_on=due_on, by=by)
    for each in template.log:
        log.add_entry(initiative=made, kind=each["kind"], title=each["title"], by=by)
    return made
