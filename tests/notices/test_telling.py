"""From a letter that a lower room decides to what reaches a person."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance_app.domain.errors import Sentence
from governance_app.jobs import outbox
from governance_app.jobs import services as jobs
from governance_app.jobs.models import OutboxMessage
from governance_app.notices import selectors, services, ways
from governance_app.notices.models import Choices, Notice
from governance_app.people.models import User

pytestmark = pytest.mark.django_db(transaction=True)

DEFAULTS = {
    "when": {}, "letter_at": 7, "weekday": 0, "quiet_from": None, "quiet_until": None,
    "by_mail": True,
}  # fmt: skip


@pytest.fixture(autouse=True)
def mails(settings: Any) -> list[Any]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


def ask(admin: Any, *people: str, dedupe: str = "close:1") -> None:
    jobs.put_in_outbox(
        channel="email", dedupe=dedupe, by=admin,
        payload={
            "to": list(people), "template": "close-asked",
            "context": {
                "subject": "Explain a variance", "name": "You", "sentence": "Say why.",
                "link": "http://127.0.0.1:8000/close/2026-10/?tab=variances", "why": "You own it.",
            },
        },
    )  # fmt: skip
    outbox.deliver_waiting()


def test_a_letter_stands_in_the_inbox_and_leaves_at_once(
    person: Any, admin: Any, mails: list[Any]
) -> None:
    reader = person("program_manager")
    ask(admin, reader.email)
    notice = selectors.inbox(viewer=reader).get()
    assert notice.title == "Explain a variance" and notice.read_at is None
    assert notice.page == "/close/2026-10/?tab=variances" and notice.left_at is not None
    assert [(m.to, m.subject) for m in mails] == [([reader.email], "Explain a variance")]
    ask(admin, reader.email)  # the same again
    assert Notice.objects.count() == 1 and len(mails) == 1


def test_a_stranger_gets_the_letter_and_no_notice(admin: Any, mails: list[Any]) -> None:
    ask(admin, "auditor@elsewhere.example")
    assert not Notice.objects.exists() and mails[0].to == ["auditor@elsewhere.example"]


def test_daily_readers_get_one_letter_with_what_they_have_not_read(
    person: Any, admin: Any, mails: list[Any]
) -> None:
    reader = person("program_manager")
    services.choose(**{**DEFAULTS, "when": {"close-asked": "daily"}}, by=reader)
    for number in range(3):
        ask(admin, reader.email, dedupe=f"close:{number}")
    assert not mails and selectors.unread(viewer=reader) == 3
    first = selectors.inbox(viewer=reader).first()
    services.mark(ids=[str(first.pk)], is_read=True, by=reader)
    later = timezone.now() + dt.timedelta(days=2)
    assert services.let_go(now=later, by=admin) == 1
    outbox.deliver_waiting()
    assert [m.subject for m in mails] == ["2 things for you"]
    assert mails[0].body.count("- Explain a variance") == 2
    assert services.let_go(now=later, by=admin) == 0


def test_who_wants_neither_mail_nor_webhook_keeps_the_inbox(
    person: Any, admin: Any, mails: list[Any]
) -> None:
    reader = person("program_manager")
    services.choose(**{**DEFAULTS, "by_mail": False}, by=reader)
    ask(admin, reader.email)
    assert selectors.unread(viewer=reader) == 1 and not mails


def test_a_link_to_sign_in_is_never_delayed(person: Any, admin: Any, mails: list[Any]) -> None:
    reader = person("program_manager")
    services.choose(
        **{**DEFAULTS, "quiet_from": dt.time(0), "quiet_until": dt.time(23, 59), "by_mail": False},
        by=reader,
    )
    services.send_mail(
        to=[reader.email], template="password-reset", context={"name": "R", "link": "x"},
        dedupe="reset:1", by=admin,
    )  # fmt: skip
    outbox.deliver_waiting()
    assert len(mails) == 1 and not Notice.objects.exists()


def test_notices_are_nobody_elses(person: Any, admin: Any) -> None:
    reader, other = person("program_manager"), person("administrator")
    ask(admin, reader.email)
    notice = selectors.inbox(viewer=reader).get()
    assert selectors.notice(viewer=other, notice_id=str(notice.pk)) is None
    assert services.mark(ids=[str(notice.pk)], is_read=True, by=other) == []
    notice.refresh_from_db()
    assert notice.read_at is None
    client = Client()
    client.force_login(other)
    assert client.post(reverse("inbox-open", args=[notice.pk])).status_code == 404


def test_what_nobody_can_mean_is_refused_and_changes_nothing(person: Any) -> None:
    reader = person("program_manager")
    for wrong in (
        {"when": {"close-asked": "sometimes"}}, {"when": {"gossip": "now"}}, {"letter_at": 24},
        {"weekday": 7}, {"quiet_from": dt.time(22)},
    ):  # fmt: skip
        with pytest.raises(Sentence):
            services.choose(**{**DEFAULTS, **wrong}, by=reader)  # type: ignore[arg-type]
    for hook, address in (("irc", "https://x.test"), ("slack", "http://x.test"), ("slack", "x")):
        with pytest.raises(Sentence):
            services.set_hook(hook=hook, address=address, by=reader)
    assert not Choices.objects.exists()


@pytest.fixture
def channel() -> Iterator[tuple[str, list[Any]]]:
    """A webhook that takes what is posted."""
    taken: list[Any] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Taking)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook/secret", taken
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("hook", ["slack", "teams"])
def test_a_webhook_hears_of_it_as_its_channel_expects(
    hook: str, channel: Any, person: Any, admin: Any, settings: Any, tmp_path: Path,
    monkeypatch: Any,
) -> None:  # fmt: skip
    address, taken = channel
    settings.VAR = str(tmp_path)
    settings.OUTBOUND_ALLOWED = [address.split("/")[2]]
    reader = person("program_manager")
    services.set_hook(hook=hook, address="https://hooks.example/secret", by=reader)
    stored = Choices.objects.get(person=reader)
    assert "secret" not in stored.hook_sealed and stored.hook_sealed
    assert ways.hook_address(stored) == "https://hooks.example/secret"
    monkeypatch.setattr(ways, "hook_address", lambda choices: address)
    ask(admin, reader.email)
    assert len(taken) == 1
    text = json.dumps(taken[0])
    assert "Explain a variance" in text and "/close/2026-10/?tab=variances" in text
    if hook == "slack":
        assert taken[0]["text"].startswith("*Explain a variance*")
    else:
        assert taken[0]["attachments"][0]["content"]["type"] == "AdaptiveCard"


def test_a_webhook_inside_the_house_is_refused_and_the_word_waits(
    person: Any, channel: Any, settings: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    address, taken = channel
    settings.VAR = str(tmp_path)
    settings.OUTBOUND_ALLOWED = []
    reader = person("program_manager")
    services.set_hook(hook="slack", address="https://hooks.example/x", by=reader)
    monkeypatch.setattr(ways, "hook_address", lambda choices: address)
    message = services.try_hook(by=reader)
    outbox.deliver_waiting()
    message = OutboxMessage.objects.get(pk=message.pk)
    assert not taken and message.sent_at is None and message.error


def test_the_calendar_opens_by_its_address_alone_until_it_is_ended(person: Any) -> None:
    reader, client = person("program_manager"), Client()
    secret = services.renew_feed(by=reader)
    address = reverse("calendar-feed", args=[secret])
    answer = client.get(address)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    assert answer.content.startswith(b"BEGIN:VCALENDAR\r\n")
    newer = services.renew_feed(by=reader)
    assert client.get(address).status_code == 404
    services.end_feed(by=reader)
    assert client.get(reverse("calendar-feed", args=[newer])).status_code == 404


def test_the_pages_show_and_set(person: Any, admin: Any) -> None:
    reader = person("program_manager")
    assert isinstance(reader, User)
    client = Client()
    client.force_login(reader)
    assert b"Nothing yet" in client.get(reverse("inbox")).content
    ask(admin, reader.email)
    page = client.get("/").content.decode()
    assert 'class="count attention">1<' in page
    notice = selectors.inbox(viewer=reader).get()
    went = client.post(reverse("inbox-open", args=[notice.pk]))
    assert went["Location"] == "/close/2026-10/?tab=variances"
    assert selectors.unread(viewer=reader) == 0
    client.post(reverse("inbox-mark"), {"id": str(notice.pk), "as": "unread"})
    assert selectors.unread(viewer=reader) == 1
    client.post(reverse("inbox-mark"), {"all": "1"})
    assert selectors.unread(viewer=reader) == 0
    choices = reverse("notice-choices")
    client.post(
        choices,
        {
            "what": "when", "when-close-asked": "weekly", "letter_at": "9", "weekday": "4",
            "quiet_from": "22:00", "quiet_until": "06:00", "by_mail": "1",
        },
    )  # fmt: skip
    saved = Choices.objects.get(person=reader)
    assert saved.when["close-asked"] == "weekly" and saved.quiet_until == dt.time(6)
    shown = client.post(choices, {"what": "calendar"}).content.decode()
    assert "/calendar/" in shown and ".ics" in shown
    assert client.post(choices, {"what": "when", "letter_at": "noon"}).status_code == 400


def test_a_program_reads_and_marks_them(person: Any, admin: Any) -> None:
    reader, other = person("program_manager"), person("auditor")
    ask(admin, reader.email)
    client = Client()
    client.force_login(reader)
    assert client.get("/api/v1/notices/?unread=perhaps").status_code == 400
    told = client.get("/api/v1/notices/?unread=true").json()["results"]
    assert [one["title"] for one in told] == ["Explain a variance"]
    address = f"/api/v1/notices/{told[0]['id']}/"
    client.force_login(other)
    assert client.patch(address, {"is_read": True}, "application/json").status_code == 404
    assert selectors.unread(viewer=reader) == 1
    client.force_login(reader)
    assert client.patch(address, {"is_read": True}, "application/json").json()["read_at"]
    assert client.get("/api/v1/notices/?unread=true").json()["results"] == []
