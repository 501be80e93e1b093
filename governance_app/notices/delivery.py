"""How a message of the outbox becomes an e-mail."""

from typing import Any

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from governance_app.files.models import StoredFile
from governance_app.files.selectors import open_file


def send_email(payload: dict[str, Any]) -> None:
    """
    Render and send one message.

    Raises:
        OSError, smtplib.SMTPException: the mail server did not take it; the outbox waits.
    """
    text = render_to_string(f"emails/{payload['template']}.txt", payload["context"])
    subject, _, body = text.strip().partition("\n")
    message = EmailMessage(subject=subject.strip(), body=body.strip() + "\n", to=payload["to"])
    for each in payload.get("attachments", ()):
        with open_file(file=StoredFile.objects.get(pk=each["file"])) as stream:
            message.attach(each["name"], stream.read(), _as_bytes(each["media_type"]))
    message.send()


def _as_bytes(media_type: str) -> str:
    """Give a type under which no mailer touches line ends, so that the digest still holds."""
    return "application/octet-stream" if media_type.startswith("text/") else media_type
