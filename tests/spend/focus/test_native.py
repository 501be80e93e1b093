"""Vendors' own bills become FOCUS lines whose sums are the vendor's, to the last digit."""

import datetime as dt
import gzip
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from governance_app.domain.errors import Sentence
from governance_app.spend.focus import Bill, Part, Reading, open_bill
from tests.factories import focus, native

ON = dt.date(2026, 11, 21)


@pytest.fixture
def bill(tmp_path: Path):
    """Open bytes as a bill."""

    def open_(content: bytes, name: str = "bill.csv", **options) -> Bill:
        path = tmp_path / name
        path.write_bytes(content)
        return open_bill([Part(path, name)], reading=Reading(on=ON, **options))

    return open_


def read(bill: Bill) -> tuple[pl.DataFrame, pl.DataFrame]:
    parts = list(bill.partials())
    return pl.concat([part.keys for part in parts]), pl.concat([part.months for part in parts])


def sums(months: pl.DataFrame) -> tuple[Decimal, Decimal]:
    return months["BilledCost"].sum(), months["EffectiveCost"].sum()


def test_a_cost_and_usage_report_is_read(bill):
    opened = bill(native.as_csv([native.cur_line()]))
    keys, months = read(opened)
    assert opened.report.form == "AWS Cost and Usage Report"
    (key,) = keys.to_dicts()
    assert (key["BillingAccountId"], key["SubAccountId"]) == ("000123456789", "000000000042")
    assert (key["ServiceName"], key["ServiceCategory"]) == (
        "Amazon Bedrock", "AI and Machine Learning",
    )  # fmt: skip
    assert key["Tags"] == '{"ai-initiative":"AI-1"}'
    (month,) = months.to_dicts()
    assert (month["InvoiceId"], month["BilledCost"]) == ("0000123", Decimal("1.5"))
    assert month["ListCost"] == Decimal("2.0")


def test_the_columns_of_a_report_in_parquet_are_the_same(bill):
    names = {
        name: name.replace("/", "_").replace("UsageAmount", "usage_amount") for name in native.CUR
    }
    line = {names[name]: value for name, value in native.cur_line().items()}
    assert sums(read(bill(native.as_csv([line])))[1]) == (Decimal("1.5"), Decimal("1.5"))


def test_what_a_savings_plan_covers_is_billed_once_and_amortised(bill):
    lines = [
        native.cur_line(
            lineItem_LineItemType="SavingsPlanCoveredUsage", lineItem_UnblendedCost="10",
            savingsPlan_SavingsPlanEffectiveCost="7.25", savingsPlan_SavingsPlanARN="arn:sp",
        ),
        native.cur_line(
            lineItem_LineItemType="SavingsPlanNegation", lineItem_UnblendedCost="-10"
        ),
        native.cur_line(
            lineItem_LineItemType="SavingsPlanRecurringFee", lineItem_UnblendedCost="8",
            savingsPlan_TotalCommitmentToDate="8", savingsPlan_UsedCommitment="7.25",
        ),
    ]  # fmt: skip
    keys, months = read(bill(native.as_csv(lines)))
    assert sums(months) == (Decimal(8), Decimal(8))
    assert set(keys["CommitmentDiscountStatus"]) == {"Used", "Unused", None}
    assert set(keys["ChargeCategory"]) == {"Usage", "Purchase"}


def test_a_reservation_is_amortised_over_its_use(bill):
    lines = [
        native.cur_line(
            lineItem_LineItemType="DiscountedUsage", lineItem_UnblendedCost="0",
            reservation_EffectiveCost="3.1", reservation_ReservationARN="arn:ri",
        ),
        native.cur_line(
            lineItem_LineItemType="RIFee", lineItem_UnblendedCost="4",
            reservation_UnusedRecurringFee="0.4",
            reservation_UnusedAmortizedUpfrontFeeForBillingPeriod="0.5",
        ),
        native.cur_line(
            lineItem_LineItemType="Fee", lineItem_UnblendedCost="100",
            reservation_ReservationARN="arn:ri",
        ),
    ]  # fmt: skip
    assert sums(read(bill(native.as_csv(lines)))[1]) == (Decimal(104), Decimal("4.0"))


def test_taxes_credits_and_refunds_keep_their_kind(bill):
    kinds = ("Tax", "Credit", "Refund", "Usage")
    lines = [
        native.cur_line(lineItem_LineItemType=kind, lineItem_UnblendedCost=f"-{number}.25")
        for number, kind in enumerate(kinds)
    ]
    keys, months = read(bill(native.as_csv(lines)))
    assert set(keys["ChargeCategory"]) == {"Tax", "Credit", "Adjustment", "Usage"}
    assert sums(months)[0] == Decimal("-7.00")


def test_a_tag_with_quotes_stays_a_tag(bill):
    line = native.cur_line() | {"resourceTags/user:Note": 'say "hi", \\o/'}
    (key,) = read(bill(native.as_csv([line])))[0].to_dicts()
    assert key["Tags"] == '{"Note":"say \\"hi\\", \\\\o/","ai-initiative":"AI-1"}'


def test_what_is_wrong_in_a_report_is_said_with_its_row(bill):
    opened = bill(native.as_csv([native.cur_line(), native.cur_line(lineItem_UnblendedCost="x")]))
    read(opened)
    (problem, *_) = opened.report.problems
    assert (problem.row, problem.column, problem.value) == (3, "BilledCost", "x")


def test_costs_of_openai_have_a_model_a_direction_and_a_cache_action(bill):
    page = native.openai_page(
        {"amount": {"value": 0.1, "currency": "usd"}, "line_item": "gpt-x, input_tokens",
         "project_id": "proj_1", "quantity": 1200, "quantity_unit": "tokens"},
        {"amount": {"value": 0.0000025, "currency": "usd"}, "line_item": "gpt-x, cached input",
         "project_id": "proj_1"},
        {"amount": {"value": 3, "currency": "usd"}, "line_item": "gpt-x, output_tokens"},
        {"amount": {"value": 1.5, "currency": "usd"}, "line_item": "web search"},
    )  # fmt: skip
    opened = bill(page, "costs.json")
    keys, months = read(opened)
    assert opened.report.form == "OpenAI costs"
    assert sums(months) == (Decimal("4.6000025"),) * 2
    kinds = {(key["x_ModelId"], key["x_TokenDirection"], key["x_TokenCacheAction"])
             for key in keys.to_dicts()}  # fmt: skip
    assert kinds == {
        ("gpt-x", "Input", "Uncached"), ("gpt-x", "Input", "Read"), ("gpt-x", "Output", None),
        ("web search", None, None),
    }  # fmt: skip


def test_amounts_of_anthropic_are_hundredths(bill):
    page = native.anthropic_page(
        {"currency": "USD", "amount": "123.45", "workspace_id": None, "model": "claude-x",
         "token_type": "uncached_input_tokens", "description": "Claude X Usage - Input Tokens"},
        {"currency": "USD", "amount": "0.005", "workspace_id": "ws", "model": "claude-x",
         "token_type": "cache_creation.ephemeral_5m_input_tokens"},
    )  # fmt: skip
    keys, months = read(bill(page, "costs.json"))
    assert sums(months)[0] == Decimal("1.23455")
    assert set(keys["SubAccountId"]) == {"default", "ws"}
    assert set(keys["x_TokenCacheAction"]) == {"Uncached", "Write"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"data": [{"start_time": 1, "results": [{"amount": {"value": 1}}]}]}', "cannot be read"),
        (b'{"object": "page", "data": [', "breaks off or is damaged"),
        (b'{"some": "thing"}', "is JSON. Order the FOCUS export"),
    ],
)
def test_other_json_is_refused_in_words(bill, content, words):
    with pytest.raises(Sentence, match=words):
        bill(content, "costs.json")


def test_two_kinds_of_bill_in_one_delivery_are_refused(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv.gz"
    first.write_bytes(focus.as_csv([focus.line()]))
    second.write_bytes(gzip.compress(native.as_csv([native.cur_line()])))
    with pytest.raises(Sentence, match=r"AWS Cost and Usage Report and a\.csv FOCUS 1\.2"):
        open_bill([Part(first, "a.csv"), Part(second, "b.csv.gz")], reading=Reading(on=ON))
