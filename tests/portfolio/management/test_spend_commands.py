"""The command-line door of the spend ledger."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from governance_app.spend.models import Load, LoadArchive, Source, SpendKeyMonth
from tests.factories import focus

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except SystemExit as left:
        return int(left.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_import_answers_in_the_agreed_shape_and_archives(tmp_path):
    lines = focus.messy_lines(80, seed=3)
    path = tmp_path / "october.csv.gz"
    path.write_bytes(focus.as_gzip(focus.as_csv(lines)))
    code, out, _ = run("import_spend", str(path), "--source", "Cloud", "--json")
    answer = json.loads(out)
    assert code == 0
    assert list(answer) == ["rows", "refused", "billed", "effective", "allocated", "unallocated"]
    assert (answer["rows"], answer["refused"]) == (80, 0)
    assert {c: Decimal(a) for c, a in answer["billed"].items()} == focus.billed(lines)
    assert answer["unallocated"] == answer["billed"]
    assert set(answer["allocated"].values()) == {"0.00"}
    assert LoadArchive.objects.count() == 2
    again = run("import_spend", str(path), "--source", "cloud", "--json")
    assert json.loads(again[1]) == answer
    assert (Load.objects.count(), Source.objects.count()) == (2, 1)


def test_a_dry_run_leaves_no_trace(tmp_path):
    path = tmp_path / "october.csv"
    path.write_bytes(focus.as_csv([focus.line()]))
    code, out, _ = run("import_spend", str(path), "--source", "Cloud", "--dry-run")
    assert code == 0
    assert "Would load 1 lines" in out
    assert (Source.objects.count(), SpendKeyMonth.objects.count()) == (0, 0)


def test_a_refused_bill_leaves_with_1_and_the_reasons(tmp_path):
    path = tmp_path / "october.csv"
    path.write_bytes(focus.as_csv([focus.line(BilledCost="abc"), focus.line()]))
    code, _, err = run("import_spend", str(path), "--source", "Cloud")
    assert code == 1
    assert '1 of 2 lines cannot be counted. Row 2, BilledCost "abc" is not a number.' in err
    code, out, _ = run("import_spend", str(path), "--source", "Cloud", "--json")
    assert (code, json.loads(out)["refused"]) == (1, 1)
    assert SpendKeyMonth.objects.count() == 0


def test_a_file_that_is_no_bill_and_one_that_is_not_there(tmp_path):
    path = tmp_path / "october.csv.gz"
    path.write_bytes(b"plain")
    code, _, err = run("import_spend", str(path), "--source", "Cloud")
    assert code == 1
    assert "is named like gzip data but holds plain CSV text" in err
    assert run("import_spend", str(tmp_path / "none.csv"), "--source", "Cloud")[0] == 2


def test_allocate_prints_the_balance(tmp_path, unit, admin):
    from governance_app.initiatives import services as initiatives
    from governance_app.spend import services

    target = initiatives.add(name="One", unit=unit, by=admin)
    path = tmp_path / "october.csv"
    path.write_bytes(focus.as_csv([focus.line(BilledCost="5"), focus.line(ServiceName="x")]))
    run("import_spend", str(path), "--source", "Cloud")
    services.add_rule(name="a", dimension="service", value="Inference", initiative=target, by=admin)
    code, out, _ = run("allocate")
    assert code == 0
    assert "Added 1 shares, removed 0." in out
    assert "Cloud Oct 2026 USD: 6.00 = 5.00 allocated + 1.00 unallocated" in out
    answer = json.loads(run("allocate", "--month", "2026-10", "--json")[1])
    assert answer["balances"][0]["allocated"] == "5.00"


def test_allocate_previews_a_change_and_changes_nothing(tmp_path, unit, admin):
    from governance_app.initiatives import services as initiatives
    from governance_app.spend.models import RuleVersion

    target = initiatives.add(name="One", unit=unit, by=admin)
    path = tmp_path / "october.csv"
    path.write_bytes(focus.as_csv([focus.line(BilledCost="5"), focus.line(ServiceName="x")]))
    run("import_spend", str(path), "--source", "Cloud")
    change = tmp_path / "change.json"
    says = {"conditions": [{"dimension": "service", "values": ["inference"]}],
            "initiative": target.key}  # fmt: skip
    change.write_text(json.dumps({"action": "add", "name": "a", "says": says}))
    code, out, _ = run("allocate", "--preview", str(change))
    assert code == 0
    assert "This would move 5.00 USD from unallocated to 1 initiative." in out
    assert RuleVersion.objects.count() == 0
    change.write_text("{")
    assert run("allocate", "--preview", str(change))[0] == 2
    change.write_text(json.dumps({"action": "end", "rule": "b"}))
    assert run("allocate", "--preview", str(change))[0] == 1


def test_export_writes_the_file_with_its_control_total(tmp_path):
    lines = focus.messy_lines(30, seed=9)
    bill = tmp_path / "october.csv"
    bill.write_bytes(focus.as_csv(lines))
    run("import_spend", str(bill), "--source", "Cloud")
    target = tmp_path / "out.csv"
    code, out, _ = run(
        "export", "ledger", "--format", "csv", "--source", "cloud", "-o", str(target), "--json"
    )
    answer = json.loads(out)
    assert code == 0
    assert {c: Decimal(t["billed"]) for c, t in answer["control"].items()} == focus.billed(lines)
    assert len(target.read_text().splitlines()) == answer["rows"] + 1
    code, _, err = run("export", "ledger", "--format", "csv", "--source", "Sky")
    assert (code, err.strip()) == (1, "There is no source 'Sky'; there are Cloud.")


def test_a_new_source_is_told_how_it_delivers_and_corrects(tmp_path):
    path = tmp_path / "october.csv"
    path.write_bytes(focus.as_csv([focus.line(BilledCost="10", EffectiveCost="10")]))
    named = ("--source", "Cloud", "--delivery", "append", "--correction", "delta")
    assert run("import_spend", str(path), *named)[0] == 0
    source = Source.objects.get()
    assert (source.delivery, source.correction) == ("append", "delta")
    more = tmp_path / "more.csv"
    more.write_bytes(focus.as_csv([focus.line(BilledCost="5", EffectiveCost="5", ResourceId="b")]))
    code, out, _ = run("import_spend", str(more), "--source", "Cloud", "--json")
    assert (code, json.loads(out)["billed"]) == (0, {"USD": "5.00"})
    assert sum(row.billed for row in SpendKeyMonth.objects.all()) == 15, "it was added"
    # what stands is not changed by an option meant for a new source
    run("import_spend", str(path), "--source", "Cloud", "--delivery", "overwrite")
    source.refresh_from_db()
    assert source.delivery == "append"


def test_a_kept_bill_is_read_again_by_its_id(tmp_path):
    path = tmp_path / "october.csv"
    path.write_bytes(focus.as_csv([focus.line(BilledCost="10", EffectiveCost="10")]))
    run("import_spend", str(path), "--source", "Cloud")
    (delivery,) = Load.objects.values_list("delivery_id", flat=True)
    code, out, _ = run("import_spend", "--replay", str(delivery))
    assert code == 0 and "billed 10.00" in out
    assert sum(row.billed for row in SpendKeyMonth.objects.all()) == 10, "nothing counts twice"
    for wrong in ("nonsense", "01a20000-0000-7000-8000-000000000000"):
        code, _, err = run("import_spend", "--replay", wrong)
        assert (code, "There is no bill" in err) == (1, True)


def test_what_cannot_be_asked_leaves_with_2(tmp_path):
    assert run("import_spend")[0] == 2
    assert run("import_spend", str(tmp_path / "bill.csv"), "--source", "Cloud")[0] == 2
    path = tmp_path / "october.csv"
    path.write_bytes(focus.as_csv([focus.line()]))
    assert run("import_spend", str(path))[0] == 2
    with pytest.raises(CommandError):
        run("import_spend", str(path), "--source", "Cloud", "--delivery", "sometimes")
    assert not Source.objects.exists()


def test_a_budget_is_loaded_whole_or_not_at_all(tmp_path, unit, admin):
    from governance_app.spend.models import BudgetPlan

    sheet = tmp_path / "budget.csv"
    sheet.write_text(f"Unit,Month,Amount\n{unit.name},2026-10,1000\n{unit.name},2026-11,abc\n")
    code, _, err = run("import_budget", str(sheet), "--year", "2026")
    assert code == 1 and "row 3, column Amount" in err
    sheet.write_text(f"Unit,Month,Amount\n{unit.name},2026-10,1000\n")
    code, out, _ = run("import_budget", str(sheet), "--year", "2026", "--dry-run")
    assert code == 0 and "Would load 1 lines" in out and not BudgetPlan.objects.exists()
    code, out, _ = run("import_budget", str(sheet), "--year", "2026", "--name", "B", "--json")
    assert (code, Decimal(json.loads(out)["totals"]["USD"])) == (0, 1000)
    assert BudgetPlan.objects.get().name == "B"
    assert run("import_budget", str(tmp_path / "none.csv"), "--year", "2026")[0] == 2


def test_a_round_is_opened_listed_and_locked(organisation, admin):
    assert run("forecast_round", "open")[0] == 2
    asked = ("--year", "2026", "--first", "2026-09", "--due", "2026-09-12")
    code, out, _ = run("forecast_round", "open", *asked)
    assert code == 0 and "8+4 2026: due 2026-09-12, 0 submitted" in out
    assert run("forecast_round", "open", *asked)[0] == 1
    code, _, err = run("forecast_round", "lock", "7+5 2026")
    assert code == 1 and "there are 8+4 2026" in err
    code, out, _ = run("forecast_round", "lock", "8+4 2026", "--json")
    assert code == 0 and json.loads(out)[0]["locked_at"]
