"""The history of exports."""

import uuid

from django.db.models import Max, QuerySet

from governance_app.exports.models import ColumnSet, ExportJob, ExportSchedule
from governance_app.people import access
from governance_app.people.models import User


def exports(*, viewer: User) -> QuerySet[ExportJob]:
    """Give the viewer's exports, newest first; those who read the trail see everybody's."""
    found = ExportJob.objects.select_related("asked_by", "job", "file", "layout")
    if not access.can(viewer, "trail.view"):
        found = found.filter(asked_by=viewer)
    return found.order_by("-created_at", "-pk")


def export(*, viewer: User, export_id: uuid.UUID | str) -> ExportJob | None:
    """Give one export, or None when it is not the viewer's to see."""
    return exports(viewer=viewer).filter(pk=export_id).first()


def layouts(*, viewer: User, sheet: str = "") -> QuerySet[ColumnSet]:
    """Give the named layouts in use, by name; of one sheet or of all."""
    found = ColumnSet.objects.visible_to(viewer).filter(is_active=True)
    return (found.filter(sheet=sheet) if sheet else found).order_by("name", "pk")


def layout(*, viewer: User, layout_id: uuid.UUID | str = "", name: str = "") -> ColumnSet | None:
    """Give one layout by id or name, or None when there is none."""
    found = layouts(viewer=viewer)
    found = found.filter(pk=layout_id) if layout_id else found.filter(name__iexact=name)
    return found.first()


def schedules(*, viewer: User) -> QuerySet[ExportSchedule]:
    """Give what comes round: the viewer's own, and everybody's to those who read the trail."""
    found = ExportSchedule.objects.visible_to(viewer).select_related("owner", "layout")
    if not access.can(viewer, "trail.view"):
        found = found.filter(owner=viewer)
    return found.annotate(delivered_at=Max("deliveries__created_at")).order_by("name", "pk")


def schedule(*, viewer: User, schedule_id: uuid.UUID | str) -> ExportSchedule | None:
    """Give one schedule, or None when it is not the viewer's to see."""
    return schedules(viewer=viewer).filter(pk=schedule_id).first()
