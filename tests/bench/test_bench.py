"""The bench measures honest bills and says what it found."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from governance_app.spend.focus import Part, Reading, open_bill
from portfolio.bench import steps
from portfolio.bench.bills import COLUMNS, Made, write_csv, write_parquet
from portfolio.bench.ratios import Ratio, of_medians, table

ON = dt.date(2026, 11, 21)


@pytest.fixture
def written(tmp_path: Path):
    """Write a bill both ways."""

    def write(made: Made) -> tuple[Path, Path]:
        write_csv(made, tmp_path / "bill.csv")
        write_parquet(made, tmp_path / "bill.parquet")
        return tmp_path / "bill.csv", tmp_path / "bill.parquet"

    return write


def months(path: Path) -> pl.DataFrame:
    bill = open_bill([Part(path, path.name)], reading=Reading(on=ON))
    found = pl.concat([part.months for part in bill.partials_here()])
    assert bill.report.version == "1.2"
    assert bill.report.refused_rows == 0
    return found.sort("key_id", "InvoiceId", "charge_month")


def test_both_files_say_the_same_to_the_last_digit(written):
    csv, parquet = (months(path) for path in written(Made(4_000, 15)))
    assert csv.equals(parquet)
    assert csv["lines"].sum() == 4_000


@pytest.mark.parametrize("lines_per_key", [1.5, 15])
def test_a_bill_has_the_lines_to_a_key_that_it_states(written, lines_per_key):
    csv, _ = written(Made(3_000, lines_per_key))
    assert months(csv)["key_id"].n_unique() == int(3_000 / lines_per_key)


def test_a_bill_carries_the_traps_of_real_ones(written):
    csv, _ = written(Made(3_000, 15))
    lines = pl.read_csv(csv, infer_schema=False)
    assert tuple(lines.columns) == COLUMNS
    assert set(lines["ChargeCategory"]) == {"Usage", "Purchase", "Tax", "Credit", "Adjustment"}
    assert set(lines["BillingCurrency"]) == {"USD", "EUR"}
    assert lines["BilledCost"].str.starts_with("-").any()
    assert lines["ListCost"].str.split(".").list.last().str.len_bytes().max() == 18
    assert lines["ChargeDescription"].str.contains('"hour"', literal=True).all()
    assert lines["SubAccountId"].str.starts_with("0000").all()
    assert lines["CommitmentDiscountId"].null_count() == 3_000


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    write_csv(Made(500, 15, seed=3), first)
    write_csv(Made(500, 15, seed=3), second)
    assert first.read_bytes() == second.read_bytes()


def test_another_seed_has_other_amounts_over_the_same_keys(written):
    first = months(written(Made(600, 15, seed=1))[0])
    second = months(written(Made(600, 15, seed=2))[0])
    assert set(first["key_id"]) == set(second["key_id"])
    assert first["BilledCost"].sum() != second["BilledCost"].sum()


def test_a_ratio_is_of_medians_and_marked_when_it_misses():
    kept = of_medians("load", [1.0, 9.0, 2.0], [4.0, 8.0, 1.0], target=0.5)
    assert (kept.ratio, kept.is_ok, kept.note) == (0.5, True, "2.00 s of 4.00 s")
    missed = Ratio("archive", 0.75, 0.5)
    assert " NO " in table([kept, missed]).splitlines()[3]
    assert json.loads(json.dumps(missed.as_json())) == {
        "name": "archive", "ratio": 0.75, "target": 0.5, "ok": False, "note": "",
    }  # fmt: skip


@pytest.mark.django_db
def test_the_steps_load_archive_and_reallocate(tmp_path):
    path = tmp_path / "bill.csv"
    write_csv(Made(600, 15), path)
    steps.STEPS["furnish"](initiatives=25)
    kept = steps.STEPS["keep"](file=str(path))["file"]
    loaded = steps.STEPS["load"](file=kept, called=path.name)
    assert loaded["rows"] == 600
    assert Decimal(loaded["allocated"]["USD"]) > 0
    assert steps.STEPS["archive"](delivery=loaded["delivery"])["rows"] == 600
    steps.STEPS["touch_keys"]()
    assert steps.STEPS["allocate"](is_full=False)["seconds"] > 0


def test_the_watch_sees_what_a_process_holds():
    watch = steps.Watch()
    held = bytearray(64 << 20)
    held[:: 1 << 12] = b"x" * len(held[:: 1 << 12])
    while watch.peak_bytes < 64 << 20:
        pass
    assert watch.end() > 64 << 20
