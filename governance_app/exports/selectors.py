"""The history of exports, layouts, schedules and board packs."""

import datetime as dt
import uuid
from decimal import Decimal

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from governance_app.domain import spelling
from governance_app.exports.models import (
    BoardPack,
    ColumnSet,
    ExportJob,
    ExportSchedule,
    PackAction,
)
from governance_app.exports.packs.reading import restated
from governance_app.exports.packs.telling import Told
from governance_app.people import access
from governance_app.people.models import User

#: What a report may be written as, and how often one may come round: value and words.
FORMATS = tuple(ExportJob.Format.choices)
TURNS = tuple(ExportSchedule.Every.choices)


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


def packs(*, viewer: User) -> QuerySet[BoardPack]:
    """Give the board packs of places whose money the viewer sees, newest day first."""
    found = BoardPack.objects.visible_to(viewer, "money.view")
    return found.select_related("node", "written_by", "signed_by", "slides", "paper").order_by(
        "-on", "-pk"
    )


def pack(*, viewer: User, pack_id: uuid.UUID | str) -> BoardPack | None:
    """Give one pack, or None when it is not the viewer's to see."""
    return (
        packs(viewer=viewer).select_related("before", "template", "job").filter(pk=pack_id).first()
    )


def pack_actions(*, viewer: User, pack: BoardPack) -> QuerySet[PackAction]:
    """Give what a board asked for with a pack, the soonest first."""
    found = PackAction.objects.visible_to(viewer, "money.view").filter(pack=pack)
    return found.select_related("owner").order_by("due_on", "pk")


def pack_action(*, viewer: User, action_id: uuid.UUID | str) -> PackAction | None:
    """Give one action: of a pack that the viewer sees, or one that they are to do."""
    seen = PackAction.objects.visible_to(viewer, "money.view").values("pk")
    found = PackAction.objects.filter(Q(owner=viewer) | Q(pk__in=seen), pk=action_id)
    return found.select_related("pack__node", "owner").first()


def own_actions(*, viewer: User) -> QuerySet[PackAction]:
    """Give what boards asked of the viewer, whether they see the packs or not."""
    found = PackAction.objects.filter(owner=viewer)
    return found.select_related("pack__node", "pack__written_by", "pack__signed_by").order_by(
        "due_on", "pk"
    )


def signed_since(*, viewer: User, pack: BoardPack) -> BoardPack | None:
    """
    Give the signed pack of the same day, or of the next one after it, that an unsigned pack has.

    There is one when somebody reads a day again: such a pack tells what was known then, and stays
    beside those that were signed.
    """
    if pack.signed_at is not None:
        return None
    found = BoardPack.objects.visible_to(viewer, "money.view").filter(
        node=pack.node, on__gte=pack.on, signed_at__isnull=False
    )
    return found.order_by("on", "-pk").first()


def obstacle_to_signing(*, viewer: User, pack: BoardPack) -> str:
    """Say why nobody, or not this viewer, signs a pack; blank when whoever may sign there may."""
    if pack.signed_at is not None:
        return f"{pack.title} is signed and stays as it is; begin the next one."
    later = signed_since(viewer=viewer, pack=pack)
    if later is not None:
        return (
            f"{later.title} tells of {spelling.day(later.on)} and is signed; packs are signed in"
            f" the order of their days. This one reads {spelling.day(pack.on)} again."
        )
    if pack.written_by_id == viewer.pk:
        return "Somebody else than its writer signs a pack."
    return ""


def told(*, viewer: User, pack: BoardPack) -> Told:
    """Put together what slides and paper say."""
    signed, until = "Draft, not signed", pack.signed_at or timezone.now()
    later = signed_since(viewer=viewer, pack=pack)
    if later is not None:
        signed, until = f"Read again; {later.title} is the signed one", pack.known_at
        if later.on > pack.on:
            signed = f"Read again after {later.title} of {spelling.day(later.on)} was signed"
    if pack.signed_by is not None and pack.signed_at is not None:
        signed = f"Signed by {pack.signed_by.name} on {spelling.day(pack.signed_at.date())}"
    earlier = pack.before.content.get("months", ()) if pack.before else ()
    currency = pack.content["currency"]
    rows = [
        [
            spelling.month(dt.date.fromisoformat(row["month"])),
            row["figure"],
            spelling.money_exact(Decimal(row["before"]), currency),
            spelling.money_exact(Decimal(row["now"]), currency),
        ]
        for row in restated(earlier, pack.content["months"])
    ]
    known = pack.known_at.astimezone(dt.UTC)
    return Told(
        title=pack.title,
        subtitle=f"{pack.node.name}, {spelling.day(pack.on)}",
        signed=signed,
        source=f"Figures of {spelling.day(pack.on)} as known {known:%d %b %Y %H:%M} UTC.",
        written_by=pack.written_by.name,
        made_at=pack.signed_at or pack.known_at,
        content=pack.content,
        words=pack.words,
        restated=rows,
        actions=_actions(viewer, pack, until),
    )


def _actions(viewer: User, pack: BoardPack, until: dt.datetime) -> list[list[str]]:
    """Tell what boards asked for and what had become of it at a moment."""
    found = PackAction.objects.visible_to(viewer, "money.view").filter(
        pack__node=pack.node, created_at__lte=until
    )
    day = timezone.localdate(until)
    is_open = Q(done_on=None) | Q(done_on__gt=day)
    shown = [*found.filter(pack=pack.before), *found.filter(is_open, pack__on__lt=pack.on)]
    rows = {row.pk: row for row in [*shown, *found.filter(pack=pack)]}
    return [
        [
            row.text,
            row.owner.name,
            spelling.day(row.due_on),
            f"Done {spelling.day(row.done_on)}: {row.outcome}"
            if row.done_on and row.done_on <= day
            else "Open",
        ]
        for row in sorted(rows.values(), key=lambda row: (row.due_on, row.pk))
    ]
