"""The history of exports."""

import uuid

from django.db.models import QuerySet

from governance_app.exports.models import ExportJob
from governance_app.people import access
from governance_app.people.models import User


def exports(*, viewer: User) -> QuerySet[ExportJob]:
    """Give the viewer's exports, newest first; those who read the trail see everybody's."""
    found = ExportJob.objects.select_related("asked_by", "job", "file")
    if not access.can(viewer, "trail.view"):
        found = found.filter(asked_by=viewer)
    return found.order_by("-created_at", "-pk")


def export(*, viewer: User, export_id: uuid.UUID | str) -> ExportJob | None:
    """Give one export, or None when it is not the viewer's to see."""
    return exports(viewer=viewer).filter(pk=export_id).first()
