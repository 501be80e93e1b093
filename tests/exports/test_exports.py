"""What is exported is what is shown, to the last digit, and safe to open."""

import csv
import datetime as dt
import io
from decimal import Decimal

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance_app.audit.selectors import events
from governance_app.domain.errors import Sentence
from governance_app.exports import selectors, services
from governance_app.exports.columns import Column, Kind
from governance_app.exports.models import ExportJob
from governance_app.exports.sheets import SHEETS
from governance_app.exports.writers.csv_file import FORMULA_SIGNS, csv_blocks
from governance_app.files.selectors import open_file
from governance_app.people.access import Refused
from governance_app.spend.selectors import SpendFilter
from tests.exports.conftest import NOW
from tests.factories import focus

OF_SPEND = ("initiative_spend", "ledger", "lines")
#: On either side of what a spreadsheet takes for the start of a formula.
STARTS = ("=", "@a", "-1", "+", "\tx", "A", "a", "0", "9", ".", "<", "{", "ä", "")
DATES = (Kind.MONTH, Kind.DATE, Kind.MOMENT)
pytestmark = pytest.mark.django_db


def made(by, sheet="ledger", file_format="csv", **chosen):
    asked = services.request(
        sheet=sheet, file_format=file_format, chosen=SpendFilter(**chosen), by=by
    )
    export = services.make(export_id=asked.pk, by=by, now=NOW)
    with open_file(file=services.download(export=export, by=by)) as stream:
        return export, stream.read()


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def billed(found, column="billed") -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for row in found:
        amount = Decimal(row[column])
        sums[row["currency"]] = sums.get(row["currency"], Decimal(0)) + amount
    return sums


@pytest.mark.parametrize("sheet", OF_SPEND)
def test_csv_sums_to_the_bill_and_keeps_every_decimal(ledger, finance, sheet):
    export, content = made(finance, sheet)
    found = rows(content)
    assert billed(found) == focus.billed(ledger)
    assert (export.rows, list(found[0])) == (
        len(found),
        [column.name for column in SHEETS[sheet].columns],
    )
    assert {c: Decimal(t["billed"]) for c, t in export.control.items()} == focus.billed(ledger)


def test_text_that_a_spreadsheet_would_run_is_escaped_and_zeros_stay(ledger, finance):
    found = rows(made(finance)[1])
    assert {row["name"] for row in found} == {"'=HYPERLINK(1)", "Unallocated"}
    assert "'@SUM(A1)" in {row["resource"] for row in found}
    assert {row["billing_account"] for row in found} <= {"000123456789", "000000000001"}
    assert any(Decimal(row["billed"]) < 0 for row in found)
    assert not any(row["billed"].startswith("'") for row in found)


@given(st.lists(st.one_of(st.none(), st.text(max_size=4), st.sampled_from(STARTS)), max_size=6))
def test_whatever_the_texts_those_that_start_like_a_formula_are_escaped(texts):
    frame = pl.DataFrame(
        {"text": texts, "end": ["x"] * len(texts)}, schema=dict.fromkeys(("text", "end"), pl.String)
    )
    blocks = csv_blocks([frame], columns=[Column("text", "Text"), Column("end", "End")])
    said = [f"'{one}" if one.startswith(FORMULA_SIGNS) else one for one in (t or "" for t in texts)]
    assert [row["text"] for row in rows(b"".join(map(bytes, blocks)))] == said


@pytest.mark.parametrize("sheet", OF_SPEND)
def test_parquet_has_exact_decimals(ledger, finance, sheet):
    frame = pl.read_parquet(io.BytesIO(made(finance, sheet, "parquet")[1]))
    assert frame.schema["billed"] == pl.Decimal(38, 18)
    assert billed(frame.to_dicts()) == focus.billed(ledger)


@pytest.mark.parametrize("sheet", OF_SPEND)
def test_the_workbook_has_real_numbers_live_totals_and_a_control_sheet(ledger, finance, sheet):
    content = made(finance, sheet, "xlsx")[1]
    title = SHEETS[sheet].title
    live = openpyxl.load_workbook(io.BytesIO(content))
    shown = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    assert live.sheetnames == [title, "Control"]
    page = live[title]
    names = [column.name for column in SHEETS[sheet].columns]
    at = {name: index + 1 for index, name in enumerate(names)}
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref.startswith("A1:")
    first_date = next(n for n, c in enumerate(SHEETS[sheet].columns, 1) if c.kind in DATES)
    assert isinstance(page.cell(2, first_date).value, dt.datetime)
    assert isinstance(page.cell(2, at["billed"]).value, int | float)
    texts = [page.cell(row, at["name"]) for row in range(2, page.max_row)]
    named = [cell for cell in texts if cell.value == "=HYPERLINK(1)"]
    assert named and {cell.data_type for cell in named} == {"s"}
    totals = {
        page.cell(row, 1).value: row
        for row in range(2, page.max_row + 1)
        if str(page.cell(row, 1).value).startswith("Total ")
    }
    assert set(totals) == {"Total EUR", "Total USD"}
    for currency, amount in focus.billed(ledger).items():
        row = totals[f"Total {currency}"]
        assert str(page.cell(row, at["billed"]).value).startswith("=SUMIFS(")
        assert shown[title].cell(row, at["billed"]).value == pytest.approx(float(amount))
    control = {
        row[0].value: [cell.value for cell in row[1:]] for row in shown["Control"].iter_rows()
    }
    assert control["Filter"][0] == "by charge month"
    assert control["Asked for by"][0] == "Finance Partner"
    assert Decimal(control["USD billed"][1]) == focus.billed(ledger)["USD"]
    assert control["USD billed"][2] == 0


def test_the_filter_of_the_screen_is_the_filter_of_the_file(ledger, finance):
    chosen = {"since": dt.date(2026, 10, 1), "currency": "EUR", "is_unallocated": True}
    export, content = made(finance, **chosen)
    expected = [
        one
        for one in ledger
        if one["BillingCurrency"] == "EUR"
        and one["ServiceName"] != "Inference"
        and one["ChargeCategory"] != "Adjustment"
    ]
    assert billed(rows(content)) == focus.billed(expected)
    assert export.words == ("by charge month, Oct 2026 to today, currency EUR, only unallocated")


def test_a_month_without_spend_is_an_empty_file_with_its_header(ledger, finance):
    export, content = made(finance, since=dt.date(2030, 1, 1))
    assert (export.rows, export.control) == (0, {})
    assert content.decode().startswith("billing_month,charge_month,source")
    for file_format in ("xlsx", "parquet"):
        assert made(finance, file_format=file_format, since=dt.date(2030, 1, 1))[0].rows == 0


def test_rows_that_do_not_sum_to_the_ledger_are_thrown_away(ledger, finance, monkeypatch):
    sheet = SHEETS["ledger"]
    real = type(sheet).controls

    def wrong(self, **options):
        sums = real(self, **options)
        sums["USD"]["billed"] += Decimal("0.000000000000000001")
        return sums

    monkeypatch.setattr(type(sheet), "controls", wrong)
    asked = services.request(sheet="ledger", file_format="csv", chosen=SpendFilter(), by=finance)
    usd = focus.billed(ledger)["USD"]
    with pytest.raises(services.ControlDiffers) as refused:
        services.make(export_id=asked.pk, by=finance, now=NOW)
    assert f"sum to {usd.quantize(Decimal(1).scaleb(-18)):f} USD billed" in str(refused.value)
    asked.refresh_from_db()
    assert (asked.file, asked.rows) == (None, None)
    with pytest.raises(Sentence, match="is not finished yet"):
        services.download(export=asked, by=finance)


def test_a_viewer_exports_only_what_they_see(ledger, finance, person, unit, other_unit):
    mine = rows(made(person("executive", unit))[1])
    assert {row["initiative"] for row in mine} != {""}
    assert all(row["initiative"] for row in mine)
    assert rows(made(person("executive", other_unit))[1]) == []


def test_permission_is_asked_again_at_the_download(ledger, finance, admin):
    from governance_app.people import access
    from governance_app.people import services as people

    asked = services.request(sheet="ledger", file_format="csv", chosen=SpendFilter(), by=finance)
    export = services.make(export_id=asked.pk, by=finance, now=NOW)
    for grant in finance.grants.all():
        people.revoke(grant=grant, by=admin)
    access.forget_grants(finance)
    with pytest.raises(Refused):
        services.download(export=export, by=finance)


def test_who_sees_no_money_exports_nothing(ledger, person, ledger_count):
    nobody = person("contributor")
    before = ledger_count()
    with pytest.raises(Refused):
        made(nobody)
    assert ledger_count() == before
    assert ExportJob.objects.count() == 0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"sheet": "everything"}, "There is no sheet 'everything'; there are initiative_spend, l"),
        ({"file_format": "doc"}, "There is no format 'doc'; there are csv, xlsx, parquet, f"),
    ],
)
def test_what_cannot_be_exported_is_said(ledger, finance, options, sentence):
    with pytest.raises(Sentence, match=sentence):
        made(finance, **options)


def test_every_export_and_download_is_on_record(ledger, finance, person):
    export, _ = made(finance)
    said = [event.op for event in events(row=export.pk)]
    assert said == ["download", "UPDATE", "export", "UPDATE", "INSERT"]
    assert list(selectors.exports(viewer=finance)) == [export]
    assert list(selectors.exports(viewer=person("auditor"))) == [export]
    assert list(selectors.exports(viewer=person("executive"))) == []
