"""How a message of the outbox reaches people: inbox, mail, webhook."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone

from governance_app.connectors.errands import reach
from governance_app.connectors.http import Outbound
from governance_app.files.models import StoredFile
from governance_app.files.selectors import open_file
from governance_app.notices import services, ways
from governance_app.notices.kinds import kind_of
from governance_app.notices.models import Choices
from governance_app.people.models import User
from governance_app.people.services import system_user

HOOK_DEADLINE_S = 20.0


def send_email(payload: dict[str, Any]) -> None:
    """
    Render a message: a notice for everybody with an account, a letter for the others.

    Raises:
        OSError, smtplib.SMTPException: the mail server did not take it; the outbox waits.
    """
    kind = kind_of(payload["template"])
    text = render_to_string(f"emails/{payload['template']}.txt", payload["context"])
    subject, _, body = text.strip().partition("\n")
    subject, body = subject.strip(), body.strip()
    outside = list(payload["to"])
    if not kind.is_letter:
        known = User.objects.filter(email__in=payload["to"], kind=User.Kind.PERSON)
        by, now = system_user("jobs"), timezone.now()
        for person in known.order_by("pk"):
            outside.remove(person.email)
            services.tell(
                person=person, kind=kind, title=subject, body=body, now=now, by=by,
                page=_page(payload["context"].get("link", "")) or kind.page,
                dedupe=payload["dedupe"],
            )  # fmt: skip
        services.let_go(now=now, by=by)
    if outside:
        _mail(outside, subject, body, payload.get("attachments", ()))


def send_letter(payload: dict[str, Any]) -> None:
    """
    Send a text that is ready.

    Raises:
        OSError, smtplib.SMTPException: the mail server did not take it; the outbox waits.
    """
    _mail(payload["to"], payload["subject"], payload["body"], ())


def send_hook(payload: dict[str, Any]) -> None:
    """
    Post to a person's webhook as Slack or Teams expects it.

    Raises:
        PassingError, PermanentError: the channel did not take it; the outbox waits.
    """
    choices = Choices.objects.filter(person_id=payload["person"]).first()
    if choices is None or not choices.hook:
        return  # it was ended meanwhile
    said = _slack(payload) if choices.hook == Choices.Hook.SLACK else _teams(payload)
    with Outbound(reach=reach(), deadline_s=HOOK_DEADLINE_S, attempts=1) as outbound:
        outbound.send("POST", ways.hook_address(choices), json=said)


def _slack(payload: dict[str, Any]) -> dict[str, Any]:
    """Write a message of an incoming webhook; angle brackets and ampersands are its markup."""
    lines = "".join(f"\n• {_escaped(line)}" for line in payload["lines"][1:] and payload["lines"])
    return {"text": f"*{_escaped(payload['title'])}*{lines}\n<{payload['link']}|Open>"}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(payload: dict[str, Any]) -> dict[str, Any]:
    """Write an adaptive card, which workflows of Teams post to a channel."""
    texts = [payload["title"], *(payload["lines"][1:] and payload["lines"])]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {
                "type": "TextBlock", "text": text, "wrap": True,
                "weight": "Default" if place else "Bolder",
            }
            for place, text in enumerate(texts)
        ],
        "actions": [{"type": "Action.OpenUrl", "title": "Open", "url": payload["link"]}],
    }  # fmt: skip
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


def _page(link: str) -> str:
    """Give the path of a link into this site, empty for any other."""
    if not link.startswith(settings.SITE_URL):
        return ""
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _mail(to: list[str], subject: str, body: str, attachments: Any) -> None:
    message = EmailMessage(subject=subject, body=f"{body}\n", to=to)
    for each in attachments:
        with open_file(file=StoredFile.objects.get(pk=each["file"])) as stream:
            message.attach(each["name"], stream.read(), _as_bytes(each["media_type"]))
    message.send()


def _as_bytes(media_type: str) -> str:
    """Give a type under which no mailer touches line ends, so that the digest still holds."""
    return "application/octet-stream" if media_type.startswith("text/") else media_type
