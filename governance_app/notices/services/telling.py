"""
Telling people: letters leave through the outbox, after the transaction that decided them.

Lower rooms put a letter into the outbox and name whom it is for. Here it becomes a notice in
the inbox of everybody among them who has an account, and leaves when and how each has chosen.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.jobs import services as jobs
from governance_app.jobs.models import OutboxMessage
from governance_app.notices.calendar import digest_of
from governance_app.notices.kinds import CHOSEN, Kind
from governance_app.notices.models import Choices, Notice
from governance_app.notices.timing import leaves_at
from governance_app.notices.ways import hours_of, sealed_address
from governance_app.people.models import User

WHENS = ("now", "daily", "weekly", "never")
#: Notices that one letter lists; more are counted.
MOST_IN_LETTER = 50


@recorded
def send_mail(
    *, to: list[str], template: str, context: dict[str, Any], dedupe: str, by: User
) -> OutboxMessage:
    """
    Decide to send a message; it is sent once for each ``dedupe``.

    Args:
        to: addresses.
        template: ``templates/emails/<template>.txt``; its first line is the subject.
        context: values for the template, as JSON.
    """
    return jobs.put_in_outbox(
        channel="email",
        dedupe=dedupe,
        payload={"to": to, "template": template, "context": context},
        by=by,
    )


@recorded
def tell(
    *,
    person: User,
    kind: Kind,
    title: str,
    body: str,
    page: str,
    dedupe: str,
    now: dt.datetime,
    by: User,
) -> Notice:
    """Put a notice into somebody's inbox, once for each ``dedupe``, and plan when it leaves."""
    known = Notice.objects.filter(person=person, dedupe=dedupe).first()
    if known is not None:
        return known
    choices = Choices.objects.filter(person=person).first()
    when = choices.when.get(kind.slug, kind.when) if choices else kind.when
    leaves = None
    if choices is None or choices.by_mail or choices.hook:
        leaves = leaves_at(when, hours=hours_of(person, choices), now=now)
    return Notice.objects.create(
        person=person, kind=kind.slug, title=title[:300], body=body, page=page[:500],
        dedupe=dedupe[:240], leaves_at=leaves,
    )  # fmt: skip


@recorded
def let_go(*, now: dt.datetime, by: User) -> int:
    """
    Send what is due: to each person one message, which lists what they have not read yet.

    Returns:
        how many people are written to.
    """
    due = (
        Notice.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(left_at=None, leaves_at__lte=now, person__is_active=True)
        .select_related("person")
        .order_by("person_id", "created_at", "pk")
    )
    groups: dict[User, list[Notice]] = {}
    for notice in due:
        groups.setdefault(notice.person, []).append(notice)
    for person, found in groups.items():
        unread = [notice for notice in found if notice.read_at is None]
        if unread:
            _send(person, unread, by)
        for notice in found:
            save_changes(notice, left_at=now)
    return len(groups)


def _send(person: User, notices: Sequence[Notice], by: User) -> None:
    choices = Choices.objects.filter(person=person).first()
    first = notices[0]
    if len(notices) == 1:
        subject, text = first.title, first.body
    else:
        subject = f"{len(notices)} things for you"
        listed = "\n".join(
            f"- {one.title}\n  {settings.SITE_URL}{one.page}" for one in notices[:MOST_IN_LETTER]
        )
        rest = len(notices) - MOST_IN_LETTER
        more = f"\n\nand {rest} more in your inbox." if rest > 0 else ""
        text = f"Hello {person.name},\n\n{listed}{more}\n\n{settings.SITE_URL}/inbox/"
    page = first.page if len(notices) == 1 else "/inbox/"
    ids = ",".join(sorted(str(notice.pk) for notice in notices))
    dedupe = f"notices:{person.pk}:{hashlib.sha256(ids.encode()).hexdigest()[:32]}"
    if choices is None or choices.by_mail:
        jobs.put_in_outbox(
            channel="letter", dedupe=f"{dedupe}:mail", by=by,
            payload={"to": [person.email], "subject": subject, "body": text},
        )  # fmt: skip
    if choices is not None and choices.hook:
        jobs.put_in_outbox(
            channel="hook", dedupe=f"{dedupe}:hook", by=by,
            payload={
                "person": str(person.pk), "title": subject, "lines": [n.title for n in notices],
                "link": f"{settings.SITE_URL}{page}",
            },
        )  # fmt: skip


@recorded
def mark(*, ids: Sequence[str], is_read: bool, by: User) -> list[str]:
    """Mark some of one's own notices as read or unread; gives those that changed."""
    mine = Notice.objects.visible_to(by).select_for_update(of=("self",))
    changed = []
    for notice in mine.filter(pk__in=ids, read_at__isnull=is_read).order_by("pk"):
        save_changes(notice, read_at=timezone.now() if is_read else None)
        changed.append(str(notice.pk))
    return changed


@recorded
def choose(
    *,
    when: Mapping[str, str],
    letter_at: int,
    weekday: int,
    quiet_from: dt.time | None,
    quiet_until: dt.time | None,
    by_mail: bool,
    by: User,
) -> Choices:
    """
    Say when one wants to hear of what; what already waits is planned anew.

    Raises:
        Sentence: an unknown kind or time.
    """
    known = {kind.slug for kind in CHOSEN}
    for slug, each in when.items():
        if slug not in known or each not in WHENS:
            raise Sentence("Choose at once, daily, weekly or never for each kind.", column=slug)
    if not (0 <= letter_at <= 23 and 0 <= weekday <= 6):
        raise Sentence("Choose an hour from 0 to 23 and a day of the week.", column="letter_at")
    if (quiet_from is None) != (quiet_until is None):
        raise Sentence("Quiet hours need a beginning and an end.", column="quiet_from")
    choices = _of(by)
    save_changes(
        choices, when=dict(when), letter_at=letter_at, weekday=weekday, quiet_from=quiet_from,
        quiet_until=quiet_until, by_mail=by_mail,
    )  # fmt: skip
    defaults = {kind.slug: kind.when for kind in CHOSEN}
    now, hours = timezone.now(), hours_of(by, choices)
    waiting = Notice.objects.visible_to(by).filter(left_at=None, leaves_at__isnull=False)
    for notice in waiting.select_for_update(of=("self",)).order_by("pk"):
        planned: Any = choices.when.get(notice.kind, defaults.get(notice.kind, "now"))
        save_changes(notice, leaves_at=leaves_at(planned, hours=hours, now=now))
    return choices


@recorded
def set_hook(*, hook: str, address: str, by: User) -> Choices:
    """
    Let notices go to a Slack or Teams channel too; an empty ``hook`` ends it.

    Raises:
        Sentence: not an address of a webhook.
    """
    choices = _of(by)
    if not hook:
        save_changes(choices, hook="", hook_sealed="")
        audit.note(by=by, action="hook", subject=choices, sentence="Ended the webhook.")
        return choices
    if hook not in Choices.Hook.values:
        raise Sentence("Choose Slack or Microsoft Teams.", column="hook")
    parts = urlsplit(address.strip())
    if parts.scheme != "https" or not parts.hostname:
        raise Sentence(
            "The address of a webhook begins with https://; copy it whole from the channel's"
            " settings.",
            column="address",
        )
    sealed = sealed_address(choices, address.strip())
    save_changes(choices, hook=hook, hook_sealed=sealed)
    audit.note(
        by=by, action="hook", subject=choices,
        sentence=f"Set a webhook of {Choices.Hook(hook).label} at {parts.hostname}.",
    )  # fmt: skip
    return choices


@recorded
def try_hook(*, by: User) -> OutboxMessage:
    """
    Send a word to one's webhook, to see whether it arrives.

    Raises:
        Sentence: there is no webhook.
    """
    choices = _of(by)
    if not choices.hook:
        raise Sentence("Set a webhook first.")
    return jobs.put_in_outbox(
        channel="hook", dedupe=f"hook-test:{by.pk}:{secrets.token_hex(8)}", by=by,
        payload={
            "person": str(by.pk), "title": "This channel hears of your notices from now on.",
            "lines": [], "link": f"{settings.SITE_URL}/inbox/",
        },
    )  # fmt: skip


@recorded
def renew_feed(*, by: User) -> str:
    """Make a new secret for the address of one's calendar; the old address stops at once."""
    secret = secrets.token_urlsafe(32)
    choices = _of(by)
    save_changes(choices, feed_digest=digest_of(secret))
    audit.note(by=by, action="calendar", subject=choices, sentence="Made a calendar address.")
    return secret


@recorded
def end_feed(*, by: User) -> None:
    """Stop one's calendar address."""
    choices = _of(by)
    save_changes(choices, feed_digest="")
    audit.note(by=by, action="calendar", subject=choices, sentence="Ended the calendar address.")


def _of(person: User) -> Choices:
    choices, _ = Choices.objects.select_for_update(of=("self",)).get_or_create(person=person)
    return choices
