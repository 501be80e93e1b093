"""What an ERP wants to read, and exports that come round, once for each period."""

import datetime as dt
import email
import hashlib
import io
from decimal import Decimal
from pathlib import Path

import fsspec
import openpyxl
import pytest
from django.urls import reverse

from governance_app.books.models import AccountingMonth
from governance_app.books.services import open_months
from governance_app.exports import services
from governance_app.exports.models import ColumnSet, ExportDelivery, ExportSchedule
from governance_app.files.selectors import open_file
from governance_app.jobs import outbox
from governance_app.jobs.models import OutboxMessage, Schedule
from governance_app.people.access import Refused
from governance_app.spend.selectors import SpendFilter
from tests.exports.conftest import NOW
from tests.exports.test_exports import rows
from tests.factories import focus

pytestmark = pytest.mark.django_db
COLUMNS = [
    {"value": "1000", "heading": "Company code"},
    {"name": "initiative", "heading": "WBS"},
    {"name": "billing_month", "heading": "Posting date"},
    {"name": "billed", "heading": "Amount"},
    {"name": "currency", "heading": "Curr"},
]


@pytest.fixture
def layout(finance):
    return services.add_layout(
        name="SAP", sheet="ledger", columns=COLUMNS, delimiter=";", decimal_mark=",",
        decimal_places=2, date_format="%d.%m.%Y", has_bom=True, by=finance,
    )  # fmt: skip


def laid_out(by, layout, file_format="csv"):
    asked = services.request(
        sheet="ledger", file_format=file_format, chosen=SpendFilter(), layout=layout, by=by
    )
    export = services.make(export_id=asked.pk, by=by, now=NOW)
    with open_file(file=services.download(export=export, by=by)) as stream:
        return export, stream.read()


def test_a_layout_orders_names_fixes_and_spells(ledger, finance, layout):
    export, content = laid_out(finance, layout)
    assert content.startswith(b"\xef\xbb\xbfCompany code;WBS;Posting date;Amount;Curr\r\n1000;")
    lines = [line.split(";") for line in content.decode("utf-8-sig").split("\r\n")[1:-1]]
    sums: dict[str, Decimal] = {}
    for _, _, day, amount, code in lines:
        assert dt.datetime.strptime(day, "%d.%m.%Y").day == 1
        assert len(amount.partition(",")[2]) == 2
        sums[code] = sums.get(code, Decimal(0)) + Decimal(amount.replace(",", "."))
    exact = focus.billed(ledger)
    assert sums == {code: round(total, 2) for code, total in exact.items()}
    assert export.title.startswith("SAP: Spend ledger")


def test_a_layout_orders_a_workbook_too(ledger, finance, layout):
    book = openpyxl.load_workbook(io.BytesIO(laid_out(finance, layout, "xlsx")[1]))
    page = book["Spend ledger"]
    assert [cell.value for cell in page[1]] == [one["heading"] for one in COLUMNS]
    assert page["A2"].value == "1000"
    assert str(page.cell(page.max_row, 4).value).startswith("=SUMIFS('Spend ledger'!$D$2")


@pytest.mark.parametrize(
    ("columns", "spelling", "sentence"),
    [
        ([{"name": "colour", "heading": "C"}], {}, "Column 1: the sheet has no 'colour'"),
        ([{"value": "x", "heading": ""}], {}, "Column 1 is a fixed value and needs a heading"),
        ([], {}, "at least one column"),
        ([{"name": "billed"}], {"decimal_mark": ","}, "cannot be both between columns and inside"),
        ([{"name": "billed"}], {"date_format": "%c"}, "Date format: choose one of"),
        ([{"name": "billed"}], {"decimal_places": 19}, "0 to 18 decimals"),
    ],
)
def test_a_layout_that_cannot_be_is_refused(finance, columns, spelling, sentence, ledger_count):
    before = ledger_count()
    with pytest.raises(services.BadLayout, match=sentence):
        services.add_layout(name="X", sheet="ledger", columns=columns, by=finance, **spelling)
    assert (ledger_count(), ColumnSet.objects.count()) == (before, 0)


def test_only_who_may_edit_layouts_does(person, finance, layout):
    with pytest.raises(Refused):
        services.add_layout(name="X", sheet="ledger", columns=COLUMNS, by=person("executive"))
    services.change_layout(layout=layout, columns=COLUMNS[1:], version=1, by=finance)
    layout.refresh_from_db()
    assert (len(layout.columns), layout.delimiter, layout.version) == (4, ";", 2)


@pytest.fixture
def scheduled(finance, settings, tmp_path):
    settings.EXPORT_FOLDERS = [str(tmp_path / "out")]
    settings.EXPORT_STORES = ["memory"]

    def add(**options):
        return services.add_schedule(
            **{
                "name": "Month end", "sheet": "ledger", "file_format": "csv",
                "chosen": SpendFilter(currency="USD"), "every": "day", "target": "store",
                "address": "finance", "by": finance, **options,
            }
        )  # fmt: skip

    return add


def test_a_folder_gets_the_file_of_a_day_once(ledger, finance, scheduled, tmp_path):
    schedule = scheduled(months=3)
    assert Schedule.objects.get(name=f"export:{schedule.pk}").every_seconds == 86_400
    delivered = services.run_schedule(schedule_id=schedule.pk, by=finance, now=NOW)
    path = Path(delivered.place)
    assert path == tmp_path / "out" / "finance" / "month-end-2026-11-21.csv"
    assert {row["currency"] for row in rows(path.read_bytes())} == {"USD"}
    assert delivered.export.rows == len(rows(path.read_bytes()))
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    later = NOW + dt.timedelta(hours=5)
    assert services.run_schedule(schedule_id=schedule.pk, by=finance, now=later) is None
    tomorrow = NOW + dt.timedelta(days=1)
    assert services.run_schedule(schedule_id=schedule.pk, by=finance, now=tomorrow) is not None


def test_an_object_store_gets_it_too(ledger, finance, scheduled):
    schedule = scheduled(address="memory://bucket/finance", every="week")
    delivered = services.run_schedule(schedule_id=schedule.pk, by=finance, now=NOW)
    assert delivered.period == "2026-W47"
    with fsspec.open("memory://bucket/finance/month-end-2026-W47.csv") as stream:
        assert stream.read().startswith(b"billing_month,")


def test_a_month_goes_out_when_it_is_closed(ledger, finance, admin, scheduled):
    schedule = scheduled(every="close", target="email", address="a@example.com, b@example.com")
    assert services.run_schedule(schedule_id=schedule.pk, by=finance, now=NOW) is None
    october = dt.date(2026, 10, 1)
    open_months(first=october, last=october, by=admin)
    AccountingMonth.objects.update(state="closed", closed_at=NOW, closed_by=admin)
    delivered = services.run_schedule(schedule_id=schedule.pk, by=finance, now=NOW)
    assert (delivered.period, delivered.place) == ("2026-10", "a@example.com, b@example.com")
    message = OutboxMessage.objects.get()
    assert message.payload["to"] == ["a@example.com", "b@example.com"]


@pytest.mark.django_db(transaction=True)
def test_the_letter_holds_the_file_and_its_totals(ledger, finance, scheduled, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    schedule = scheduled(target="email", address="a@example.com")
    delivered = services.run_schedule(schedule_id=schedule.pk, by=finance, now=NOW)
    assert outbox.deliver_waiting() == 1
    (path,) = Path(settings.EMAIL_FILE_PATH).iterdir()
    letter = email.message_from_bytes(path.read_bytes())
    text, attached = letter.get_payload()
    assert letter["Subject"] == "Month end, 2026-11-21"
    assert "USD billed" in text.get_payload(decode=True).decode()
    assert attached.get_filename() == "month-end-2026-11-21.csv"
    content = attached.get_payload(decode=True)
    assert hashlib.sha256(content).hexdigest() == delivered.export.file.sha256


@pytest.mark.parametrize(
    ("target", "address", "sentence"),
    [
        ("store", "/etc", "is outside the folders that exports may go to"),
        ("store", "../../x", "is outside the folders"),
        ("store", "s3://bucket", "s3:// is no store that exports may go to; they are memory"),
        ("email", "nobody", "“nobody” is no e-mail address"),
        ("pigeon", "x", "Send to 'pigeon'"),
    ],
)
def test_a_place_nobody_may_write_to_is_refused(scheduled, target, address, sentence):
    with pytest.raises(services.BadSchedule, match=sentence):
        scheduled(target=target, address=address)
    assert not ExportSchedule.objects.exists()


def test_a_delivery_that_fails_leaves_nothing_and_comes_again(ledger, finance, scheduled, tmp_path):
    schedule = scheduled()
    (tmp_path / "out").write_text("a file where the folder should be")
    with pytest.raises(services.BadSchedule, match="cannot be written"):
        services.run_schedule(schedule_id=schedule.pk, by=finance, now=NOW)
    assert not ExportDelivery.objects.exists()
    (tmp_path / "out").unlink()
    assert services.run_schedule(schedule_id=schedule.pk, by=finance, now=NOW) is not None


def test_the_pages_add_change_and_stop(client, ledger, finance, settings, tmp_path):
    settings.EXPORT_FOLDERS = [str(tmp_path)]
    client.force_login(finance)
    refused = client.post(
        reverse("report-layouts"), {"name": "ERP", "sheet": "ledger", "columns": "colour: C"}
    )
    assert refused.status_code == 400 and "has no" in refused.content.decode()
    client.post(
        reverse("report-layouts"),
        {"name": "ERP", "sheet": "ledger", "columns": '="1000": Company\nbilled: Amount'},
    )
    layout = ColumnSet.objects.get()
    page = client.get(reverse("report-layout", args=[layout.pk])).content.decode()
    assert "=&quot;1000&quot;: Company" in page
    client.post(reverse("report-layout", args=[layout.pk]), {"version": "1", "columns": "billed"})
    layout.refresh_from_db()
    assert layout.columns == [{"name": "billed", "heading": "billed"}]
    client.post(
        reverse("report-schedules") + "?currency=USD",
        {"name": "Daily", "sheet": "ledger", "format": "csv", "layout": str(layout.pk),
         "every": "day", "target": "store", "address": "x", "months": "2"},
    )  # fmt: skip
    schedule = ExportSchedule.objects.get()
    assert (schedule.chosen["currency"], schedule.layout, schedule.months) == ("USD", layout, 2)
    assert "Daily" in client.get(reverse("report-schedules")).content.decode()
    client.post(reverse("report-schedule", args=[schedule.pk]), {"version": "1", "stop": "1"})
    schedule.refresh_from_db()
    assert not schedule.is_active
    assert not Schedule.objects.get(name=f"export:{schedule.pk}").is_active
    streamed = client.get(
        reverse("report-stream", args=["lines", "csv"]) + "?currency=USD&since=2026-08"
    )
    assert b"".join(streamed.streaming_content).startswith(b"source,billing_from")
    assert streamed["Content-Disposition"].startswith('attachment; filename="bill-lines-')
    asked = client.post(
        reverse("report-ask", args=["ledger", "csv"]) + f"?layout={layout.pk}&currency=USD"
    )
    assert "ERP: Spend ledger" in client.get(asked.url).content.decode()
