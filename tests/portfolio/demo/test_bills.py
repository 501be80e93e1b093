"""The bills: exact to the last decimal, findable by tag or account, and written in one piece."""

import csv
import gzip
import json
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.demo import bills, company, money
from portfolio.demo.shapes import Company
from portfolio.demo.showcase import SHOWCASES

AS_OF = date(2026, 11, 1)


@pytest.fixture(scope="module")
def small() -> Company:
    return company.build(as_of=AS_OF, initiatives=len(SHOWCASES))


@pytest.fixture(scope="module")
def folder(small: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("focus")
    bills.write(small, place)
    return place


def read(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def every_line(folder: Path) -> list[dict[str, str]]:
    return [line for path in sorted(folder.rglob("*.csv.gz")) for line in read(path)]


def test_lines_add_up_to_the_story_exactly(small: Company, folder: Path) -> None:
    told = money.totals(small.charges)
    found: dict[tuple[str, date], Decimal] = {}
    for path in folder.rglob("*.csv.gz"):
        month = date.fromisoformat(path.name.removesuffix(".csv.gz")[-7:] + "-01")
        found[path.parent.name, month] = sum(
            (Decimal(line["BilledCost"]) for line in read(path)), Decimal(0)
        )
    assert found == dict(told)


def test_tagged_lines_add_up_to_the_charges_of_each_initiative(
    small: Company, folder: Path
) -> None:
    told: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for charge in small.charges:
        if charge.key and charge.how == "tag":
            told[charge.source, charge.key] += charge.amount
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for path in folder.rglob("*.csv.gz"):
        for line in read(path):
            key = json.loads(line["Tags"]).get(bills.TAG, "")
            if key and not key.startswith("AI-9"):
                found[path.parent.name, key] += Decimal(line["BilledCost"])
    assert found == told


def test_manifest_states_rows_and_total(folder: Path) -> None:
    for path in folder.rglob("*.manifest.json"):
        told = json.loads(path.read_text())
        read_lines = read(path.parent / told["files"][0])
        (amount,) = told["billed"].values()
        assert told["rows"] == len(read_lines)
        assert Decimal(amount) == sum(Decimal(line["BilledCost"]) for line in read_lines)
        assert {line["BillingPeriodStart"][:7] for line in read_lines} == {told["billing_period"]}


def test_most_cost_is_found_by_tag_some_by_account_some_not_at_all(small: Company) -> None:
    whole = company.build(as_of=AS_OF, initiatives=200)
    gross: Counter[str] = Counter()
    for charge in whole.charges:
        gross[charge.how] += float(abs(charge.amount))
    total = sum(gross.values())
    assert 0.86 < gross["tag"] / total < 0.96
    assert 0.01 < gross["account"] / total < 0.12
    assert 0.02 < gross["none"] / total < 0.08


def test_wrong_tags_name_no_initiative(folder: Path, small: Company) -> None:
    keys = {json.loads(line["Tags"]).get(bills.TAG) for line in every_line(folder)} - {None}
    known = {row.key for row in small.initiatives}
    assert all(key.startswith("AI-9") for key in keys - known)


def test_there_are_taxes_credits_corrections_purchases_and_two_currencies(folder: Path) -> None:
    found = every_line(folder)
    assert {line["ChargeCategory"] for line in found} == {"Usage", "Tax", "Credit", "Purchase"}
    assert {line["ChargeClass"] for line in found} == {"", "Correction"}
    assert {line["BillingCurrency"] for line in found} == {"USD", "EUR"}


def test_commitment_is_billed_once_and_spread_over_what_used_it(folder: Path) -> None:
    bought = [line for line in every_line(folder) if line["CommitmentDiscountId"]]
    assert sum(Decimal(line["BilledCost"]) for line in bought) == sum(
        Decimal(line["EffectiveCost"]) for line in bought
    )
    assert {line["CommitmentDiscountStatus"] for line in bought} == {"", "Used", "Unused"}


def test_last_month_of_model_providers_has_no_invoice_yet(folder: Path) -> None:
    last = read(folder / "openai" / "openai-2026-10.csv.gz")
    before = read(folder / "openai" / "openai-2026-09.csv.gz")
    assert {line["InvoiceId"] for line in last} == {""}
    assert "" not in {line["InvoiceId"] for line in before}


def test_writing_again_changes_no_byte(small: Company, folder: Path) -> None:
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*.*")}
    bills.write(small, folder)
    after = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*.*")}
    assert after == before


@given(
    st.integers(-(10**18), 10**18),
    st.lists(st.floats(0.01, 1e6), min_size=1, max_size=30),
)
def test_split_loses_nothing(units: int, weights: list[float]) -> None:
    amount = Decimal(units).scaleb(-10)
    parts = bills.split(amount, weights)
    assert len(parts) == len(weights)
    assert sum(parts, Decimal(0)) == amount
