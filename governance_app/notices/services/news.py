"""News of initiatives: who was named hears of it, who follows one hears what happened."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F
from django.urls import reverse

from governance_app.audit.acting import recorded
from governance_app.domain.texts import NAMED
from governance_app.initiatives import choices
from governance_app.initiatives.models import Comment, Initiative, StageMove, StatusUpdate
from governance_app.notices import selectors
from governance_app.notices.kinds import KINDS
from governance_app.notices.models import Notice
from governance_app.notices.services.telling import tell
from governance_app.people import access
from governance_app.people.models import User

#: News that are told at one time; the rest waits for the next tick.
MOST = 500


@dataclass(frozen=True, slots=True)
class _News:
    """Something that happened to an initiative, by somebody, at a moment."""

    dedupe: str
    initiative_id: uuid.UUID
    by_id: uuid.UUID
    at: dt.datetime
    title: str
    body: str


@recorded
def tell_news(*, now: dt.datetime, by: User) -> int:
    """
    Tell people what they were named in and what happened to what they follow, once each.

    Returns:
        how many notices were written.
    """
    return _mentions(now, by) + _followed(now, by)


def _mentions(now: dt.datetime, by: User) -> int:
    told = 0
    for each in selectors.untold_mentions(now=now)[:MOST]:
        row = each.initiative
        if not access.can(each.person, "view", row):
            continue
        page = f"{reverse('initiative', args=[row.key])}#talk"
        tell(
            person=each.person, kind=KINDS["mention"], now=now, by=by, page=page,
            dedupe=f"mention:{each.pk}",
            title=NAMED.format(who=each.by.name, what=f"{row.key} {row.name}"),
            body=f"{each.sentence}\n\n{settings.SITE_URL}{page}",
        )  # fmt: skip
        told += 1
    return told


def _followed(now: dt.datetime, by: User) -> int:
    news = list(_news(now))
    if not news:
        return 0
    dedupes = [each.dedupe for each in news]
    known = set(Notice.objects.filter(dedupe__in=dedupes).values_list("person_id", "dedupe"))
    followers = defaultdict(list)
    for follow in selectors.follows(initiatives={each.initiative_id for each in news}):
        followers[follow.initiative_id].append(follow)
    told = 0
    for each in news:
        for follow in followers[each.initiative_id]:
            is_theirs = follow.person_id == each.by_id or follow.created_at > each.at
            if is_theirs or (follow.person_id, each.dedupe) in known or told >= MOST:
                continue
            row: Initiative = follow.initiative
            if not access.can(follow.person, "view", row):
                continue
            page = reverse("initiative", args=[row.key])
            tell(
                person=follow.person, kind=KINDS["follow"], now=now, by=by, page=page,
                dedupe=each.dedupe, title=f"{row.key} {row.name}: {each.title}",
                body=f"{each.body}\n\n{settings.SITE_URL}{page}",
            )  # fmt: skip
            told += 1
    return told


def _news(now: dt.datetime) -> Iterator[_News]:
    """Give what happened lately to initiatives that somebody follows, oldest first per kind."""
    since = now - selectors.LOOK_BACK
    recent = {"created_at__gt": since, "initiative__follows__created_at__lt": F("created_at")}
    for update in StatusUpdate.objects.filter(**recent).distinct().order_by("created_at", "pk"):
        yield _News(
            f"follow:status:{update.pk}", update.initiative_id, update.posted_by_id,
            update.created_at, choices.STATUSES[update.status].lower(), update.sentence,
        )  # fmt: skip
    moves = StageMove.objects.filter(**recent).select_related("to_stage", "from_stage").distinct()
    for move in moves.order_by("created_at", "pk"):
        came = f" from {move.from_stage.name}" if move.from_stage else ""
        yield _News(
            f"follow:stage:{move.pk}", move.initiative_id, move.moved_by_id, move.created_at,
            f"moved to {move.to_stage.name}", f"It moved{came} to {move.to_stage.name}."
            + (f" {move.reason}" if move.reason else ""),
        )  # fmt: skip
    comments = Comment.objects.filter(**recent).select_related("author").distinct()
    for comment in comments.order_by("created_at", "pk"):
        yield _News(
            f"follow:comment:{comment.pk}", comment.initiative_id, comment.author_id,
            comment.created_at, f"{comment.author.name} commented", comment.text,
        )  # fmt: skip
