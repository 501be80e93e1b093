"""Documents as reports: the one-pager, the pack on a schedule, both the same for the same day."""

import datetime as dt
import hashlib
import io
import time
from typing import Any

import fsspec
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pptx import Presentation
from pptx.util import Inches
from rest_framework.test import APIClient

from governance_app.books.models import AccountingMonth
from governance_app.domain import spelling
from governance_app.domain.errors import Sentence
from governance_app.exports import selectors, services
from governance_app.exports.branding import Brand, brand_of
from governance_app.exports.documents import Wish
from governance_app.exports.models import BoardPack, ExportDelivery, ExportJob
from governance_app.exports.onepager.reading import read
from governance_app.files import services as files
from governance_app.files.selectors import open_file
from governance_app.initiatives import services as register
from governance_app.jobs.models import OutboxMessage
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.rollups import table
from governance_app.spend.selectors import SpendFilter
from tests.exports.test_packs import tags_of
from tests.portfolio.web.test_query_counts import AGO, fill
from tests.rollups.conftest import World, world

__all__ = ["world"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(world: World, person: Any) -> World:
    fill(world, person("risk_officer"), 2)
    time.sleep(1.1)  # the world absorbs a second ahead: a document knows what was known before it
    return world


def made(key: str, by: Any, **wish: Any) -> ExportJob:
    chosen = Wish(initiative=key, **wish)
    asked = services.request(sheet="one_pager", file_format="pdf", chosen=chosen, by=by)
    return services.make(export_id=asked.pk, by=by, now=timezone.now())


def bytes_of(export: ExportJob) -> bytes:
    assert export.file is not None
    with open_file(file=export.file) as stream:
        return stream.read()


def test_a_one_pager_says_what_the_page_says(company: World, person: Any) -> None:
    row, reader = company.made[0], person("executive")
    now = table.present(viewer=reader, initiatives=[row.pk])[row.pk]
    told = read(
        viewer=reader, key=row.key, on=timezone.localdate(),
        known_at=timezone.now() + dt.timedelta(seconds=2),
    )  # fmt: skip
    assert told is not None
    shown = {each.words: each for each in told.figures}
    assert now.spend_year is not None and now.validated_to_date is not None
    assert shown["Spend this fiscal year"].text == spelling.money(now.spend_year, now.currency)
    assert shown["Validated benefit"].text == spelling.money(now.validated_to_date, now.currency)
    assert told.status_sentence == "The vendor is late." and told.stage == "Scaling"
    assert told.ladder[0].words == "Promised"
    assert max(each.share for each in told.ladder) == 100
    assert [note.number for note in told.notes] == list(range(1, len(told.notes) + 1))
    assert all(note.lines for note in told.notes)
    assert told.milestones[0][0] == "Go-live" and "3 days late" in told.milestones[0][2]
    assert told.kpis and told.kpis[0][0] == "Handling time"


def test_the_same_day_and_moment_give_the_same_bytes_whatever_comes_later(
    company: World, person: Any
) -> None:
    row, reader = company.made[0], person("executive")
    first = made(row.key, reader)
    known = Wish.from_json(first.chosen)
    assert bytes_of(first).startswith(b"%PDF")
    register.edit(initiative=row, by=company.manager, name="Something else", purpose="New.")
    register.post_status(
        initiative=row, status="on_track", sentence="All is well.", by=company.manager
    )
    stone = row.milestones.get()
    register.complete_milestone(milestone=stone, by=company.manager, done_on=timezone.localdate())
    company.bill([(row.key, AGO[-1], "5000")])
    company.now = timezone.now()
    company.absorb(later=dt.timedelta(seconds=2))
    again = made(row.key, reader, on=known.on, known_at=known.known_at)
    assert bytes_of(again) == bytes_of(first)
    assert again.file_id == first.file_id
    later = made(row.key, reader, known_at=None)
    assert bytes_of(later) != bytes_of(first)


def test_the_pdf_is_tagged(company: World, person: Any) -> None:
    paper = bytes_of(made(company.made[0].key, person("executive")))
    assert tags_of(paper) >= {b"/H1", b"/H2", b"/Table", b"/TH"}


def test_a_template_gives_its_colour_typeface_and_logo(
    company: World, person: Any, tmp_path: Any
) -> None:
    from PIL import Image

    show = Presentation()
    logo = tmp_path / "logo.png"
    Image.new("RGB", (8, 4), "#aa2200").save(logo)
    own = brand_of(_saved(show, tmp_path / "plain.pptx"))
    assert own.accent == "#4f81bd" and own.logo == ""
    image, rel = show.slide_masters[0].part.get_or_add_image_part(str(logo))
    show.slide_masters[0].shapes._spTree.add_pic(
        99, "Logo", "", rel, Inches(0), Inches(0), Inches(1), Inches(1)
    )
    branded = brand_of(_saved(show, tmp_path / "brand.pptx"))
    assert branded.logo.startswith("data:image/png;base64,")
    writer = person("finance_partner")
    root = people.organisation()
    assert root is not None and image is not None
    pack = services.begin_pack(node=root, title="P", on=timezone.localdate(), by=writer)
    template = files.store(
        content=(tmp_path / "brand.pptx").read_bytes(), name="brand.pptx", by=writer
    )
    services.set_template(pack=pack, template=template, by=writer)
    before = bytes_of(made(company.made[0].key, writer))
    wish = Wish.from_json(ExportJob.objects.latest("created_at").chosen)
    assert wish.template == str(template.pk)
    assert b"/Image" in before or b"/XObject" in before
    assert Brand().accent == "#1f4e8c"


def _saved(show: Any, path: Any) -> Any:
    show.save(str(path))
    return path


def test_money_is_left_out_for_those_who_may_not_see_it(company: World, person: Any) -> None:
    row = company.made[0]
    reader = person("contributor")
    told = read(viewer=reader, key=row.key, on=timezone.localdate(), known_at=timezone.now())
    assert told is not None and not told.sees_money
    assert [each.words for each in told.figures] == ["Residual risk"] or all(
        "Spend" not in each.words and "benefit" not in each.words for each in told.figures
    )
    assert told.ladder == ()
    with pytest.raises(access.Refused):
        made(row.key, reader)
    assert not ExportJob.objects.exists()


def test_foreign_and_future_wishes_are_refused(
    company: World, person: Any, other_unit: Any
) -> None:
    own = person("program_manager", other_unit)
    with pytest.raises(Sentence, match="no initiative"):
        made(company.made[0].key, own)
    reader = person("executive")
    ahead = timezone.localdate() + dt.timedelta(days=1)
    with pytest.raises(Sentence, match="over or of today"):
        made(company.made[0].key, reader, on=ahead)
    with pytest.raises(Sentence, match="PDF"):
        services.request(
            sheet="one_pager", file_format="xlsx", chosen=Wish(initiative="AI-1"), by=reader
        )
    assert not ExportJob.objects.exists()


def test_from_the_page_to_the_download(company: World, person: Any) -> None:
    client, reader, row = Client(), person("executive"), company.made[0]
    client.force_login(reader)
    assert (
        reverse("one-pager", args=[row.key])
        in client.get(reverse("initiative", args=[row.key])).content.decode()
    )
    went = client.post(reverse("one-pager", args=[row.key]), {"on": ""})
    export = selectors.exports(viewer=reader).get()
    assert went["Location"] == reverse("report", args=[export.pk])
    services.make(export_id=export.pk, by=reader, now=timezone.now())
    assert "each with its passport" in client.get(went["Location"]).content.decode()
    file = client.get(reverse("report-file", args=[export.pk]))
    assert b"".join(file.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    listed = client.get(reverse("reports")).content.decode()
    assert "EU AI Act inventory" in listed and "OMB AI use case inventory" in listed


def test_the_api_asks_for_a_document(company: World, person: Any) -> None:
    client, reader = APIClient(), person("executive")
    client.force_authenticate(reader)
    body = {
        "sheet": "one_pager", "format": "pdf", "document": {"initiative": company.made[0].key},
    }  # fmt: skip
    answer = client.post("/api/v1/exports/", body, format="json")
    assert answer.status_code == 202, answer.content
    assert answer.json()["filter"]["initiative"] == company.made[0].key
    assert {"on", "known_at"} <= answer.json()["filter"].keys()
    missing = client.post(
        "/api/v1/exports/", body | {"document": {"initiative": "AI-999"}}, format="json"
    )
    assert missing.status_code == 422 and ExportJob.objects.count() == 1


def test_the_command_writes_the_file(company: World, tmp_path: Any, capsys: Any) -> None:
    target = tmp_path / "one.pdf"
    call_command(
        "export", "one_pager", "--format", "pdf", "--initiative", company.made[0].key, "-o", target
    )
    assert target.read_bytes().startswith(b"%PDF")
    assert company.made[0].key in capsys.readouterr().out


def test_documents_come_round_by_letter_once_for_each_period(company: World, person: Any) -> None:
    finance = person("finance_partner")
    schedule = services.add_schedule(
        name="One-pager", sheet="one_pager", file_format="pdf",
        chosen=Wish(initiative=company.made[0].key), every="week", target="email",
        address="board@meridian.example", by=finance,
    )  # fmt: skip
    assert schedule.chosen == {"initiative": company.made[0].key}
    now = timezone.now()
    assert services.run_schedule(schedule_id=schedule.pk, by=finance, now=now) is not None
    assert services.run_schedule(schedule_id=schedule.pk, by=finance, now=now) is None
    letter = OutboxMessage.objects.get(dedupe__startswith="export:")
    assert letter.payload["attachments"][0]["name"].endswith(".pdf")
    assert letter.payload["context"]["is_document"]
    assert ExportDelivery.objects.get().export.title.startswith("Initiative one-pager")


def test_a_closed_month_brings_the_pack_into_its_folder(
    company: World, person: Any, settings: Any, tmp_path: Any
) -> None:
    settings.EXPORT_FOLDERS = [str(tmp_path)]
    finance = person("finance_partner")
    schedule = services.add_schedule(
        name="Board", sheet="board_pack", file_format="pptx", chosen=Wish(), every="close",
        target="store", address="board", by=finance,
    )  # fmt: skip
    now = timezone.now()
    assert services.run_schedule(schedule_id=schedule.pk, by=finance, now=now) is None
    AccountingMonth.objects.update_or_create(
        month=AGO[-1], defaults={"state": AccountingMonth.State.CLOSED}
    )
    delivered = services.run_schedule(schedule_id=schedule.pk, by=finance, now=now)
    assert delivered is not None
    [written] = list((tmp_path / "board").iterdir())
    assert len(Presentation(io.BytesIO(written.read_bytes())).slides) >= 9
    pack = BoardPack.objects.get()
    assert pack.on.month == AGO[-1].month and pack.signed_at is None


def test_documents_and_registers_come_round_into_an_object_store(
    company: World, person: Any, settings: Any
) -> None:
    finance, store = person("finance_partner"), fsspec.filesystem("memory")
    asked: dict[str, tuple[str, Any]] = {
        "one_pager": ("pdf", Wish(initiative=company.made[0].key)),
        "board_pack": ("pptx", Wish()),
        "eu_register": ("xlsx", SpendFilter()),
        "omb_inventory": ("csv", SpendFilter()),
    }
    for sheet, (file_format, chosen) in asked.items():
        wanted: dict[str, Any] = {
            "name": f"Round {sheet}", "sheet": sheet, "file_format": file_format, "every": "week",
            "chosen": chosen, "target": "store", "address": f"memory://board/{sheet}",
            "by": finance,
        }  # fmt: skip
        settings.EXPORT_STORES = []
        with pytest.raises(services.BadSchedule, match="memory:// is no store that exports may"):
            services.add_schedule(**wanted)
        settings.EXPORT_STORES = ["memory"]
        schedule, now = services.add_schedule(**wanted), timezone.now()
        delivered = services.run_schedule(schedule_id=schedule.pk, by=finance, now=now)
        assert delivered is not None and delivered.export.file is not None
        year, week, _ = now.isocalendar()
        name = f"round-{sheet}-{year}-W{week:02d}.{file_format}"
        assert delivered.place == f"memory://board/{sheet}/{name}"
        content = store.cat_file(delivered.place)
        assert hashlib.sha256(content).hexdigest() == delivered.export.file.sha256
        assert services.run_schedule(schedule_id=schedule.pk, by=finance, now=now) is None
        assert [path.rpartition("/")[2] for path in store.ls(f"/board/{sheet}", detail=False)] == [
            name
        ]


def test_a_pack_counts_the_regulatory_inventory_as_it_was_known(
    company: World, person: Any
) -> None:
    from governance_app.exports.packs.inventory import inventory

    reader = person("executive")
    found = inventory(viewer=reader, at=timezone.now(), node=None)
    assert [each["name"] for each in found] == ["EU AI Act", "OMB M-25-21 high-impact AI"]
    for each in found:
        assert sum(tier["count"] for tier in each["tiers"]) == 2
        assert each["tiers"][-1] == {"name": "Not classified", "count": 2}
    early = inventory(viewer=reader, at=timezone.now() - dt.timedelta(days=9), node=None)
    assert sum(tier["count"] for tier in early[0]["tiers"]) == 0
