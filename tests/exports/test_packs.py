"""Board packs: the same figures as the pages, slides and paper that open, signed by another."""

import contextlib
import datetime as dt
import io
import re
import time
import zipfile
import zlib
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pptx import Presentation

from governance_app.domain import spelling
from governance_app.domain.errors import Sentence
from governance_app.exports import selectors, services
from governance_app.exports.models import BoardPack
from governance_app.exports.packs.reading import read, restated
from governance_app.files import services as files
from governance_app.files.selectors import open_file
from governance_app.notices import selectors as inbox
from governance_app.notices import services as notices
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.rollups import selectors as rollups
from tests.portfolio.web.test_query_counts import AGO, fill
from tests.rollups.conftest import World, world

__all__ = ["world"]

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def company(world: World, person: Any) -> World:
    """A company with spend, benefits and risks."""
    fill(world, person("risk_officer"), 4)
    time.sleep(1.1)  # the world absorbs a second ahead: a pack knows what was known before it
    return world


def begun(person: Any, title: str = "November") -> BoardPack:
    root = people.organisation()
    assert root is not None
    return services.begin_pack(node=root, title=title, on=TODAY, by=person("finance_partner"))


def test_a_pack_says_what_the_pages_say(company: World, person: Any) -> None:
    pack = begun(person)
    reader = person("executive")
    at = rollups.moment(now=timezone.now())
    headline = rollups.home_headline(viewer=reader, as_of=at, since=pack.since)
    assert headline.money is not None
    shown = {row["name"]: row for row in pack.content["figures"]}
    for name in ("promised", "validated", "banked", "spend"):
        value = getattr(headline.money, name).value
        if value is None:
            assert shown[name]["value"] is None and shown[name]["text"] == shown[name]["reason"]
            continue
        assert Decimal(shown[name]["value"]) == value
        assert shown[name]["text"] == spelling.money(value, headline.money.currency)
        assert shown[name]["passport"]
    assert shown["promised"]["value"] and shown["spend"]["value"]
    units = rollups.spend_by_unit(
        viewer=reader, as_of=at, first=at.window.year_first, last=at.through
    )
    assert [row["name"] for row in pack.content["units"]] == [row.name for row in units]


def test_the_same_moment_reads_the_same_whatever_comes_later(company: World, person: Any) -> None:
    pack = begun(person)
    company.bill([(company.made[0].key, AGO[-1], "5000")])
    company.now = timezone.now()
    company.absorb(later=dt.timedelta(seconds=2))
    again = read(
        viewer=pack.written_by, node=pack.node, on=pack.on, known_at=pack.known_at,
        since=pack.since,
    )  # fmt: skip
    assert again == pack.content


def test_restated_months_are_told_to_the_digit() -> None:
    before = [{"month": "2026-08-01", "spend": "10.00", "banked": None}]
    now = [
        {"month": "2026-08-01", "spend": "10.50", "banked": "3"},
        {"month": "2026-09-01", "spend": "7", "banked": None},
    ]
    assert restated(before, now) == [
        {"month": "2026-08-01", "figure": "spend", "before": "10.00", "now": "10.50"}
    ]
    assert restated(now, now) == []


def test_slides_have_charts_tables_and_notes_that_powerpoint_can_edit(
    company: World, person: Any
) -> None:
    pack = begun(person)
    services.write_words(
        pack=pack, words={"value": "Two of five pay back."}, version=None, by=pack.written_by
    )
    made = services.make_files(pack_id=str(pack.pk), by=pack.written_by)
    assert made.slides is not None and made.paper is not None
    with open_file(file=made.slides) as stream:
        show = Presentation(io.BytesIO(stream.read()))
    slides = list(show.slides)
    texts = [
        "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        for slide in slides
    ]
    assert "November" in texts[0] and "Draft, not signed" in texts[0]
    assert any("Two of five pay back." in text for text in texts)
    charts = [shape.chart for slide in slides for shape in slide.shapes if shape.has_chart]
    assert len(charts) >= 2
    for chart in charts:  # each carries the workbook that it is edited with
        blob = chart.part.chart_workbook.xlsx_part.blob
        assert zipfile.is_zipfile(io.BytesIO(blob))
    assert any(shape.has_table for slide in slides for shape in slide.shapes)
    notes = "\n".join(slide.notes_slide.notes_text_frame.text for slide in slides[1:])
    assert "Promised" in notes and "as known" in notes
    with open_file(file=made.paper) as stream:
        paper = stream.read()
    assert paper.startswith(b"%PDF") and tags_of(paper) >= {b"/H1", b"/H2", b"/Table", b"/TH"}


def tags_of(paper: bytes) -> set[bytes]:
    """Give the kinds of structure that a PDF is tagged with, from its object streams."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", paper, re.DOTALL)
    opened = [paper]
    for one in packed:
        with contextlib.suppress(zlib.error):
            opened.append(zlib.decompress(one))
    return {b"/" + tag for text in opened for tag in re.findall(rb"/S\s*/(\w+)", text)}


def test_another_person_signs_and_then_nothing_changes(company: World, person: Any) -> None:
    pack = begun(person)
    writer, signer = pack.written_by, person("executive")
    with pytest.raises(access.Refused):
        services.sign_pack(pack=pack, version=None, by=writer)
    with pytest.raises(access.Refused):
        services.sign_pack(pack=pack, version=None, by=person("program_manager"))
    assert not BoardPack.objects.exclude(signed_at=None).exists()
    signed = services.sign_pack(pack=pack, version=pack.version, by=signer)
    before = BoardPack.objects.get(pk=pack.pk).content
    for change in (
        lambda: services.write_words(pack=signed, words={"value": "x"}, version=None, by=writer),
        lambda: services.refresh_pack(pack=signed, by=writer),
        lambda: services.sign_pack(pack=signed, version=None, by=signer),
    ):
        with pytest.raises(Sentence):
            change()
    assert BoardPack.objects.get(pk=pack.pk).content == before
    again = begun(person, "Once more")  # the same day again
    with pytest.raises(Sentence, match="in the order of their days"):
        services.sign_pack(pack=again, version=None, by=signer)
    again.refresh_from_db()
    assert again.signed_at is None
    told = selectors.told(viewer=writer, pack=again)
    assert told.signed == "Read again; November is the signed one"


def test_a_day_that_was_signed_is_read_again_as_it_was_known(world: World, person: Any) -> None:
    """Three days: the first pack is signed, a bill restates it, a later pack is signed."""
    writer, signer, root = person("finance_partner"), person("executive"), people.organisation()
    assert root is not None
    day = TODAY - dt.timedelta(days=2)
    made = world.initiative("Claims triage", stage="pilot", on=AGO[0])
    world.now = timezone.now() - dt.timedelta(days=2, minutes=1)
    world.bill([(made.key, month, "120") for month in AGO])
    world.absorb(later=dt.timedelta(0))
    first = services.begin_pack(node=root, title="First", on=day, by=writer)
    action = services.add_action(
        pack=first, text="Stop the third pilot", owner=signer, due_on=TODAY, by=writer
    )
    services.sign_pack(pack=first, version=None, by=signer)

    world.bill([(made.key, AGO[-1], "5000")])
    world.now = timezone.now() - dt.timedelta(seconds=1)
    world.absorb(later=dt.timedelta(0))
    later = services.begin_pack(node=root, title="Later", on=TODAY, by=writer)
    services.sign_pack(pack=later, version=None, by=signer)
    services.end_action(action=action, outcome="Stopped.", by=signer)

    again = services.begin_pack(node=root, title="Again", on=day, by=writer)
    assert again.known_at == first.known_at and again.before is None
    assert again.content == first.content
    assert spent(again) != spent(later), "what came later is told by the later one"
    told = selectors.told(viewer=writer, pack=again)
    assert told.signed == "Read again; First is the signed one"
    assert told.actions == [], "nothing was asked for on that day yet"
    with pytest.raises(Sentence, match="First tells of"):
        services.sign_pack(pack=again, version=None, by=signer)
    older = services.begin_pack(node=root, title="Older", on=day - dt.timedelta(9), by=writer)
    assert selectors.told(viewer=writer, pack=older).signed.startswith("Read again after First of")

    client = Client()
    client.force_login(signer)
    page = client.get(reverse("pack", args=[again.pk])).content.decode()
    assert f"This reads {spelling.day(day)} again." in page and "Sign this pack" not in page
    page = client.get(reverse("pack", args=[later.pk])).content.decode()
    assert "again." not in page and "Stop the third pilot" not in page


def spent(pack: BoardPack) -> Any:
    return next(row["value"] for row in pack.content["figures"] if row["name"] == "spend")


def test_an_executive_who_wrote_it_does_not_sign_it(company: World, person: Any) -> None:
    root, writer = people.organisation(), person("executive")
    assert root is not None
    pack = services.begin_pack(node=root, title="Mine", on=TODAY, by=writer)
    with pytest.raises(Sentence, match="else than its writer"):
        services.sign_pack(pack=pack, version=None, by=writer)
    pack.refresh_from_db()
    assert pack.signed_at is None


def test_actions_are_told_until_they_end(company: World, person: Any) -> None:
    pack = begun(person)
    owner = person("program_manager")
    action = services.add_action(
        pack=pack, text="Stop the third pilot", owner=owner, due_on=TODAY, by=pack.written_by
    )
    assert ["Stop the third pilot", owner.name] == selectors.told(
        viewer=pack.written_by, pack=pack
    ).actions[0][:2]
    assert selectors.told(viewer=pack.written_by, pack=pack).actions[0][3] == "Open"
    services.end_action(action=action, outcome="Stopped, $1 released.", by=owner)
    assert (
        "Stopped, $1 released." in selectors.told(viewer=pack.written_by, pack=pack).actions[0][3]
    )


def test_who_is_asked_by_a_board_is_reminded_and_then_who_wrote_the_pack(
    company: World, person: Any, unit: Any, admin: Any
) -> None:
    pack = begun(person)
    owner = person("contributor", unit, name="Kai Vogt")
    due_on = TODAY + dt.timedelta(days=7)
    action = services.add_action(
        pack=pack, text="Say which pilots stop", owner=owner, due_on=due_on, by=pack.written_by
    )

    def went(on: dt.date) -> tuple[int, int]:
        notices.remind(on=on, now=timezone.now(), by=admin)
        told = [inbox.inbox(viewer=who).filter(page=page).count() for who in asked]
        return told[0], told[1]

    page = reverse("pack-action", args=[action.pk])
    asked = (owner, pack.written_by)
    assert went(TODAY) == (1, 0)
    assert inbox.inbox(viewer=owner).get(page=page).title == (
        f"Say which pilots stop is due on {spelling.day(due_on)}"
    )
    assert [each.link for each in inbox.calendar(viewer=owner, on=TODAY)] == [
        f"{settings.SITE_URL}{page}"
    ]
    assert went(due_on + dt.timedelta(days=3)) == (2, 1)
    late = inbox.inbox(viewer=pack.written_by).get(page=page)
    assert (late.kind, late.title) == ("escalation", "3 days late: Say which pilots stop")

    client = Client()
    client.force_login(person("contributor", unit, name="Somebody else"))
    assert client.get(page).status_code == 404
    client.force_login(owner)  # they see no money, so no pack; what is asked of them they see
    assert client.get(reverse("pack", args=[pack.pk])).status_code in (403, 404)
    shown = client.get(page).content.decode()
    assert "What became of it" in shown and pack.title in shown
    end = reverse("pack-action-end", args=[action.pk])
    assert client.post(end, {"outcome": " "}).status_code == 422
    assert client.post(end, {"outcome": "Two stop."})["Location"] == page
    assert "Two stop." in client.get(page).content.decode()
    assert went(due_on + dt.timedelta(days=30)) == (2, 1)


def test_a_template_must_be_a_presentation(company: World, person: Any) -> None:
    pack = begun(person)
    wrong = files.store(content=b"PK\x03\x04 no", name="brand.pptx", by=pack.written_by)
    with pytest.raises(Sentence, match="no PowerPoint"):
        services.set_template(pack=pack, template=wrong, by=pack.written_by)
    out = io.BytesIO()
    Presentation().save(out)
    right = files.store(content=out.getvalue(), name="brand.pptx", by=pack.written_by)
    services.set_template(pack=pack, template=right, by=pack.written_by)
    made = services.make_files(pack_id=str(pack.pk), by=pack.written_by)
    assert made.slides is not None
    with open_file(file=made.slides) as stream:
        assert len(Presentation(io.BytesIO(stream.read())).slides) >= 8


def test_the_pages_walk_from_begun_to_signed(company: World, person: Any) -> None:
    client, writer = Client(), person("finance_partner")
    client.force_login(writer)
    root = people.organisation()
    assert root is not None
    packs = reverse("packs")
    assert b"No pack yet" in client.get(packs).content
    assert b"Choose what the pack" in client.post(packs, {"node": "x", "title": "T"}).content
    went = client.post(packs, {"node": str(root.pk), "title": "Board", "on": TODAY.isoformat()})
    page = went["Location"]
    shown = client.get(page).content.decode()
    assert "Promised, year to date" in shown and "Somebody else than its writer" in shown
    pack = selectors.packs(viewer=writer).get()
    change = reverse("pack-change", args=[pack.pk])
    client.post(change, {"what": "words", "value": "Good.", "version": str(pack.version)})
    pack.refresh_from_db()
    assert pack.words == {"value": "Good."}
    stale = client.post(change, {"what": "words", "value": "Old.", "version": "1"})
    assert stale.status_code == 409
    services.make_files(pack_id=str(pack.pk), by=writer)
    file = client.get(reverse("pack-file", args=[pack.pk, "pptx"]))
    assert file.status_code == 200 and b"".join(file.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]
    client.force_login(person("administrator"))
    assert client.get(page).status_code in (403, 404)
    client.force_login(person("executive"))
    assert b"Sign this pack" in client.get(page).content
