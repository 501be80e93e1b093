"""What a bill says is what is counted, whatever it is written like."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from governance_app.domain.errors import Sentence
from governance_app.spend.focus import Bill, Limits, Part, Reading, open_bill
from governance_app.spend.focus.columns import COLUMNS
from governance_app.spend.focus.readers import open_file
from tests.factories import focus

ON = dt.date(2026, 11, 21)


@pytest.fixture
def bill(tmp_path: Path):
    """Open bytes as a bill."""

    def open_(content: bytes, name: str = "bill.csv", **options) -> Bill:
        path = tmp_path / "content"
        path.write_bytes(content)
        limits = options.pop("limits", None)
        return open_bill([Part(path, name)], reading=Reading(on=ON, **options), limits=limits)

    return open_


def months(bill: Bill) -> pl.DataFrame:
    return pl.concat([part.months for part in bill.partials()])


def keys(bill: Bill) -> pl.DataFrame:
    return pl.concat([part.keys for part in bill.partials()])


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3", "1.4"])
def test_every_version_is_recognised_and_counted(bill, version):
    opened = bill(focus.as_csv([focus.line()], version=version))
    assert opened.version == version
    (row,) = months(opened).to_dicts()
    assert row["BilledCost"] == Decimal("1.00")
    assert (row["billing_month"], row["charge_month"]) == (dt.date(2026, 10, 1),) * 2
    assert row["InvoiceId"] == ("INV-7" if version >= "1.2" else "")


def test_the_provider_of_an_old_file_becomes_the_service_provider(bill):
    old = keys(bill(focus.as_csv([focus.line(ProviderName="Old cloud")], version="1.0")))
    new = keys(bill(focus.as_csv([focus.line(ServiceProviderName="New cloud")], version="1.4")))
    assert old["ServiceProviderName"].to_list() == ["Old cloud"]
    assert new["ServiceProviderName"].to_list() == ["New cloud"]


def test_ids_keep_their_leading_zeros(bill):
    (row,) = keys(bill(focus.as_csv([focus.line()]))).to_dicts()
    assert (row["BillingAccountId"], row["SubAccountId"]) == ("000123456789", "000000000042")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0.00000080000", "0.0000008"),
        ("5.64902E-05", "0.0000564902"),
        ("1e3", "1000"),
        ("$10,000.00 ", "10000"),
        ("(12.50)", "-12.5"),
        ("-0.000000000000000001", "-0.000000000000000001"),
        ("+7", "7"),
        (".5", "0.5"),
        ("123456789012345.123456789012345678", "123456789012345.123456789012345678"),
        ("0.10000000000000000000000", "0.1"),
    ],
)
def test_amounts_are_exact(bill, written, meant):
    content = focus.as_csv([focus.line(BilledCost=written)])
    opened = bill(content)
    assert months(opened)["BilledCost"].to_list() == [Decimal(meant)]
    assert not opened.report.counts


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("abc", "is not a number"),
        ("1,5", "has a comma that may be a decimal comma; write 1234.56"),
        ("10,000", "has a comma that may be a decimal comma; write 1234.56"),
        ("NaN", "is not a finite number"),
        ("inf", "is not a finite number"),
        ("1e15", "is beyond 10^15, more than any bill line"),
        ("99999999999999999999999", "is beyond 10^15, more than any bill line"),
        ("1.2.3", "is not a number"),
        ("٣", "is not a number"),
        (None, "is empty"),
        ("NULL", "is empty"),
    ],
)
def test_an_amount_that_cannot_be_read_refuses_its_line(bill, written, reason):
    opened = bill(focus.as_csv([focus.line(), focus.line(BilledCost=written), focus.line()]))
    assert months(opened)["lines"].sum() == 2
    (problem,) = opened.report.problems
    assert (problem.row, problem.column, problem.reason) == (3, "BilledCost", reason)
    assert (opened.report.rows, opened.report.refused_rows) == (3, 1)


def test_finer_than_the_ledger_is_rounded_and_said(bill):
    opened = bill(focus.as_csv([focus.line(BilledCost="1.2345678901234567891")]))
    assert months(opened)["BilledCost"].to_list() == [Decimal("1.234567890123456789")]
    (problem,) = opened.report.problems
    assert problem.reason == "has more than 18 decimals and is counted rounded to 18"
    assert not problem.is_refused


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("2026-10-01T00:00:00Z", dt.date(2026, 10, 1)),
        ("2026-10-01 00:00:00", dt.date(2026, 10, 1)),
        ("2026-10-01", dt.date(2026, 10, 1)),
        ("2026-10-01T00:00:00.000000+08:00", dt.date(2026, 10, 1)),
        ("10/1/26", dt.date(2026, 10, 1)),
        ("10/1/2026 12:00 AM", dt.date(2026, 10, 1)),
        ("20261001", dt.date(2026, 10, 1)),
    ],
)
def test_moments_of_many_shapes(bill, written, month):
    assert months(bill(focus.as_csv([focus.line(BillingPeriodStart=written)])))[
        "billing_month"
    ].to_list() == [month]


def test_a_source_may_write_the_day_first(bill):
    content = focus.as_csv([focus.line(BillingPeriodStart="01/10/2026")])
    assert months(bill(content, is_day_first=True))["billing_month"].to_list() == [
        dt.date(2026, 10, 1)
    ]


@pytest.mark.parametrize(
    ("column", "written", "reason"),
    [
        ("BillingPeriodStart", "1926-10-01T00:00:00Z", "is of the wrong century: the year 1926"),
        ("ChargePeriodStart", "2126-10-01", "is of the wrong century: the year 2126"),
        ("BillingPeriodStart", "2026-02-30", "is not in the calendar"),
        ("BillingPeriodStart", "yesterday", "is not a date"),
        ("BillingPeriodStart", "25/12/2026", "has no month 25; the source reads dates month first"),
        ("ChargePeriodEnd", "2026-10-06", "is before ChargePeriodStart"),
        ("BillingCurrency", "US$", "is not a currency code such as USD"),
        ("BillingAccountId", None, "is empty"),
        ("BillingAccountId", "9" * 300, "is longer than 200 characters"),
    ],
)
def test_what_cannot_be_refuses_its_line_with_its_place(bill, column, written, reason):
    opened = bill(focus.as_csv([focus.line(), focus.line(**{column: written})]))
    assert months(opened)["lines"].sum() == 1
    problem = next(one for one in opened.report.problems if one.column == column)
    assert problem.row == 3
    assert problem.reason.startswith(reason)


def test_a_bill_too_far_ahead_is_a_typing_error(bill):
    opened = bill(
        focus.as_csv([focus.line(BillingPeriodStart="2062-10-01", BillingPeriodEnd="2062-11-01")])
    )
    assert list(opened.partials()) == [] or months(opened).is_empty()
    assert opened.report.problems[0].reason.startswith("is after December 2027")


@pytest.mark.parametrize(
    ("column", "written"),
    [("ContractedUnitPrice", "-0.5"), ("ChargeCategory", "Surcharge")],
)
def test_what_is_odd_is_counted_and_said(bill, column, written):
    opened = bill(focus.as_csv([focus.line(**{column: written})]))
    assert months(opened)["lines"].sum() == 1
    assert [(one.column, one.is_refused) for one in opened.report.problems] == [(column, False)]


def test_currencies_are_never_added(bill):
    lines = [focus.line(BillingCurrency=code) for code in ("USD", "eur", "EUR")]
    sums = months(bill(focus.as_csv(lines))).group_by("BillingCurrency").agg(pl.sum("BilledCost"))
    assert dict(sums.iter_rows()) == {"USD": Decimal(1), "EUR": Decimal(2)}


def test_a_correction_of_an_earlier_month_keeps_both_months(bill):
    lines = [focus.line(ChargeClass="Correction", ChargePeriodStart="2026-08-03", BilledCost="-2")]
    (row,) = months(bill(focus.as_csv(lines))).to_dicts()
    assert (row["billing_month"], row["charge_month"]) == (
        dt.date(2026, 10, 1),
        dt.date(2026, 8, 1),
    )


def test_an_unknown_list_cost_stays_unknown(bill):
    lines = [focus.line(ListCost=None), focus.line()]
    (row,) = months(bill(focus.as_csv(lines))).to_dicts()
    assert row["ListCost"] is None
    assert row["ContractedCost"] == Decimal(2)


def test_nothing_is_written_as_many_words(bill):
    for null in ("", "NULL", "null", "\\N"):
        (row,) = keys(bill(focus.as_csv([focus.line(RegionId=None)], null=null))).to_dicts()
        assert row["RegionId"] is None


@pytest.mark.parametrize(
    "written",
    [
        '{"b": "2", "a": "1"}',
        '"a": "1", "b": "2"',
        '[{"key":"a","value":"1"},{"key":"b","value":"2"}]',
    ],
)
def test_equal_tags_are_one_key(bill, written):
    lines = [focus.line(Tags=written), focus.line(Tags='{"a":"1","b":"2"}')]
    assert keys(bill(focus.as_csv(lines)))["Tags"].to_list() == ['{"a":"1","b":"2"}']


def test_tags_that_are_no_tags_are_said(bill):
    opened = bill(focus.as_csv([focus.line(Tags="env=prod")]))
    assert keys(opened)["Tags"].to_list() == [None]
    assert opened.report.remarks == [
        'Tags "env=prod" is not a JSON object of keys and values;'
        " such lines are counted without tags."
    ]


def test_the_model_is_read_from_the_price_details(bill):
    details = '{"ModelId":"atlas-5","TokenDirection":"Input","CoreCount":2}'
    (row,) = keys(
        bill(focus.as_csv([focus.line(SkuPriceDetails=details)], version="1.2"))
    ).to_dicts()
    assert (row["x_ModelId"], row["x_TokenDirection"]) == ("atlas-5", "Input")


@pytest.mark.parametrize(
    "dialect",
    [
        {"delimiter": ";"},
        {"delimiter": "\t"},
        {"bom": True},
        {"quote_all": True},
        {"newline": "\n"},
        {"extra": ["x_Team", "Id"]},
    ],
)
def test_dialects_make_no_difference(bill, dialect):
    lines = focus.messy_lines(200, seed=3)
    expected = focus.billed(lines)
    opened = bill(focus.as_csv(lines, **dialect))
    sums = months(opened).group_by("BillingCurrency").agg(pl.sum("BilledCost"))
    assert dict(sums.iter_rows()) == expected
    assert opened.report.unknown_columns == dialect.get("extra", [])


def test_the_size_of_batches_makes_no_difference(bill):
    lines = focus.messy_lines(300, seed=5)
    whole = months(bill(focus.as_csv(lines))).sort(
        "key_id", "charge_month", "InvoiceId", "BillingCurrency"
    )
    small = bill(focus.as_csv(lines), limits=Limits(csv_batch_bytes=3_000))
    parts = months(small).sort("key_id", "charge_month", "InvoiceId", "BillingCurrency")
    assert whole.equals(parts)


def test_header_names_may_be_spelled_another_way(bill):
    content = focus.as_csv([focus.line()]).replace(b"BilledCost", b"billed_cost", 1)
    assert months(bill(content))["BilledCost"].to_list() == [Decimal("1.00")]


@pytest.mark.parametrize("compression", ["snappy", "gzip", "zstd"])
def test_parquet_counts_like_csv(bill, compression):
    lines = focus.messy_lines(150, seed=9)
    content = focus.as_parquet(lines, compression=compression)
    sums = (
        months(bill(content, "bill.parquet")).group_by("BillingCurrency").agg(pl.sum("BilledCost"))
    )
    assert dict(sums.iter_rows()) == focus.billed(lines)


def test_parquet_types_are_read_without_loss(bill):
    when = dt.datetime(2026, 10, 1)
    row = {
        **focus.line(),
        "BilledCost": 0.1,
        "EffectiveCost": Decimal("1.000000000000000001"),
        "BillingPeriodStart": when,
        "ChargePeriodStart": when.replace(tzinfo=dt.UTC),
        "Tags": [("app", "chat")],
    }
    content = focus.as_parquet(
        [row],
        types={
            "BilledCost": pa.float64(),
            "EffectiveCost": pa.decimal128(38, 18),
            "BillingPeriodStart": pa.timestamp("ms"),
            "ChargePeriodStart": pa.timestamp("us", "UTC"),
            "Tags": pa.map_(pa.string(), pa.string()),
        },
    )
    opened = bill(content, "bill.parquet")
    (part,) = opened.partials()
    (month,) = part.months.to_dicts()
    assert month["BilledCost"] == Decimal("0.1")
    assert month["EffectiveCost"] == Decimal("1.000000000000000001")
    assert month["billing_month"] == dt.date(2026, 10, 1)
    assert part.keys["Tags"].to_list() == ['{"app":"chat"}']


@pytest.mark.parametrize(
    ("lines_of_a_group", "row_group_bytes"), [(5_000, 64 << 20), (200_000, 1 << 20)]
)
def test_what_was_read_of_parquet_is_given_back(tmp_path, lines_of_a_group, row_group_bytes):
    """Many groups are not kept to the end, and a large one is not held whole."""
    path = tmp_path / "large.parquet"
    written = np.random.default_rng(1).bytes(200_000 * 120).hex()
    texts = pa.array([written[at : at + 240] for at in range(0, len(written), 240)])
    pq.write_table(
        pa.table({"Tags": texts}), path, row_group_size=lines_of_a_group, use_dictionary=False
    )
    size = path.stat().st_size
    assert size > 20 << 20
    limits = Limits(parquet_batch_rows=5_000, row_group_bytes=row_group_bytes)
    del texts, written
    before, most, rows = pa.total_allocated_bytes(), 0, 0
    for batch in open_file(path, name=path.name, limits=limits).batches():
        rows += batch.frame.height
        most = max(most, pa.total_allocated_bytes() - before)
    assert rows == 200_000
    assert most < size / 3


def test_a_file_without_what_counting_needs_names_the_columns(bill):
    columns = [
        name for name in focus.columns_of("1.2") if name not in ("BilledCost", "ServiceName")
    ]
    with pytest.raises(Sentence, match="lacks the columns BilledCost, ServiceName") as refused:
        bill(focus.as_csv([focus.line()], columns=columns))
    assert (refused.value.row, refused.value.column) == (1, "BilledCost")


def test_our_table_of_columns_lists_each_once():
    names = [column.name for column in COLUMNS]
    assert len(names) == len(set(names)) == 67
    assert names == sorted(names)
