"""Bill lines with who bears them: exact, as FOCUS of two versions, streamed or refused whole."""

import datetime as dt
import io
import json
from decimal import Decimal

import openpyxl
import polars as pl
import pytest

from governance_app.books import services as books
from governance_app.exports import services
from governance_app.exports.models import ExportJob
from governance_app.spend import services as spend_services
from governance_app.spend.focus.columns import AI_COLUMNS, COLUMNS
from governance_app.spend.selectors import LinesWaiting, SpendFilter
from governance_app.spend.selectors.line_frames import SPLIT, _Shared
from governance_app.spend.services import close
from tests.exports.conftest import NOW
from tests.exports.test_exports import billed, made, rows
from tests.factories import focus

pytestmark = pytest.mark.django_db


def test_every_line_stands_with_its_initiative_and_rule(ledger, finance):
    found = rows(made(finance, "lines")[1])
    assert len(found) == len(ledger)
    assert billed(found) == focus.billed(ledger)
    by_service = {row["service"]: (row["initiative"], row["rule"], row["share"]) for row in found}
    key, rule, share = by_service["Inference"]
    assert (key.startswith("AI-"), rule, Decimal(share)) == (True, "Inference", 1)
    assert {v[:2] for k, v in by_service.items() if k != "Inference"} == {("", "")}
    assert all(row["charge_from"].endswith("T00:00:00Z") for row in found)


def test_the_filter_narrows_lines_as_it_narrows_the_page(ledger, finance):
    found = rows(made(finance, "lines", search="inference", currency="USD")[1])
    expected = [
        one
        for one in ledger
        if one["BillingCurrency"] == "USD" and one["ServiceName"] == "Inference"
    ]
    assert (len(found), billed(found)) == (len(expected), focus.billed(expected))


def test_lines_that_are_not_archived_yet_make_the_export_wait(load, finance):
    load(focus.as_csv(focus.messy_lines(20, seed=2)))
    with pytest.raises(LinesWaiting, match="still being archived, the first of Cloud bills"):
        made(finance, "lines")
    assert not ExportJob.objects.exclude(file=None).exists()


@pytest.mark.parametrize("version", ["1.2", "1.4"])
def test_a_focus_file_has_the_columns_of_its_version(ledger, finance, version):
    export, content = made(finance, "ledger", f"focus-{version}")
    found = rows(content)
    expected = [
        c.name for c in COLUMNS if c.since <= version and not (c.until and c.until <= version)
    ]
    names = list(found[0])
    assert names[: len(expected)] == expected
    assert names[len(expected) : len(expected) + len(AI_COLUMNS)] == list(AI_COLUMNS)
    assert all(name.startswith("x_") for name in names[len(expected) :])
    assert ("ProviderName" in names) is (version == "1.2")
    sums: dict[str, Decimal] = {}
    for row in found:
        code = row["BillingCurrency"]
        sums[code] = sums.get(code, Decimal(0)) + Decimal(row["BilledCost"])
    assert sums == focus.billed(ledger)
    assert export.file.name.endswith(".csv")
    if version == "1.2":
        assert all(row["ProviderName"] and row["PublisherName"] for row in found)


def test_a_focus_file_is_read_back_as_the_same_ledger(ledger, finance, load, organisation):
    content = made(finance, "lines", "focus-1.4")[1]
    other = spend_services.add_source(name="Again", owner=finance, by=finance)
    again = load(content, "again.csv", source=other)
    assert {c: Decimal(v) for c, v in again.as_json()["billed"].items()} == focus.billed(ledger)


def test_a_focus_file_says_model_and_tokens_in_price_details_too(finance, load, source):
    line = focus.messy_lines(1, seed=1)[0] | {
        "SkuPriceDetails": json.dumps({"Term": "1y", "ModelId": "m-1", "TokenDirection": "Input"})
    }  # fmt: skip
    delivered = load(focus.as_csv([line]))
    spend_services.archive(delivery_id=delivered.delivery_id, by=finance)
    (row,) = rows(made(finance, "lines", "focus-1.4")[1])
    details = json.loads(row["SkuPriceDetails"])
    assert (details["x_ModelId"], details["x_TokenDirection"], details["Term"]) == (
        "m-1", "Input", "1y",
    )  # fmt: skip


def test_a_stream_is_the_file_and_ends_in_an_error_when_totals_differ(ledger, finance, monkeypatch):
    whole = services.stream(sheet="lines", chosen=SpendFilter(), by=finance, now=NOW)
    assert b"".join(bytes(p) for p in whole.pieces) == made(finance, "lines")[1]
    assert whole.name == "bill-lines-2026-11-21.csv"
    broken = services.stream(sheet="lines", chosen=SpendFilter(), by=finance, now=NOW)
    whole_frame = pl.DataFrame.group_by

    def short(self, *names, **options):
        return whole_frame(self.head(self.height - 1), *names, **options)

    monkeypatch.setattr(pl.DataFrame, "group_by", short)
    with pytest.raises(services.ControlDiffers, match="the ledger says"):
        for _ in broken.pieces:
            pass


def test_parts_of_shared_lines_sum_to_the_part_of_the_month():
    """Two thirds and one third of lines that do not divide, a credit among them."""
    amounts = [Decimal("0.000000000000000001"), Decimal("-5.1"), Decimal(7), Decimal("0.2")]
    total = sum(amounts)
    part = Decimal("0.7") * 2
    other = total - part
    place = {"x_SpendKey": b"k" * 16, "charge_month": dt.date(2026, 10, 1), "invoice": "i",
             "currency": "USD"}  # fmt: skip
    lines = pl.DataFrame(
        [place | {"BilledCost": amount} for amount in amounts],
        schema_overrides={"BilledCost": pl.Decimal(38, 18)},
    )
    split = pl.DataFrame(
        [
            place | {"initiative": key, "share": share}
            | {f"part_{n}": given for n in SPLIT.values()}
            | {f"whole_{n}": total for n in SPLIT.values()}
            for key, share, given in (
                ("AI-1", Decimal("0.6"), part), ("AI-2", Decimal("0.4"), other)
            )
        ],
        schema_overrides={
            "share": pl.Decimal(38, 18),
            **{f"{p}_{n}": pl.Decimal(38, 18) for p in ("part", "whole") for n in SPLIT.values()},
        },
    )  # fmt: skip
    shared = _Shared(split)
    made_parts = pl.concat([shared.of(lines.head(1)), shared.of(lines.slice(1))])
    sums = dict(made_parts.group_by("initiative").agg(pl.col("BilledCost").sum()).iter_rows())
    assert sums == {"AI-1": part, "AI-2": other}


def test_a_workbook_of_lines_has_moments(ledger, finance):
    book = openpyxl.load_workbook(io.BytesIO(made(finance, "lines", "xlsx")[1]))
    assert isinstance(book["Bill lines"]["B2"].value, dt.datetime)


@pytest.mark.parametrize(
    ("sheet", "file_format", "heads"),
    [
        ("lines", "csv", ("service", "initiative", "gl_account", "cost_centre", "entity")),
        ("ledger", "csv", ("service", "initiative", "gl_account", "cost_centre", "entity")),
        (
            "ledger", "focus-1.2",
            ("ServiceName", "x_Initiative", "x_GlAccount", "x_CostCentre", "x_LegalEntity"),
        ),
    ],
)  # fmt: skip
def test_every_exported_line_carries_its_coding(ledger, finance, unit, sheet, file_format, heads):
    books.add_entity(code="1000", name="Meridian", currency="USD", node=unit.parent, by=finance)
    close.add_coding_rule(
        field="gl_account", value="620200", by=finance,
        conditions=[{"dimension": "service", "value": "Inference"}],
    )  # fmt: skip
    close.add_coding_rule(field="gl_account", value="0620100", by=finance)
    close.add_coding_rule(field="cost_centre", value="0042", by=finance)
    _, content = made(finance, sheet, file_format)
    coded = {tuple(row[head] for head in heads) for row in rows(content)}
    assert {one[2:] for one in coded if one[0] == "Inference"} == {("620200", "0042", "1000")}
    assert {one[2:] for one in coded if one[0] != "Inference"} == {("0620100", "0042", "1000")}
